"""The page that says what is kept of whoever uses Diwan, for how long, and who can delete it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from server.pages import PageRoute, Visit, get_visit, page

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/kept")
def kept(request: Request, visit: Annotated[Visit, Depends(get_visit)]) -> Response:
    """What is kept, by the hub's own setting."""
    days: int = request.app.state.retention_days
    return page("pages/kept.html", visit, days=days)
