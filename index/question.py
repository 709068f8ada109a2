"""A question as the index takes it: checked text, language and filters."""

import unicodedata
from dataclasses import dataclass, field, replace

from corpus.case_study import CaseStudy, Level, Pillar
from index.analysis import guess_language

LONGEST = 2_000  # characters


class QuestionError(ValueError):
    """A question that cannot be asked.

    Attributes:
        code: `empty`, `too_long` or `control_character`, for whoever words it in another language.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Correction:
    """A name that a text misspells.

    Attributes:
        start: Offset of its first character in the text.
        end: Offset behind its last.
        typed: How it is written there.
        meant: How the library writes it.
    """

    start: int
    end: int
    typed: str
    meant: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a passage must be to be considered; None lets everything through.

    Attributes:
        passage_lang: ISO 639-1 code of the passage's own language.
        country: ISO 3166-1 alpha-2 code.
        pillar: A pillar that the case is tagged with.
        level: The level at which the case takes place.
        year_from: The case's period ends in this year or later.
        year_to: The case's period begins in this year or earlier.
        cases: Ids of the documents that may be found; None for all.
        withheld: Ids of documents that are not to be found.
    """

    passage_lang: str | None = None
    country: str | None = None
    pillar: Pillar | None = None
    level: Level | None = None
    year_from: int | None = None
    year_to: int | None = None
    cases: frozenset[str] | None = None
    withheld: frozenset[str] = frozenset()

    def admit(self, case: CaseStudy) -> bool:
        """Tell whether the passages of a case may be found."""
        if self.year_from is not None or self.year_to is not None:
            if case.period is None:
                return False
            if self.year_from is not None and case.period.last_year < self.year_from:
                return False
            if self.year_to is not None and case.period.first_year > self.year_to:
                return False
        return (
            case.id not in self.withheld
            and (self.cases is None or case.id in self.cases)
            and self.country in (None, case.country)
            and (self.pillar is None or self.pillar in case.pillars)
            and self.level in (None, case.level)
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A question that can be asked.

    Attributes:
        text: What is searched: as typed, without white space at its ends, but for corrections.
        language: ISO 639-1 code of the language it is asked in.
        show_in: ISO 639-1 code of the language that results are shown in where a rendering exists.
        filters: What passages are considered.
        as_typed: Whether it is to be searched as it is, misspelt names and all.
        corrections: Names that were misspelt, by their places in what was typed, in order.
    """

    text: str
    language: str
    show_in: str
    filters: Filters = field(default_factory=Filters)
    as_typed: bool = False
    corrections: tuple[Correction, ...] = ()

    @property
    def typed(self) -> str:
        """The text as it was typed."""
        typed = self.text
        for correction in self.corrections:
            end = correction.start + len(correction.meant)
            typed = typed[: correction.start] + correction.typed + typed[end:]
        return typed

    def corrected(self, corrections: tuple[Correction, ...]) -> "Question":
        """The question with misspelt names as they are meant.

        Args:
            corrections: Of the text, in order.
        """
        text = self.text
        for correction in reversed(corrections):
            text = text[: correction.start] + correction.meant + text[correction.end :]
        return replace(self, text=text, corrections=corrections)


def read_question(  # noqa: PLR0913 - one for each thing that is chosen beside the text
    text: str,
    *,
    language: str | None = None,
    show_in: str | None = None,
    fallback_language: str = "en",
    filters: Filters | None = None,
    as_typed: bool = False,
) -> Question:
    """Check a question and tell its language.

    Args:
        text: As typed.
        language: Language it is asked in, where that is known; None to tell it by its letters.
        show_in: Language to show results in; None for the question's own.
        fallback_language: For a question without letters, such as a year or an emoji.
        filters: What passages are considered; None for all.
        as_typed: Whether to search it as it is, misspelt names and all.

    Raises:
        QuestionError: It is empty, longer than 2,000 characters or holds a control character.
    """
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text.strip()):
        raise QuestionError(
            "control_character", "The question holds a control character; type it again."
        )
    question = text.strip()
    if not question:
        raise QuestionError("empty", "The question is empty; type what you want to know.")
    if len(question) > LONGEST:
        raise QuestionError(
            "too_long",
            f"The question has {len(question)} characters; ask it in at most {LONGEST}.",
        )
    language = language or guess_language(question) or fallback_language
    return Question(question, language, show_in or language, filters or Filters(), as_typed)
