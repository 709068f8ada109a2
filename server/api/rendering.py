"""Case studies and passages -> the shapes of the interface."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from fastapi import Request, Response

from corpus.case_study import CaseStudy
from corpus.intake import unknown_fields
from index.hits import Shown
from index.passages import Passage
from server.api.cursors import write_cursor
from server.api.schemas import (
    CaseDetail,
    CaseEntry,
    CasePassage,
    CasePeriod,
    CaseRendering,
    CaseSection,
    CaseSource,
    Neighbour,
    PassageDetail,
)
from server.citation import case_address, cite, cite_case
from server.responses import case_summary, passage_citation, passage_rendering
from server.service import Service

API = "/api/v1"


def case_link(case: CaseStudy, root: str) -> str:
    """Where this interface gives a rendering of a case."""
    return f"{root}{API}/cases/{quote(case.id, safe='')}?{urlencode({'lang': case.language})}"


def passage_link(passage_id: str, root: str) -> str:
    """Where this interface gives a passage."""
    return f"{root}{API}/passages/{quote(passage_id, safe='')}"


def case_entry(case: CaseStudy, renderings: Sequence[CaseStudy], root: str) -> CaseEntry:
    """A rendering of a case, as it stands in a list."""
    period = case.period
    return CaseEntry(
        **case_summary(case).model_dump(),
        language=case.language,
        languages=sorted(other.language for other in renderings),
        translated_from=case.translated_from,
        period=CasePeriod(start=period.start, end=period.end) if period else None,
        themes=list(case.themes),
        url=case_link(case, root),
        case_url=root + case_address(case),
    )


def case_detail(service: Service, case: CaseStudy, root: str) -> CaseDetail:
    """A rendering of a case with all that is known of it."""
    renderings = service.renderings(case.id)
    source = case.source
    return CaseDetail(
        **case_entry(case, renderings, root).model_dump(),
        generation=service.generation.id,
        missing=list(unknown_fields(case)),
        actors=list(case.actors),
        source=CaseSource(
            title=source.title,
            publisher=source.publisher,
            url=source.url,
            published=source.published,
            language=source.language,
        )
        if source
        else None,
        citation=passage_citation(cite_case(case, case.language), root),
        text=case.text,
        sections=[
            CaseSection(
                heading=list(section.heading),
                paragraphs=[case.text[block.start : block.end] for block in section.blocks],
            )
            for section in case.sections
        ],
        passages=[
            _passage(case, passage, root) for passage in service.generation.passages_of(case)
        ],
        renderings=[
            CaseRendering(
                language=other.language,
                title=other.title,
                translated_from=other.translated_from,
                url=case_link(other, root),
                case_url=root + case_address(other),
            )
            for other in renderings
            if other.language != case.language
        ],
    )


def _passage(case: CaseStudy, passage: Passage, root: str) -> CasePassage:
    return CasePassage(
        passage_id=passage.id,
        heading=list(passage.heading),
        start=passage.start,
        end=passage.end,
        language=passage.language,
        page=passage.page,
        url=passage_link(passage.id, root),
        case_url=f"{root}{case_address(case)}#{passage.anchor}",
    )


def passage_detail(service: Service, shown: Shown, language: str, root: str) -> PassageDetail:
    """A passage where it stands.

    Args:
        service: What answers.
        shown: The passage in its case.
        language: ISO 639-1 code of the language to cite it in.
        root: What stands before every address.
    """
    generation = service.generation
    case, passage = shown.case, shown.passage
    row = generation.passages_of(case)
    place = row.index(passage)
    counterparts = (
        (other, generation.counterpart(passage, other.language))
        for other in service.renderings(case.id)
        if other.language != case.language
    )
    return PassageDetail(
        generation=generation.id,
        passage_id=passage.id,
        text=passage.text,
        language=passage.language,
        translated=case.translated_from is not None,
        heading=list(passage.heading),
        start=passage.start,
        end=passage.end,
        page=passage.page,
        before=_neighbour(row[place - 1], root) if place else None,
        after=_neighbour(row[place + 1], root) if place + 1 < len(row) else None,
        renderings=[
            passage_rendering(Shown(other, found), root) for other, found in counterparts if found
        ],
        case_study=case_summary(case),
        citation=passage_citation(cite(shown, language), root),
    )


def _neighbour(passage: Passage, root: str) -> Neighbour:
    return Neighbour(
        passage_id=passage.id,
        heading=list(passage.heading),
        text=passage.text,
        url=passage_link(passage.id, root),
    )


def name_next(
    request: Request, response: Response, root: str, of: str, key: Sequence[str] | None
) -> str | None:
    """Address of the next page, which the header `Link` names, too; source: RFC 8288.

    Args:
        request: For this page.
        response: To it.
        root: Of the site.
        of: Which list it is, as its path ends.
        key: Of the last entry that is given; None where there is no more.
    """
    if key is None:
        return None
    asked = {**request.query_params, "cursor": write_cursor(of, key)}
    address = f"{root}{API}/{of}?{urlencode(asked)}"
    response.headers["Link"] = f'<{address}>; rel="next"'
    return address
