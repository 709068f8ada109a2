"""A question read for what it is to the one before it: its places, its subject, its pointers."""

from dataclasses import dataclass

from index.analysis import content_words, is_function_word, spelt_spans, words_of
from index.gazetteer import Gazetteer, Mention
from server import phrases

_SHORTEST_POINTING = 4  # letters of a word that an ending may point from
_SHORTEST_JOINED = 4  # letters of a word with an Arabic and, but for what questions are put with


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written.

    Attributes:
        start: Offset of its first character.
        bare: Its normal form, without an Arabic and.
        joined: Whether an Arabic and is written to it.
    """

    start: int
    bare: str
    joined: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a question, and the places among them.

    Attributes:
        text: The question.
        language: ISO 639-1 code.
        words: In order.
        places: The places it names.
        gazetteer: The places that can be named.
    """

    text: str
    language: str
    words: tuple[Word, ...]
    places: tuple[Mention, ...]
    gazetteer: Gazetteer

    @classmethod
    def of(cls, text: str, language: str, gazetteer: Gazetteer) -> "Reading":
        """Read a question."""
        found = tuple(
            _word(start, form)
            for start, end in spelt_spans(text)
            for form in words_of(text[start:end])
        )
        return cls(text, language, found, tuple(gazetteer.mentions(text)), gazetteer)

    def opens(self) -> bool:
        """Whether it begins as questions do that go on from another."""
        first = tuple(word.bare for word in self.words[:2])
        joined = bool(self.words) and self.words[0].joined
        return joined or any(first[: len(opening)] == opening for opening in phrases.OPENINGS)

    def points(self) -> bool:
        """Whether a word of it points at something said before."""
        return any(
            word.bare in phrases.POINTERS
            or (
                self.language == "ar"
                and len(word.bare) >= _SHORTEST_POINTING
                and word.bare.endswith(phrases.POINTING_ENDINGS)
            )
            for word in self.words
        )

    def subject(self) -> list[str]:
        """The words that say what it is about, but for places and languages."""
        spoken = [word.bare for word in self.words if not self._in_a_place(word)]
        about = content_words([*spoken, ""], self.language)  # the last, so that none may be left
        return [form for form in about if form and not _says_nothing(form)]

    def _in_a_place(self, word: Word) -> bool:
        return any(place.start <= word.start < place.end for place in self.places)


def _word(start: int, form: str) -> Word:
    rest = form.removeprefix(phrases.AND)
    joined = rest != form and (len(form) >= _SHORTEST_JOINED or is_function_word(rest, "ar"))
    return Word(start, rest if joined else form, joined)


def _says_nothing(form: str) -> bool:
    return (
        form in phrases.FILLERS
        or form in phrases.POINTERS
        or form.removeprefix("ب") in phrases.LANGUAGES
    )
