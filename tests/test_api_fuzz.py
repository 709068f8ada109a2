"""Whatever a program sends, the interface does what its description says, and never fails."""

import os
from pathlib import Path

import pytest
import schemathesis
from api_library import Shelf, client_of
from conftest import StandInEncoder
from hypothesis import HealthCheck, Phase, settings

from index.generation import Generation
from server.service import Service

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("DIWAN_API_EXAMPLES", "25"))


@pytest.fixture
def description(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> schemathesis.openapi.OpenApiSchema:
    client = client_of(Shelf(Service(small_generation, stand_in)), tmp_path)  # type: ignore[arg-type]
    return schemathesis.openapi.from_asgi("/openapi.json", client.app)


described = schemathesis.pytest.from_fixture("description")


@described.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_to_its_description(case: schemathesis.Case) -> None:
    case.call_and_validate()
