"""What the tests of the interface stand on: a client over a service, and comparisons of shapes."""

from typing import Any

from fastapi.testclient import TestClient

from server.app import assemble
from server.holder import Holder
from server.service import Service
from server.settings import Settings


class Shelf:
    """Holds the service that answers, so that a test can publish another one."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.holder = Holder(lambda: self.service, lambda: self.service.generation.id)
        self.holder._refresh()

    def publish(self, service: Service) -> None:
        self.service = service
        self.holder._refresh()


def client_of(shelf: Shelf, home: Any, root_path: str = "", **settings: str) -> TestClient:  # noqa: ANN401
    app = assemble(shelf.holder, home, settings=Settings(home=home, **settings))  # type: ignore[arg-type]
    return TestClient(app, raise_server_exceptions=False, root_path=root_path)


BY_LANGUAGE = (".variants",)  # fields whose names are languages rather than fixed


def same_shape(documented: Any, given: Any, where: str = "answer") -> list[str]:  # noqa: ANN401
    """Where a shape is not the documented one; what is null or empty on a side says nothing."""
    if isinstance(documented, dict) and isinstance(given, dict):
        if where.endswith(BY_LANGUAGE):
            documented = dict.fromkeys(given, next(iter(documented.values())))
        odd = [f"{where}: {name}" for name in documented.keys() ^ given.keys()]
        for name in documented.keys() & given.keys():
            odd += same_shape(documented[name], given[name], f"{where}.{name}")
        return odd
    if isinstance(documented, list) and isinstance(given, list):
        return (
            [odd for held in given for odd in same_shape(documented[0], held, f"{where}[]")]
            if documented
            else []
        )
    if documented is None or given is None:
        return []
    return [] if _kind(documented) is _kind(given) else [f"{where}: another type"]


def _kind(value: object) -> type:
    return float if type(value) is int else type(value)
