"""A question without an answer, at the desk: what it was, and what staff make of it."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Form, HTTPException, Request, Response
from pydantic import BaseModel, StringConstraints

from corpus.case_study import CaseStudy
from corpus.glossary import BUNDLED_GLOSSARY, OWN_GLOSSARY, GlossaryError, Term, load_glossary
from corpus.glossary_file import KnownVariantError, add_term, add_variant
from corpus.gold import BUNDLED_GOLD, OWN_GOLD, GoldError, GoldQuestion
from corpus.gold_file import KnownQuestionError, add_gold
from index.analysis import normalise
from index.question import QuestionError, read_question
from index.scripts import rendering_for
from server.dependencies import CurrentStore
from server.desk_access import ByEditor, Editor, desk_router
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.desk_groups import CurrentGroups, serving
from server.i18n import INTERFACE_LANGUAGES
from server.mail.reply import cases_to_name
from server.pages import Visit
from server.question_groups import Group, Wording
from server.questions_asked import Narrowing, read_narrowing
from server.service import Service
from server.store_inbox import LONGEST_NOTE
from server.store_records import Change
from server.store_staff import Person

_GROUPS = f"{HOME}/questions/groups"
_SUGGESTED, _FOUND = 5, 12  # cases

router = desk_router()

_Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


@dataclass(frozen=True, slots=True)
class HubFiles:
    """The files of a hub that the desk adds to.

    Attributes:
        home: The hub's folder.
        bundled: Whether the bundled case studies, and their gold questions, are in use.
    """

    home: Path
    bundled: bool

    @property
    def gold(self) -> Path:
        """The hub's own gold questions."""
        return self.home / OWN_GOLD

    @property
    def other_gold(self) -> list[Path]:
        """Gold questions that are asked besides."""
        return [BUNDLED_GOLD] if self.bundled else []

    @property
    def glossary(self) -> Path:
        """The hub's own terms."""
        return self.home / OWN_GLOSSARY


class GoldForm(BaseModel):
    """What is sent to have a question find a case.

    Attributes:
        wording: Key of the wording that is to be asked.
        case: Id of the case that is to be found.
    """

    wording: str
    case: str = ""


class TermForm(BaseModel):
    """What is sent to add to the glossary.

    Attributes:
        term: Id of a term, known or new.
        new: Whether it is a new one.
        language: ISO 639-1 code of the variant's language.
        variant: What people write.
    """

    term: _Line = ""
    new: bool = False
    language: _Line = ""
    variant: _Line = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A group that somebody is looking at, and what is needed to make something of it.

    Attributes:
        group: The group.
        visit: What the request says of itself.
        person: Who is signed in.
        files: The files of the hub.
        service: What answers; None while nothing does.
        narrowing: The period.
        find: Words of the title of a case that is looked for.
    """

    group: Group
    visit: Visit
    person: Person
    files: HubFiles
    service: Service | None
    narrowing: Narrowing
    find: str

    def wording(self, key: str) -> Wording | None:
        """One of its wordings."""
        return _wording(self.group, key)

    def back(self, done: str) -> Response:
        """Lead back to it, to say what was done."""
        days = str(self.narrowing.days)
        return to(f"{_GROUPS}/{self.group.key}", self.visit, days=days, done=done)


def get_matter(
    key: str, person: Editor, request: Request, visit: DeskVisit, groups: CurrentGroups
) -> Matter:
    """The group that has the wording which the address names.

    Raises:
        HTTPException: There is none in this period, status 404.
    """
    found = next((group for group in groups if _wording(group, key)), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    state, parameters = request.app.state, request.query_params
    narrowing, find = read_narrowing(parameters), parameters.get("find", "")
    service = serving(state.holder)
    return Matter(found, visit, person, state.hub_files, service, narrowing, find)


CurrentMatter = Annotated[Matter, Depends(get_matter)]


@router.get("/questions/groups/{key}")
def group(matter: CurrentMatter, done: str | None = None) -> Response:
    """One group, and what can come of it."""
    return _page(matter, done=done)


@router.post("/questions/groups/{key}/gold")
def make_gold(
    store: CurrentStore, by: ByEditor, matter: CurrentMatter, form: Annotated[GoldForm, Form()]
) -> Response:
    """Have a question find a case: put it among the hub's gold questions."""
    wording, service, files = matter.wording(form.wording), matter.service, matter.files
    if wording is None or service is None or not service.renderings(form.case):
        return _page(matter, refused="no-case")
    question = GoldQuestion(" ".join(wording.text.split()), wording.language, (form.case,))
    try:
        add_gold(files.gold, question, files.other_gold)
    except KnownQuestionError:
        return _page(matter, refused="known-question")
    except (GoldError, OSError) as error:
        return _page(matter, refused="file", reason=str(error))
    store.record(by, Change.GOLD_ADDED, f"{form.case} ({wording.language})")
    return matter.back("gold")


@router.post("/questions/groups/{key}/term")
def make_term(
    store: CurrentStore, by: ByEditor, matter: CurrentMatter, form: Annotated[TermForm, Form()]
) -> Response:
    """Add a term to the hub's glossary, or what people write for one."""
    if not (form.term and form.language and form.variant):
        return _page(matter, refused="empty")
    own, others = matter.files.glossary, [BUNDLED_GLOSSARY]
    try:
        if form.new:
            add_term(own, Term(form.term, {form.language: (form.variant,)}), others)
        else:
            add_variant(own, form.term, form.language, form.variant, others)
    except KnownVariantError:
        return _page(matter, refused="known-variant")
    except (GlossaryError, OSError) as error:
        return _page(matter, refused="file", reason=str(error))
    change = Change.TERM_ADDED if form.new else Change.VARIANT_ADDED
    store.record(by, change, f"{form.term} ({form.language})")
    return matter.back("term")


def _page(
    matter: Matter, *, done: str | None = None, refused: str | None = None, reason: str = ""
) -> Response:
    """The page of a group.

    Args:
        matter: The group.
        done: What has just been done, if anything.
        refused: Why it was not done, if it was not.
        reason: The same as a sentence of the file's own.
    """
    try:
        terms = load_glossary([BUNDLED_GLOSSARY, matter.files.glossary])
    except GlossaryError as error:
        terms, refused, reason = (), refused or "file", reason or str(error)
    return desk_page(
        "desk/question_group.html",
        matter.visit,
        matter.person,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        group=matter.group,
        narrowing=matter.narrowing,
        find=matter.find,
        cases=_cases(matter),
        terms=terms,
        languages=INTERFACE_LANGUAGES,
        answering=cases_to_name(matter.group.sent, matter.service),
        done=done,
        refused=refused,
        reason=reason,
        limit=LONGEST_NOTE,
    )


def _cases(matter: Matter) -> list[CaseStudy]:
    """The cases to choose from: those whose title has the words, else the nearest ones."""
    service, language = matter.service, matter.visit.language
    if service is None:
        return []
    wanted = normalise(matter.find).split()
    if wanted:
        ids = [
            case.id
            for case in service.generation.library_cases
            if all(word in normalise(case.title) for word in wanted)
        ]
        most = _FOUND
    else:
        ids, most = _nearest(service, matter.group.wordings[0]), _SUGGESTED
    shown = (rendering_for(service.renderings(found), language) for found in dict.fromkeys(ids))
    return [case for case in shown if case][:most]


def _nearest(service: Service, wording: Wording) -> list[str]:
    try:
        question = read_question(wording.text, language=wording.language)
    except QuestionError:
        return []
    return [hit.shown.case.id for hit in service.search(question).hits]


def _wording(group: Group, key: str) -> Wording | None:
    return next((each for each in group.wordings if each.key == key), None)
