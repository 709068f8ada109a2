"""The terms of the field, in each language."""

from fastapi import APIRouter

from server.api.freshness import Answering, FreshRoute
from server.api.rendering import API
from server.api.schemas import GlossaryTerm, GlossaryTerms

router = APIRouter(route_class=FreshRoute, tags=["library"])


@router.get(f"{API}/glossary", operation_id="listGlossary")
def list_glossary(service: Answering) -> GlossaryTerms:
    """List the terms with what people write for them in each language."""
    return GlossaryTerms(
        generation=service.generation.id,
        terms=[
            GlossaryTerm(
                id=term.id,
                variants={language: list(those) for language, those in term.variants.items()},
            )
            for term in service.generation.concepts.terms
        ],
    )
