"""Whether what a client holds is still what there is: ETag and If-None-Match (RFC 9110, 13.1.2)."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from importlib import metadata
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from server.dependencies import CurrentService
from server.entity_tag import entity_tag, is_held
from server.i18n import accepted_languages
from server.prefix import site_root
from server.service import Service


def get_answering(request: Request, service: CurrentService) -> Service:
    """The service that answers; tags the response by all that it depends on beside its address.

    Raises:
        NotReadyError: None has been loaded so far.
        RemovedError: Nobody can tell which documents were taken away.
    """
    request.state.tag = entity_tag(
        metadata.version("diwan"),
        service.generation.id,
        sorted(service.withheld()),
        site_root(request),
        accepted_languages(request.headers.get("Accept-Language", "")),
    )
    return service


Answering = Annotated[Service, Depends(get_answering)]


class FreshRoute(APIRoute):
    """A route whose response is tagged, and left out where the client holds it already."""

    # Kept, but asked about each time: a document can be taken away at any moment.
    rules: ClassVar[dict[str, str]] = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_or_say_unchanged(request: Request) -> Response:
            response = await handle(request)
            tag = getattr(request.state, "tag", None)
            if tag is None or response.status_code != HTTPStatus.OK:
                return response
            rules = {"ETag": tag, **self.rules}
            if is_held(request, tag):
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=rules)
            response.headers.update(rules)
            return response

        return handle_or_say_unchanged


class PrivateRoute(FreshRoute):
    """Likewise, where the response is for whoever shows the key, and for no cache of others."""

    rules: ClassVar[dict[str, str]] = {
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, X-API-Key",
    }
