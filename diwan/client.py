"""A hub's interface (`/api/v1`) as calls: each gives what docs/api.md says, or raises."""

import hmac
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx2

from diwan.answers import (
    AskResponse,
    CaseDetail,
    CaseEntry,
    CasePage,
    ChangePage,
    ContributionPage,
    ContributionState,
    FacetCounts,
    GlossaryTerms,
    PassageDetail,
    Rendering,
    SearchResponse,
    SentContribution,
    SimilarCases,
)
from diwan.connection import Connection, parameters_of
from diwan.decoding import decode
from diwan.errors import AnswerError, ClientError
from diwan.practices import Consents, Contact, Practice, written

_API = "api/v1"
_PAGE = 100  # entries of a list at once; the most that the interface gives
_TIMEOUT = 15.0  # seconds
_IDEMPOTENCY_KEY = re.compile(r"[!#-+\--~]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What tells the lines of the export from each other."""

    kind: str
    renderings: int = 0


class Client:
    """Asks one hub, by calls named as in the interface; `with` closes it.

    A call gives an answer or raises a `ClientError`: never an empty list because something failed.
    What the hub says is unchanged comes from memory. Threads may share a client; a program that
    runs on asyncio calls it by `asyncio.to_thread`.

    Args:
        base_url: Address of the hub, as `https://diwan.example.org`.
        key: From the hub, if it gave one; see docs/keys.md.
        timeout: Seconds to wait for the hub to take a request and to go on with an answer.
        language: ISO 639-1 code of the language to show things in, where a call names none and
            there is such a rendering.
        patience: How many seconds a call may wait in all where the hub says when to come back
            (`Retry-After`), and where the connection was lost while a practice was sent in or
            withdrawn; 0 waits never. Questions and answers are not repeated.
        sleep: Waits so many seconds.
        transport: Carries requests, in place of the network.

    Raises:
        ValueError: `base_url` is no address that begins with `https://` or `http://`.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        timeout: float = _TIMEOUT,
        language: str | None = None,
        *,
        patience: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        if not base_url.startswith(("https://", "http://")):
            raise ValueError("The address of a hub begins with https:// or http://.")
        headers = {"User-Agent": "diwan-client"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        http = httpx2.Client(
            base_url=base_url, headers=headers, timeout=timeout, transport=transport
        )
        self._connection = Connection(http, patience, sleep)
        self._language = language
        self._key = key

    def __enter__(self) -> Self:
        """Be closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._connection.close()

    def link(self, address: str) -> str:
        """Make an address that an answer holds (`case_url`) a whole one."""
        return self._connection.link(address)

    def search(
        self,
        q: str,
        *,
        k: int | None = None,
        lang: str | None = None,
        passage_lang: str | None = None,
        country: str | None = None,
        pillar: str | None = None,
        level: str | None = None,
        year_from: int | None = None,
        year_to: int | None = None,
        as_typed: bool = False,
    ) -> SearchResponse:
        """Find the passages that answer a question.

        Args:
            q: The question.
            k: How many passages; 10 where it is not said.
            lang: Language to show results in; the client's, then the question's own.
            passage_lang: Only passages written in this language.
            country: Only this one: ISO 3166-1 alpha-2 code.
            pillar: Only cases tagged with it, as `trust`.
            level: Only cases at it, as `city`.
            year_from: Only cases that end in this year or later.
            year_to: Only cases that begin in this year or earlier.
            as_typed: Search misspelt names as they are.

        Raises:
            ClientError: There is no answer.
        """
        asked = {
            "q": q,
            "k": k,
            "lang": lang or self._language,
            "passage_lang": passage_lang,
            "country": country,
            "pillar": pillar,
            "level": level,
            "year_from": year_from,
            "year_to": year_to,
            "as_typed": as_typed or None,
        }
        return decode(SearchResponse, self._connection.get(f"{_API}/search", asked))

    def ask(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        language: str | None = None,
        as_typed: bool = False,
    ) -> AskResponse:
        """Ask a question that may go on from the one before it; get the sentences that answer.

        Args:
            question: The question.
            conversation_id: Of the answer before; None begins a new conversation.
            language: Language to show results in; the client's, then the question's own.
            as_typed: Ask it as if nothing had been asked before, misspelt names as they are.

        Raises:
            ClientError: There is no answer.
        """
        body = {
            "question": question,
            "conversation_id": conversation_id,
            "language": language or self._language,
            "as_typed": as_typed,
        }
        return decode(AskResponse, self._connection.post(f"{_API}/ask", body))

    def cases(
        self,
        *,
        place: str | None = None,
        country: str | None = None,
        pillar: str | None = None,
        level: str | None = None,
        year_from: int | None = None,
        year_to: int | None = None,
        language: str | None = None,
        lang: str | None = None,
    ) -> Iterator[CaseEntry]:
        """List case studies by their ids, page after page as they are asked for.

        Args:
            place: Words that the name of the place holds, in any language.
            country: Only this one: ISO 3166-1 alpha-2 code.
            pillar: Only cases tagged with it, as `trust`.
            level: Only cases at it, as `city`.
            year_from: Only cases that end in this year or later.
            year_to: Only cases that begin in this year or earlier.
            language: Only cases that have a rendering in this language.
            lang: Language to show them in where there is such a rendering; the client's, then the
                original.

        Raises:
            ClientError: A page does not come.
        """
        asked: dict[str, str | int | None] = {
            "place": place,
            "country": country,
            "pillar": pillar,
            "level": level,
            "year_from": year_from,
            "year_to": year_to,
            "language": language,
            "lang": lang or self._language,
            "limit": _PAGE,
        }
        while asked:
            page = decode(CasePage, self._connection.get(f"{_API}/cases", asked))
            yield from page.cases
            asked = {**parameters_of(page.next)} if page.next else {}

    def case(self, case_id: str, *, lang: str | None = None) -> CaseDetail:
        """Give a case study whole.

        Args:
            case_id: The same in every language.
            lang: Language to show it in; the client's, then the original.

        Raises:
            ClientError: There is no answer; its status is 404 where there is no such case study.
        """
        path = f"{_API}/cases/{quote(case_id, safe='')}"
        return decode(CaseDetail, self._connection.get(path, self._in(lang)))

    def similar(self, case_id: str, *, lang: str | None = None) -> tuple[CaseEntry, ...]:
        """List the case studies that did something alike elsewhere, nearest first.

        Args:
            case_id: Of the one to go from.
            lang: Language to show them in; the client's, then the original.

        Raises:
            ClientError: There is no answer; its status is 404 where there is no such case study.
        """
        path = f"{_API}/cases/{quote(case_id, safe='')}/similar"
        return decode(SimilarCases, self._connection.get(path, self._in(lang))).cases

    def passage(self, passage_id: str, *, lang: str | None = None) -> PassageDetail:
        """Give a passage with what stands around it.

        Args:
            passage_id: As results and case studies name it.
            lang: Language to cite it in; the client's, then its own.

        Raises:
            ClientError: There is no answer; its status is 404 where there is no such passage.
        """
        path = f"{_API}/passages/{quote(passage_id, safe='')}"
        return decode(PassageDetail, self._connection.get(path, self._in(lang)))

    def facets(
        self,
        *,
        q: str | None = None,
        country: str | None = None,
        pillar: str | None = None,
        level: str | None = None,
        year_from: int | None = None,
        year_to: int | None = None,
        language: str | None = None,
    ) -> FacetCounts:
        """Count the case studies by pillar, level, country, language and year.

        Args:
            q: A question: count only the case studies nearest to it.
            country: Only this one: ISO 3166-1 alpha-2 code.
            pillar: Only cases tagged with it, as `trust`.
            level: Only cases at it, as `city`.
            year_from: Only cases that end in this year or later.
            year_to: Only cases that begin in this year or earlier.
            language: Only cases that have a rendering in this language.

        Raises:
            ClientError: There is no answer.
        """
        asked = {
            "q": q,
            "country": country,
            "pillar": pillar,
            "level": level,
            "year_from": year_from,
            "year_to": year_to,
            "language": language,
        }
        return decode(FacetCounts, self._connection.get(f"{_API}/facets", asked))

    def glossary(self) -> GlossaryTerms:
        """List the terms of the field with what people write for them in each language.

        Raises:
            ClientError: There is no answer.
        """
        return decode(GlossaryTerms, self._connection.get(f"{_API}/glossary", {}))

    def changes(self, *, since: str | date | None = None) -> ChangePage:
        """Tell what became of documents, from all pages together; `next` is None.

        Args:
            since: From this day or moment on, ISO 8601 where it is text: the `until` of the time
                before. None tells of everything.

        Raises:
            ClientError: There is no answer, or a page is missing.
        """
        asked: dict[str, str | int | None] = {
            "since": since.isoformat() if isinstance(since, date) else since,
            "limit": _PAGE,
        }
        page = decode(ChangePage, self._connection.get(f"{_API}/changes", asked))
        while page.next:
            onward = parameters_of(page.next)
            further = decode(ChangePage, self._connection.get(f"{_API}/changes", onward))
            page = replace(
                further,
                complete=page.complete and further.complete,
                changes=page.changes + further.changes,
            )
        return page

    def export(self) -> Iterator[Rendering]:
        """Take the whole library, rendering by rendering, as it arrives.

        Raises:
            ClientError: It does not come.
            AnswerError: It broke off: what came so far is not the whole.
        """
        lines = self._connection.lines("export/library.jsonl")
        wanted = decode(_Line, next(lines, "")).renderings
        for line in lines:
            if decode(_Line, line).kind == "rendering":
                yield decode(Rendering, line)
                wanted -= 1
        if wanted:
            raise AnswerError("Not the whole library", detail="The export broke off.")

    def contribute(
        self,
        practice: Practice,
        contact: Contact,
        consents: Consents,
        *,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> SentContribution:
        """Send in a practice; sent again as it was, for 30 days it is the one that is there.

        Args:
            practice: What is to be public.
            contact: Whom the hub writes to.
            consents: What they agreed to.
            reference: What your platform calls its record of it.
            idempotency_key: What tells the hub that it comes again: 1 to 255 letters, digits and
                signs of ASCII, without spaces, commas and quotation marks. None is one made of all
                that is sent and of the client's key, the same after a restart.

        Raises:
            ValueError: It is no idempotency key.
            ClientError: The client has no key, or there is no answer; status 422 where something
                is refused, which `errors` names as `practice.title`.
        """
        key = self._needed_key()
        body: dict[str, object] = {
            "practice": written(practice),
            "contact": written(contact),
            "consents": written(consents),
        }
        if reference is not None:
            body["reference"] = reference
        if idempotency_key is None:
            # Keyed, so that whoever reads it cannot try guesses at what was sent.
            text = json.dumps(body, sort_keys=True)
            idempotency_key = hmac.digest(key.encode(), text.encode(), "sha256").hex()
        elif not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
            raise ValueError(
                "An idempotency key is 1 to 255 characters of ASCII, without spaces, commas and"
                " quotation marks."
            )
        headers = {"Idempotency-Key": idempotency_key}
        return decode(
            SentContribution,
            self._connection.repeat("POST", f"{_API}/contributions", body, headers),
        )

    def contributions(self, *, state: str | None = None) -> Iterator[ContributionState]:
        """List what came by this key, by the ids, page after page as they are asked for.

        Args:
            state: Only those that are so far, as `asked`.

        Raises:
            ClientError: The client has no key, which is said at once, or a page does not come.
        """
        self._needed_key()
        return self._contributions({"state": state, "limit": _PAGE})

    def contribution(self, contribution_id: str) -> ContributionState:
        """Tell what has become of a practice that came by this key.

        Args:
            contribution_id: As it was given when it was sent.

        Raises:
            ClientError: The client has no key, or there is no answer; status 404 where nothing of
                this id came by this key.
        """
        self._needed_key()
        path = _contribution(contribution_id)
        return decode(ContributionState, self._connection.get(path, {}))

    def answer_contribution(
        self,
        contribution_id: str,
        *,
        version: int,
        answer: str,
        practice: Practice | None = None,
    ) -> ContributionState:
        """Answer what the hub asked; it is sent once.

        Args:
            contribution_id: As it was given when it was sent.
            version: Of the contribution, as it was read together with the question.
            answer: The answer.
            practice: The whole practice as it is to be from now on; None leaves it as it is.

        Raises:
            ClientError: The client has no key, or there is no answer; status 409 where the hub
                does not wait for this one, as after one that came and whose response was lost.
        """
        self._needed_key()
        body: dict[str, object] = {"version": version, "answer": answer}
        if practice is not None:
            body["practice"] = written(practice)
        path = f"{_contribution(contribution_id)}/answer"
        return decode(ContributionState, self._connection.post(path, body))

    def withdraw_contribution(self, contribution_id: str) -> None:
        """Withdraw a practice that was not accepted: it is deleted for good.

        Args:
            contribution_id: As it was given when it was sent.

        Raises:
            ClientError: The client has no key, or there is no answer; status 409 where it was
                accepted.
        """
        self._needed_key()
        self._connection.repeat("DELETE", _contribution(contribution_id))

    def _contributions(self, asked: dict[str, str | int | None]) -> Iterator[ContributionState]:
        while asked:
            page = decode(ContributionPage, self._connection.get(f"{_API}/contributions", asked))
            yield from page.contributions
            asked = {**parameters_of(page.next)} if page.next else {}

    def _needed_key(self) -> str:
        if not self._key:
            raise ClientError(
                "No key",
                detail="Contributions need a key: ask the hub for one, and give it to the client"
                " as `key`.",
            )
        return self._key

    def _in(self, lang: str | None) -> dict[str, str | None]:
        return {"lang": lang or self._language}


def _contribution(contribution_id: str) -> str:
    return f"{_API}/contributions/{quote(contribution_id, safe='')}"
