"""Adds terms, and variants of them, to a hub's own glossary, and keeps what staff wrote there."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import tomlkit
from tomlkit.items import AoT, Array, Table

from corpus.glossary import GlossaryError, Term, join_glossaries, parse_glossary
from corpus.own_file import appended, change_file, toml_string
from corpus.toml_tables import read_text


class KnownVariantError(GlossaryError):
    """The term, or the variant of it, is in the glossary already."""


def add_term(path: Path, term: Term, others: Iterable[Path] = ()) -> None:
    """Add a term, at the end of the file.

    Args:
        path: The hub's own file; it need not exist yet.
        term: The term, with one variant at least.
        others: Glossary files that come before it.

    Raises:
        KnownVariantError: There is a term of that id already.
        GlossaryError: A file breaks the form, or would: a variant stands under another term.
            Nothing is written.
        OSError: The disk does not take it; the file is as it was.
    """
    before = _read(others)

    def changed(text: str) -> str:
        own = parse_glossary(text, path)
        if term.id in before or term.id in own:
            raise KnownVariantError(f"{path}: there is a term {term.id} already.")
        return _checked(appended(text, _written(term)), path, before, {**own, term.id: term})

    change_file(path, changed, GlossaryError)


def add_variant(
    path: Path, term_id: str, language: str, variant: str, others: Iterable[Path] = ()
) -> None:
    """Add a variant to a term; a bundled term is taken over into the file with it.

    Args:
        path: The hub's own file; it need not exist yet.
        term_id: The term.
        language: ISO 639-1 code of the variant's language.
        variant: What people write.
        others: Glossary files that come before it.

    Raises:
        KnownVariantError: It is there already.
        GlossaryError: There is no such term; or a file breaks the form, or would: the variant
            stands under another term. Nothing is written.
        OSError: The disk does not take it; the file is as it was.
    """
    before = _read(others)

    def changed(text: str) -> str:
        own = parse_glossary(text, path)
        term = {**before, **own}.get(term_id)
        if term is None:
            raise GlossaryError(f"{path}: there is no term {term_id}.")
        known = term.variants.get(language, ())
        if variant.casefold() in (each.casefold() for each in known):
            raise KnownVariantError(f"“{variant}” stands under {term_id} already.")
        longer = replace(term, variants={**term.variants, language: (*known, variant)})
        if term_id in own:
            after = _inserted(text, term_id, language, variant)
        else:
            after = appended(text, _written(longer))
        return _checked(after, path, before, {**own, term_id: longer})

    change_file(path, changed, GlossaryError)


def _read(paths: Iterable[Path]) -> dict[str, Term]:
    return {
        term_id: term
        for path in paths
        if path.exists()
        for term_id, term in parse_glossary(read_text(path, GlossaryError), path).items()
    }


def _written(term: Term) -> list[str]:
    lines = ["[[term]]", f"id = {toml_string(term.id)}"]
    for language, variants in term.variants.items():
        lines.append(f"{language} = [{', '.join(toml_string(each) for each in variants)}]")
    return lines


def _inserted(text: str, term_id: str, language: str, variant: str) -> str:
    """The text with a variant in the list where it belongs; all else, comments too, as it was."""
    document = tomlkit.parse(text)
    tables = cast("AoT", document["term"])
    table = cast("Table", next(table for table in tables if table["id"] == term_id))
    if language in table:
        cast("Array", table[language]).append(variant)
    else:
        table.add(language, [variant])
    return tomlkit.dumps(document)


def _checked(after: str, path: Path, before: Mapping[str, Term], wanted: Mapping[str, Term]) -> str:
    """See that a text says what it should, and that no variant stands under two terms."""
    own = parse_glossary(after, path)
    if own != wanted:
        raise GlossaryError(f"{path}: it cannot be added there; write it into the file by hand.")
    join_glossaries((before, own))
    return after
