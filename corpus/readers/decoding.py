"""The bytes of a text file -> its text, whatever it was encoded in."""

import codecs
import re

from charset_normalizer import from_bytes

from corpus.readers.draft import RefusedError

# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What old Arabic and Western texts come in. Guessing among everything would find Cyrillic in them.
_CANDIDATES = ["cp1256", "iso8859_6", "cp1252"]
# Pages that say Latin-1 or ASCII are in Windows-1252: so the standard of HTML has it.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252"}
# Encodings whose text looks like ASCII; UTF-8 would take them as they are.
_SEVEN_BIT = ("iso2022", "hz", "utf-7")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROLS = 0.005  # of the characters: a stray one is met in texts, a file of them is not text
_MOST_BROKEN = 0.001
_LEAST_READABLE = 0.7  # of the characters are letters, digits or spaces
_SAMPLE = 200_000  # bytes that tell an encoding


def decode(content: bytes, declared: str | None = None) -> str:
    r"""Decode a text file.

    Args:
        content: The file.
        declared: The encoding that the file, or what sent it, says it is in.

    Returns:
        Its text without a byte order mark, with `\n` at line ends.

    Raises:
        RefusedError: It is not text, or its encoding cannot be told.
    """
    text = _decode(content, _codec(declared)).removeprefix("\ufeff")
    if len(_CONTROL.findall(text)) > len(text) * _MOST_CONTROLS:
        raise RefusedError(
            "it is not a text file, although its name says so: open it in the program that made it "
            "and save it as Word, PDF or plain text"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(content: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if declared is not None and declared.startswith(_SEVEN_BIT) and content.isascii():
        return content.decode(declared, errors="replace")
    # UTF-8 goes before what was declared: other text hardly ever passes for it, while
    # Windows-1256 fits any bytes. Zero bytes are met in UTF-16 alone.
    text = content.decode(errors="replace")
    if "\x00" not in text and text.count("\ufffd") <= len(text) * _MOST_BROKEN:
        return text
    if declared is not None and not declared.startswith("utf") and "\x00" not in text:
        return content.decode(declared, errors="replace")
    return _guess(content)


def _codec(declared: str | None) -> str | None:
    """Return Python's name of an encoding for text, or None where there is none."""
    try:
        found = codecs.lookup(declared.strip().strip("\"'")) if declared else None
        if found is None:
            return None
        "".encode(found.name)  # not text: base64, rot13 and the like
    except (LookupError, ValueError):
        return None
    return _MEANT.get(found.name, found.name)


def _guess(content: bytes) -> str:
    """Find the encoding among those that are met, by how natural the text reads in each."""
    sample = content[:_SAMPLE]
    encoding = _guess_wide(sample) if b"\x00" in sample else _guess_narrow(sample)
    if encoding is None:
        raise RefusedError(
            "it is not text, or its encoding cannot be told: open it in the program that made it "
            "and save it as UTF-8 text, as Word or as PDF"
        )
    return content.decode(encoding, errors="replace")


def _guess_wide(sample: bytes) -> str | None:
    """Tell UTF-16 by the side that its zero bytes stand on: every script has spaces."""
    little = sample[1::2].count(0) >= sample[::2].count(0)
    encoding = "utf-16-le" if little else "utf-16-be"
    try:
        text = sample[: len(sample) // 2 * 2].decode(encoding)
    except UnicodeDecodeError:
        return None
    readable = sum(character.isalnum() or character.isspace() for character in text)
    return encoding if readable > len(text) * _LEAST_READABLE and "\x00" not in text else None


def _guess_narrow(sample: bytes) -> str | None:
    best = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    return best.encoding if best else None
