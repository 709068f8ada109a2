"""The comparison with other ways to find passages: what its table, picture and figures say."""

import xml.etree.ElementTree as ET  # what is read was made here
from dataclasses import asdict
from json import dumps
from math import log2

import pytest

from benchmarks.peers.figures import Failure, Figures, figures_of
from benchmarks.peers.peer import Passage
from benchmarks.peers.picture import picture
from benchmarks.peers.report import document, table
from benchmarks.peers.rows import ROWS, Row
from benchmarks.peers.worker import Outcome, Task, read_task, refuse_the_network, resident_mb

LANGUAGES = ("en", "ar")
OURS = Row("Diwan", "diwan", "bundled", None, "its signals")
THEIRS = Row("Peer", "peer", "minilm", "peer", "vectors", "Without a reranker.")


def outcome(found: list[list[str]], times: list[float], own: float = 100.0) -> Outcome:
    return Outcome(found, times, start_s=2.0, build_s=own / 10, anonymous_mb=own, mapped_mb=50.0,
                   version="1.2")  # fmt: skip


def figures() -> Figures:
    asked = {"en": [("a?", "1"), ("b?", "2")], "ar": [("ا؟", "1"), ("ب؟", "2")]}
    return figures_of(
        asked,
        {
            "en": outcome([["1"], ["2"], ["9", "1"], []], [1.0, 2.0, 3.0, 4.0]),
            "ar": outcome([["2"], ["1"], ["1"], ["2"]], [5.0, 6.0, 7.0, 108.0], own=200.0),
        },
    )


def test_each_direction_is_judged_by_its_own_answers() -> None:
    ndcg = figures().ndcg
    assert ndcg["en", "en"] == 1
    assert ndcg["ar", "en"] == pytest.approx(1 / log2(3) / 2)
    assert ndcg["en", "ar"] == 0
    assert ndcg["ar", "ar"] == 1


def test_times_are_of_all_questions_and_memory_of_the_larger_process() -> None:
    found = figures()
    assert found.p50_ms == pytest.approx(4.5)
    assert found.p95_ms < found.p99_ms < 108
    assert (found.anonymous_mb, found.mapped_mb) == (200, 50)
    assert found.build_s == {"en": 10, "ar": 20}


def test_a_process_that_left_questions_unanswered_gives_no_figures() -> None:
    with pytest.raises(ValueError, match=r"zip"):
        figures_of({"en": [("a?", "1"), ("b?", "2")]}, {"en": outcome([["1"]], [1.0])})


def test_the_table_has_every_row_the_failed_ones_with_their_reason() -> None:
    laid_out = table([(OURS, figures()), (THEIRS, Failure("wants | a model"))], LANGUAGES,
                     {"when": "today"})  # fmt: skip
    lines = [line for line in laid_out.splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert "| 1.000 | 1.000 | 0.000 | 0.315 | 4.5 |" in lines[2]
    assert r"failed: wants \| a model" in lines[3]
    assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1
    assert "- when: today" in laid_out
    assert "- Peer: Without a reranker." in laid_out


def test_the_picture_names_every_row_and_stays_within_itself() -> None:
    drawn = ET.fromstring(picture([(OURS, figures()), (THEIRS, Failure("no <model>"))], LANGUAGES))  # noqa: S314 - made here
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Diwan", "Peer", "failed: no <model>", "ar → en", "0.315"} <= set(words)
    width = float(drawn.attrib["width"])
    bars = list(drawn.iter("{http://www.w3.org/2000/svg}rect"))[1:]
    assert len(bars) == 7
    assert all(float(bar.attrib["x"]) + float(bar.attrib["width"]) < width for bar in bars)


def test_a_run_in_which_everything_failed_is_told_too() -> None:
    nothing = [(row, Failure("no")) for row in ROWS]
    assert picture(nothing, LANGUAGES).count("failed: no") == len(ROWS)
    assert all(row["failed"] == "no" for row in document(nothing, LANGUAGES, {})["rows"])
    assert dumps(document([(OURS, figures())], LANGUAGES, {}))


def test_a_task_is_read_as_it_was_written() -> None:
    task = Task("diwan", "bundled", None, (Passage("1", "ar", "نص"),), ("؟",), ("a?", "b?"), 10)
    assert read_task(dumps(asdict(task))) == task


def test_no_process_reaches_another_machine() -> None:
    with pytest.raises(OSError, match=r"hub\.example"):
        refuse_the_network("socket.getaddrinfo", ("hub.example", 443))
    with pytest.raises(OSError, match=r"203\.0\.113\.1"):
        refuse_the_network("socket.connect", (None, ("203.0.113.1", 443)))
    refuse_the_network("socket.connect", (None, ("127.0.0.1", 80)))
    refuse_the_network("socket.connect", (None, "/run/a.socket"))


def test_memory_is_told_apart() -> None:
    try:
        own, mapped = resident_mb()
    except OSError:
        pytest.skip("this system does not tell resident memory apart")
    assert own > 5
    assert mapped > 1
