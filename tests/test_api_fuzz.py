"""Whatever a program sends, the interface does what its description says, and never fails."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from api_library import Shelf, client_of
from conftest import StandInEncoder
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from index.generation import Generation
from server.api import contributions
from server.keys.store import Scope
from server.service import Service
from server.store import Store
from server.store_records import TERMINAL, By

pytestmark = pytest.mark.slow

# No schema can say which texts are cursors, and which days a calendar has.
UNSPEAKABLE = {"cursor", "since"}
# Nor which practices may be sent: a period that ends before it begins, a country that is none.
SENDING = {"sendContribution", "answerContribution"}
EXAMPLES = int(os.environ.get("DIWAN_API_EXAMPLES", "25"))


@dataclass(frozen=True)
class Interface:
    """What is asked.

    Attributes:
        description: As schemathesis has it.
        key: One that practices are sent in with.
    """

    description: Any
    key: str


@pytest.fixture
def interface(
    small_generation: Generation,
    stand_in: StandInEncoder,
    tmp_path: Path,
    monkeypatch: Any,  # noqa: ANN401
) -> Interface:
    monkeypatch.setattr(contributions, "MOST_A_DAY", 100_000)
    client = client_of(Shelf(Service(small_generation, stand_in)), tmp_path)  # type: ignore[arg-type]
    store: Store = client.app.state.open_store()  # type: ignore[attr-defined]
    by = By(TERMINAL, datetime(2026, 3, 5, tzinfo=UTC))
    key = store.create_key("Platform", [Scope.CONTRIBUTE], 0, by)
    return Interface(schemathesis.openapi.from_asgi("/openapi.json", client.app), key)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_operation_keeps_to_its_description(
    interface: Interface, mode: GenerationMode
) -> None:
    tried = 0
    for found in interface.description.get_all_operations():
        operation = found.ok()
        raw = operation.definition.raw
        takes = {"parameters", "requestBody"} & raw.keys()
        if mode is GenerationMode.NEGATIVE and not takes:
            continue  # there is nothing to say wrongly
        keyed = "contributions" in raw["tags"]
        shown = {"Authorization": f"Bearer {interface.key}"} if keyed else {}
        try_out(operation, mode, shown, unspeakable=raw["operationId"] in SENDING)
        tried += 1
    assert tried >= 13


def try_out(
    operation: Any,  # noqa: ANN401 - schemathesis has no name for it
    mode: GenerationMode,
    headers: dict[str, str],
    *,
    unspeakable: bool,
) -> None:
    """Ask an operation this and that."""

    @settings(
        max_examples=EXAMPLES,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps_to_its_description(case: schemathesis.Case) -> None:
        untold = unspeakable or UNSPEAKABLE.intersection(case.query or ())
        case.call_and_validate(
            headers=headers, excluded_checks=[positive_data_acceptance] if untold else []
        )

    keeps_to_its_description()
