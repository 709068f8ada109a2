"""A contribution -> the case study that staff begin with, as Markdown by the library's schema."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import yaml
from anyascii import anyascii

from corpus.case_study import CaseStudy
from server.contributions.practice import Practice
from server.i18n import interface

_LONGEST_ID = 70
_HEADS = re.compile(r"^\s{0,3}(?:#{1,6}(?:\s+|$)|>\s?)+")
_RULE = re.compile(r"^\s*(?:=+|-{2,}|\*{3,}|_{3,}|`{3,}.*|~{3,}.*)\s*$")
_BULLET = re.compile(r"^\s*[•·‣▪●–—-]\s+")


class _Plain(yaml.SafeDumper):
    """Writes lists in the way of the library's files, indented below their field."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent every list."""
        super().increase_indent(flow, False)


def case_text(practice: Practice, case_id: str, day: date, site: str) -> str:
    """Write the case study that staff begin with.

    The text is its sender's, and the hub edits it: the case study is its own source, published by
    the body that sent it, and the name of the publisher says that the hub edited it. So every
    citation and every reference names the body and the day rather than a source elsewhere.

    Args:
        practice: As it was sent.
        case_id: The id.
        day: The day of acceptance.
        site: Address of the start page, without a slash at its end.
    """
    reader = interface(practice.language)
    front: dict[str, Any] = {
        "id": case_id,
        "language": practice.language,
        "title": practice.title,
        "place": practice.place or None,
        "country": practice.country or None,
        "level": practice.level,
        "period": {"start": practice.start, **({"end": practice.end} if practice.end else {})},
        "pillars": list(practice.pillars),
        "actors": list(dict.fromkeys([practice.body, *practice.takers])),
        "source": {
            "title": practice.title,
            "publisher": reader.gettext("%(body)s, edited by the hub", body=practice.body),
            "url": case_address(case_id, practice.language, site),
            "published": day.isoformat(),
            "language": practice.language,
        },
    }
    known = {name: value for name, value in front.items() if value}
    dumped = yaml.dump(known, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{dumped}---\n" + "".join(_sections(practice))


def case_address(case_id: str, language: str, site: str) -> str:
    """Address at which a case study will stand."""
    return f"{site}/cases/{quote(case_id, safe='')}?{urlencode({'lang': language})}"


def misaddressed(case: CaseStudy, site: str) -> str | None:
    """Where a case study is its own source, its address if that is another than the source says."""
    url = case.source.url if case.source else None
    due = case_address(case.id, case.language, site)
    return due if url and url.startswith(f"{site}/cases/") and url != due else None


def id_of(practice: Practice) -> str:
    """An id made of country, place and title: lower-case ASCII words joined by hyphens."""
    country = interface("en").country(practice.country) if practice.country else ""
    named = anyascii(f"{country} {practice.place} {practice.title}")
    words = re.findall(r"[a-z0-9]+", named.lower())
    found = ""
    for word in dict.fromkeys(words):
        longer = f"{found}-{word}" if found else word[:_LONGEST_ID]
        if len(longer) > _LONGEST_ID:
            break
        found = longer
    return found or "practice"


def _sections(practice: Practice) -> Iterator[str]:
    reader = interface(practice.language)
    for heading, text in (
        (reader.gettext("Context"), practice.context),
        (reader.gettext("What was done"), practice.done),
        (reader.gettext("What came of it"), practice.outcome),
        (reader.gettext("What others can learn"), practice.lessons),
    ):
        yield f"\n## {heading}\n\n{_plain(text)}\n"
    if practice.sources:
        separator = reader.gettext(", ")
        lines = (separator.join(filter(None, (s.title, s.url))) for s in practice.sources)
        yield f"\n## {reader.gettext('Sources')}\n\n" + "".join(f"- {line}\n" for line in lines)


def _plain(text: str) -> str:
    """A text in which nothing is taken for a heading, a rule or code, and no word is lost."""
    lines = []
    for line in text.splitlines():
        bare = "" if _RULE.match(line) else _HEADS.sub("", line).strip()
        lines.append(_BULLET.sub("- ", bare))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
