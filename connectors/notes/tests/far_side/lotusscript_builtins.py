"""Functions of LotusScript that the far side's scripts use, and stand-ins for its objects."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a date-time of LotusScript has no zone)


def text(value: Any) -> str:
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "" if value is None else str(value)


def concat(a: Any, b: Any) -> str:
    return joined([text(a), text(b)])


def like(value: str, pattern: str) -> bool:
    return (
        re.fullmatch(re.escape(pattern).replace(r"\#", "[0-9]").replace("#", "[0-9]"), value)
        is not None
    )


def units(value: str) -> list[str]:
    """Characters as LotusScript counts them: UTF-16 units."""
    raw = value.encode("utf-16-le", "surrogatepass")
    return [raw[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(raw), 2)]


def joined(found: list[str]) -> str:
    raw = "".join(found).encode("utf-16-le", "surrogatepass")
    return raw.decode("utf-16-le", "surrogatepass")


def unit(code: int) -> str:
    return joined([code.to_bytes(2, "little").decode("utf-16-le", "surrogatepass")])


def code_of(value: str) -> int:
    return int.from_bytes(units(value)[0].encode("utf-16-le", "surrogatepass"), "little")


def kind_of(value: Any) -> int:
    return 8 if isinstance(value, str) else 7 if isinstance(value, datetime) else 5


def last_of(value: Any) -> int:
    return len(value if isinstance(value, list) else value.values) - 1


def mid(value: str, start: int, length: int | None = None) -> str:
    found = units(value)[start - 1 :]
    return joined(found if length is None else found[:length])


def instr(*given: Any) -> int:
    start, value, wanted = given if len(given) == 3 else (1, *given)
    return str(value).find(wanted, int(start) - 1) + 1


def days(value: Any) -> float:
    if isinstance(value, datetime):
        return (value - EPOCH) / timedelta(days=1)
    return float(value)


def moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    found = EPOCH + timedelta(days=float(value))
    return (found + timedelta(microseconds=500_000)).replace(microsecond=0)


def shown(value: Any, pattern: str) -> str:
    if isinstance(value, datetime):
        return value.strftime({"yyyy": "%Y", "mm": "%m", "dd": "%d"}[pattern])
    whole = f"{value:.15f}".rstrip("0")
    return whole if "." in whole else f"{whole}."


def between(value: str, sign: str, *, right: bool) -> str:
    before, found, after = value.partition(sign)
    return (after if right else before) if found else ""


BUILTINS: dict[str, Callable[..., Any]] = {
    "asc": lambda value: ord(value[0]),
    "cbool": bool,
    "cdat": moment,
    "cdbl": days,
    "chr": lambda code: chr(code),
    "cint": lambda value: round(float(value)),
    "clng": lambda value: round(float(value)),
    "cstr": text,
    "datenumber": lambda year, month, day: days(datetime(year, month, day)),  # noqa: DTZ001
    "format": shown,
    "hex": lambda value: f"{value:X}",
    "hour": lambda value: value.hour,
    "instr": instr,
    "int": lambda value: float(value // 1) if isinstance(value, float) else value,
    "isarray": lambda value: isinstance(value, list) or hasattr(value, "values"),
    "isdate": lambda value: isinstance(value, datetime),
    "isnumeric": lambda value: (
        isinstance(value, int | float) or re.fullmatch(r"-?\d+(\.\d+)?", text(value)) is not None
    ),
    "lbound": lambda value: 0,
    "lcase": lambda value: value.lower(),
    "left": lambda value, count: mid(value, 1, int(count)),
    "len": lambda value: len(units(value)),
    "mid": mid,
    "minute": lambda value: value.minute,
    "nothing": lambda: None,
    "now": lambda: datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(hours=1),
    "replace": lambda value, old, new: value.replace(old, new),
    "right": lambda value, count: joined(units(value)[-int(count) :] if count else []),
    "rnd": lambda: 0.5,
    "second": lambda value: value.second,
    "split": lambda value, sign: value.split(sign),
    "strcompare": lambda a, b, how: (a > b) - (a < b),
    "strleft": lambda value, sign: between(value, sign, right=False),
    "strright": lambda value, sign: between(value, sign, right=True),
    "timenumber": lambda hour, minute, second: (hour * 3600 + minute * 60 + second) / 86400,
    "trim": lambda value: value.strip(" "),
    "false": lambda: False,
    "true": lambda: True,
    "typename": lambda value: type(value).__name__.upper(),
    "ubound": last_of,
    "ucase": lambda value: value.upper(),
    "uchr": unit,
    "uni": code_of,
    "val": lambda value: float(value),
    "vartype": kind_of,
}


class NotesDateTime:
    """Local time one hour before UTC, as in a winter of Berlin."""

    def __init__(self, value: str = "") -> None:
        self.lslocaltime: Any = None
        self._any_time = False

    def setanytime(self) -> None:
        self._any_time = True

    @property
    def lsgmttime(self) -> datetime:
        return moment(self.lslocaltime) - timedelta(hours=1)

    @property
    def timeonly(self) -> str:
        return "" if self._any_time else "x"

    @property
    def dateonly(self) -> str:
        return "x"


class NotesItem:
    def __init__(self, name: str, kind: int, values: list[Any]) -> None:
        self.name, self.type, self.values = name, kind, values

    def getvaluedatetimearray(self) -> list[Any]:
        return self.values


class NotesDocument:
    """Items by name, first come first."""

    def __init__(self, *items: NotesItem) -> None:
        self.items = list(items)
        self.universalid = "A" * 32

    def _item(self, name: str) -> NotesItem | None:
        return next((one for one in self.items if one.name.lower() == name.lower()), None)

    def hasitem(self, name: str) -> bool:
        return self._item(name) is not None

    def getitemvalue(self, name: str) -> list[Any]:
        item = self._item(name)
        return item.values if item is not None and item.values else [""]
