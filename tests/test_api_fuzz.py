"""Whatever a program sends, the interface does what its description says, and never fails."""

import os
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
from server.service import Service

pytestmark = pytest.mark.slow

# No schema can say which texts are cursors, and which days a calendar has.
UNSPEAKABLE = {"cursor", "since"}
EXAMPLES = int(os.environ.get("DIWAN_API_EXAMPLES", "25"))


@pytest.fixture
def description(small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path) -> Any:  # noqa: ANN401
    client = client_of(Shelf(Service(small_generation, stand_in)), tmp_path)  # type: ignore[arg-type]
    return schemathesis.openapi.from_asgi("/openapi.json", client.app)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_operation_keeps_to_its_description(description: Any, mode: GenerationMode) -> None:  # noqa: ANN401
    tried = 0
    for found in description.get_all_operations():
        operation = found.ok()
        takes = {"parameters", "requestBody"} & operation.definition.raw.keys()
        if mode is GenerationMode.NEGATIVE and not takes:
            continue  # there is nothing to say wrongly

        @settings(
            max_examples=EXAMPLES,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_to_its_description(case: schemathesis.Case) -> None:
            unspeakable = UNSPEAKABLE.intersection(case.query or ())
            case.call_and_validate(
                excluded_checks=[positive_data_acceptance] if unspeakable else [],
            )

        keeps_to_its_description()
        tried += 1
    assert tried >= 9
