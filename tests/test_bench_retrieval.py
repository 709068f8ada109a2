"""The retrieval benchmark reads LAReQA's form and measures what it says it measures."""

import json
from pathlib import Path

import pytest
from conftest import StandInEncoder, Typed

from index.bench_retrieval import (
    BenchmarkError,
    ask_direction,
    ask_mixed,
    build_pool,
    each_signal,
    read_pool,
)

PARAGRAPHS = {
    "en": ("The harbour opened a night school.", "The hill planted orchards."),
    "ar": ("افتتح الميناء مدرسة ليلية.", "زرع التل بساتين."),
}
QUESTIONS = {
    "en": ("Who opened a night school?", "Who planted orchards?"),
    "ar": ("من افتتح مدرسة ليلية؟", "من زرع بساتين؟"),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for language, texts in PARAGRAPHS.items():
        paragraphs = [
            {"context": text, "qas": [{"id": f"q{place}", "question": question}]}
            for place, (text, question) in enumerate(zip(texts, QUESTIONS[language], strict=True))
        ]
        document = {"data": [{"title": "T", "paragraphs": paragraphs}]}
        (tmp_path / f"{language}.json").write_text(json.dumps(document), "utf-8")
    return tmp_path


def test_a_direction_finds_each_questions_paragraph(data: Path, stand_in: StandInEncoder) -> None:
    pool = read_pool(data, "en")
    figures = ask_direction(build_pool([pool], stand_in), stand_in, pool, pool)
    assert (figures.ndcg, figures.recall, figures.mrr, figures.questions) == (1, 1, 1, 2)


def test_a_mixed_pool_holds_both_renderings_as_documents_of_their_own(
    data: Path, stand_in: StandInEncoder
) -> None:
    pools = [read_pool(data, language) for language in ("en", "ar")]
    generation = build_pool(pools, stand_in)
    assert len(generation.library_cases) == 4
    figures = ask_mixed(generation, stand_in, pools)
    assert figures.questions == 4
    assert figures.own_language_first == 1
    assert 0.5 <= figures.map <= 1


def test_each_signal_is_shown_alone_and_left_out(data: Path, stand_in: StandInEncoder) -> None:
    pool = read_pool(data, "en")
    table = each_signal({"en": build_pool([pool], stand_in)}, stand_in, {"en": pool})
    assert table["stems"]["alone"]["en-en"] == 1
    assert set(table["stems"]) == {"alone", "without"}


def test_what_is_not_there_or_not_in_the_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="cannot be read"):
        read_pool(tmp_path, "en")
    (tmp_path / "en.json").write_text("[]")
    with pytest.raises(BenchmarkError, match="LAReQA"):
        read_pool(tmp_path, "en")


def test_the_command_prints_the_documented_shape(typed: Typed, data: Path, tmp_path: Path) -> None:
    ran = typed("bench", "retrieval", "--data", str(data), "--json", home=tmp_path)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert set(report["directions"]) == {"en-en", "en-ar", "ar-en", "ar-ar"}
    assert set(report["directions"]["en-ar"]) == {
        "ndcg@10", "recall@10", "mrr@10", "questions", "p50_ms", "p95_ms",
    }  # fmt: skip
    assert report["mixed"]["en+ar"]["questions"] == 4
    absent = typed("bench", "retrieval", "--data", str(tmp_path / "no"), home=tmp_path)
    assert absent.returncode == 1
    assert "cannot be read" in absent.stderr
