"""What requests may say: the parameters that several routes share."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic.config import JsonDict

from corpus.case_study import Level, Pillar
from index.question import LONGEST, Filters
from server.api.cursors import LONGEST_CURSOR
from server.api.freshness import Answering
from server.i18n import accepted_languages
from server.prefix import site_root

LANGUAGE = r"^[a-z]{2,3}$"
MOST = 100
_CONTROLS = r"\x00-\x1f\x7f-\x9f"
# Tells programs in the description what `read_question` refuses, with sentences of its own.
QUESTION_SCHEMA: JsonDict = {
    "minLength": 1,
    # The white space around it does not count.
    "pattern": rf"^\s*[^\s{_CONTROLS}](?:[^{_CONTROLS}]{{0,{LONGEST - 2}}}[^\s{_CONTROLS}])?\s*$",
}

Lang = Annotated[
    str | None,
    Query(
        pattern=LANGUAGE,
        description="ISO 639-1 code of the language to answer in where there is such a rendering."
        " Without it `Accept-Language` chooses, and without that the original is given.",
        examples=["ar"],
    ),
]
CaseId = Annotated[
    str,
    Path(
        description="Id of the case study, the same in every language.",
        examples=["uganda-national-strategy-review"],
    ),
]
PassageId = Annotated[
    str,
    Path(
        description="Id of the passage, as results and case studies name it.",
        examples=["uganda-national-strategy-review.en.2b15c843e7"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.", examples=[20])]
Cursor = Annotated[
    str | None,
    Query(
        max_length=LONGEST_CURSOR,
        description="Where to go on, as it stands in the `next` of the page before.",
    ),
]
Country = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Z]{2}$",
        description="ISO 3166-1 alpha-2 code; `XK` for Kosovo.",
        examples=["FI"],
    ),
]
OnePillar = Annotated[
    Pillar | None,
    Query(description="A pillar that the case is tagged with.", examples=["trust"]),
]
OneLevel = Annotated[
    Level | None,
    Query(description="The level that the case takes place at.", examples=["city"]),
]
YearFrom = Annotated[
    int | None,
    Query(ge=1, le=9999, description="The case ends in this year or later.", examples=[2015]),
]
YearTo = Annotated[
    int | None,
    Query(ge=1, le=9999, description="The case begins in this year or earlier.", examples=[2026]),
]


def get_filters(
    service: Answering,
    country: Country = None,
    pillar: OnePillar = None,
    level: OneLevel = None,
    year_from: YearFrom = None,
    year_to: YearTo = None,
    language: Annotated[
        str | None,
        Query(
            pattern=LANGUAGE,
            description="ISO 639-1 code: only cases that have a rendering in this language.",
            examples=["en"],
        ),
    ] = None,
) -> Filters:
    """What cases must be, none of them taken away."""
    return Filters(
        passage_lang=language,
        country=country,
        pillar=pillar,
        level=level,
        year_from=year_from,
        year_to=year_to,
        withheld=service.withheld(),
    )


def get_wishes(request: Request, lang: Lang = None) -> tuple[str | None, ...]:
    """The languages to answer in, the one that is wished for most first; one at least."""
    return lang, *accepted_languages(request.headers.get("Accept-Language", ""))


CaseFilters = Annotated[Filters, Depends(get_filters)]
Wishes = Annotated[tuple[str | None, ...], Depends(get_wishes)]
Root = Annotated[str, Depends(site_root)]
