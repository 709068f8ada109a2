"""How a turn is put into words: as what it was understood, and what can be asked next."""

from server.conversation import Kind, Understood
from server.dialogue import Reply
from server.i18n import Interface, choose_language, interface

_MOST = 3  # follow-ups


def in_words(understood: Understood, reader: Interface | None = None) -> str:
    """Say as what a question was understood.

    Args:
        understood: The question.
        reader: Whose language to say it in; None for the question's, where the interface has it.
    """
    reader = reader or _reader(understood)
    question, filters = understood.question, understood.question.filters
    if understood.kind is Kind.DETAIL:
        return reader.gettext(
            "%(question)s – about “%(title)s”",
            question=understood.typed,
            title=understood.about or "",
        )
    said = [question.text]
    if filters.country:
        said.append(reader.country(filters.country))
    if filters.level:
        said.append(reader.level(filters.level))
    if filters.pillar:
        said.append(reader.pillar(filters.pillar))
    if filters.year_from and filters.year_from == filters.year_to:
        said.append(str(filters.year_from))
    elif filters.year_from:
        said.append(reader.gettext("since %(year)s", year=str(filters.year_from)))
    elif filters.year_to:
        said.append(reader.gettext("until %(year)s", year=str(filters.year_to)))
    if question.show_in != question.language:
        said.append(reader.language_name(question.show_in))
    return " – ".join(said)


def follow_ups(given: Reply, reader: Interface | None = None) -> list[str]:
    """What can be asked next, in words that are understood.

    Args:
        given: The turn.
        reader: Whose language to say it in; None for the question's, where the interface has it.

    Returns:
        At most three: the same about another peer that was found, and two details; none where
        there was no answer.
    """
    if given.answer is None:
        return []
    reader = reader or _reader(given.understood)
    first = given.result.hits[0].shown.case
    elsewhere = (
        reader.gettext("And in %(place)s?", place=reader.country(case.country))
        for hit in given.result.hits
        if (case := hit.shown.case).country and case.country != first.country
    )
    details = (reader.gettext("What came of it?"), reader.gettext("Who was involved in it?"))
    return [*details, *list(elsewhere)[:1]][:_MOST]


def _reader(understood: Understood) -> Interface:
    language = choose_language(
        lang=None,
        question_language=understood.question.language,
        ui=None,
        accept_language="",
    )
    return interface(language)
