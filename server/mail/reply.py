"""The letter that brings the hub's reply to whoever sent a question."""

from collections.abc import Iterable

from corpus.case_study import CaseStudy
from index.question import QuestionError, read_question
from index.scripts import rendering_for
from server.citation import case_address
from server.i18n import Interface, interface
from server.mail.letter import About, Letter
from server.service import Service
from server.store_inbox import SentQuestion, Wanted


def reply_letter(wanted: Wanted, case: CaseStudy | None, site: str | None) -> Letter:
    """Write the letter, in the language in which it is wanted.

    Its subject does not say what was asked: it may be read over a shoulder.

    Args:
        wanted: The question and the reply.
        case: A case study that answers it now, if any.
        site: The address of the start page, without a slash at its end; None where it is not known.
    """
    reader = interface(wanted.reply_to.language)
    parts = [
        reader.gettext("You asked:"),
        wanted.question,
        reader.gettext("The hub’s reply:"),
        wanted.reply,
        *(_case(case, site, reader) if case else ()),
        _end(site, reader),
    ]
    return Letter(
        to=wanted.reply_to.address,
        subject=reader.gettext("Diwan: the reply that you asked for"),
        text="\n\n".join(parts) + "\n",
        language=reader.language,
        about=About.REPLY,
    )


def _case(case: CaseStudy, site: str | None, reader: Interface) -> tuple[str, ...]:
    link = f"\n{site}{case_address(case)}" if site else ""
    return (reader.gettext("A case study in the library answers it now:"), f"{case.title}{link}")


def _end(site: str | None, reader: Interface) -> str:
    about = reader.gettext(
        "Diwan is a library of what cities and their partners did to prevent hate, extremism and"
        " polarisation, and a way to put questions to it."
    )
    deleted = reader.gettext(
        "Your address was kept for this letter alone, and is deleted now that it is sent."
    )
    return "\n".join(("-- ", about, *((site,) if site else ()), deleted))


def cases_to_name(
    questions: Iterable[SentQuestion], service: Service | None
) -> dict[str, CaseStudy]:
    """The case studies that answer questions now for whose senders a reply is wanted.

    Args:
        questions: Questions that were sent to the hub.
        service: What answers; None while nothing does.

    Returns:
        By the id of the question, in the language of the reply where it is in that language, too.
    """
    found = {}
    for sent in questions:
        case = _answering(sent, service) if sent.reply_language and service else None
        if case:
            found[sent.id] = case
    return found


def _answering(sent: SentQuestion, service: Service) -> CaseStudy | None:
    try:
        result = service.search(read_question(sent.question, language=sent.language))
    except QuestionError:
        return None
    if not result.answered:
        return None
    best = result.hits[0].shown.case
    return rendering_for(service.renderings(best.id), sent.reply_language) or best
