"""What a design element of a Notes database is, as far as ours go."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`default` is a formula. A list shows one value a line."""

    name: str
    kind: Literal["text", "number", "datetime", "readers"]
    label: str
    default: str = ""
    is_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subform:
    """`script` holds procedures named after events of the form."""

    name: str
    note: str
    script: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    item: str
    title: str
    sort: Literal["", "ascending", "descending"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`data_service`: flag A of $WebFlags, "Allow Domino Data Service operations"."""

    name: str
    selection: str
    columns: tuple[Column, ...]
    data_service: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the agent manager runs it. Ours come disabled: an administrator signs and enables."""

    trigger: Literal["docupdate", "scheduled", "agentlist", "actionsmenu"]
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One of `java` (main class first, {name: source}), `script` or `formula`. Level 1 is
    "restricted" in DXL, 2 "unrestricted"."""

    name: str
    comment: str
    schedule: Schedule
    documents: Literal["modified", "all", "runonce", "selected"]
    level: Literal[1, 2] = 2
    as_web_user: bool = False
    java: tuple[tuple[str, str], ...] = ()
    script: str = ""
    formula: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    name: str
    script: str


Element = Form | Subform | View | Agent | Library
