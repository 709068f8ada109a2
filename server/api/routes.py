"""Every route of the interface, in the order of its description."""

from fastapi import APIRouter

from server.api import cases, changes, facets, glossary, operation, passages, search

router = APIRouter()
for _part in (search, cases, passages, facets, glossary, changes, operation):
    router.include_router(_part.router)
