"""The pages: the question and its answer, a case study, and what Diwan is."""

import re
import unicodedata
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from index.analysis import guess_language
from index.facets import facets, find
from index.hits import Result
from index.question import LONGEST, Filters, QuestionError, read_question
from index.scripts import rendering_for
from server.answer import compose
from server.current_briefing import quoted_passages
from server.dependencies import CurrentService, CurrentStart
from server.dialogue import log
from server.facet_options import Facet, offered, read_filters, written
from server.holder import NotReadyError
from server.i18n import INTERFACE_LANGUAGES, choose_language, interface, language_asked_in
from server.markup import coverage, render, stretches
from server.peers.directories import CurrentBodies
from server.peers.directory import Body
from server.problems import RETRY_SECONDS
from server.service import Service
from server.side_by_side import side_by_side
from server.store_database import StoreError
from server.welcome import Welcome, welcome

RESULTS = 10
_AROUND = 50  # passages, whose cases a question can be narrowed to
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")
# What narrows the library down, and stays when the language of the interface changes.
_KEPT = ("pillar", "country", "level", "language", "year_from", "year_to", "since")
_UNSHOWN = ("Cc", "Cs")  # Unicode categories: controls and surrogates
_PROBLEMS = {
    404: "no_page",
    405: "no_page",
    429: "too_many",
    503: "unavailable",
    504: "unavailable",
}
_SHORT_WAIT = 600  # seconds; the page says ten minutes
_VARY = {"Vary": "HX-Request, Accept-Language, Cookie"}


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request for a page says of itself.

    Attributes:
        path: The page's path.
        question: As typed; None where nothing was asked.
        lang: The language asked for in so many words.
        ui: The language that the interface had so far.
        language: The language of the interface from here on.
        in_place: Whether the answer alone is wanted, to stand in a page that is already there.
        kept: Names and values of what else the address says of the page.
        quoted: Ids of the passages in the briefing that the reader is making.
        as_typed: Whether the question is to be searched as it is, misspelt names and all.
    """

    path: str
    question: str | None
    lang: str | None
    ui: str | None
    language: str
    in_place: bool
    kept: tuple[tuple[str, str], ...] = ()
    quoted: frozenset[str] = frozenset()
    as_typed: bool = False

    @property
    def echo(self) -> str:
        """The question as it can be shown in its box again: bounded, and without controls."""
        shown = (self.question or "").strip()[:LONGEST]
        return "".join(letter for letter in shown if unicodedata.category(letter) not in _UNSHOWN)

    @property
    def asked(self) -> dict[str, str]:
        """The parameters of an address that ask the same question in the same way."""
        return {"q": self.echo, **({"as_typed": "1"} if self.as_typed else {})}

    @property
    def other_languages(self) -> dict[str, str]:
        """The address of this same page in each other language of the interface."""
        return {
            language: self._address(lang=language)
            for language in INTERFACE_LANGUAGES
            if language != self.language
        }

    @property
    def address(self) -> str:
        """The address of this same page, in the language that it is in."""
        return self._address(**({"lang": self.lang} if self.lang else {}), ui=self.language)

    def _address(self, **language: str) -> str:
        asked = {} if self.question is None else self.asked
        return f"{quote(self.path)}?{urlencode({**asked, **dict(self.kept), **language})}"


def get_visit(request: Request) -> Visit:
    """Read what every page needs to know from the address and the headers."""
    parameters, headers = request.query_params, request.headers
    question = parameters.get("q")
    lang, ui = (_language_code(parameters.get(name)) for name in ("lang", "ui"))
    return Visit(
        path=request.scope["path"],
        question=question,
        lang=lang,
        ui=ui,
        language=choose_language(
            lang=lang,
            question_language=guess_language(question[:LONGEST]) if question else None,
            ui=ui,
            accept_language=headers.get("Accept-Language", ""),
        ),
        in_place=question is not None and in_place(request),
        kept=tuple((name, parameters[name]) for name in _KEPT if parameters.get(name)),
        quoted=quoted_passages(request),
        as_typed=parameters.get("as_typed") == "1",
    )


def in_place(request: Request) -> bool:
    """Whether what is asked for is to stand in a page that is already there."""
    headers = request.headers
    restored = headers.get("HX-History-Restore-Request") == "true"
    return headers.get("HX-Request") == "true" and not restored


class PageRoute(APIRoute):
    """A route that says so in a page, too, while there is nothing to serve yet."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_or_explain(request: Request) -> Response:
            try:
                return await handle(request)
            except NotReadyError:
                page = error_page(get_visit(request), "starting", HTTPStatus.SERVICE_UNAVAILABLE)
                page.headers["Retry-After"] = RETRY_SECONDS
                return page

        return handle_or_explain


router = APIRouter(route_class=PageRoute, include_in_schema=False)
CurrentVisit = Annotated[Visit, Depends(get_visit)]


@router.get("/")
def ask(
    request: Request, visit: CurrentVisit, service: CurrentService, start: CurrentStart
) -> Response:
    """The question box, and the answer where a question is asked."""
    if visit.question is None:
        questions = start.current().entries
        offered = welcome(request, service, questions, visit.language)
        return _answer(visit, service, offered=offered)
    if visit.in_place and visit.ui not in (None, visit.language):
        address = "/?" + urlencode({"q": visit.question, "ui": visit.language})
        return Response(status_code=204, headers={**_VARY, "HX-Redirect": address})
    try:
        question = read_question(
            visit.question,
            language=language_asked_in(visit.question, visit.language),
            show_in=visit.lang,
            fallback_language=visit.language,
            filters=_filters(request),
            as_typed=visit.as_typed,
        )
    except QuestionError as error:
        return _answer(visit, service, refusal=error.code)
    result = service.search(question, RESULTS)
    with suppress(StoreError):  # who asks has the answer, whether it can be logged or not
        log(request.app.state.open_store(), question.text, result)
    return _answer(visit, service, result=result)


@router.get("/cases/{case_id}")
def show_case(
    case_id: str,
    visit: CurrentVisit,
    service: CurrentService,
    current: CurrentBodies,
    beside: str | None = None,
) -> Response:
    """A case study with its facts, its passages and its citation, and what is like it elsewhere."""
    case = rendering_for(service.renderings(case_id), visit.lang, visit.language)
    if case is None:
        return error_page(visit, "no_case", HTTPStatus.NOT_FOUND)
    generation = service.generation
    renderings = [other for other in service.renderings(case_id) if other != case]
    other = next((other for other in renderings if other.language == beside), None)
    bodies: Sequence[Body] = ()
    with suppress(StoreError):  # the page names them all the same, without the way to their others
        bodies = current.named_in(visit.language).of_case(case_id)
    return page(
        "pages/case.html",
        visit,
        case=case,
        bodies=bodies,
        stretches=stretches(case, generation.passages_of(case)),
        renderings=renderings,
        other=other,
        rows=side_by_side(generation, case, other) if other else [],
        similar=[
            rendering_for(service.renderings(found.id), visit.language) or found
            for found in service.similar(case)
        ],
    )


@router.get("/about")
def about(visit: CurrentVisit) -> Response:
    """What Diwan is, whom it is for and how its answers come about."""
    return page("pages/about.html", visit)


def explain(request: Request, status: int, headers: Mapping[str, str]) -> Response | None:
    """A page that says what went wrong, if it is a reader who asked rather than a program."""
    interface_path = request.scope["path"].startswith("/api/")
    if interface_path or "text/html" not in request.headers.get("Accept", ""):
        return None
    other = "fault" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused"
    problem = _PROBLEMS.get(status, other)
    if problem == "too_many" and int(headers.get("Retry-After", 0)) > _SHORT_WAIT:
        problem = "too_many_today"
    response = error_page(get_visit(request), problem, HTTPStatus(status))
    response.headers.update(headers)
    return response


def _filters(request: Request) -> Filters:
    """What was chosen to narrow the question; nothing where that cannot be read."""
    try:
        return read_filters(request.query_params)
    except ValueError:
        return Filters()


def _narrowing(visit: Visit, service: Service, result: Result) -> list[Facet]:
    """What the question can be narrowed by, counted over the cases nearest to it."""
    question = result.question
    around = service.search(replace(question, filters=Filters()), _AROUND)
    near = {hit.shown.case.id for hit in around.hits}
    cases = [case for case in service.generation.library_cases if case.id in near]
    filters = replace(question.filters, withheld=frozenset())
    return offered(
        facets(cases, filters),
        filters,
        len(find(cases, filters)),
        interface(visit.language),
        lambda choice: _asked_address(visit, choice),
    )


def _asked_address(visit: Visit, filters: Filters) -> str:
    return "/?" + urlencode({**visit.asked, **written(filters), "ui": visit.language})


def _exactly(visit: Visit, result: Result) -> str:
    """The address that asks the same, with misspelt names as they are."""
    return _asked_address(replace(visit, as_typed=True), result.question.filters)


def _answer(
    visit: Visit,
    service: Service,
    *,
    result: Result | None = None,
    refusal: str | None = None,
    offered: Welcome | None = None,
) -> Response:
    return page(
        "pages/answer.html" if visit.in_place else "pages/start.html",
        visit,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
        coverage=coverage(service.generation.library_cases, interface(visit.language)),
        limit=LONGEST,
        refusal=refusal,
        welcome=offered,
        result=result,
        answer=compose(result, service.generation.gazetteer) if result else None,
        facets=_narrowing(visit, service, result) if result else [],
        everything=_asked_address(visit, Filters()),
        exactly=_exactly(visit, result) if result else None,
    )


def error_page(visit: Visit, problem: str, status: HTTPStatus) -> Response:
    """A page that says what went wrong."""
    return page("pages/error.html", visit, status=status, problem=problem)


def page(template: str, visit: Visit, *, status: int = HTTPStatus.OK, **context: Any) -> Response:  # noqa: ANN401
    """A page in the visitor's language.

    Args:
        template: Path below the templates' folder.
        visit: What the request says of itself.
        status: HTTP status.
        context: What the template names.
    """
    content = render(template, visit.language, visit=visit, **context)
    return HTMLResponse(content, status_code=status, headers=_VARY)


def _language_code(value: str | None) -> str | None:
    code = (value or "").lower()
    return code if _LANGUAGE_CODE.fullmatch(code) else None
