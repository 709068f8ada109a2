"""Kills whoever writes what people and staff leave behind, and examines what is found of it.

Run by test_write_kills.py in a process of its own, for the trials are forks and want a parent that
has one thread: `python tests/write_kills.py KIND TRIALS SEED FOLDER`. A child writes on and on, and
tells of each write that is done; some moment after one of them it is killed. Then another child
opens what is left as if nothing had happened: it must hold all writes that were told of, the one
that was under way as a whole or not at all, and nothing else. The findings are written as one JSON
document.
"""

import gc
import json
import os
import shutil
import signal
import sqlite3
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, ClassVar

from corpus.glossary import Term, load_glossary
from corpus.glossary_file import add_term, add_variant
from corpus.gold import GoldQuestion, load_gold
from corpus.gold_file import add_gold
from corpus.ingest import clear_leftovers
from server.contributions.practice import Consents, Draft, Practice
from server.contributions.store import Contribution
from server.mail.letter import About, Letter
from server.peers.store import Asker, IntroductionState, Step, Words
from server.rebuild_run import FILE, Run, read_run, write_run
from server.store import STORE, Store
from server.store_briefings import Edit, NewQuotation
from server.store_conversations import Turn
from server.store_inbox import NewProblem, ProblemKind
from server.store_limits import Bound
from server.store_records import By, Change
from server.store_reports import FeedbackKind, LoggedQuestion, NewFeedback
from server.store_staff import INVITED_FOR, Person, Role
from server.upload_spool import SPOOL, Spool

NOW = datetime(2026, 3, 5, 14, 25, 36, tzinfo=UTC)
TODAY, LONG_AGO = NOW.date(), date(2020, 1, 1)
BADR = By("Badr", NOW)
HAND = "# Kept by Amal.\n\n"
DAY = 24 * 3600.0  # seconds
TOLD = struct.Struct("d")

World = dict[str, list[Any]]
"""What is to be found, by what it is; in no order."""

_TABLES = {
    "conversations": "SELECT created_on FROM conversations",
    "turns": "SELECT number, question FROM turns",
    "questions": "SELECT text, day FROM questions",
    "feedback": "SELECT question, reason, day FROM feedback",
    "problems": "SELECT note, closed_with FROM problems",
    "inbox": "SELECT question, closed_with FROM inbox",
    "visits": "SELECT until FROM visits",
    "briefings": "SELECT title, introduction, version FROM briefings",
    "quotations": "SELECT passage_id, place, remark FROM quotations",
    "staff": "SELECT name, role, password FROM staff",
    "invitations": "SELECT name, until FROM invitations JOIN staff ON staff.id = person",
    "sessions": "SELECT name, began, used FROM sessions JOIN staff ON staff.id = person",
    "records": "SELECT number, who, what, about FROM records",
    "letters": "SELECT about, state, text, tries, reason FROM letters",
    "contributions": "SELECT state, version, turn, name, reason, case_id FROM contributions",
    "messages": "SELECT number, from_hub, text FROM contribution_messages",
    "introductions": "SELECT case_id, state, note, name, wish FROM introductions",
}


@dataclass
class Writing:
    """One kind of write, in a folder of its own.

    Attributes:
        home: The folder.
    """

    home: Path
    turns: ClassVar[int] = 1  # after so many writes they begin again, with other texts

    def begin(self) -> None:
        """Put down what is there before the first write."""

    def write(self, number: int) -> None:
        """Do the next write."""
        raise NotImplementedError

    def change(self, world: World, number: int) -> None:
        """Do to a description of the world what the write is to do to the world."""
        raise NotImplementedError

    def found(self) -> World:
        """What is there, opened as by whoever comes next."""
        raise NotImplementedError

    def leavings(self, done: int) -> Iterator[str]:
        """What is there that should not be; `done` writes were told of."""
        raise NotImplementedError


class Files(Writing):
    """Writes to a file that is replaced as a whole."""

    names: ClassVar[set[str]]

    def leavings(self, done: int) -> Iterator[str]:  # noqa: ARG002
        clear_leftovers(self.home)
        yield from (path.name for path in self.home.iterdir() if path.name not in self.names)


class Gold(Files):
    """A gold question is added to those of the hub."""

    names: ClassVar = {"gold.toml", ".gold.toml.lock"}

    @property
    def path(self) -> Path:
        return self.home / "gold.toml"

    def begin(self) -> None:
        self.path.write_text(HAND, "utf-8")
        add_gold(self.path, GoldQuestion("Who mends the wells?", "en", ()))

    def write(self, number: int) -> None:
        add_gold(self.path, GoldQuestion(f"Who mends well {number}?", "en", ("hill-orchards",)))

    def change(self, world: World, number: int) -> None:
        world["gold"].append((f"Who mends well {number}?", ("hill-orchards",)))

    def found(self) -> World:
        assert self.path.read_text("utf-8").startswith(HAND)
        return {"gold": [(question.text, question.cases) for question in load_gold(self.path)]}


class Glossary(Files):
    """A term, or what people write for one, is added to the hub's glossary."""

    names: ClassVar = {"glossary.toml", ".glossary.toml.lock", "bundled.toml"}
    turns = 4
    bundled: ClassVar = [Term(f"given-{number}", {"en": (f"g{number}",)}) for number in range(50)]

    @property
    def path(self) -> Path:
        return self.home / "glossary.toml"

    @property
    def others(self) -> list[Path]:
        return [self.home / "bundled.toml"]

    def begin(self) -> None:
        self.path.write_text(HAND, "utf-8")
        for term in self.bundled:
            add_term(*self.others, term)
        (self.home / ".bundled.toml.lock").unlink()

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        own = f"own-{cycle}"
        if turn == 0:
            add_term(self.path, Term(own, {"en": (f"zanth {cycle}",)}), self.others)
        elif turn == 1:
            add_variant(self.path, own, "en", f"zanths {cycle}", self.others)
        elif turn == 2:
            add_variant(self.path, own, "ar", f"زنث {cycle}", self.others)
        else:
            taken_over = self.bundled[cycle].id
            add_variant(self.path, taken_over, "fr", f"zanthe {cycle}", self.others)

    def change(self, world: World, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        own = f"own-{cycle}"
        if turn == 0:
            world[own] = [("en", f"zanth {cycle}")]
        elif turn == 1:
            world[own].append(("en", f"zanths {cycle}"))
        elif turn == 2:
            world[own].append(("ar", f"زنث {cycle}"))
        else:
            term = self.bundled[cycle]
            world[term.id] = [*_variants(term), ("fr", f"zanthe {cycle}")]

    def found(self) -> World:
        assert self.path.read_text("utf-8").startswith(HAND)
        return {term.id: _variants(term) for term in load_glossary([self.path])}


def _variants(term: Term) -> list[tuple[str, str]]:
    return [(language, each) for language, all_ in term.variants.items() for each in all_]


class Rebuilding(Files):
    """A rebuild tells how far it is."""

    names: ClassVar = {FILE}

    def write(self, number: int) -> None:
        write_run(self.home, Run(NOW, "Badr", done=number, step="encode" * (number % 99)))

    def change(self, world: World, number: int) -> None:
        world["run"] = [(number, "encode" * (number % 99))]

    def found(self) -> World:
        run = read_run(self.home)
        assert run or not (self.home / FILE).exists(), "half a word"
        return {"run": [(run.done, run.step)]} if run else {}


class Uploads(Writing):
    """Files are uploaded, described, and thrown away again."""

    turns = 5
    _tokens: dict[str, str]

    @property
    def spool(self) -> Spool:
        return Spool(self.home)

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        self._tokens = self._tokens if number else {}
        if turn in (0, 2):
            name = f"{'ab'[turn // 2]}{cycle}.pdf"
            self._tokens[name] = self.spool.take(BytesIO(self._content(name)), name)
            return
        waiting = self.spool.find(self._tokens[f"{'b' if turn == 4 else 'a'}{cycle}.pdf"])
        assert waiting
        if turn == 3:
            self.spool.drop(waiting)
        else:
            self.spool.say(waiting, {"title": f"A report {number}"})

    def change(self, world: World, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        uploads = world["uploads"]
        if turn in (0, 2):
            name = f"{'ab'[turn // 2]}{cycle}.pdf"
            uploads.append((name, sha256(self._content(name)).hexdigest(), None))
            return
        name = f"{'b' if turn == 4 else 'a'}{cycle}.pdf"
        (own,) = (each for each in uploads if each[0] == name)
        uploads.remove(own)
        if turn != 3:
            uploads.append((*own[:2], f"A report {number}"))

    def found(self) -> World:
        self.spool.collect(time.time())  # as the server does that starts
        waiting = [self.spool.find(folder.name) for folder in (self.home / SPOOL).glob("*")]
        return {
            "uploads": [
                (
                    each.path.name,
                    sha256(each.path.read_bytes()).hexdigest(),
                    each.said.get("title"),
                )
                for each in waiting
                if each
            ]
        }

    def leavings(self, done: int) -> Iterator[str]:  # noqa: ARG002
        self.spool.collect(time.time() + 2 * DAY)
        yield from (path.name for path in (self.home / SPOOL).glob("*"))
        yield from (path.name for path in self.home.iterdir() if path.name != SPOOL)

    @staticmethod
    def _content(name: str) -> bytes:
        return name.encode() * 100_000


class Stored(Writing):
    """Writes to the store."""

    @cached_property
    def store(self) -> Store:
        return Store(self.home / STORE)

    @property
    def folder(self) -> Path:
        return self.home

    def begin(self) -> None:
        with Store(self.home / STORE):
            pass

    def found(self) -> World:
        return everything(self.home / STORE)

    def leavings(self, done: int) -> Iterator[str]:
        """What was deleted, in the files, and strange files beside them."""
        yield from self._traces(self.deleted(done))
        if under_way := [text for text in self.deleted(done + 1) if not self._is_kept(text)]:
            self.store.forget(LONG_AGO)
            yield from self._traces(under_way)
        self.store.close()
        yield from (path.name for path in self.home.iterdir() if path.name != STORE)

    def deleted(self, done: int) -> list[str]:  # noqa: ARG002
        """What was deleted by so many writes, and must leave no trace."""
        return []

    def _is_kept(self, text: str) -> bool:
        """Whether a text was not deleted after all."""
        queries = (
            "SELECT question FROM turns",
            "SELECT title FROM briefings",
            "SELECT text FROM letters",
            "SELECT name FROM contributions",
            "SELECT name FROM introductions",
        )
        with self.store._reading() as connection:
            return any((text,) in connection.execute(query).fetchall() for query in queries)

    def _traces(self, texts: list[str]) -> Iterator[str]:
        files = [self.home / STORE, self.home / f"{STORE}-wal"]
        content = b"".join(path.read_bytes() for path in files if path.exists())
        yield from (f"a trace of {text!r}" for text in texts if text.encode() in content)


def everything(path: Path) -> World:
    """What a store holds, but for what is random; and whether it is sound."""
    with Store(path):
        pass
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        return {name: database.execute(query).fetchall() for name, query in _TABLES.items()}


def recorded(world: World, what: Change, about: str, who: str = BADR.who) -> None:
    last = max((row[0] for row in world["records"]), default=0)
    world["records"].append((last + 1, who, what, about))


def replaced(rows: list[Any], old: tuple[Any, ...], *new: tuple[Any, ...]) -> None:
    rows.remove(old)
    rows.extend(new)


class NewStore(Writing):
    """A store is made, and something is recorded in it."""

    def write(self, number: int) -> None:
        with Store(self.home / str(number) / STORE) as store:
            store.record(BADR, Change.CASE_SAVED, f"case {number}")

    def change(self, world: World, number: int) -> None:
        world["records"].append((number, (1, BADR.who, Change.CASE_SAVED, f"case {number}")))

    def found(self) -> World:
        return {
            "records": [
                (int(folder.name), record)
                for folder in self.home.iterdir()
                for record in everything(folder / STORE)["records"]
            ]
        }

    def leavings(self, done: int) -> Iterator[str]:  # noqa: ARG002
        for path in self.home.glob("*/*"):
            if path.name != STORE or path.stat().st_mode & 0o77:
                yield f"{path} {path.stat().st_mode:o}"


class Records(Stored):
    """A change is recorded that is kept elsewhere."""

    def write(self, number: int) -> None:
        self.store.record(BADR, Change.CASE_SAVED, f"case {number}")

    def change(self, world: World, number: int) -> None:
        recorded(world, Change.CASE_SAVED, f"case {number}")


class Reports(Stored):
    """Feedback is given, and questions are logged."""

    turns = 2

    def write(self, number: int) -> None:
        if number % self.turns:
            self.store.log_question(LoggedQuestion(TODAY, "en", f"q{number}", True, None, None))
        else:
            self.store.add_feedback(feedback_of(number, TODAY))

    def change(self, world: World, number: int) -> None:
        if number % self.turns:
            world["questions"].append((f"q{number}", TODAY.isoformat()))
        else:
            world["feedback"].append((f"q{number}", "why", TODAY.isoformat()))


def feedback_of(number: int, day: date) -> NewFeedback:
    return NewFeedback(FeedbackKind.ANSWER, True, "why", f"q{number}", None, None, "1", day)


class Inbox(Stored):
    """Problems and questions come in, and staff close them."""

    turns = 4
    _problem: str
    _sent: str

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        if turn == 0:
            problem = NewProblem("p", "wells", ProblemKind.RISK, f"note {cycle}", "1", TODAY)
            self._problem = self.store.add_problem(problem)
        elif turn == 1:
            self._sent = self.store.send_to_hub(f"q{cycle}", "en", TODAY, None)
        elif turn == 2:
            self.store.close_problem(self._problem, f"done {cycle}", BADR)
        else:
            self.store.close_sent(self._sent, f"sent {cycle}", BADR)

    def change(self, world: World, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        if turn == 0:
            world["problems"].append((f"note {cycle}", None))
        elif turn == 1:
            world["inbox"].append((f"q{cycle}", None))
        elif turn == 2:
            new = (f"note {cycle}", f"done {cycle}")
            replaced(world["problems"], (f"note {cycle}", None), new)
            recorded(world, Change.PROBLEM_CLOSED, f"wells: done {cycle}")
        else:
            replaced(world["inbox"], (f"q{cycle}", None), (f"q{cycle}", f"sent {cycle}"))
            recorded(world, Change.QUESTION_CLOSED, f"{TODAY}: sent {cycle}")


class Conversations(Stored):
    """Conversations are begun, continued and deleted."""

    turns = 6
    _id: str

    def write(self, number: int) -> None:
        turn = number % self.turns
        if turn in (0, 4):
            self._id = self.store.new_conversation(TODAY)
        elif turn == 3:
            self.store.delete_conversation(self._id)
        else:
            cases = ("wells",)
            asked = Turn(self._text(number), "en", False, "{}", "{}", True, cases, "1", TODAY)
            self.store.add_turn(self._id, asked)

    def change(self, world: World, number: int) -> None:
        turn = number % self.turns
        if turn in (0, 4):
            world["conversations"].append((TODAY.isoformat(),))
        elif turn == 3:
            world["conversations"].remove((TODAY.isoformat(),))
            world["turns"].remove((1, self._text(number - 2)))
            world["turns"].remove((2, self._text(number - 1)))
        else:
            world["turns"].append(({2: 2}.get(turn, 1), self._text(number)))

    def deleted(self, done: int) -> list[str]:
        return [self._text(number) for number in deleted_before(done, self.turns, 3, (1, 2))]

    @staticmethod
    def _text(number: int) -> str:
        return f"Who paid for Zanth {number} in the end?"


def deleted_before(done: int, turns: int, deletes: int, which: tuple[int, ...]) -> list[int]:
    """Numbers of the writes whose texts were deleted, at the turn of each cycle that does so."""
    cycles = (done + turns - deletes - 1) // turns
    return [cycle * turns + turn for cycle in range(cycles) for turn in which]


class Briefings(Stored):
    """Briefings are made, changed and deleted."""

    turns = 7
    _id: str

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        if turn in (0, 6):
            self._id = self.store.new_briefing(
                "en", [_quotation(0)], title=self._title(cycle, turn), day=TODAY
            )
        elif turn in (1, 2):
            self.store.add_quotation(self._id, _quotation(turn))
        elif turn == 5:
            self.store.delete_briefing(self._id)
        else:
            self._edit(cycle, turn)

    def _edit(self, cycle: int, turn: int) -> None:
        before = self.store.briefing(self._id)
        ids = [each.id for each in before.quotations]
        self.store.edit_briefing(
            self._id,
            Edit(
                before.version,
                self._title(cycle, turn),
                f"Introduction {turn}",
                "en",
                dict.fromkeys(ids, f"remark {turn}"),
                tuple(reversed(ids)) if turn == 3 else tuple(ids[1:]),
            ),
            TODAY,
        )

    def change(self, world: World, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        briefings, quotations = world["briefings"], world["quotations"]
        begun = self._title(cycle, 0)
        if turn in (0, 6):
            briefings.append((self._title(cycle, turn), "", 1))
            quotations.append(("p0", 0, ""))
        elif turn in (1, 2):
            replaced(briefings, (begun, "", turn), (begun, "", turn + 1))
            quotations.append((f"p{turn}", turn, ""))
        elif turn == 3:
            new = (self._title(cycle, 3), "Introduction 3", 4)
            replaced(briefings, (begun, "", 3), new)
            for place in range(3):
                new = (f"p{place}", 2 - place, "remark 3")
                replaced(quotations, (f"p{place}", place, ""), new)
        elif turn == 4:
            new = (self._title(cycle, 4), "Introduction 4", 5)
            replaced(briefings, (self._title(cycle, 3), "Introduction 3", 4), new)
            for place in range(3):
                left = None if place == 2 else 1 - place
                new = (f"p{place}", left, "remark 4")
                replaced(quotations, (f"p{place}", 2 - place, "remark 3"), new)
        else:
            briefings.remove((self._title(cycle, 4), "Introduction 4", 5))
            for place in range(3):
                quotations.remove((f"p{place}", None if place == 2 else 1 - place, "remark 4"))

    def deleted(self, done: int) -> list[str]:
        numbers = deleted_before(done, self.turns, 5, (0, 3, 4))
        return [self._title(*divmod(number, self.turns)) for number in numbers]

    @staticmethod
    def _title(cycle: int, turn: int) -> str:
        return f"A briefing on Zanth {cycle}, version {turn} of it"


def _quotation(number: int) -> NewQuotation:
    return NewQuotation(f"p{number}", "wells", "en", "Some words.", ("What",), None, "", TODAY)


class Staff(Stored):
    """Staff are invited, set passwords, change roles, and leave."""

    turns = 6
    _token: str

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        name = f"Amal {cycle}"
        if turn == 0:
            self._token = self.store.add_staff(name, Role.EDITOR, BADR).token
        elif turn == 1:
            self.store.set_password(self._token, f"hash {cycle}", NOW)
        elif turn == 2:
            self.store.change_role(name, Role.ADMINISTRATOR, BADR)
        elif turn == 3:
            self.store.reset_staff(name, BADR)
        elif turn == 4:
            self.store.remove_staff(name, BADR)
        else:
            self.store.add_staff(f"Hind {cycle}", Role.EDITOR, BADR)

    def change(self, world: World, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        name = f"Amal {cycle}"
        invitation = (name, int((NOW + INVITED_FOR).timestamp()))
        staff, invitations = world["staff"], world["invitations"]
        editor, administrator = Role.EDITOR, Role.ADMINISTRATOR
        if turn == 0:
            staff.append((name, editor, None))
            invitations.append(invitation)
            recorded(world, Change.INVITED, f"{name}, editor")
        elif turn == 1:
            replaced(staff, (name, editor, None), (name, editor, f"hash {cycle}"))
            invitations.remove(invitation)
            recorded(world, Change.PASSWORD_SET, name, name)
        elif turn == 2:
            password = f"hash {cycle}"
            replaced(staff, (name, editor, password), (name, administrator, password))
            recorded(world, Change.ROLE_CHANGED, f"{name}, administrator")
        elif turn == 3:
            new = (name, administrator, None)
            replaced(staff, (name, administrator, f"hash {cycle}"), new)
            invitations.append(invitation)
            recorded(world, Change.RESET, name)
        elif turn == 4:
            staff.remove((name, administrator, None))
            invitations.remove(invitation)
            recorded(world, Change.STAFF_REMOVED, name)
        else:
            staff.append((f"Hind {cycle}", editor, None))
            invitations.append((f"Hind {cycle}", invitation[1]))
            recorded(world, Change.INVITED, f"Hind {cycle}, editor")


class Sessions(Stored):
    """Somebody signs in, comes again, signs in anew, and signs out."""

    turns = 4
    _token: str

    def begin(self) -> None:
        with Store(self.home / STORE) as store:
            token = store.add_staff("Amal", Role.EDITOR, BADR).token
            store.set_password(token, "hash", NOW)

    @cached_property
    def person(self) -> Person:
        found = self.store.password_of("Amal")
        assert found
        return found[0]

    def write(self, number: int) -> None:
        turn, moment = number % self.turns, self._moment(number)
        if turn == 0:
            self._token = self.store.begin_session(self.person, "hash", moment)
        elif turn == 1:
            assert self.store.signed_in(self._token, moment)
        elif turn == 2:
            self._token = self.store.begin_session(
                self.person, "hash", moment, instead_of=self._token
            )
        else:
            self.store.end_session(self._token, moment)

    def change(self, world: World, number: int) -> None:
        turn = number % self.turns
        now, sessions = int(self._moment(number).timestamp()), world["sessions"]
        if turn == 0:
            sessions.append(("Amal", now, now))
        elif turn == 1:
            replaced(sessions, ("Amal", now - 100, now - 100), ("Amal", now - 100, now))
        elif turn == 2:
            replaced(sessions, ("Amal", now - 200, now - 100), ("Amal", now, now))
        else:
            sessions.remove(("Amal", now - 100, now - 100))
        if turn in (0, 2):
            recorded(world, Change.SIGNED_IN, "", "Amal")
        elif turn == 3:
            recorded(world, Change.SIGNED_OUT, "", "Amal")

    @staticmethod
    def _moment(number: int) -> datetime:
        return NOW + number * timedelta(seconds=100)


class Limits(Stored):
    """Visits are counted, and tries that fail or succeed."""

    turns = 5
    _shut_for: ClassVar = 10**6

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        bounds = (Bound(f"one {cycle}", 2, cleared=True), Bound(f"two {cycle}", 2, cleared=False))
        if turn == 0:
            self.store.allow("ask", 10**6, self._shut_for, number)
        elif turn == 1:
            self.store.allow("ask", 10**6, 1, number)
        elif turn == 4:
            self.store.succeed(bounds)
        else:
            assert self.store.take_try(bounds, self._shut_for, number)

    def change(self, world: World, number: int) -> None:
        turn, visits = number % self.turns, world["visits"]
        if turn != 4:
            visits[:] = [visit for visit in visits if visit[0] > number]
        until = (float(number + self._shut_for),)
        if turn == 0:
            visits.append(until)
        elif turn == 1:
            visits.append((float(number + 1),))
        elif turn == 2:
            visits += [until] * 2
        elif turn == 3:
            visits += [until] * 4
        else:
            before = (until[0] - 1,)
            visits[:] = [visit for visit in visits if visit != before]
            visits.remove((until[0] - 2,))


class Forgetting(Stored):
    """What is too old is forgotten, all at once."""

    turns = 5
    _before: ClassVar = date(2021, 1, 1)

    def write(self, number: int) -> None:
        turn = number % self.turns
        if turn == 0:
            self.store.add_feedback(feedback_of(number, LONG_AGO))
        elif turn == 1:
            asked = LoggedQuestion(LONG_AGO, "en", f"q{number}", False, None, None)
            self.store.log_question(asked)
        elif turn == 2:
            self.store.new_briefing("en", [_quotation(0)], title=f"b{number}", day=LONG_AGO)
        elif turn == 3:
            self.store.forget(self._before, NOW)
        else:
            self.store.record(BADR, Change.CASE_SAVED, f"case {number}")

    def change(self, world: World, number: int) -> None:
        turn, day = number % self.turns, LONG_AGO.isoformat()
        if turn == 0:
            world["feedback"].append((f"q{number}", "why", day))
        elif turn == 1:
            world["questions"].append((f"q{number}", day))
        elif turn == 2:
            world["briefings"].append((f"b{number}", "", 1))
            world["quotations"].append(("p0", 0, ""))
        elif turn == 3:
            for name in ("feedback", "questions", "briefings", "quotations"):
                world[name].clear()
        else:
            recorded(world, Change.CASE_SAVED, f"case {number}")


class Letters(Stored):
    """Letters are written, handed over, put off, given up, sent again and thrown away."""

    turns = 10

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        if turn in (0, 1):
            text = self._text(cycle, turn)
            letter = Letter("amal@example.org", "A test", text, "en", About.TEST)
            self.store.queue(letter, BADR, Change.TEST_LETTER)
            return
        texts = {each.text: each.id for each in self.store.letters()}
        one, other = (texts.get(self._text(cycle, which), "") for which in (0, 1))
        if turn in (2, 4):
            assert self.store.hand_over(one)
        elif turn == 3:
            self.store.put_off(one, NOW, "busy later")
        elif turn == 5:
            self.store.handed_over(one)
        elif turn == 6:
            self.store.fail(other, "refused no")
        elif turn == 7:
            self.store.send_again(other, BADR)
        elif turn == 8:
            assert self.store.hand_over(other)
            self.store.leave_unsure()
        else:
            self.store.throw_away(other, BADR)

    def change(self, world: World, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        letters = world["letters"]
        one, other = (self._text(cycle, which) for which in (0, 1))
        about = f"test, {TODAY}"
        # Whoever comes after the sender's end finds what was being handed over unsure.
        if turn in (0, 1):
            letters.append(("test", "waiting", (one, other)[turn], 0, ""))
            recorded(world, Change.TEST_LETTER, "")
        elif turn == 2:
            replaced(letters, ("test", "waiting", one, 0, ""),
                     ("test", "unsure", one, 0, ""))  # fmt: skip
        elif turn == 3:
            replaced(letters, ("test", "unsure", one, 0, ""),
                     ("test", "waiting", one, 1, "busy later"))  # fmt: skip
        elif turn == 4:
            replaced(letters, ("test", "waiting", one, 1, "busy later"),
                     ("test", "unsure", one, 1, "busy later"))  # fmt: skip
        elif turn == 5:
            replaced(letters, ("test", "unsure", one, 1, "busy later"),
                     ("test", "sent", None, None, None))  # fmt: skip
        elif turn == 6:
            replaced(letters, ("test", "waiting", other, 0, ""),
                     ("test", "failed", other, 1, "refused no"))  # fmt: skip
        elif turn == 7:
            replaced(letters, ("test", "failed", other, 1, "refused no"),
                     ("test", "waiting", other, 0, ""))  # fmt: skip
            recorded(world, Change.LETTER_SENT_AGAIN, about)
        elif turn == 8:
            replaced(letters, ("test", "waiting", other, 0, ""),
                     ("test", "unsure", other, 0, ""))  # fmt: skip
        else:
            replaced(letters, ("test", "unsure", other, 0, ""),
                     ("test", "thrown-away", None, None, None))  # fmt: skip
            recorded(world, Change.LETTER_THROWN_AWAY, about)

    def found(self) -> World:
        self.store.leave_unsure()  # as whoever sends letters does that starts
        return super().found()

    def deleted(self, done: int) -> list[str]:
        numbers = deleted_before(done, self.turns, 9, (0, 1))
        return [self._text(*divmod(number, self.turns)) for number in numbers]

    @staticmethod
    def _text(cycle: int, which: int) -> str:
        return f"A letter on Zanth {cycle}, number {which} of it"


class Contributions(Stored):
    """Practices are begun, sent in, asked about, accepted, declined and withdrawn."""

    turns = 12
    _key: str

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        letter = Letter("hind@example.org", "News", "Look here.", "en", About.CONTRIBUTION)
        if turn in (0, 7, 10):
            self._key = self.store.begin_contribution("en", "", TODAY)
        elif turn in (1, 2, 4, 8):
            self._keep(cycle, turn)
        elif turn == 3:
            own_id, seen = self._seen()
            self.store.ask_contributor(own_id, seen, f"Which wells of {cycle}?", letter, BADR)
        elif turn == 5:
            case = (f"wells-{cycle}", "en")
            self.store.accept_contribution(*self._seen(), case, letter, BADR, save=lambda: None)
        elif turn == 6:
            self.store.take_consent_back(self._key, introductions=True, listing=False, day=TODAY)
        elif turn == 9:
            self.store.decline_contribution(*self._seen(), f"No wells {cycle}", letter, BADR)
        else:
            self.store.withdraw_contribution(self._key)

    def _keep(self, cycle: int, turn: int) -> None:
        answer = f"All of {cycle}." if turn == 4 else ""
        agreed = Consents(publication=True, introductions=True, listing=True)
        practice = Practice(title=f"Wells {turn}", language="en")
        name = self._name(cycle, turn)
        draft = Draft(practice, name, "hind@example.org", agreed, answer)
        version = self._kept.version
        self.store.keep_contribution(self._key, version, draft, TODAY, send=turn != 1)

    @property
    def _kept(self) -> Contribution:
        return self.store.contribution(self._key, TODAY)

    def _seen(self) -> tuple[str, int]:
        return self._kept.id, self._kept.turn

    def change(self, world: World, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        contributions, name = world["contributions"], self._name(cycle, turn)
        begun, case = ("draft", 1, 1, "", "", None), f"wells-{cycle}"
        states: dict[int, tuple[Any, ...]] = {
            0: begun,
            1: ("draft", 2, 1, name, "", None),
            2: ("sent", 3, 2, name, "", None),
            3: ("asked", 4, 3, name, "", None),
            4: ("sent", 5, 4, name, "", None),
            5: ("accepted", 6, 5, name, "", case),
            6: ("accepted", 7, 6, "", "", case),
            7: begun,
            8: ("sent", 2, 2, self._name(cycle, 8), "", None),
            9: ("declined", 3, 3, "", f"No wells {cycle}", None),
            10: begun,
        }
        if turn not in (0, 7, 10):
            contributions.remove(states[turn - 1])
        if turn in states:
            contributions.append(states[turn])
        about = {
            3: (Change.CONTRIBUTION_ASKED, ""),
            5: (Change.CONTRIBUTION_ACCEPTED, case),
            9: (Change.CONTRIBUTION_DECLINED, ""),
        }
        if turn in about:
            recorded(world, *about[turn])
            world["letters"].append(("contribution", "waiting", "Look here.", 0, ""))
        if turn == 3:
            world["messages"].append((1, 1, f"Which wells of {cycle}?"))
        elif turn == 4:
            world["messages"].append((2, 0, f"All of {cycle}."))

    def found(self) -> World:
        found = super().found()
        records = found["records"]  # each is about an id that chance gave, and a case
        found["records"] = [(*row[:3], row[3].partition(": ")[2]) for row in records]
        return found

    def deleted(self, done: int) -> list[str]:
        names = ((turn, deleted_before(done, self.turns, turn, (turn,))) for turn in (6, 9))
        return [self._name(number // self.turns, turn) for turn, numbers in names
                for number in numbers]  # fmt: skip

    @staticmethod
    def _name(cycle: int, turn: int) -> str:
        return f"Hind of Zanth {cycle}, number {turn // 8} of them"


class Introductions(Stored):
    """Introductions are asked for, gone on with, closed and withdrawn."""

    turns = 6
    _key: str

    def write(self, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        state = IntroductionState
        if turn in (0, 3):
            asker = Asker("To learn.", self._name(cycle, turn), "A town", "", "hind@example.org")
            self._key = self.store.ask_for_introduction("wells", asker, "en", TODAY)
        elif turn in (1, 4):
            words = Words("We wrote", f"See /introductions/{self._key}, of {cycle}.")
            self._go_on(Step(state.WRITTEN, f"Written {cycle}", closes=False), words)
        elif turn == 2:
            self._go_on(Step(state.INTRODUCED, f"Done {cycle}", closes=True), None)
        else:
            self.store.withdraw_introduction(self._key)

    def _go_on(self, step: Step, words: Words | None) -> None:
        own_id = self.store.introduction_of(self._key).id
        self.store.go_on_with_introduction(own_id, step, words, BADR)

    def change(self, world: World, number: int) -> None:
        cycle, turn = divmod(number, self.turns)
        introductions, letters = world["introductions"], world["letters"]
        name, about = self._name(cycle, turn), f"{TODAY}, wells: "
        begun = ("wells", "waiting", "", name, "To learn.")
        written = ("wells", "written", f"Written {cycle}", name, "To learn.")
        letter = ("introduction", "waiting", f"of {cycle}.", 0, "")
        if turn in (0, 3):
            introductions.append(begun)
        elif turn in (1, 4):
            replaced(introductions, begun, written)
            letters.append(letter)
            recorded(world, Change.INTRODUCTION_MARKED, f"{about}written")
        elif turn == 2:
            replaced(introductions, written, ("wells", "introduced", f"Done {cycle}", None, None))
            recorded(world, Change.INTRODUCTION_CLOSED, f"{about}introduced")
        else:
            introductions.remove(written)
            letters.remove(letter)

    def found(self) -> World:
        found = super().found()
        letters = found["letters"]  # each names a key that chance gave
        found["letters"] = [(*row[:2], row[2].partition(", ")[2], *row[3:]) for row in letters]
        return found

    def deleted(self, done: int) -> list[str]:
        names = ((turn, deleted_before(done, self.turns, turn, (turn,))) for turn in (2, 5))
        return [self._name(number // self.turns, turn) for turn, numbers in names
                for number in numbers]  # fmt: skip

    @staticmethod
    def _name(cycle: int, turn: int) -> str:
        return f"Hind of Zanth {cycle}, number {turn // 3} of them"


KINDS: dict[str, type[Writing]] = {
    kind.__name__: kind
    for kind in (
        Gold, Glossary, Rebuilding, Uploads, NewStore, Records, Reports, Inbox, Conversations,
        Briefings, Staff, Sessions, Limits, Forgetting, Letters, Contributions, Introductions,
    )
}  # fmt: skip


def in_a_child(act: Callable[[int], None], *, before_it_ends: Callable[[int, int], None]) -> bytes:
    """Do something in a child, and read all that it tells."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _be_the_child(act, writing)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as told:
        before_it_ends(child, reading)
        rest = told.readall()
    os.waitpid(child, 0)
    return rest


def _be_the_child(act: Callable[[int], None], writing: int) -> None:
    try:
        gc.disable()  # it would touch, and so copy, all that the parent holds
        act(writing)
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's code
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def tell(writing: int, what: object) -> None:
    content = json.dumps(what).encode()
    while content:
        content = content[os.write(writing, content) :]


@dataclass
class Findings:
    """What the trials of a kind have shown so far.

    Attributes:
        kind: What was written.
        seed: What chance depends on.
        killed: How many were.
        told: Writes that were told of as done.
        found: Writes under way that were found as a whole.
        not_found: Writes under way of which nothing was found.
        inconsistent: What was found otherwise.
        seconds: How long it took.
    """

    kind: str
    seed: str
    killed: int = 0
    told: int = 0
    found: int = 0
    not_found: int = 0
    inconsistent: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Trials:
    """The trials of a kind.

    Args:
        kind: Name of the kind.
        seed: What chance depends on.
        folder: Where they take place; what failed trials have left stays.
    """

    def __init__(self, kind: str, seed: str, folder: Path) -> None:
        self._kind = KINDS[kind]
        self._folder = folder
        self._template = folder / "template"
        self._template.mkdir()
        self._kind(self._template).begin()
        self.findings = Findings(kind, seed)
        self._usual = self._rehearse()

    def run(self, number: int) -> None:
        """One trial."""
        random = Random(f"{self.findings.seed}/{number}")  # noqa: S311 - no secret hangs on it
        done = random.randrange(len(self._usual) + 1)
        # It is the write after those, and a bit of the one after it, that is to be hit.
        after = random.uniform(0, 1.1) * self._usual[done % len(self._usual)]
        home = self._home("hub")
        told = self._write_on(home, done, after)
        self.findings.killed += 1
        self.findings.told += told
        about = f"trial {number} of seed {self.findings.seed}, {told} writes told"
        if problems := list(self._examine(home, told)):
            self.findings.inconsistent += [f"{about}: {problem}" for problem in problems]
            home.rename(self._folder / f"trial-{number}")

    def _home(self, name: str) -> Path:
        home = self._folder / name
        shutil.rmtree(home, ignore_errors=True)
        return Path(shutil.copytree(self._template, home))

    def _rehearse(self) -> list[float]:
        """How long each turn takes; and that nothing is found otherwise where nobody dies."""
        turns = self._kind.turns
        home = self._home("rehearsal")
        writing = self._kind(home)

        def write(told: int) -> None:
            for number in range(3 * turns):
                begun = time.perf_counter()
                writing.write(number)
                os.write(told, TOLD.pack(time.perf_counter() - begun))

        told = in_a_child(write, before_it_ends=lambda _child, _reading: None)
        seconds = [each for (each,) in TOLD.iter_unpack(told)]
        assert len(seconds) == 3 * turns, "it fails without being killed"
        problems = list(self._examine(home, len(seconds)))
        assert not problems, problems
        self.findings.not_found = 0
        return [median(seconds[turn::turns]) for turn in range(turns)]

    def _write_on(self, home: Path, done: int, after: float) -> int:
        """Write until killed; return the number of writes that were told of."""
        writing = self._kind(home)
        seen = 0

        def write(told: int) -> None:
            for number in count():
                writing.write(number)
                os.write(told, b"!")

        def kill(child: int, reading: int) -> None:
            nonlocal seen
            while seen < done:
                heard = len(os.read(reading, done - seen))
                assert heard, "it ended by itself"
                seen += heard
            until = time.perf_counter() + after
            while time.perf_counter() < until:  # the system's waiting is too coarse
                pass
            os.kill(child, signal.SIGKILL)

        return len(in_a_child(write, before_it_ends=kill)) + seen

    def _examine(self, home: Path, told: int) -> Iterator[str]:
        writing = self._kind(home)
        world = deepcopy(self._first)
        for number in range(told):
            writing.change(world, number)
        further = deepcopy(world)
        writing.change(further, told)

        def examine(telling: int) -> None:
            found = writing.found()
            is_there = _same(found, further)
            problems = list(writing.leavings(told))
            if not is_there and not _same(found, world):
                problems.append(f"found {found}, and not {world} or {further}")
            tell(telling, [is_there, problems])

        answer = in_a_child(examine, before_it_ends=lambda _child, _reading: None)
        if not answer:
            yield "it cannot be opened"
            return
        is_there, problems = json.loads(answer)
        if is_there:
            self.findings.found += 1
        else:
            self.findings.not_found += 1
        yield from problems

    @cached_property
    def _first(self) -> World:
        """What is there before the first write; an empty list where nothing is of a sort."""
        found = self._kind(self._home("first")).found()
        return {"uploads": [], "records": [], **found}


def _same(one: World, other: World) -> bool:
    names: ClassVar = {name for name in (*one, *other) if one.get(name) or other.get(name)}
    return all(
        sorted(map(json.dumps, one.get(name, ()))) == sorted(map(json.dumps, other.get(name, ())))
        for name in names
    )


def main() -> None:
    """Run the trials of a kind and write down what they showed."""
    kind, trials, seed, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    gc.freeze()
    begun = time.perf_counter()
    run = Trials(kind, seed, folder)
    for number in range(trials):
        run.run(number)
    run.findings.seconds = time.perf_counter() - begun
    json.dump(asdict(run.findings), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
