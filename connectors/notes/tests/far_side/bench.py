"""The Java agents on a database in memory: commands to the class Bench, a line of JSON each."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.notes.far_side.builder.catalogue import elements
from connectors.notes.far_side.builder.elements import View

_TOKENS = re.compile(r'\s*("[^"]*"|@IsAvailable|\$?\w+|!=|[=&|()!])')


def rule(formula: str) -> Any:
    """A selection formula of ours as the bench takes it: and, or, item is or not, has, hasnot."""
    tokens = _TOKENS.findall(formula.removeprefix("SELECT "))

    def any_of() -> Any:
        parts = [all_of()]
        while tokens and tokens[0] == "|":
            tokens.pop(0)
            parts.append(all_of())
        return parts[0] if len(parts) == 1 else {"or": parts}

    def all_of() -> Any:
        parts = [one()]
        while tokens and tokens[0] == "&":
            tokens.pop(0)
            parts.append(one())
        return parts[0] if len(parts) == 1 else {"and": parts}

    def one() -> Any:
        token = tokens.pop(0)
        if token == "(":
            found = any_of()
            assert tokens.pop(0) == ")"
            return found
        if token == "!":
            return {"hasnot": one()["has"]}
        if token == "@IsAvailable":
            assert tokens.pop(0) == "("
            item = tokens.pop(0)
            assert tokens.pop(0) == ")"
            return {"has": item}
        sign, value = tokens.pop(0), tokens.pop(0)
        return {"item": token, {"=": "is", "!=": "not"}[sign]: value.strip('"')}

    found = any_of()
    assert not tokens, tokens
    return found


class Bench:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.console = ""

    def do(self, what: str, **about: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **about}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the bench has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        self.console = answer["console"]
        return answer["value"]

    def view(self, name: str, selection: Any, columns: Sequence[Mapping[str, Any]]) -> None:
        self.do("view", name=name, selection=selection, columns=columns)

    def document(self, items: Mapping[str, Any], **about: Any) -> dict[str, str]:
        found: dict[str, str] = self.do("document", items=items, **about)
        return found

    def agent(self, name: str, **about: Any) -> Any:
        return self.do("agent", **{"class": name, **about})

    def dump(self, form: str) -> list[dict[str, Any]]:
        """The documents of a form by note id; items as lists."""
        found: list[dict[str, Any]] = self.do("dump", form=form)
        return found

    def reset(self) -> None:
        """A new database with our views, as the design elements define them, and nothing else."""
        self.do("reset")
        for one in elements("java"):
            if isinstance(one, View):
                columns = [
                    {"item": each.item, "title": each.title, "sort": each.sort or None}
                    for each in one.columns
                ]
                self.view(one.name, rule(one.selection), columns)


@contextmanager
def bench(classes: Path) -> Iterator[Bench]:
    command = ["java", "-Xmx512m", "-Duser.timezone=Europe/Berlin", "-cp", str(classes), "Bench"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii"
    )
    try:
        yield Bench(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()
