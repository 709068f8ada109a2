"""A Markdown file with front matter -> CaseStudy, or a sentence that says what is wrong where."""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Annotated, Any

import yaml
from babel import Locale
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from corpus.case_study import Block, CaseStudy, Level, Period, Pillar, Section, Source
from corpus.errors import DiwanError

_SHORT = 4_000  # characters of front matter; the bundled case studies have a third of it
_FENCE = "---"
_KEY_LINE_OFFSET = 2  # YAML marks count from 0, and the opening fence is a line of its own


class DocumentError(DiwanError):
    """A file that cannot be taken into the library.

    Attributes:
        problems: One sentence each, with the field and the line where there is one.
    """

    def __init__(self, name: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"{name}: {problem}" for problem in problems))
        self.problems = problems


def _known_country(code: str) -> str:
    if code != "XK" and (len(code) != 2 or code not in Locale("en").territories):  # noqa: PLR2004
        raise ValueError("is not an ISO 3166-1 code of two capital letters, such as UG")
    return code


def _known_language(code: str) -> str:
    if code not in Locale("en").languages:
        raise ValueError("is not an ISO 639-1 code, such as en or ar")
    return code


def _web_address(url: str) -> str:
    TypeAdapter(HttpUrl).validate_python(url)
    return url  # as written: the validator would re-spell an Arabic address


_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Country = Annotated[str, AfterValidator(_known_country)]
_Language = Annotated[str, AfterValidator(_known_language)]
_Url = Annotated[str, AfterValidator(_web_address)]
_Month = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2]))?$")]
_Date = Annotated[
    str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")
]
_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Period(_Model):
    start: _Month
    end: _Month | None = None


class _Source(_Model):
    title: _Text
    publisher: _Text
    url: _Url
    published: _Date | None = None
    language: _Language


class _FrontMatter(_Model):
    """The schema of a case study's front matter; see corpus/EDITORIAL.md for each field."""

    id: _Slug
    language: _Language
    title: Annotated[_Text, StringConstraints(max_length=160)]
    place: _Text | None = None
    country: _Country | None = None
    level: Level
    period: _Period | None = None
    pillars: Annotated[list[Pillar], Field(min_length=1, max_length=6)]
    actors: list[_Text] = []
    themes: list[_Slug] = []
    source: _Source
    translated_from: _Language | None = None


class Details(_Model):
    """What can be said of a document beside its file; each field as in the front matter."""

    id: _Slug | None = None
    language: _Language | None = None
    title: Annotated[_Text, StringConstraints(max_length=300)] | None = None
    url: _Url | None = None
    publisher: _Text | None = None
    published: _Date | None = None
    country: _Country | None = None
    place: _Text | None = None
    level: Level | None = None
    pillars: Annotated[list[Pillar], Field(max_length=6)] = []
    translated_from: _Language | None = None


@dataclass(frozen=True, slots=True)
class _Split:
    front: str
    body: str
    body_line: int


def parse_case_study(content: str, name: str) -> CaseStudy:
    """Read a case study from Markdown with YAML front matter.

    Args:
        content: The whole file.
        name: The file's name, for messages.

    Returns:
        The case study; its `text` is the body exactly as it stands in the file.

    Raises:
        DocumentError: The front matter or the body breaks the schema.
    """
    split = _split(content, name)
    fields, lines = _read_front_matter(split.front, name)
    try:
        front = _FrontMatter.model_validate(fields)
    except ValidationError as error:
        raise DocumentError(name, [_describe(detail, lines) for detail in error.errors()]) from None
    if front.period and _ends_early(front.period):
        line = lines["period", "end"]
        raise DocumentError(
            name, [f"line {line}: field period.end: the period ends before it starts"]
        )
    sections = read_sections(split.body)
    if not any(section.blocks for section in sections):
        raise DocumentError(
            name, [f"line {split.body_line}: there is no text after the front matter"]
        )
    return CaseStudy(
        id=front.id,
        language=front.language,
        title=front.title,
        text=split.body,
        sections=sections,
        place=front.place,
        country=front.country,
        level=front.level,
        period=Period(**front.period.model_dump()) if front.period else None,
        pillars=tuple(front.pillars),
        actors=tuple(front.actors),
        themes=tuple(front.themes),
        source=Source(**front.source.model_dump()),
        translated_from=front.translated_from,
    )


def _ends_early(period: _Period) -> bool:
    if period.end is None:
        return False
    known = min(len(period.start), len(period.end))  # 2022 may well end a period begun in 2022-10
    return period.end[:known] < period.start[:known]


def read_sections(text: str) -> tuple[Section, ...]:
    """Find the headings, paragraphs and list items of a Markdown text.

    Returns:
        The sections in reading order; every block's offsets count the characters of `text`.
    """
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    path: list[tuple[int, str]] = []
    sections: list[tuple[tuple[str, ...], list[Block]]] = [((), [])]
    tokens = _markdown().parse(text)
    for previous, token in pairwise(tokens):
        if token.type != "inline" or token.map is None:
            continue
        if previous.type == "heading_open":
            depth = int(previous.tag[1])
            path = [*(step for step in path if step[0] < depth), (depth, token.content.strip())]
            sections.append((tuple(heading for _, heading in path), []))
        elif (block := _locate(token, text, line_starts)) is not None:
            sections[-1][1].append(block)
    return tuple(Section(heading, tuple(blocks)) for heading, blocks in sections if blocks)


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _locate(token: Token, text: str, line_starts: list[int]) -> Block | None:
    """Find an inline token's text, past list markers and before trailing white space."""
    if token.map is None or not token.content.strip():
        return None
    first, last = token.map
    region_end = line_starts[last] if last < len(line_starts) else len(text)
    first_line = token.content.splitlines()[0].strip()
    start = text.find(first_line, line_starts[first], region_end)
    if start < 0:
        return None
    end = region_end
    if "\n" not in token.content:
        end = start + len(first_line)
    return Block(start, start + len(text[start:end].rstrip()))


def _split(content: str, name: str) -> _Split:
    """Part the front matter from the body; the body keeps its every character."""
    lines = content.removeprefix("\ufeff").splitlines(keepends=True)
    if not lines or lines[0].rstrip() != _FENCE:
        raise DocumentError(
            name, ["line 1: the file must begin with front matter between --- lines"]
        )
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            return _Split("".join(lines[1:number]), "".join(lines[number + 1 :]), number + 2)
    raise DocumentError(name, ["line 1: the front matter is never closed by a second --- line"])


def _read_front_matter(front: str, name: str) -> tuple[Any, dict[tuple[str | int, ...], int]]:
    """Parse YAML with every scalar as text, so that `NO` stays a country, and keep line numbers."""
    try:
        node = _compose(front)
        if not isinstance(node, yaml.MappingNode):
            raise DocumentError(name, ["line 2: the front matter holds no `field: value` lines"])
        lines: dict[tuple[str | int, ...], int] = {}
        duplicates = _index_lines(node, (), lines)
        if duplicates:
            raise DocumentError(name, duplicates)
        return yaml.BaseLoader("").construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + _KEY_LINE_OFFSET if mark else 1
        problem = error.problem or "it is not YAML"
        hint = "put the value between quotation marks if it holds a colon"
        raise DocumentError(
            name, [f"line {line}: the front matter cannot be read ({problem}); {hint}"]
        ) from None


def _compose(front: str) -> yaml.Node | None:
    """Parse YAML, by the parser that is written in C where that is safe and finds no fault.

    It is ten times as quick, but says less of what is wrong, and nothing limits how deeply what it
    reads may be nested: far down it would end the process.
    """
    if len(front) <= _SHORT:
        with suppress(yaml.YAMLError, UnicodeError):
            return yaml.compose(front, Loader=yaml.CBaseLoader)
    return yaml.compose(front, Loader=yaml.BaseLoader)


def _index_lines(
    node: yaml.Node, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]
) -> list[str]:
    """Note the line of every field below `node`; return a sentence for each field given twice."""
    duplicates: list[str] = []
    lines[path] = node.start_mark.line + _KEY_LINE_OFFSET
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*path, str(key.value))
            line = key.start_mark.line + _KEY_LINE_OFFSET
            if place in lines:
                duplicates.append(f"line {line}: field {_dotted(place)} is given twice")
            duplicates += _index_lines(value, place, lines)
            lines[place] = line
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            duplicates += _index_lines(value, (*path, position), lines)
    return duplicates


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)


def _describe(detail: Any, lines: dict[tuple[str | int, ...], int]) -> str:  # noqa: ANN401
    """Put one schema error into a sentence with its field and line."""
    path = tuple(detail["loc"])
    field = _dotted(path)
    if detail["type"] == "missing":
        return f"line {lines.get(path[:-1], 2)}: field {field} is missing"
    line = lines.get(path, 2)
    if detail["type"] == "extra_forbidden":
        return f"line {line}: field {field} is not known"
    message = detail["msg"].removeprefix("Value error, ")
    return f"line {line}: field {field}: {message} (found: {str(detail['input'])[:80]!r})"
