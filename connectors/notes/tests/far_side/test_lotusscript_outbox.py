"""The outbox of the LotusScript variant, run over stand-ins of the Domino classes it calls."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.notes.tests.far_side.lotusscript_builtins import (
    BUILTINS,
    NotesDateTime,
    NotesDocument,
    NotesItem,
)
from connectors.notes.tests.far_side.lotusscript_runner import Machine
from connectors.notes.tests.far_side.lotusscript_values import Array
from connectors.notes.tests.far_side.test_outbox import connection
from connectors.notes.triggers import read_hook

SCRIPTS = Path(__file__).parents[2] / "far_side" / "lotusscript"


class Stored(NotesDocument):
    def __init__(self, **items: Any) -> None:
        super().__init__(*(NotesItem(name, 1280, [one]) for name, one in items.items()))
        self.universalid = "A1B2" * 8
        self.noteid = "8F6"
        self.isnewnote = False
        self.isvalid, self.isdeleted = True, False
        self.lastmodified = BUILTINS["now"]()
        self.saved = 0

    def replaceitemvalue(self, name: str, value: Any) -> NotesItem:
        self.items = [one for one in self.items if one.name != name]
        values = value.values if isinstance(value, Array) else [value]
        self.items.append(NotesItem(name, 1280, list(values)))
        return self.items[-1]

    def save(self, force: bool, response: bool) -> bool:
        self.saved += 1
        return True

    def value(self, name: str) -> Any:
        return self.getitemvalue(name)[0]


class View:
    """The outbox: what the database made, in that order."""

    autoupdate = True

    def __init__(self, documents: list[Stored]) -> None:
        self.documents = documents

    def refresh(self) -> None:
        return

    def getdocumentbykey(self, key: str, exact: bool) -> Stored | None:
        of_it = [one for one in self.documents if one.value("Unid") == key]
        return of_it[-1] if of_it else None


class Database:
    server, filepath, replicaid = "CN=Mail1/O=Acme", "sales\\fulfil.nsf", "802579AB:00112233"

    def __init__(self) -> None:
        self.made: list[Stored] = []

    def createdocument(self) -> Stored:
        self.made.append(Stored())
        return self.made[-1]


class Session:
    """Answers in order; an exception stands for a network that is away."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.posted: list[tuple[dict[str, str], str, str]] = []

    def createhttprequest(self) -> "Session":
        self.headers: dict[str, str] = {}
        return self

    def setheaderfield(self, name: str, value: str) -> None:
        self.headers[name] = value

    def post(self, address: str, body: str) -> str:
        self.posted.append((self.headers, address, body))
        self.responsecode = self.answers.pop(0)
        return ""


@pytest.fixture
def script() -> Machine:
    machine = Machine([SCRIPTS / "causeway.lss"], {"notesdatetime": NotesDateTime})
    database = Database()
    machine.globals |= {
        "session": Session(),
        "database": database,
        "configuration": Stored(
            Address="https://c.example/hook", Secret="shared", WatchedForms="Order Record|OrderNo|"
        ),
        "told": View(database.made),
        "replica": "802579AB00112233",
    }
    return machine


def order(**items: Any) -> Stored:
    return Stored(Form="Order Record", OrderNo="SO-1", Status="New", **items)


def test_a_save_becomes_an_entry_that_the_connector_reads(script: Machine) -> None:
    script.call("Saved", order(), "agent")
    [entry] = script.globals["database"].made
    assert (entry.value("State"), entry.value("Attempts"), entry.saved) == ("new", 0, 1)
    body = json.loads(entry.value("Body"))
    [event] = read_hook(connection(), body)
    assert (event.change, event.business_key) == ("created", "SO-1")
    assert body["database"] == "sales/fulfil.nsf"
    assert entry.value("EventId") == body["event_id"]


def test_echoes_other_forms_conflicts_and_what_was_told_make_none(script: Machine) -> None:
    script.call("Saved", Stored(Form="Memo"), "agent")
    script.call("Saved", order(**{"$Conflict": ""}), "agent")
    script.call("Saved", order(), "form")
    script.call("Saved", order(), "agent")
    made = script.globals["database"].made
    assert len(made) == 1
    script.call("Saved", order(SyncHash=made[0].value("Hash")), "agent")
    assert len(made) == 1
    assert (script.globals["echoes"], script.globals["alreadytold"]) == (1, 1)


def test_old_documents_are_no_news_for_the_agent(script: Machine) -> None:
    script.globals["configuration"].replaceitemvalue("Since", BUILTINS["now"]())
    old = order()
    old.lastmodified -= timedelta(days=1)
    script.call("Saved", old, "agent")
    assert script.globals["database"].made == []
    script.call("Saved", old, "form")
    assert len(script.globals["database"].made) == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("HTTP/1.1 202 Accepted", "sent"),
        ("409", "sent"),
        ("HTTP/1.1 401 Unauthorized", "dead"),
        ("HTTP/1.1 429 Too Many Requests", "retry"),
        ("HTTP/1.1 503 Service Unavailable", "retry"),
    ],
)
def test_an_answer_decides_over_an_entry(script: Machine, answer: str, state: str) -> None:
    script.call("Saved", order(), "agent")
    [entry] = script.globals["database"].made
    body = entry.value("Body")
    script.globals["session"].answers = [answer]
    script.call("SendOne", entry, 10)
    assert entry.value("State") == state
    [(headers, address, sent)] = script.globals["session"].posted
    assert (address, sent) == ("https://c.example/hook", body)
    assert headers["x-causeway-secret"] == "shared"
    assert headers["webhook-id"] == entry.value("EventId")
    if state == "retry":
        wait = entry.value("Due") - BUILTINS["now"]()
        assert timedelta(seconds=50) < wait < timedelta(seconds=85)
    else:
        assert script.globals["failures"] == 0


def test_a_deletion_is_about_an_unsaved_time_and_no_hash(script: Machine) -> None:
    script.call("Going", order())
    [entry] = script.globals["database"].made
    body = json.loads(entry.value("Body"))
    assert (body["kind"], body["hash"], entry.value("Kind")) == ("deleted", "", "deleted")
    assert entry.value("Due") > BUILTINS["now"]() + timedelta(seconds=3)
    assert isinstance(entry.value("Captured"), datetime)
