"""Paths into plain JSON: `order.reference`, `doc["$Conflict"]`, `lines[0].sku`, `lines[].sku`.

`[]` stands for every element and yields a list; a second one flattens. An element that lacks the
field gives null there, so that parallel lists keep their lengths.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Each(Enum):
    """The segment `[]`."""

    EACH = "[]"


EACH: Final = Each.EACH
Segment = str | int | Each

_ROOT = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SEGMENT = re.compile(
    r"""\.(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)
      | \[(?P<each>)\]
      | \[(?P<index>-?[0-9]{1,9})\]
      | \["(?P<double>(?:[^"\\]|\\["\\])*)"\]
      | \['(?P<single>(?:[^'\\]|\\['\\])*)'\]""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
MAX_SEGMENTS = 32


class PathError(ValueError):
    """The text is not a path."""


@dataclass(frozen=True, slots=True)
class Missing:
    """There is nothing at a path; `where` says how far it went ("read_order.order.note")."""

    where: str


@dataclass(frozen=True, slots=True)
class Path:
    """A root name and the way from there."""

    root: str
    segments: tuple[Segment, ...] = ()

    def __str__(self) -> str:
        return self.root + show(self.segments)

    @property
    def is_list(self) -> bool:
        return EACH in self.segments


def show(segments: Sequence[Segment]) -> str:
    """The text of segments, without a root."""
    parts = []
    for segment in segments:
        if segment is EACH:
            parts.append("[]")
        elif isinstance(segment, int):
            parts.append(f"[{segment}]")
        elif re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", str(segment)):
            parts.append(f".{segment}")
        else:
            escaped = str(segment).replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'["{escaped}"]')
    return "".join(parts)


def parse_path(text: str) -> Path:
    """Read a path. Raises `PathError` with a sentence."""
    source = text.strip()
    root = _ROOT.match(source)
    if root is None:
        raise PathError(f"{text!r} is not a path: it has to begin with a name.")
    at = root.end()
    segments: list[Segment] = []
    while at < len(source):
        match = _SEGMENT.match(source, at)
        if match is None:
            raise PathError(f"{text!r} is not a path: it breaks off at {source[at:]!r}.")
        segments.append(_segment(match))
        at = match.end()
    if len(segments) > MAX_SEGMENTS:
        raise PathError(f"{text!r} is deeper than {MAX_SEGMENTS} levels.")
    return Path(root.group(), tuple(segments))


def _segment(match: re.Match[str]) -> Segment:
    if match["name"] is not None:
        return match["name"]
    if match["index"] is not None:
        return int(match["index"])
    if match["double"] is not None:
        return _ESCAPE.sub(r"\1", match["double"])
    if match["single"] is not None:
        return _ESCAPE.sub(r"\1", match["single"])
    return EACH


def lookup(value: Any, segments: Sequence[Segment]) -> Any:
    """What stands at `segments` below `value`, or `Missing`. Only dicts and lists are entered."""
    for at, segment in enumerate(segments):
        if segment is EACH:
            if type(value) is not list:
                return Missing(show(segments[: at + 1]))
            return _each(value, segments[at + 1 :])
        found = _step(value, segment)
        if type(found) is Missing:
            return Missing(show(segments[: at + 1]))
        value = found
    return value


_NOWHERE = Missing("")


def _step(value: Any, segment: Segment) -> Any:
    if type(value) is dict:
        return value.get(segment, _NOWHERE) if type(segment) is str else _NOWHERE
    if type(value) is list and type(segment) is int and -len(value) <= segment < len(value):
        return value[segment]
    return _NOWHERE


def _each(items: list[Any], rest: Sequence[Segment]) -> list[Any]:
    flatten = EACH in rest
    out: list[Any] = []
    for item in items:
        found = lookup(item, rest)
        if type(found) is Missing:
            if not flatten:
                out.append(None)
        elif flatten:
            out.extend(found)
        else:
            out.append(found)
    return out


def reader(path: Path) -> Callable[[Mapping[str, Any]], Any]:
    """A plain closure that reads `path` out of a scope of names; it may give `Missing`."""
    root, segments = path.root, path.segments
    if not segments:
        missing = Missing(root)
        return lambda names: names.get(root, missing)

    def read(names: Mapping[str, Any]) -> Any:
        if root not in names:
            return Missing(root)
        found = lookup(names[root], segments)
        return Missing(root + found.where) if type(found) is Missing else found

    return read
