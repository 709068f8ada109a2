"""What Arabic writes to a name's front: and, in, to, like, so, and the article."""

from collections.abc import Iterator

from index.places import PROCLITICS

ARTICLE = "ال"
TO_THE = ("لل", "ولل")
"""To, melted into one with the article."""

LIKE = ("ك", "كال")
PARTICLES = (*filter(None, PROCLITICS), *(form + ARTICLE for form in PROCLITICS), *TO_THE)
LONGEST = max(map(len, PARTICLES))


def is_arabic(word: str) -> bool:
    """Whether a word begins in Arabic script."""
    return "\u0600" <= word[:1] <= "\u06ff"


def readings(word: str, least: int) -> Iterator[tuple[str, str]]:
    """Ways of telling a normalised word from what may be written to its front.

    Args:
        word: The word, and particles or none.
        least: Letters that the word has to keep.

    Yields:
        Particle, and the rest; at first none and all of it.
    """
    yield "", word
    if is_arabic(word):
        for particle in PARTICLES:
            if word.startswith(particle) and len(word) >= len(particle) + least:
                yield particle, word[len(particle) :]
