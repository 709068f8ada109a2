"""Where a sentence ends, in Arabic and in English."""

import re

# Titles and Latin short forms after which a full stop does not end the sentence.
_ABBREVIATIONS = frozenset(
    "al approx art bldg capt cf ch col dept dr e.g ed eds est et etc fig gen gov hon i.e jr lt maj"
    " messrs mr mrs ms no nos p para pp prof rep rev sec sen sgt sr st vol vs"
    " jan feb mar apr jun jul aug sep sept oct nov dec"
    " د أ م ص ج ط هـ ق.م ب".split()
)
# Of these, the ones that often stand last in a sentence: a capital letter after them decides.
_MAY_CLOSE = frozenset(("etc", "al", "no", "p", "هـ", "ق.م", "م"))
_END = re.compile(
    r"""
    (?:[.!?؟؛;…。！？]+ | \.{3})     # what ends a sentence in either script
    [\"'”’»)\]\u200f\u200e]*        # with the quotation mark or bracket that closes after it
    (?=\s|$)
    |[。！？]+                        # no space follows in Chinese
    |\n\s*\n                         # a paragraph ends a sentence whatever stands last in it
    """,
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"([\w.]+)\.$")
_INITIAL = re.compile(r"(?:^|[\s(])(?:\w\.)*\w$")
_LOOK_BACK = 24  # characters before a full stop that tell what it belongs to
_LONGEST = 1_000  # characters: text without any full stop is still cut, at white space


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a text.

    A full stop ends a sentence unless it belongs to an abbreviation, an initial (`J. Smith`), a
    number (`3.5`, `1.`) or is followed by a small Latin letter. The Arabic semicolon ends one
    too, as Arabic strings whole statements together by it; the Latin semicolon does not.

    Args:
        text: Any text; line breaks count as white space, an empty line ends a sentence.

    Returns:
        Pairs of start and end, in characters, in order and without overlap; each span begins and
        ends with something other than white space, and only white space stands between spans.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if _is_boundary(text, match):
            _append(spans, text, start, match.end())
            start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _is_boundary(text: str, match: re.Match[str]) -> bool:
    mark = match.group().rstrip("\"'”’»)]\u200f\u200e")
    if mark == ".":
        return _stop_ends_sentence(text, match)
    return not mark.endswith(";")


def _stop_ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Tell the full stop that ends a sentence from the one inside it."""
    following = text[match.end() :].lstrip()[:1]
    if following.islower() and following.isascii():
        return False
    before = text[max(0, match.start() - _LOOK_BACK) : match.start() + 1]
    found = _LAST_WORD.search(before)
    if found is None:
        return True
    word = found.group(1).casefold()
    if word.isdigit():
        # "1." opens a list item; "in 2024." closes a sentence.
        return bool(before[: found.start()].strip(" ")) and before[found.start() - 1] != "\n"
    if word in _ABBREVIATIONS:
        return word in _MAY_CLOSE and following.isupper()
    return not (_INITIAL.search(before[:-1]) and found.group(1)[-1].isupper())


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add `text[start:end]` without the white space around it, in pieces of bearable length."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > _LONGEST:
        cut = max(text.rfind(space, start, start + _LONGEST) for space in (" ", "\n", "،", ","))
        cut = cut + 1 if cut > start else start + _LONGEST
        spans.append((start, start + len(text[start:cut].rstrip())))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if end > start:
        spans.append((start, end))
