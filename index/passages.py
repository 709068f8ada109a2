"""A case study -> passages: a few sentences each, word for word, under ids that last."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.case_study import Block, CaseStudy, Section
from index.sentences import split_sentences

LONGEST = 700  # characters; about five sentences, what a reader takes in at one glance
SHORTEST = 160  # characters; a shorter paragraph joins its neighbour in the same section


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a case study that is found, shown and cited as one.

    Attributes:
        id: `<case id>.<language>.<10 hexadecimal digits>`, the digits a hash of the text: an edit
            elsewhere in the document leaves it as it is.
        heading: The path of headings above it.
        text: `case.text[start:end]`, word for word.
        start: Offset into the case study's text, in characters.
        end: Offset behind its last character.
        sentences: Start and end of each sentence, counted from the passage's own first character.
        language: ISO 639-1 code of the language that it is in.
        page: Number of the page that it begins on, from 1; None for what has no pages.
        source_anchor: Id of the nearest element of the original web page; None where there is none.
    """

    id: str
    heading: tuple[str, ...]
    text: str
    start: int
    end: int
    sentences: tuple[tuple[int, int], ...]
    language: str
    page: int | None = None
    source_anchor: str | None = None

    @property
    def anchor(self) -> str:
        """The fragment that leads to the passage on its case study's page."""
        return "p-" + self.id.rsplit(".", 1)[1]


def split_passages(case: CaseStudy) -> list[Passage]:
    """Cut a case study into passages.

    No passage crosses a heading. Within a section each paragraph is a passage of its own; short
    ones join what stands next to them, long ones are cut between sentences into parts of about
    equal length.

    Args:
        case: The case study.

    Returns:
        Its passages in reading order; together they hold every sentence exactly once.
    """
    spans = [
        (section, start, end, block)
        for section in case.sections
        for start, end, block in _spans(case.text, section)
    ]
    ids = passage_ids(case, (case.text[start:end] for _, start, end, _ in spans))
    return [
        Passage(
            id=passage_id,
            heading=section.heading,
            text=case.text[start:end],
            start=start,
            end=end,
            sentences=tuple(split_sentences(case.text[start:end])),
            language=block.language or case.language,
            page=block.page,
            source_anchor=block.anchor,
        )
        for passage_id, (section, start, end, block) in zip(ids, spans, strict=True)
    ]


def passage_ids(case: CaseStudy, texts: Iterable[str]) -> Iterator[str]:
    """Make the ids of a case study's passages, given the words of all in reading order."""
    seen: dict[str, int] = {}
    for text in texts:
        repeat = seen[text] = seen.get(text, -1) + 1
        digest = hashlib.sha256(f"{text}\0{repeat}".encode("utf-8", "surrogatepass"))
        yield f"{case.id}.{case.language}.{digest.hexdigest()[:10]}"


def _spans(text: str, section: Section) -> Iterator[tuple[int, int, Block]]:
    """Start and end of each passage of a section, with the block that it begins in."""
    for group in _joined(section.blocks):
        start, end = group[0].start, group[-1].end
        spans = [(start, end)] if end - start <= LONGEST else _cut(text, group)
        for first, last in spans:
            yield first, last, next(block for block in group if block.end > first)


def _joined(blocks: tuple[Block, ...]) -> list[list[Block]]:
    """Put short blocks together with the one before them, or the first with the one after."""
    groups: list[list[Block]] = []
    for block in blocks:
        short = groups and (_length(groups[-1]) < SHORTEST or block.end - block.start < SHORTEST)
        if short and groups[-1][0].language == block.language:
            joined = [*groups[-1], block]
            if _length(joined) <= LONGEST:
                groups[-1] = joined
                continue
        groups.append([block])
    return groups


def _length(group: list[Block]) -> int:
    return group[-1].end - group[0].start


def _cut(text: str, group: list[Block]) -> Iterator[tuple[int, int]]:
    """Cut between sentences into the fewest parts that fit, of about equal length."""
    sentences = [
        (block.start + start, block.start + end)
        for block in group
        for start, end in split_sentences(text[block.start : block.end])
    ]
    total = sentences[-1][1] - sentences[0][0]
    goal = total / -(-total // LONGEST)
    part_start, part_end = sentences[0]
    for start, end in sentences[1:]:
        longer = end - part_start
        overshoots = longer - goal > goal - (part_end - part_start)
        if longer > LONGEST or (part_end - part_start >= SHORTEST and overshoots):
            yield part_start, part_end
            part_start = start
        part_end = end
    yield part_start, part_end
