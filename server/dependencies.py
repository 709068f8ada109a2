"""What a route may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from server.holder import Holder
from server.service import Service


def get_holder(request: Request) -> Holder:
    """The holder of the application."""
    holder: Holder = request.app.state.holder
    return holder


def get_service(holder: Annotated[Holder, Depends(get_holder)]) -> Service:
    """The service that answers this request from its start to its end.

    Raises:
        NotReadyError: None has been loaded so far.
    """
    return holder.current()


CurrentHolder = Annotated[Holder, Depends(get_holder)]
CurrentService = Annotated[Service, Depends(get_service)]
