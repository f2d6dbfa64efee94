"""A LotusScript file in the parts that a design note keeps: options, declarations, procedures."""

from collections.abc import Mapping

from connectors.notes.far_side.linter.lines import read
from connectors.notes.far_side.linter.tree import build


def events(script: str) -> Mapping[str, str]:
    """Part by event, in order: what Designer exports as `code event=...` (seen in On-Disk
    Projects). A comment above a procedure goes with it. Joined, the parts are the script."""
    lines = script.splitlines(keepends=True)
    tree, _ = build(read(script)[0])
    found = {"options": "", "declarations": ""}
    rest = 0
    for one in tree.procedures:
        if one.owner:
            continue
        start = one.line - 1
        while start > rest and _is_remark(lines[start - 1]):
            start -= 1
        _module(found, lines[rest:start])
        found[one.name] = "".join(lines[start : one.last])
        rest = one.last
    _module(found, lines[rest:])
    return {name: text for name, text in found.items() if text.strip()}


def _module(found: dict[str, str], lines: list[str]) -> None:
    """Lines outside of procedures: up to the last Option or Use they are options."""
    last = max(
        (at for at, line in enumerate(lines) if line.lower().startswith(("option ", "use "))),
        default=-1,
    )
    found["options"] += "".join(lines[: last + 1])
    found["declarations"] += "".join(lines[last + 1 :])


def _is_remark(line: str) -> bool:
    return line.lstrip().startswith("'")
