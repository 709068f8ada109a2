"""A passage in its case study -> an entry for a list of references in APA style."""

from datetime import date

from babel.dates import format_date

from index.hits import Shown
from server.citation import cite


def apa(shown: Shown, *, site: str) -> str:
    """Write the entry, as plain text.

    Source: Publication Manual of the American Psychological Association, 7th edition, chapters 9
    and 10. It is a style of English: dates and the words around the title are English, and the
    title is as it is.

    Args:
        shown: The passage in its case study.
        site: Address of the site, without a slash at its end.
    """
    case, source = shown.case, shown.case.source
    citation = cite(shown, "en")
    if case.is_case_study:
        # It has neither author nor date of its own: both are its source's.
        entry = f"Diwan. (n.d.). {case.title} [Case study]. {site}{citation.case_url}"
        if source is None:
            return entry
        parts = [source.publisher, _when(source.published), source.title, source.url]
        return f"{entry} (Based on: {', '.join(part for part in parts if part)})"
    publisher = source.publisher if source else None
    where = f" (p. {citation.page})" if citation.page else ""
    when = f"({_when(citation.published)})."
    titled = f"{case.title}{where}."
    first = [f"{publisher}.", when, titled] if publisher else [titled, when]
    return " ".join([*first, citation.url or f"{site}{citation.case_url}"])


def _when(published: str | None) -> str:
    """A date as APA has it: `2024, November 27`; as it came where no calendar has it."""
    if published is None:
        return "n.d."
    try:
        if len(published) == len("YYYY-MM"):
            month = date.fromisoformat(f"{published}-01")
            return f"{month.year}, {format_date(month, 'MMMM', locale='en')}"
        day = date.fromisoformat(published)
    except ValueError:
        return published
    return f"{day.year}, {format_date(day, 'MMMM d', locale='en')}"
