"""The world file: server, users, databases with their forms, views, agent and documents."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.notes.twin.values import Kind
from connectors.notes.twin.ways import Endpoint, Rest, read_endpoint, read_rest

LEVELS = ("none", "depositor", "reader", "author", "editor", "designer", "manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """`username` and `password` log in over the web; `name` is the canonical Notes name."""

    username: str
    password: str = field(repr=False)
    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    name: str
    kind: Kind
    multi: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """An input validation formula: `rule` is required, number or contains (`text`)."""

    item: str
    rule: str
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSave:
    """What the form does when a person saves it in the Notes client (its QuerySave event, which
    never runs for the data service [D]): stamp a date item and write a line into a list when
    `when_changed` got a new value."""

    when_changed: str
    stamp: str
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    name: str
    fields: Mapping[str, FormField]
    validations: tuple[Validation, ...] = ()
    client_save: tuple[ClientSave, ...] = ()

    def field_named(self, name: str) -> FormField | None:
        return self.fields.get(name.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`item` is the item shown; "@modified" and "@form" are formula columns over system
    values. `sorted` is asc, desc or empty."""

    name: str
    title: str
    item: str
    sorted: str = ""
    category: bool = False
    hidden: bool = False
    resort: bool = False
    width: int = 10

    @property
    def is_field(self) -> bool:
        return not self.item.startswith("@") and self.name.lower() == self.item.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`forms` is the selection formula (empty: SELECT @All); `api` is the property "Allow
    Domino Data Service operations"."""

    name: str
    alias: str
    unid: str
    columns: tuple[Column, ...]
    forms: tuple[str, ...] = ()
    api: bool = True
    folder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Configuration of the event agent: which forms it watches, over which items it computes
    the hash (None: all) and which item holds the key that people use."""

    name: str
    forms: Mapping[str, tuple[str, ...] | None]
    key_items: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """`api_level`: 0 off, 1 views only, 2 views and documents. `acl` maps names and groups to
    levels, "-Default-" included; `may_delete` names who may delete documents. `full_text`: it has
    an index; `called`: agents that clients may run, each with the items that it sets."""

    path: str
    title: str
    replica_id: str
    template: str
    listed: bool
    api_level: int
    acl: Mapping[str, str]
    may_delete: frozenset[str]
    forms: Mapping[str, Form]
    views: tuple[View, ...]
    agent: Agent | None
    full_text: bool
    called: Mapping[str, Mapping[str, Any]]
    documents: Sequence[Mapping[str, Any]]
    endpoint: Endpoint | None = None

    def form(self, name: str) -> Form | None:
        return self.forms.get(name.lower())

    def view_named(self, name: str) -> View | None:
        wanted = name.lower()
        return next(
            (one for one in self.views if wanted in {one.name.lower(), one.alias.lower()}), None
        )

    def view_by_unid(self, unid: str) -> View | None:
        return next((one for one in self.views if one.unid == unid.upper()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`auth` is session, basic or both (session with a rule that lets Basic through for the
    API). `data_service` is the first of the three locks; `later`: 9.0.1 FP9 or newer, with
    attachments, agents and scores."""

    name: str
    host: str
    zone: ZoneInfo
    day_first: bool
    auth: str
    data_service: bool
    methods: frozenset[str]
    max_view_entries: int
    session_minutes: int
    client_user: str
    later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    name: str
    server: Server
    users: tuple[User, ...]
    databases: Mapping[str, Database]
    rest: Rest

    def database(self, path: str) -> Database | None:
        """By file path, any case [D]."""
        return self.databases.get(path.lower())


def load_world(path: Path) -> World:
    """Read a world file. Raises `OSError`, `ValueError` or `KeyError` when it is broken."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    databases = [_database(one) for one in raw["databases"]]
    return World(
        name=raw["world"],
        server=_server(raw["server"]),
        users=tuple(
            User(
                username=one["username"],
                password=one["password"],
                name=one["name"],
                groups=tuple(one.get("groups", ())),
            )
            for one in raw["users"]
        ),
        databases={one.path.lower(): one for one in databases},
        rest=read_rest(raw.get("rest"), [one.path for one in databases]),
    )


def _server(raw: Mapping[str, Any]) -> Server:
    return Server(
        name=raw["name"],
        host=raw.get("host", ""),
        zone=ZoneInfo(raw["zone"]),
        day_first=raw.get("day_first", True),
        auth=raw.get("auth", "session"),
        data_service=raw.get("data_service", True),
        methods=frozenset(raw.get("methods", ("GET", "HEAD", "POST", "OPTIONS", "TRACE"))),
        max_view_entries=raw.get("max_view_entries", 100),
        session_minutes=raw.get("session_minutes", 30),
        client_user=raw.get("client_user", ""),
        later=raw.get("later", True),
    )


def _database(raw: Mapping[str, Any]) -> Database:
    for level in raw["acl"].values():
        if level not in LEVELS:
            raise ValueError(f"unknown ACL level {level!r}")
    agent = raw.get("agent")
    return Database(
        path=raw["path"],
        title=raw["title"],
        replica_id=raw["replica_id"],
        template=raw.get("template", ""),
        listed=raw.get("listed", True),
        api_level=raw.get("api_level", 2),
        acl=raw["acl"],
        may_delete=frozenset(raw.get("may_delete", ())),
        forms={one["name"].lower(): _form(one) for one in raw["forms"]},
        views=tuple(_view(one) for one in raw["views"]),
        agent=agent
        and Agent(
            name=agent["name"],
            forms={
                form.lower(): None if items is None else tuple(items)
                for form, items in agent["forms"].items()
            },
            key_items={form.lower(): item for form, item in agent.get("key_items", {}).items()},
        ),
        full_text=raw.get("full_text", False),
        called=raw.get("called", {}),
        documents=raw.get("documents", ()),
        endpoint=read_endpoint(raw.get("endpoint")),
    )


def _form(raw: Mapping[str, Any]) -> Form:
    fields = [
        FormField(
            name=one["name"],
            kind=Kind(one["type"]),
            multi=one.get("multi", False),
            default=one.get("default"),
        )
        for one in raw["fields"]
    ]
    return Form(
        name=raw["name"],
        fields={one.name.lower(): one for one in fields},
        validations=tuple(Validation(**one) for one in raw.get("validations", ())),
        client_save=tuple(ClientSave(**one) for one in raw.get("client_save", ())),
    )


def _view(raw: Mapping[str, Any]) -> View:
    return View(
        name=raw["name"],
        alias=raw.get("alias", ""),
        unid=raw["unid"],
        columns=tuple(Column(**one) for one in raw["columns"]),
        forms=tuple(raw.get("forms", ())),
        api=raw.get("api", True),
        folder=raw.get("folder", False),
    )
