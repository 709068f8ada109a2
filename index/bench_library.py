"""Libraries of any size, made of real sentences: what the speed of the search is measured on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest
from pathlib import Path
from random import Random

from corpus.case_study import Block, CaseStudy, Section
from corpus.glossary import BUNDLED_GLOSSARY, load_glossary
from corpus.library import Library
from index.bench_retrieval import BenchmarkError, read_pool
from index.passages import LONGEST, SHORTEST
from index.sentences import split_sentences

_SENTENCES = 5  # of a passage, or as many as one holds
_PASSAGES = 20  # of a document
_LEAST = 10 * _SENTENCES  # of a language: so many can be put together in millions of ways
_SEED = 2026  # the same library for whoever asks for as many passages
_APART = "\n\n"  # between two passages of a document; no sentence has it


@dataclass(frozen=True, slots=True)
class Material:
    """What libraries are made of.

    Attributes:
        sentences: Of each language, each once, in one line; none is longer than a passage.
        questions: Texts and their languages, each once, the languages in turn.
    """

    sentences: Mapping[str, Sequence[str]]
    questions: Sequence[tuple[str, str]]


def read_material(folder: Path, languages: Sequence[str] = ()) -> Material:
    """Read the sentences and questions of a folder of `<lang>.json` in LAReQA's form.

    Args:
        folder: The folder.
        languages: ISO 639-1 codes; none for every language that the folder has.

    Raises:
        BenchmarkError: A file cannot be read, there is none, or too little is in it.
    """
    languages = languages or sorted(path.stem for path in folder.glob("*.json"))
    if not languages:
        raise BenchmarkError(f"{folder}: there is no <lang>.json in it, or no such folder.")
    pools = [read_pool(folder, language) for language in languages]
    sentences = {
        pool.language: list(
            dict.fromkeys(chain.from_iterable(map(_sentences, pool.documents.values())))
        )
        for pool in pools
    }
    for language, found in sentences.items():
        if len(found) < _LEAST:
            raise BenchmarkError(
                f"{folder / language}.json: has {len(found)} different sentences;"
                f" a library is made of {_LEAST} or more."
            )
    asked = [
        [(" ".join(text.split()), pool.language) for text, _ in pool.questions.values()]
        for pool in pools
    ]
    questions = dict.fromkeys(one for turn in zip_longest(*asked) for one in turn if one)
    return Material(sentences, list(questions))


def make_library(material: Material, passages: int) -> Library:
    """Make a library of so many passages, no two alike, in documents of 20.

    Each passage is of some five sentences, drawn at random from those of a language; the documents
    are in each language in turn. It comes out the same every time.
    """
    draw = Random(_SEED)  # noqa: S311 - nothing is kept secret by it
    languages = sorted(material.sentences)
    seen: set[str] = set()
    cases: list[CaseStudy] = []
    while len(seen) < passages:
        language = languages[len(cases) % len(languages)]
        made = _passages(material.sentences[language], draw, seen)
        texts = list(islice(made, min(_PASSAGES, passages - len(seen))))
        cases.append(_case(f"made-{len(cases):06}", language, texts))
    return Library(tuple(cases), load_glossary([BUNDLED_GLOSSARY]))


def change_library(library: Library, material: Material, passages: int) -> Library:
    """Put other passages in the place of some.

    Args:
        library: What `make_library` made.
        material: What of.
        passages: How many are changed, document by document.

    Returns:
        The library; the documents that were changed are drawn at random.
    """
    draw = Random(_SEED + 1)  # noqa: S311
    seen = set(chain.from_iterable(map(_texts, library.cases)))
    cases = list(library.cases)
    for number in draw.sample(range(len(cases)), len(cases)):
        case = cases[number]
        kept = _texts(case)[passages:]
        fresh = min(passages, len(_texts(case)))
        made = _passages(material.sentences[case.language], draw, seen)
        cases[number] = _case(case.id, case.language, [*islice(made, fresh), *kept])
        passages -= fresh
        if not passages:
            break
    return replace(library, cases=tuple(cases))


def _passages(sentences: Sequence[str], draw: Random, seen: set[str]) -> Iterator[str]:
    """Passages that are not among those seen, which they join; each stays one when it is split."""
    while True:
        text = ""
        for sentence in draw.sample(sentences, _SENTENCES):
            text = _longer(text, sentence)
        while len(text) < SHORTEST:
            text = _longer(text, draw.choice(sentences))
        if text not in seen:
            seen.add(text)
            yield text


def _longer(text: str, sentence: str) -> str:
    """The text with a sentence more, if a passage holds that."""
    longer = f"{text} {sentence}".lstrip()
    return longer if len(longer) <= LONGEST else text


def _case(case_id: str, language: str, texts: Sequence[str]) -> CaseStudy:
    """A document of these passages, its first sentence for a title."""
    blocks, start = [], 0
    for text in texts:
        blocks.append(Block(start, start + len(text)))
        start += len(text) + len(_APART)
    first, last = split_sentences(texts[0])[0]
    return CaseStudy(
        id=case_id,
        language=language,
        title=texts[0][first:last],
        text=_APART.join(texts),
        sections=(Section((), tuple(blocks)),),
    )


def _texts(case: CaseStudy) -> list[str]:
    return case.text.split(_APART)


def _sentences(text: str) -> Iterator[str]:
    for start, end in split_sentences(text):
        sentence = " ".join(text[start:end].split())
        if len(sentence) <= LONGEST:
            yield sentence
