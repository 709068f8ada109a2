"""A practice as a city sends it in, for tests."""

import re
from urllib.parse import urlsplit

from desk import Desk
from httpx2 import Response

from server.contributions.practice import Consents, Draft, Practice, SourceTyped

PRACTICE = Practice(
    title="A night school: porters of the harbour",
    context="SECRET-context Young men left school early.",
    done="SECRET-done The city opened a hall four evenings a week.",
    outcome="SECRET-outcome Of 140, 92 finished.",
    lessons="SECRET-lessons Ask the union first.",
    place="Mombasa",
    country="KE",
    level="city",
    start="2021-03",
    end="2023",
    bodies="Porters’ union\nMinistry of Education",
    pillars=("trust", "coordination"),
    sources=(SourceTyped("Annual report", "https://example.org/report"),),
    body="SECRET-body County of Mombasa",
    language="en",
)
NAME, ADDRESS = "SECRET-name Amina", "secret.amina@example.org"
DRAFT = Draft(PRACTICE, NAME, ADDRESS, Consents(publication=True))


def form_of(draft: Draft = DRAFT, version: int = 1, do: str = "save") -> dict[str, object]:
    """What the form sends."""
    practice, consents = draft.practice, draft.consents
    texts = "title context done outcome lessons place country level start end bodies body language"
    agreed = [name for name in ("publication", "introductions", "listing") if
              getattr(consents, name)]  # fmt: skip
    return {
        **{name: getattr(practice, name) for name in texts.split()},
        "pillars": list(practice.pillars),
        "source_title": [source.title for source in practice.sources],
        "source_url": [source.url for source in practice.sources],
        "name": draft.name,
        "address": draft.address,
        "answer": draft.answer,
        "agreed": agreed,
        "version": str(version),
        "do": do,
    }


def begin(desk: Desk, question: str = "") -> str:
    """Begin a draft; its address."""
    answer = desk.client.post("/contribute?ui=en", data={"q": question})
    assert answer.status_code == 303, answer.text
    return urlsplit(answer.headers["Location"]).path


def save(desk: Desk, address: str, draft: Draft = DRAFT, version: int = 1) -> Response:
    return desk.client.post(f"{address}?ui=en", data=form_of(draft, version))


def send(desk: Desk, address: str, draft: Draft = DRAFT, version: int = 1) -> Response:
    return desk.client.post(f"{address}?ui=en", data=form_of(draft, version, "send"))


def sent(desk: Desk, draft: Draft = DRAFT, question: str = "") -> tuple[str, str]:
    """Send a practice in; its address, and that of its page at the desk."""
    address = begin(desk, question)
    assert send(desk, address, draft).status_code == 303
    own_id = desk.store.contribution(key_of(address), desk.now.date()).id
    return address, f"/desk/contributions/{own_id}"


def key_of(address: str) -> str:
    return address.rpartition("/")[2]


def turn_of(page: Response) -> str:
    found = re.search(r'name="turn" value="(\d+)"', page.text)
    assert found
    return found[1]
