"""The glossary is checked on the way in, and a hub's own terms come before the bundled ones."""

from pathlib import Path

import pytest

from corpus.glossary import BUNDLED_GLOSSARY, GlossaryError, Term, load_glossary


def write(folder: Path, content: str, name: str = "glossary.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


MAYOR = '[[term]]\nid = "mayor"\nen = ["mayor", "mayors"]\nar = ["رئيس البلدية"]\n'


def test_a_term_holds_its_variants_the_preferred_one_first(tmp_path: Path) -> None:
    (term,) = load_glossary([write(tmp_path, MAYOR)])
    assert term == Term("mayor", {"en": ("mayor", "mayors"), "ar": ("رئيس البلدية",)})


def test_the_bundled_glossary_holds_terms_in_both_languages() -> None:
    terms = load_glossary([BUNDLED_GLOSSARY])
    assert len(terms) > 40
    assert all({"en", "ar"} <= term.variants.keys() for term in terms)


def test_a_hubs_own_term_replaces_the_bundled_one(tmp_path: Path) -> None:
    own = write(tmp_path, '[[term]]\nid = "mayor"\nen = ["chief burgess"]\n', "own.toml")
    (term,) = load_glossary([write(tmp_path, MAYOR), own, tmp_path / "absent.toml"])
    assert term.variants == {"en": ("chief burgess",)}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[[term]\n", "line 1"),
        ('[[term]]\nid = "Mayor!"\n', "term 1, field id"),
        ('[[term]]\nid = "mayor"\nen = "mayor"\n', "term 1, field en"),
        ('[[term]]\nid = "mayor"\nenglish = ["mayor"]\n', "term 1, field english"),
        ('[[term]]\nid = "mayor"\nen = [""]\n', "term 1, field en"),
        (MAYOR + MAYOR, "given twice"),
        (MAYOR + '[[term]]\nid = "head"\nen = ["Mayor"]\n', "under mayor and under head"),
        ('word = "x"\n', "word"),
    ],
)
def test_a_broken_glossary_is_refused_with_its_place(
    tmp_path: Path, content: str, says: str
) -> None:
    with pytest.raises(GlossaryError, match=says):
        load_glossary([write(tmp_path, content)])


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "glossary.toml"
    path.write_bytes(MAYOR.encode("cp1256"))
    with pytest.raises(GlossaryError, match="UTF-8"):
        load_glossary([path])
