"""How well passages are found on a public question set, in every direction between languages.

The data are LAReQA's XQuAD-R (Roy et al., LAReQA: Language-agnostic answer retrieval from a
multilingual pool, EMNLP 2020, arXiv:2004.05484): one `<lang>.json` for each language, SQuAD's form,
the same questions and paragraphs in each.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import log2
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

from corpus.case_study import Block, CaseStudy, Section
from corpus.errors import DiwanError
from corpus.glossary import BUNDLED_GLOSSARY, load_glossary
from corpus.library import Library
from index.background import Signal
from index.build import Progress, build_generation
from index.encoder import Encoder
from index.fusion import RANKING, Ranking
from index.generation import Generation
from index.question import read_question
from index.search import search

DEPTH = 10  # documents that count, as in nDCG@10
_PASSAGES = 50  # passages asked for, so that at least `DEPTH` documents are among them


class BenchmarkError(DiwanError):
    """The folder does not hold what the benchmark reads."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The paragraphs of one language, and the questions asked about them.

    Attributes:
        language: ISO 639-1.
        documents: Paragraph by id; the same id in every language.
        questions: Question and id of its paragraph, by question id.
    """

    language: str
    documents: Mapping[str, str]
    questions: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Direction:
    """Figures for questions in one language about documents in another or the same.

    Attributes:
        ndcg: Normalised discounted cumulative gain at 10; one document is relevant.
        recall: Share of questions with their document among the first 10.
        mrr: Mean reciprocal rank, 0 beyond 10.
        questions: Number of questions.
        p50_ms: Median time of a search, milliseconds, encoding included.
        p95_ms: Time that 95 in 100 searches stay below.
    """

    ndcg: float
    recall: float
    mrr: float
    questions: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Mixed:
    """Figures for a pool of two renderings of each paragraph, both relevant.

    Attributes:
        map: Mean average precision over the whole list, as in LAReQA, for at most 50 passages.
        own_language_first: Share of questions whose first hit is in their own language.
        questions: Number of questions, in both languages together.
    """

    map: float
    own_language_first: float
    questions: int


class _Answerable(BaseModel):
    id: str
    question: str


class _Paragraph(BaseModel):
    context: str
    qas: list[_Answerable]


class _Article(BaseModel):
    paragraphs: list[_Paragraph]


class _File(BaseModel):
    data: list[_Article]


def read_pool(folder: Path, language: str) -> Pool:
    """Read `<lang>.json`.

    Raises:
        BenchmarkError: It is not there, or not in LAReQA's form.
    """
    path = folder / f"{language}.json"
    try:
        articles = _File.model_validate(json.loads(path.read_bytes())).data
    except OSError as error:
        raise BenchmarkError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, ValidationError) as error:
        raise BenchmarkError(f"{path}: is not in LAReQA's form: {error}") from None
    documents: dict[str, str] = {}
    questions: dict[str, tuple[str, str]] = {}
    for number, article in enumerate(articles):
        for place, paragraph in enumerate(article.paragraphs):
            document = f"{number}-{place}"
            documents[document] = paragraph.context
            questions.update({qa.id: (qa.question, document) for qa in paragraph.qas})
    return Pool(language, documents, questions)


def build_pool(
    pools: Sequence[Pool], encoder: Encoder, progress: Progress | None = None
) -> Generation:
    """Index the paragraphs of one or more languages, each a document of its own."""
    cases = [
        CaseStudy(
            id=f"{document}-{pool.language}",
            language=pool.language,
            title="",
            text=text,
            sections=(Section((), (_block(text),)),),
        )
        for pool in pools
        for document, text in pool.documents.items()
    ]
    return build_generation(
        Library(tuple(cases), load_glossary([BUNDLED_GLOSSARY])), encoder, progress
    )


def ask_direction(
    generation: Generation,
    encoder: Encoder,
    asked: Pool,
    about: Pool,
    ranking: Ranking = RANKING,
) -> Direction:
    """Ask the questions of one language about the documents of another."""
    ranks: list[int | None] = []
    times: list[float] = []
    for question_id in sorted(asked.questions.keys() & about.questions.keys()):
        text, document = asked.questions[question_id]
        found, took_ms = _ask(generation, encoder, text, asked.language, ranking)
        ranks.append(rank_of(f"{document}-{about.language}", found))
        times.append(took_ms)
    near = [rank if rank and rank <= DEPTH else None for rank in ranks]
    return Direction(
        ndcg=ndcg(ranks),
        recall=_mean(float(rank is not None) for rank in near),
        mrr=_mean(1 / rank if rank else 0.0 for rank in near),
        questions=len(ranks),
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
    )


def rank_of(wanted: str, found: Sequence[str]) -> int | None:
    """Tell the place of a document among those that were found, from 1; None if it is not there."""
    return found.index(wanted) + 1 if wanted in found else None


def ndcg(ranks: Iterable[int | None]) -> float:
    """Normalised discounted cumulative gain at 10, where each question has one relevant document.

    Args:
        ranks: As `rank_of` gives them, one a question.
    """
    return _mean(1 / log2(rank + 1) if rank and rank <= DEPTH else 0.0 for rank in ranks)


def ask_mixed(generation: Generation, encoder: Encoder, pools: Sequence[Pool]) -> Mixed:
    """Ask the questions of every language about the renderings of all of them."""
    shared = set.intersection(*(set(pool.questions) for pool in pools))
    precisions: list[float] = []
    own: list[float] = []
    for pool in pools:
        for question_id in sorted(shared):
            text, document = pool.questions[question_id]
            found, _ = _ask(generation, encoder, text, pool.language, RANKING)
            wanted = {f"{document}-{other.language}" for other in pools}
            precisions.append(_average_precision(found, wanted))
            own.append(float(bool(found) and found[0].endswith(f"-{pool.language}")))
    return Mixed(_mean(precisions), _mean(own), len(precisions))


def each_signal(
    generations: Mapping[str, Generation], encoder: Encoder, pools: Mapping[str, Pool]
) -> dict[str, dict[str, dict[str, float]]]:
    """NDCG@10 with each signal alone, and with all but it, in every direction."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for signal in Signal:
        for kind, ranking in (
            ("alone", RANKING.alone(signal)),
            ("without", RANKING.without(signal)),
        ):
            for asked, about in product(pools, pools):
                direction = ask_direction(
                    generations[about], encoder, pools[asked], pools[about], ranking
                )
                row = table.setdefault(signal.value, {}).setdefault(kind, {})
                row[f"{asked}-{about}"] = direction.ndcg
    return table


def documents_found(generation: Generation, encoder: Encoder, text: str) -> list[str]:
    """Ask one question whose language is not known, as visitors do.

    Returns:
        Ids of documents, each in the place of its best passage.
    """
    return _ask(generation, encoder, text, None, RANKING)[0]


def _ask(
    generation: Generation, encoder: Encoder, text: str, language: str | None, ranking: Ranking
) -> tuple[list[str], float]:
    """Documents in the order of their best passage, and milliseconds taken."""
    question = read_question(text, language=language)
    result = search(generation, encoder, question, _PASSAGES, ranking)
    return list(dict.fromkeys(hit.shown.case.id for hit in result.hits)), result.took_ms


def _average_precision(found: Sequence[str], wanted: set[str]) -> float:
    hits = [rank for rank, document in enumerate(found, start=1) if document in wanted]
    return sum(number / rank for number, rank in enumerate(hits, start=1)) / len(wanted)


def _block(text: str) -> Block:
    return Block(len(text) - len(text.lstrip()), len(text.rstrip()))


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
