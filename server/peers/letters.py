"""What the hub writes to whoever asked for an introduction, in their language."""

from server.i18n import Interface
from server.peers.store import Introduction, IntroductionState, Step, Words


def words_for(
    introduction: Introduction, step: Step, title: str | None, site: str | None, reader: Interface
) -> Words:
    """The letter that says what the hub did.

    Args:
        introduction: What was asked for.
        step: What was done about it.
        title: Of the case, in the asker's language if it has one; None if it is gone.
        site: Address of the start page, without a slash at its end; None where it is unknown.
        reader: The interface in the asker's language.
    """
    asked = (
        reader.gettext(
            "You asked this hub for an introduction to those behind “%(title)s”.", title=title
        )
        if title
        else reader.gettext("You asked this hub for an introduction.")
    )
    paragraphs = [asked, state_sentence(step.state, reader)]
    if step.note:
        paragraphs += [reader.gettext("The hub writes:"), step.note]
    if step.closes:
        paragraphs.append(
            reader.gettext(
                "With this it is closed. Your name, your address and what you wrote are deleted"
                " from the hub’s list."
            )
        )
    if site:
        address = f"{site}/introductions/{introduction.key}?ui={reader.language}"
        paragraphs.append(
            reader.gettext("At this address, which only you know, you see it and can withdraw it:")
        )
        paragraphs.append(address)
    return Words(reader.gettext("Your introduction"), "\n\n".join(paragraphs) + "\n")


def state_sentence(state: IntroductionState, reader: Interface) -> str:
    """What has become of an introduction, as the asker is told."""
    sentences = {
        IntroductionState.WAITING: reader.gettext("It waits for the hub’s staff."),
        IntroductionState.WRITTEN: reader.gettext(
            "The hub has written to those behind the case study, and waits for their answer."
        ),
        IntroductionState.INTRODUCED: reader.gettext("The hub has made the introduction."),
        IntroductionState.IMPOSSIBLE: reader.gettext("The hub cannot make this introduction."),
    }
    return sentences[state]
