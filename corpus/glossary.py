"""The glossary: terms of the field, with what people write for them in each language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from corpus.errors import DiwanError
from corpus.toml_tables import parse_tables, read_text

BUNDLED_GLOSSARY = Path(__file__).parent / "glossary.toml"
OWN_GLOSSARY = "glossary.toml"
"""Name of the file that a hub keeps beside its own library."""


class GlossaryError(DiwanError):
    """A glossary that cannot be used; names the file, the term and the way out."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term.

    Attributes:
        id: Lower-case words joined by hyphens; the same in every language.
        variants: By ISO 639-1 code of the language, what people write for it; the preferred
            variant comes first.
    """

    id: str
    variants: Mapping[str, tuple[str, ...]]


_Variant = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Entry(BaseModel):
    """A `[[term]]` table: its id and, under each language code, its variants."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], list[_Variant]
    ]

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    term: list[_Entry] = []


def load_glossary(paths: Iterable[Path]) -> tuple[Term, ...]:
    """Read and check glossary files.

    Args:
        paths: Later files win: a hub's own term replaces a bundled one with the same id. A file
            that does not exist holds nothing.

    Returns:
        The terms, sorted by id.

    Raises:
        GlossaryError: A file cannot be read or breaks the form, or a variant stands under two
            terms, so that it would make equals of what is not.
    """
    return join_glossaries(
        parse_glossary(read_text(path, GlossaryError), path) for path in paths if path.exists()
    )


def join_glossaries(parts: Iterable[Mapping[str, Term]]) -> tuple[Term, ...]:
    """Put glossaries together; the terms of later ones win.

    Returns:
        The terms, sorted by id.

    Raises:
        GlossaryError: A variant stands under two terms.
    """
    terms = {term.id: term for part in parts for term in part.values()}
    taken: dict[tuple[str, str], str] = {}
    for term in terms.values():
        for language, variants in term.variants.items():
            for variant in variants:
                other = taken.setdefault((language, variant.casefold()), term.id)
                if other != term.id:
                    raise GlossaryError(
                        f"The glossary gives “{variant}” under {other} and under {term.id};"
                        " take it out of one of them, or out of both if it can mean either."
                    )
    return tuple(terms[term_id] for term_id in sorted(terms))


def parse_glossary(text: str, path: Path) -> dict[str, Term]:
    """Check what a glossary file holds, or is about to hold.

    Returns:
        Its terms by their ids.

    Raises:
        GlossaryError: It breaks the form; the sentence names the path.
    """
    entries = parse_tables(text, path, _File, GlossaryError).term
    terms: dict[str, Term] = {}
    for entry in entries:
        if entry.id in terms:
            raise GlossaryError(f"{path}: the term {entry.id} is given twice; join the two")
        variants = {
            language: tuple(dict.fromkeys(found))
            for language, found in entry.__pydantic_extra__.items()
            if found
        }
        terms[entry.id] = Term(entry.id, variants)
    return terms
