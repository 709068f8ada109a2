"""Reading paths are checked on the way in; the bundled ones lead somewhere at every step."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.case_study import Pillar
from corpus.reading_paths import (
    BUNDLED_PATHS,
    ReadingPath,
    ReadingPathsError,
    Step,
    load_reading_paths,
)
from index.generation import Generation
from server.reading_paths import LostStepError, find_step, lost_steps, trail
from server.service import Service

GOOD = """[[path]]
id = "night-schools"
pillar = "trust"
title = { en = "Night schools", ar = "مدارس ليلية" }
introduction = { en = "What they taught." }
discuss = { en = ["Who would come?"] }
[[path.step]]
case = "harbour-school"
section = "What came of it"
passage = 1
why = { en = "Look at who writes." }
"""
QUOTATION_MARKS = "“”„«»\"'"


def write(folder: Path, content: str, name: str = "reading_paths.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_path_holds_what_is_written(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    (path,) = load_reading_paths([file, tmp_path / "absent.toml"])
    assert path == ReadingPath(
        id="night-schools",
        pillar=Pillar.TRUST,
        title={"en": "Night schools", "ar": "مدارس ليلية"},
        introduction={"en": "What they taught."},
        discuss={"en": ("Who would come?",)},
        steps=(Step("harbour-school", "What came of it", 1, {"en": "Look at who writes."}),),
        file=file,
    )


def test_pillar_questions_section_and_passage_may_be_left_out(tmp_path: Path) -> None:
    bare = "".join(
        line
        for line in GOOD.splitlines(keepends=True)
        if not line.startswith(("pillar", "discuss", "section", "passage"))
    )
    (path,) = load_reading_paths([write(tmp_path, bare)])
    assert (path.pillar, path.discuss) == (None, {})
    assert (path.steps[0].section, path.steps[0].passage) == (None, 1)


def test_a_hub_s_own_path_takes_the_place_of_the_bundled_one_with_its_id(tmp_path: Path) -> None:
    other = GOOD.replace("night-schools", "day-schools")
    bundled = write(tmp_path, GOOD + other)
    own = write(
        tmp_path,
        other.replace("Night", "Own") + GOOD.replace("night-schools", "new"),
        "own.toml",
    )
    paths = load_reading_paths([bundled, own])
    assert [(path.id, path.title["en"], path.file) for path in paths] == [
        ("night-schools", "Night schools", bundled),
        ("day-schools", "Own schools", own),
        ("new", "Night schools", own),
    ]


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "reading_paths.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert len(load_reading_paths([path])) == 1


@pytest.mark.parametrize(
    ("written", "instead", "place", "says"),
    [
        ('id = "night-schools"', "", "path 1, field id: ", "is missing"),
        ('"night-schools"', '"Night Schools"', "path 1, field id: ", "joined by hyphens"),
        ('"trust"', '"kindness"', "path 1, field pillar, in “night-schools”: ", "'trust'"),
        ('{ en = "Night schools", ar = "مدارس ليلية" }', "{}", "path 1, field title, ", "one at"),
        ('{ en = "What they taught." }', '"What?"', "path 1, field introduction, ", "by language"),
        ('en = "What they', 'english = "What they', "field introduction.english, ", "en, ar, fr"),
        ('"What they taught."', '" "', "path 1, field introduction.en, ", "is empty"),
        ('["Who would come?"]', '"Who?"', "path 1, field discuss.en, ", "must be a list"),
        ('["Who would come?"]', '["Who?", ""]', "path 1, field discuss.en, ", "is empty"),
        ("[[path.step]]", "[[path.stop]]", "path 1, field stop, ", "no such field"),
        ('case = "harbour-school"', "", "path 1, step 1, field case, ", "is missing"),
        ('"harbour-school"', '"Harbour"', "path 1, step 1, field case, ", "joined by hyphens"),
        ("section", "sectoin", "path 1, step 1, field sectoin, ", "no such field"),
        ("passage = 1", "passage = 0", "path 1, step 1, field passage, ", "must be 1 or more"),
        ("passage = 1", 'passage = "1"', "path 1, step 1, field passage, ", "whole number"),
        ("why", "# why", "path 1, step 1, field why, in “night-schools”: ", "is missing"),
        ('"Look at who writes."', "3", "path 1, step 1, field why.en, ", "quotation marks"),
        ("[[path]]", "[[paths]]", "paths: ", "[[path]]"),
        ("[[path]]", "[path]", "path: ", "two square brackets"),
        ("why = {", "why = ", "line 11", ""),
    ],
)
def test_a_mistake_is_refused_with_its_place(
    tmp_path: Path, written: str, instead: str, place: str, says: str
) -> None:
    path = write(tmp_path, GOOD.replace(written, instead, 1))
    with pytest.raises(ReadingPathsError) as refused:
        load_reading_paths([path])
    mistakes = str(refused.value).splitlines()
    assert all(mistake.startswith(f"{path}: ") for mistake in mistakes)
    assert any(place in mistake and says in mistake for mistake in mistakes), mistakes


def test_every_mistake_is_told_with_the_number_of_its_path_and_step(tmp_path: Path) -> None:
    second = GOOD.replace("night-schools", "other").replace("passage = 1", "passage = -1")
    third = second.replace("other", "third").replace("why", "way")
    with pytest.raises(ReadingPathsError) as refused:
        load_reading_paths([write(tmp_path, GOOD + second + third)])
    told = str(refused.value)
    for place in (
        "path 2, step 1, field passage, in “other”",
        "path 3, step 1, field passage, in “third”",
        "path 3, step 1, field why, in “third”",
        "path 3, step 1, field way, in “third”",
    ):
        assert place in told
    assert len(told.splitlines()) == 4


def test_two_paths_with_one_id_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingPathsError, match=r"path 2, field id: .*“night-schools” already"):
        load_reading_paths([write(tmp_path, GOOD + GOOD)])
    latin = tmp_path / "latin.toml"
    latin.write_bytes(GOOD.encode("cp1256"))
    with pytest.raises(ReadingPathsError, match="UTF-8"):
        load_reading_paths([latin])
    with pytest.raises(ReadingPathsError, match="cannot be read"):
        load_reading_paths([tmp_path])


# Where the steps lead


def step(case: str = "harbour-school", section: str | None = None, passage: int = 1) -> Step:
    return Step(case, section, passage, {"en": "Look."})


@pytest.mark.parametrize(
    "section", ["What came of it", "  what CAME\tof it ", "ما الذي تحقق", "ما الذى تحقّق"]
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_section_is_found_by_its_heading_in_any_rendering(
    small_generation: Generation, section: str, language: str
) -> None:
    shown = find_step(step(section=section), small_generation, frozenset(), [language])
    assert shown.case.language == language
    assert shown.passage.language == language
    said = {"en": "petitions", "ar": "عرائضهم"}[language]
    assert said in shown.passage.text


def test_without_a_rendering_the_passage_is_shown_as_written(small_generation: Generation) -> None:
    shown = find_step(step("hill-orchards"), small_generation, frozenset(), ["fr", "ar"])
    assert shown.case.language == "en"
    assert "orchards" in shown.passage.text


def test_without_a_section_the_passages_of_the_whole_document_count(
    small_generation: Generation,
) -> None:
    whole = [
        find_step(step(passage=number), small_generation, frozenset(), ["en"]).passage
        for number in (1, 2)
    ]
    case = small_generation.case("harbour-school", "en")
    assert case is not None
    assert whole == list(small_generation.passages_of(case))


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        (step("no-such-case"), "holds no no-such-case"),
        (step("market-fountain"), "was taken away"),
        (step(section="What is next"), "no section “What is next”; it has “ما الذي جرى”, “"),
        (step(section="What was done", passage=2), "“What was done” of harbour-school has no"),
        (step(passage=3), "harbour-school has no passage 3, but 2"),
    ],
)
def test_a_step_that_leads_nowhere_says_why(
    small_generation: Generation, lost: Step, why: str
) -> None:
    with pytest.raises(LostStepError, match=why):
        find_step(lost, small_generation, frozenset({"market-fountain"}), ["en"])


def test_lost_steps_are_numbered_and_left_out(tmp_path: Path, small_generation: Generation) -> None:
    (path,) = load_reading_paths([write(tmp_path, GOOD)])
    path = replace(path, steps=(step(), step("gone"), *path.steps))
    assert list(lost_steps(path, small_generation, frozenset())) == [2]
    found = trail(path, small_generation, frozenset(), ["ar"])
    assert [stop.shown.case.language for stop in found.stops] == ["ar", "ar"]
    assert (found.title.text, found.title.language) == ("مدارس ليلية", "ar")
    assert (found.introduction.text, found.introduction.language) == ("What they taught.", "en")
    assert [(said.text, said.language) for said in found.discuss] == [("Who would come?", "en")]


# The bundled paths


def bundled() -> tuple[ReadingPath, ...]:
    return load_reading_paths([BUNDLED_PATHS])


def texts(path: ReadingPath) -> Iterator[tuple[str, str]]:
    for said in (path.title, path.introduction, *(step.why for step in path.steps)):
        yield from said.items()
    for language, questions in path.discuss.items():
        yield from ((language, question) for question in questions)


def test_there_are_paths_for_every_pillar_and_some_across_them() -> None:
    paths = bundled()
    assert len(paths) >= 8
    assert {path.pillar for path in paths} == {*Pillar, None}


@pytest.mark.parametrize("path", bundled(), ids=lambda path: path.id)
def test_a_bundled_path_says_everything_in_three_languages(path: ReadingPath) -> None:
    for said in (path.title, path.introduction, *(step.why for step in path.steps)):
        assert list(said) == ["en", "ar", "fr"]
    assert list(path.discuss) == ["en", "ar", "fr"]
    assert len(set(map(len, path.discuss.values()))) == 1
    for language, text in texts(path):
        arabic = sum("\u0600" <= letter <= "\u06ff" for letter in text)
        assert (arabic > len(text) / 2) == (language == "ar"), text
        assert not set(text) & set(QUOTATION_MARKS), text


@pytest.mark.parametrize("path", bundled(), ids=lambda path: path.id)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_step_leads_to_a_passage_of_another_peer(
    bundled_service: Service, path: ReadingPath, language: str
) -> None:
    generation = bundled_service.generation
    assert lost_steps(path, generation, frozenset()) == {}
    stops = trail(path, generation, frozenset(), [language]).stops
    assert 5 <= len(stops) == len(path.steps) <= 8
    assert {stop.shown.passage.language for stop in stops} == {language}
    assert len({stop.shown.case.id for stop in stops}) == len(stops)
    assert len({stop.shown.case.country for stop in stops}) >= 5
    for stop, written in zip(stops, path.steps, strict=True):
        assert stop.shown.case.id == written.case
        assert generation.passage(stop.shown.passage.id) == (stop.shown.case, stop.shown.passage)
