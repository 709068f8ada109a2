"""A rendering as JSON with all that it says: what an assistant reads, and what an export holds."""

from collections.abc import Iterable
from itertools import groupby

from pydantic import BaseModel, Field

from corpus.case_study import CaseStudy
from index.hits import Shown
from index.passages import Passage
from server.citation import cite, cite_case

LICENCE = "CC-BY-4.0"
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"


class PeriodOut(BaseModel):
    """When a practice took place; `YYYY` or `YYYY-MM`."""

    start: str
    end: str | None


class SourceOut(BaseModel):
    """What a document stands on; what is unknown is null."""

    title: str
    publisher: str | None
    url: str | None
    published: str | None
    language: str | None


class PassageOut(BaseModel):
    """A passage, word for word."""

    passage_id: str
    text: str
    language: str
    page: int | None = Field(description="Number of the page of the source that it begins on.")
    link: str = Field(description="Where it can be read in its document.")


class SectionOut(BaseModel):
    """The passages under one heading."""

    heading: list[str] = Field(description="The path of headings, outermost first.")
    passages: list[PassageOut]


class WholeRendering(BaseModel):
    """A document in one language; what is unknown is null."""

    id: str
    language: str
    title: str
    is_case_study: bool = Field(
        description="Whether it is written about its source; any other document is its own source."
    )
    place: str | None
    country: str | None
    level: str | None
    pillars: list[str]
    period: PeriodOut | None
    actors: list[str]
    themes: list[str]
    translated_from: str | None
    languages: list[str] = Field(description="The languages that it is there in.")
    licence: str | None = Field(
        description="SPDX identifier; null where the rights are those of the source."
    )
    source: SourceOut | None
    citation: str
    link: str = Field(description="Where it can be read.")
    sections: list[SectionOut]


def whole_rendering(
    case: CaseStudy,
    passages: Iterable[Passage],
    languages: Iterable[str],
    *,
    site: str,
    cited_in: str,
) -> WholeRendering:
    """Put a rendering into its shape.

    Args:
        case: The rendering.
        passages: Its passages, or some of them, in reading order.
        languages: ISO 639-1 codes of the languages that the document is there in.
        site: Address of the site, without a slash at its end.
        cited_in: ISO 639-1 code of the language to cite it in.
    """
    citation = cite_case(case, cited_in)
    period, source = case.period, case.source
    return WholeRendering(
        id=case.id,
        language=case.language,
        title=case.title,
        is_case_study=case.is_case_study,
        place=case.place,
        country=case.country,
        level=case.level,
        pillars=list(case.pillars),
        period=PeriodOut(start=period.start, end=period.end) if period else None,
        actors=list(case.actors),
        themes=list(case.themes),
        translated_from=case.translated_from,
        languages=sorted(languages),
        licence=LICENCE if case.is_case_study else None,
        source=SourceOut(
            title=source.title,
            publisher=source.publisher,
            url=source.url,
            published=source.published,
            language=source.language,
        )
        if source
        else None,
        citation=citation.text,
        link=site + citation.case_url,
        sections=[
            SectionOut(
                heading=list(heading), passages=[_passage(case, passage, site) for passage in those]
            )
            for heading, those in groupby(passages, key=lambda passage: passage.heading)
        ],
    )


def _passage(case: CaseStudy, passage: Passage, site: str) -> PassageOut:
    return PassageOut(
        passage_id=passage.id,
        text=passage.text,
        language=passage.language,
        page=passage.page,
        link=site + cite(Shown(case, passage), case.language).case_url,
    )
