"""What the box says, in each language of the interface."""

from server.i18n import Interface


def texts(reader: Interface) -> dict[str, str]:
    """Everything that the box says in one language.

    Args:
        reader: That language.

    Returns:
        By the names that the box knows them by, its direction of writing among them; `{names}` in
        braces are what the box puts in.
    """
    _ = reader.gettext
    return {
        "dir": reader.direction,
        "title": _("Ask how other cities did it"),
        "label": _("Your question"),
        "ask": _("Ask"),
        "hint": _("In Arabic or in English, in your own words."),
        "looking": _("Looking in the library…"),
        "found": _("The answer follows."),
        "answer": _("The answer, in the peers’ own words"),
        "passage": _("Passage %(number)s", number="{number}"),
        "passages": _("The passages, word for word"),
        "more": _("More passages"),
        "further": _("Ask on"),
        "searched": _(
            "Searched for %(meant)s instead of “%(typed)s”.", meant="{meant}", typed="{typed}"
        ),
        "understood": _("Understood as:"),
        "exactly": _("Ask it exactly as typed"),
        "none": _("The library has no answer to this question."),
        "nearest": _("The nearest, which may not answer it"),
        "nothing": _("Nothing in the library is left by what was asked for."),
        "send": _("Send this question to the hub"),
        "written": _("Written in %(language)s", language="{language}"),
        "translated": _("Translated into %(language)s", language="{language}"),
        "same": _("The same passage in %(language)s", language="{language}"),
        "source": _("Source:"),
        "comma": _(", "),
        "cite": _("Cite this passage"),
        "open": _("Open in Diwan"),
        "kept": _("What is kept"),
        "tab": _("Opens in a new tab."),
        "empty": _("The question is empty. Type what you want to know."),
        "often": _("That was a lot at once. Time to wait: %(time)s.", time="{time}"),
        "unavailable": _("The library cannot be asked just now."),
        "offline": _("Diwan cannot be reached. Look whether you are connected, and ask again."),
        "refused": _(
            "Diwan takes no questions from this site (%(origin)s). Its hub can allow it.",
            origin="{origin}",
        ),
        "fault": _("Something went wrong"),
    }
