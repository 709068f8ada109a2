"""A briefing -> what stands on its pages, in order, whatever it is then written as."""

from collections.abc import Iterable
from dataclasses import dataclass

from corpus.case_study import CaseStudy
from index.hits import Shown
from index.passages import Passage
from server.bibliography import Piece, same_source, source_entry
from server.i18n import Interface, interface
from server.markup import paragraphs, place_names
from server.service import Service
from server.store_briefings import Briefing, Quotation


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quotation, as it stands in the library now.

    Attributes:
        quotation: As it was chosen.
        shown: The passage in its document, in the briefing's language where there is such a
            rendering; None where the document is no longer in the library, and then nothing of it
            is to be shown.
        is_current: Whether the document still says so in these words.
        source: Number of its entry among the sources, from 1; None where nothing is shown.
    """

    quotation: Quotation
    shown: Shown | None
    is_current: bool
    source: int | None

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The paragraphs of the passage, word for word."""
        return paragraphs(self.shown.passage.text) if self.shown else ()

    @property
    def remark(self) -> tuple[str, ...]:
        """The paragraphs of what whoever made the briefing says of it."""
        return paragraphs(self.quotation.remark)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A briefing laid out.

    Attributes:
        title: As typed, or what a briefing without a title is called.
        reader: Whose language it is written out in.
        changed_on: The day of its last change, in that language.
        introduction: The paragraphs before the passages.
        excerpts: In their order.
        sources: Entries of the list of sources, numbered from 1.
    """

    title: str
    reader: Interface
    changed_on: str
    introduction: tuple[str, ...]
    excerpts: tuple[Excerpt, ...]
    sources: tuple[tuple[Piece, ...], ...]

    @property
    def colophon(self) -> str:
        """Whose words are whose."""
        return self.reader.gettext(
            "The passages are quoted word for word; the notes are by whoever made this briefing."
        )


def lay_out(service: Service, briefing: Briefing, site: str, language: str | None = None) -> Sheet:
    """Lay a briefing out.

    Args:
        service: Holds the library.
        briefing: The briefing.
        site: Address of the site's root.
        language: ISO 639-1 code of the language to write it out in; None for the briefing's own.

    Raises:
        RemovedError: The list of removed documents cannot be read.
    """
    reader = interface(language or briefing.language)
    withheld = service.withheld()
    found = [
        _find(service, quotation, reader.language, withheld) for quotation in briefing.quotations
    ]
    sources = _grouped(shown.case for shown, _ in found if shown)
    numbers = {case.id: number for number, cases in enumerate(sources, start=1) for case in cases}
    return Sheet(
        title=briefing.title or reader.gettext("Briefing"),
        reader=reader,
        changed_on=reader.date(briefing.changed_on.isoformat()),
        introduction=paragraphs(briefing.introduction),
        excerpts=tuple(
            Excerpt(quotation, shown, is_current, numbers[shown.case.id] if shown else None)
            for quotation, (shown, is_current) in zip(briefing.quotations, found, strict=True)
        ),
        sources=tuple(source_entry(cases, reader, site) for cases in sources),
    )


def facts(case: CaseStudy, reader: Interface) -> tuple[str, ...]:
    """Where and when a case took place, in the reader's language, as far as that is known."""
    where = (case.place, *place_names(case, reader))
    when = reader.years(case.period) if case.period else None
    return tuple(fact for fact in (*where, when) if fact)


def _find(
    service: Service, quotation: Quotation, language: str, withheld: frozenset[str]
) -> tuple[Shown | None, bool]:
    if quotation.case_id in withheld:
        return None, False
    generation = service.generation
    found = generation.passage(quotation.passage_id)
    if found is not None:
        case, passage = found
        same = None if language == case.language else generation.counterpart(passage, language)
        other = generation.case(case.id, language) if same else None
        return (Shown(other, same) if same and other else Shown(case, passage)), True
    changed = generation.case(quotation.case_id, quotation.language)
    return (Shown(changed, _as_it_was(quotation)) if changed else None), False


def _as_it_was(quotation: Quotation) -> Passage:
    """A passage that its document no longer holds, in the words that it had."""
    return Passage(
        id=quotation.passage_id,
        heading=quotation.heading,
        text=quotation.text,
        start=0,
        end=len(quotation.text),
        sentences=(),
        language=quotation.language,
        page=quotation.page,
    )


def _grouped(cases: Iterable[CaseStudy]) -> list[list[CaseStudy]]:
    """The documents by their source, each once: the first rendering of it that is met."""
    groups: list[list[CaseStudy]] = []
    for case in cases:
        group = next((group for group in groups if same_source(group[0], case)), None)
        if group is None:
            groups.append([case])
        elif all(case.id != other.id for other in group):
            group.append(case)
    return groups
