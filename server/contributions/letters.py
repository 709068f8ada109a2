"""The letters that senders of practices get, in the language that they wrote the form in."""

from urllib.parse import quote, urlencode

from corpus.case_files import Key
from server.contributions.store import Contribution
from server.i18n import Interface, interface
from server.mail.letter import About, Letter, is_address


def way_back(contribution: Contribution, site: str) -> str:
    """Address of the page on which a sender finds their contribution."""
    return f"{site}/contributions/{contribution.key}?ui={contribution.language}"


def link_letter(contribution: Contribution, site: str) -> Letter | None:
    """The letter with the way back, and nothing that the sender wrote: anybody may be its address.

    Args:
        contribution: The contribution.
        site: Address of the start page, without a slash at its end.

    Returns:
        None where no e-mail address is known that can be one; so for every letter here.
    """
    reader = interface(contribution.language)
    return _letter(
        contribution,
        reader.gettext("The way back to your practice"),
        reader.gettext(
            "Somebody who gave this address is writing down a practice for Diwan, a library of what"
            " cities did. This is the way back to it; whoever has it can read it and change it:"
        ),
        way_back(contribution, site),
        reader.gettext("If it was not you, you need not do anything: a draft is forgotten."),
    )


def asked_letter(contribution: Contribution, text: str, site: str) -> Letter | None:
    """The letter with a question of the hub's; see `link_letter`."""
    reader = interface(contribution.language)
    return _letter(
        contribution,
        reader.gettext("A question about the practice that you sent in"),
        reader.gettext("The hub has read what you sent in, and asks:"),
        text,
        reader.gettext("Answer on your page; there you can also change the text:"),
        way_back(contribution, site),
    )


def declined_letter(contribution: Contribution, reason: str, site: str) -> Letter | None:
    """The letter that says why a practice was not taken in; see `link_letter`."""
    reader = interface(contribution.language)
    return _letter(
        contribution,
        reader.gettext("The practice that you sent in"),
        reader.gettext("The hub has read what you sent in, and does not take it in. The reason:"),
        reason,
        reader.gettext(
            "Your name and address are forgotten as soon as this letter is sent. The text is still"
            " on your page, where you can delete it:"
        ),
        way_back(contribution, site),
    )


def accepted_letter(contribution: Contribution, case: Key, site: str) -> Letter | None:
    """The letter that says that a case study came of it; see `link_letter`."""
    reader = interface(contribution.language)
    case_id, language = case
    kept = contribution.draft.consents.introductions
    return _letter(
        contribution,
        reader.gettext("The practice that you sent in is accepted"),
        reader.gettext(
            "The hub has made a case study of what you sent in. It stands at this address as soon"
            " as the hub has put the library together anew:"
        ),
        f"{site}/cases/{quote(case_id, safe='')}?{urlencode({'lang': language})}",
        reader.gettext(
            "Your name and address stay with the hub, so that it can ask you when somebody wants to"
            " be put in touch. You can take that back on your page:"
        )
        if kept
        else reader.gettext("Your name and address are forgotten. Your page is still here:"),
        way_back(contribution, site),
    )


def _letter(contribution: Contribution, subject: str, *paragraphs: str) -> Letter | None:
    contact = contribution.contact
    if contact is None or not is_address(contact.address):
        return None
    reader = interface(contribution.language)
    parts = [_greeting(reader), *paragraphs, reader.gettext("The hub")]
    return Letter(
        to=contact.address,
        subject=subject,
        text="\n\n".join(parts) + "\n",
        language=reader.language,
        about=About.CONTRIBUTION,
    )


def _greeting(reader: Interface) -> str:
    return reader.gettext("Good day,")
