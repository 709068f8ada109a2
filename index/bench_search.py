"""How fast a published generation answers, and how much of what is best it finds."""

import gc
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from time import perf_counter

import numpy as np

from index.bench_library import Material
from index.bench_recall import DEPTH, Recall, measure_recall
from index.bench_retrieval import BenchmarkError
from index.build import Progress
from index.encoder import Encoder, load_encoder
from index.generation import Generation
from index.publication import Publication
from index.question import Question, read_question
from index.search import search

AT_ONCE = 8

_WARM_UP, _TIMED, _COMPARED = 300, 1000, 200  # questions, at most
_LEAST = 30  # questions, to have some for each purpose
_SEED = 2026


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions by what they are for, none for two purposes.

    What a search learns of a question, such as the neighbours of its words, is remembered: who
    asks the same again measures the memory.

    Attributes:
        warm_up: Asked before; not counted.
        alone: Asked one at a time.
        at_once: Asked several at once.
    """

    warm_up: Sequence[Question]
    alone: Sequence[Question]
    at_once: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of a search, encoding included.

    Attributes:
        p50: The median.
        p95: What 95 in 100 searches stay below.
        p99: What 99 in 100 searches stay below.
    """

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking took.

    Attributes:
        alone: One question at a time.
        at_once: Eight questions at once.
        per_s: Questions that were answered in a second, eight at once.
        recall: Against an exact search.
    """

    alone: Times
    at_once: Times
    per_s: float
    recall: Recall


def choose_questions(material: Material) -> Questions:
    """Draw questions from all languages; the same ones every time.

    Raises:
        BenchmarkError: There are too few.
    """
    asked = list(material.questions)
    if len(asked) < _LEAST:
        raise BenchmarkError(
            f"There are {len(asked)} questions in the files; the benchmark asks {_LEAST} or more."
        )
    Random(_SEED).shuffle(asked)  # noqa: S311 - nothing is kept secret by it
    read = [read_question(text, language=language) for text, language in asked]
    warm_up = min(_WARM_UP, len(read) // 4)
    timed = min(_TIMED, (len(read) - warm_up) // 2)
    return Questions(
        read[:warm_up], read[warm_up : warm_up + timed], read[warm_up + timed :][:timed]
    )


def measure_search(
    progress: Progress, publication: Publication, model: str, questions: Questions
) -> Asked:
    """Open the generation that serves, and ask it; best in a process that did nothing before.

    Args:
        progress: Told how far it is.
        publication: Where it is.
        model: As the setting names it.
        questions: What is asked.

    Raises:
        EncoderError: The model cannot be loaded.
        GenerationError: There is no sound generation.
    """
    opened = publication.open()
    encoder = load_encoder(model, threads=1)
    gc.collect()
    gc.freeze()  # as a server does
    return ask_all(opened.generation, encoder, questions, progress)


def ask_all(
    generation: Generation, encoder: Encoder, questions: Questions, progress: Progress
) -> Asked:
    """Ask to warm up, then one question at a time, then eight at once, then compare.

    Args:
        generation: Where to look.
        encoder: The encoder that it was built with.
        questions: What is asked.
        progress: Told how far it is.
    """

    def ask(question: Question) -> float:
        began = perf_counter()
        search(generation, encoder, question, DEPTH)
        return 1000 * (perf_counter() - began)

    def ask_each(step: str, asked: Sequence[Question]) -> list[float]:
        taken = []
        for question in asked:
            taken.append(ask(question))
            progress(step, len(taken), len(asked))
        return taken

    ask_each("warming up", questions.warm_up)
    alone = ask_each("one at a time", questions.alone)
    progress("eight at once", 0, 1)
    began = perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        at_once = list(pool.map(ask, questions.at_once))
    per_s = len(at_once) / (perf_counter() - began)
    progress("eight at once", 1, 1)
    recall = measure_recall(generation, encoder, questions.alone[:_COMPARED], progress)
    return Asked(_times(alone), _times(at_once), per_s, recall)


def _times(taken: Sequence[float]) -> Times:
    return Times(*np.percentile(taken, (50, 95, 99)).tolist())
