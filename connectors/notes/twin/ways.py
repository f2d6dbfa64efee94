"""The world file's part on the newer ways in: the REST API's scopes and the agent endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

Modes = Mapping[str, frozenset[str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A name that points to a database and a schema. `forms` gives each form its modes and these
    their items, all in lower case; None: every form, item and mode. `users`: whose tokens cover
    the scope (None: everybody's)."""

    name: str
    database: str
    forms: Mapping[str, Modes] | None = None
    views: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    dql: bool = True
    need_revision: bool = False
    users: frozenset[str] | None = None

    def fields(self, form: str, mode: str) -> frozenset[str] | None:
        """The items that a mode lets through; None for all. Raises `KeyError` when the schema
        has no such form or mode."""
        if self.forms is None:
            return None
        return self.forms[form.lower()][mode.lower()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The restapi task. `life` are the seconds of a token, `date` whether it sends a Date."""

    enabled: bool
    life: int
    date: bool
    scopes: Mapping[str, Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The agent endpoint of one database; without it the agent is not there. `secret` "": no
    configuration document that the user may read."""

    agent: str
    language: str
    secret: str = field(repr=False)
    allow_secret: bool = False
    hundredths: bool = True
    limits: Mapping[str, int] = field(default_factory=dict)
    without: frozenset[str] = frozenset()

    @property
    def signs(self) -> bool:
        return self.language == "java"


def read_rest(raw: Mapping[str, Any] | None, paths: list[str]) -> Rest:
    """Without a word in the world the task runs, with an open scope per database, named like its
    file."""
    given = raw or {}
    named = given.get("scopes") or [
        {"name": PurePosixPath(one).stem.lower(), "database": one} for one in paths
    ]
    return Rest(
        enabled=given.get("enabled", True),
        life=given.get("life", 7200),
        date=given.get("date", True),
        scopes={one["name"]: _scope(one) for one in named},
    )


def _scope(raw: Mapping[str, Any]) -> Scope:
    forms = raw.get("forms")
    return Scope(
        name=raw["name"],
        database=raw["database"],
        forms=None
        if forms is None
        else {
            form.lower(): {mode.lower(): _names(items) for mode, items in modes.items()}
            for form, modes in forms.items()
        },
        views=_names(raw.get("views")),
        agents=_names(raw.get("agents")),
        dql=raw.get("dql", True),
        need_revision=raw.get("need_revision", False),
        users=None if raw.get("users") is None else frozenset(raw["users"]),
    )


def _names(raw: list[str] | None) -> frozenset[str] | None:
    return None if raw is None else frozenset(one.lower() for one in raw)


_LIMITS = {
    "java": {
        "request_bytes": 4_194_304,
        "response_bytes": 8_388_608,
        "page": 500,
        "batch": 100,
        "seconds": 20,
    },
    "lotusscript": {
        "request_bytes": 65_536,
        "response_bytes": 524_288,
        "page": 200,
        "batch": 20,
        "seconds": 20,
    },
}


def read_endpoint(raw: Mapping[str, Any] | None) -> Endpoint | None:
    if raw is None:
        return None
    language = raw.get("language", "java")
    if language not in _LIMITS:
        raise ValueError(f"unknown language {language!r}")
    return Endpoint(
        agent=raw.get("agent", "causeway"),
        language=language,
        secret=raw.get("secret", ""),
        allow_secret=raw.get("allow_secret", False),
        hundredths=raw.get("hundredths", language == "java"),
        limits={**_LIMITS[language], **raw.get("limits", {})},
        without=frozenset(raw.get("without", ())),
    )
