"""Similar practice is near in meaning, of another case, and somewhere else."""

from dataclasses import replace
from time import perf_counter

import numpy as np
from conftest import StandInEncoder, make_case

from corpus.case_study import CaseStudy
from corpus.library import Library
from index.build import build_generation
from index.generation import Generation
from index.similar import similar_cases
from server.service import Service

BODY = "## What was done\n\nThe {} opened a night school for porters and taught them to read.\n"


def build(stand_in: StandInEncoder, *cases: CaseStudy) -> Generation:
    return build_generation(
        Library(tuple(sorted(cases, key=lambda case: (case.id, case.language)))), stand_in
    )


def schools(*places: str) -> list[CaseStudy]:
    return [
        make_case(BODY.format(place), case_id=f"school-{number}", title=place, place=place)
        for number, place in enumerate(places)
    ]


def ids(found: tuple[CaseStudy, ...]) -> list[str]:
    return [case.id for case in found]


def test_a_document_s_vector_is_the_mean_of_its_passages_made_unit(
    small_generation: Generation,
) -> None:
    vectors = small_generation.document_vectors
    assert vectors.shape == (4, 64)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    owners = np.array(small_generation.owners)
    rows = np.flatnonzero(owners == 1)
    mean = small_generation.engine.passage_vectors(rows).mean(axis=0)
    assert np.allclose(vectors[1], mean / np.linalg.norm(mean), atol=1e-5)


def test_the_nearest_come_first_and_the_case_itself_never(stand_in: StandInEncoder) -> None:
    here, near = schools("harbour", "village")
    far = make_case(
        "## What was done\n\nPlumbers mended a fountain in the square, and of porters none came.\n",
        case_id="fountain",
        place="Market",
    )
    generation = build(stand_in, here, near, far, replace(here, language="ar"))
    assert ids(similar_cases(generation, here))[0] == "school-1"
    assert here.id not in ids(similar_cases(generation, here))
    vectors = generation.document_vectors
    rows = {case.id: row for row, case in enumerate(generation.library_cases)}
    found = similar_cases(generation, near)
    cosines = [float(vectors[rows[case.id]] @ vectors[rows[near.id]]) for case in found]
    assert cosines == sorted(cosines, reverse=True)


def test_no_more_are_given_than_are_wanted(stand_in: StandInEncoder) -> None:
    cases = schools("harbour", "village", "island", "valley", "desert")
    generation = build(stand_in, *cases)
    assert len(similar_cases(generation, cases[0])) == 3
    assert len(similar_cases(generation, cases[0], 1)) == 1
    assert similar_cases(build(stand_in, cases[0]), cases[0]) == ()


def test_a_case_comes_once_in_the_language_asked_about(stand_in: StandInEncoder) -> None:
    here, near = schools("harbour", "village")
    generation = build(
        stand_in, here, replace(here, language="ar"), near, replace(near, language="ar")
    )
    for language in ("en", "ar"):
        (found,) = similar_cases(generation, replace(here, language=language))
        assert (found.id, found.language) == ("school-1", language)


def test_a_case_that_only_another_language_has_is_found_all_the_same(
    stand_in: StandInEncoder,
) -> None:
    here, near = schools("harbour", "village")
    generation = build(stand_in, here, replace(near, language="ar"))
    (found,) = similar_cases(generation, here)
    assert found.language == "ar"


def test_what_was_taken_away_is_not_found(stand_in: StandInEncoder) -> None:
    here, *others = schools("harbour", "village", "island", "valley", "desert")
    generation = build(stand_in, here, *others)
    nearest = similar_cases(generation, here)[0].id
    found = ids(similar_cases(generation, here, withheld=frozenset({nearest})))
    assert nearest not in found
    assert len(found) == 3


def test_the_same_place_is_not_elsewhere_and_an_unknown_one_may_be(
    stand_in: StandInEncoder,
) -> None:
    here, same, unknown = schools("harbour", "harbour", "hill")
    generation = build(
        stand_in, here, replace(same, place="HARBOUR"), replace(unknown, place=None, country=None)
    )
    assert ids(similar_cases(generation, here)) == ["school-2"]


def test_the_real_library_is_compared_in_no_time(bundled_service: Service) -> None:
    generation = bundled_service.generation
    cases = generation.library_cases
    similar_cases(generation, cases[0])
    started = perf_counter()
    found = [similar_cases(generation, case) for case in cases]
    assert (perf_counter() - started) / len(cases) < 0.02
    for case, alike in zip(cases, found, strict=True):
        assert len({other.id for other in alike} - {case.id}) == 3
        assert {other.language for other in alike} == {case.language}


def test_safety_councils_are_alike_wherever_they_are(bundled_service: Service) -> None:
    for language in ("en", "ar"):
        case = bundled_service.case("albania-elbasan-local-safety-council", language)
        assert case
        assert bundled_service.similar(case)[0].id == "montenegro-danilovgrad-local-safety-council"
