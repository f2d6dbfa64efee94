"""The resources of the webservice as a table: fields, formats, links and associations."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DECIMALS = {"dec2": 2, "dec3": 3, "dec6": 6}
ZERO_TIME = "0000-00-00 00:00:00"
ZERO_DAY = "0000-00-00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field; see the head of resources.toml for what the parts mean."""

    name: str
    kind: str = "str"
    link: str = ""
    required: bool = False
    readonly: bool = False
    told_readonly: bool = False  # the synopsis says so; before 9 it is taken all the same
    dynamic: bool = False
    nullable: bool = False
    default: str = ""
    max_size: int = 0
    format: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind in {"int", "bool"} or self.kind in DECIMALS

    def empty(self) -> Any:
        """The value of this field in a row that was written without it."""
        if self.default:
            return int(self.default) if self.kind == "int" else self.default
        if self.nullable:
            return None
        if self.kind in DECIMALS:
            return f"{0:.{DECIMALS[self.kind]}f}"
        return {"int": 0, "bool": "0", "time": ZERO_TIME, "day": ZERO_DAY}.get(self.kind, "")


ID = Field(name="id", kind="int")


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    name: str
    node: str
    api: str
    virtual: bool
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    name: str
    node: str
    fields: tuple[Field, ...]
    associations: tuple[Association, ...]
    by_name: Mapping[str, Field] = field(repr=False)

    @property
    def class_name(self) -> str:
        """PrestaShop's PHP class, as its validation messages name it: OrderCarrier."""
        return "".join(part.capitalize() for part in self.node.split("_"))

    def association(self, name: str) -> Association | None:
        return next((one for one in self.associations if one.name == name), None)


def _field(line: str, *, old: bool) -> Field | None:
    """None for a field of the other version. `old` is 8.2 and what came before."""
    name, kind, *marks = line.split()
    known: dict[str, Any] = {}
    for mark in marks:
        if mark in {"until9", "since9"}:
            if old is (mark == "since9"):
                return None
        elif mark.startswith("@"):
            known["link"] = mark[1:]
        elif mark.startswith("is"):
            known["format"] = mark
        else:
            word, _, value = mark.partition("=")
            if word.endswith("9") and old:
                known |= {"told_readonly": True} if word == "readonly9" else {}
                continue
            known |= _mark(word.removesuffix("9"), value)
    return Field(name=name, kind=kind, **known)


def _mark(word: str, value: str) -> dict[str, Any]:
    if word == "max":
        return {"max_size": int(value)}
    if word == "default":
        return {"default": value}
    if word == "readonly":
        return {"readonly": True, "told_readonly": True}
    return {"nullable" if word == "null" else word: True}


def _fields(text: str, *, old: bool) -> tuple[Field, ...]:
    lines = (_field(line, old=old) for line in text.splitlines() if line.strip())
    return tuple(one for one in lines if one is not None)


def load(path: Path, *, old: bool = False) -> dict[str, Resource]:
    resources: dict[str, Resource] = {}
    for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        fields = (ID, *_fields(table["fields"], old=old))
        resources[name] = Resource(
            name=name,
            node=table["node"],
            fields=fields,
            associations=tuple(
                Association(
                    name=key,
                    node=one["node"],
                    api=one.get("api", ""),
                    virtual=one.get("virtual", False),
                    fields=_fields(one.get("fields", "id int"), old=old),
                )
                for key, one in table.get("associations", {}).items()
            ),
            by_name={one.name: one for one in fields},
        )
    return resources


_TABLE = Path(__file__).with_name("resources.toml")
RESOURCES = load(_TABLE)
OLD_RESOURCES = load(_TABLE, old=True)
