"""The library as lines of JSON: what it is, then a rendering on each line."""

from collections.abc import Collection, Iterator

from pydantic import BaseModel, Field

from corpus.case_study import CaseStudy
from index.generation import Generation
from server.whole_rendering import (
    LICENCE,
    LICENCE_ADDRESS,
    WholeRendering,
    whole_rendering,
)

MEDIA_TYPE = "application/x-ndjson"
_TERMS = (
    "The texts of case studies may be copied, quoted, translated and changed under the licence, as"
    " long as you name where they come from. Where `licence` is null the rights are those of the"
    " source."
)
# JSON may hold them as they are, and some programs end a line at them.
_ENDS_OF_LINES = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}


class LibraryLine(BaseModel):
    """The first line."""

    kind: str = "library"
    name: str = "Diwan"
    address: str
    generation: str
    created: str
    renderings: int
    licence: str = LICENCE
    licence_url: str = LICENCE_ADDRESS
    terms: str = _TERMS


class RenderingLine(WholeRendering):
    """Any other line."""

    kind: str = "rendering"
    since: str = Field(description="Since when it is in the library; ISO 8601.")
    changed: str | None = Field(description="When it was changed last, if it was.")
    text: str = Field(description="The text as a whole, with its headings.")


def library_lines(generation: Generation, withheld: Collection[str], site: str) -> Iterator[str]:
    """Write the library down, line by line, each with its end.

    Args:
        generation: What serves. It holds documents and nothing that anybody sent to the hub in
            confidence.
        withheld: Ids of documents that are not to be shown.
        site: Address of the site, without a slash at its end.
    """
    shown = [case for case in generation.library_cases if case.id not in withheld]
    yield _line(
        LibraryLine(
            address=site,
            generation=generation.id,
            created=generation.manifest.created,
            renderings=len(shown),
        )
    )
    for case in shown:
        yield _line(_rendering(generation, case, site))


def _rendering(generation: Generation, case: CaseStudy, site: str) -> RenderingLine:
    told = generation.chronicle.documents[case.id, case.language]
    whole = whole_rendering(
        case,
        generation.passages_of(case),
        (other.language for other in generation.renderings(case.id)),
        site=site,
        cited_in=case.language,
    )
    return RenderingLine(
        **whole.model_dump(), since=told.since, changed=told.changed, text=case.text
    )


def _line(model: BaseModel) -> str:
    return model.model_dump_json().translate(_ENDS_OF_LINES) + "\n"
