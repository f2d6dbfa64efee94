"""What a resource says of itself: `?schema=synopsis` (recordings 052, 069, 141, 158)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sdk.errors import ContractError

_IDS = frozenset({"isUnsignedId", "isNullOrUnsignedId"})
_WHOLE = frozenset({"isInt", "isUnsignedInt"})
_FRACTIONS = frozenset({"isPrice", "isFloat", "isUnsignedFloat", "isNegativePrice", "isPercentage"})
_TIMES = frozenset({"isDate", "isDateFormat", "isDateOrNull"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SynopsisField:
    """One field. `format` is the shop's validator ("isPrice"), "" where it has none.

    `refused` fields are answered with code 93; `read_only` also holds those that 8.2 and older
    only call so. `computed` ones cannot be filtered.
    """

    name: str
    format: str = ""
    required: bool = False
    read_only: bool = False
    refused: bool = False
    computed: bool = False
    translated: bool = False
    max_size: int = 0

    @property
    def kind(self) -> str:
        """id, int, flag, money, time, lang or text, as in nouns.toml."""
        if self.translated:
            return "lang"
        for kind, formats in (("id", _IDS), ("int", _WHOLE), ("money", _FRACTIONS)):
            if self.format in formats:
                return kind
        if self.format in _TIMES:
            return "time"
        if self.format == "isBool":
            return "flag"
        return "id" if self.name.startswith("id_") and not self.format else "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Synopsis:
    """A resource: the element of one record, its fields, and its associations (the element and
    the field names of a member)."""

    node: str
    fields: Mapping[str, SynopsisField]
    associations: Mapping[str, tuple[str, tuple[str, ...]]]

    @property
    def refused(self) -> frozenset[str]:
        return frozenset(one.name for one in self.fields.values() if one.refused)


def read_synopsis(root: Any, *, resource: str) -> Synopsis:
    """Raises `ContractError` for a document that describes no record."""
    record = next(iter(root), None)
    if record is None or record.tag == "errors":
        raise ContractError(
            f"The shop does not describe {resource}.",
            code="no_synopsis",
            detail={"expected": "an element that describes a record", "received": root.tag},
        )
    fields = {one.tag: _field(one) for one in record if one.tag != "associations"}
    groups = record.find("associations")
    associations = {}
    for group in groups if groups is not None else ():
        member = next(iter(group), None)
        names = tuple(one.tag for one in member) if member is not None else ()
        node = group.get("nodeType") or (member.tag if member is not None else "")
        associations[group.tag] = (str(node), names)
    return Synopsis(node=record.tag, fields=fields, associations=associations)


def _field(element: Any) -> SynopsisField:
    size = element.get("maxSize", "")
    refused = element.get("read_only") == "true"
    return SynopsisField(
        name=element.tag,
        format=element.get("format", ""),
        required=element.get("required") == "true",
        read_only=refused or element.get("readOnly") == "true",
        refused=refused,
        computed=element.get("notFilterable") == "true",
        translated=element.find("language") is not None,
        max_size=int(size) if size.isdigit() else 0,
    )
