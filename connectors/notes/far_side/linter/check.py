"""Names, labels, Set and the members of Notes classes, over the blocks of a script."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from connectors.notes.far_side.linter.lines import NUMBER, SIGN, WORD, Line, Problem, Token, read
from connectors.notes.far_side.linter.scope import Scope, declared, in_statement
from connectors.notes.far_side.linter.tree import Procedure, Script, build

HERE = Path(__file__).parent
_MODULE = frozenset(
    {"option", "dim", "public", "private", "const", "declare", "use", "uselsx", "type"}
)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@cache
def language() -> Mapping[str, frozenset[str]]:
    found = json.loads((HERE / "names.json").read_text())
    return {name: frozenset(value) for name, value in found.items() if isinstance(value, list)}


@cache
def notes_classes() -> Mapping[str, Mapping[str, str]]:
    """Class and member in lower case, to the class that the member returns ("" for a value)."""
    found: dict[str, Any] = json.loads((HERE / "notes_api.json").read_text())["classes"]
    return {
        name.lower(): {one.lower(): of.lower() for one, of in each["members"].items()}
        for name, each in found.items()
    }


@cache
def notes_constants() -> frozenset[str]:
    found = json.loads((HERE / "notes_api.json").read_text())["constants"]["names"]
    return frozenset(one.lower() for one in found)


def check_file(path: Path) -> list[Finding]:
    """Findings in a file, by line. A library that it uses is looked for beside it."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [Finding(path.name, 1, "the file is not UTF-8")]
    libraries = {one.stem.lower(): one for one in path.parent.glob("*.lss")}
    return check_text(text, name=path.name, libraries=libraries)


def check_text(
    text: str, *, name: str = "script", libraries: Mapping[str, Path] | None = None
) -> list[Finding]:
    lines, problems = read(text)
    script, more = build(lines)
    check = _Check(script, libraries or {})
    check.all()
    found = [*problems, *more, *check.problems]
    return sorted({Finding(name, one.line, one.message) for one in found})


class _Check:
    def __init__(self, script: Script, libraries: Mapping[str, Path]) -> None:
        self.script = script
        self.problems: list[Problem] = []
        self.scope = Scope()
        self._add(script, own=True)
        self._use(libraries)

    def say(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))

    # what there is

    def _add(self, script: Script, *, own: bool) -> None:
        for line in script.module:
            for name, kind in declared(line):
                if own and name in language()["keywords"]:
                    self.say(line.line, f"{name} is a word of the language, no name")
                self.scope.variables[name] = kind
                if line.words(1) == ("const",) or line.words(2)[1:] == ("const",):
                    self.scope.constants.add(name)
        for one in script.procedures:
            table = self.scope.members.setdefault(one.owner, {}) if one.owner else None
            if own and one.name in language()["keywords"] and one.name not in {"new", "delete"}:
                self.say(one.line, f"{one.name} is a word of the language, no name")
            if table is not None:
                table[one.name] = one.returns
                self.scope.methods[one.owner, one.name] = one
            else:
                if own and one.name in self.scope.procedures and one.kind != "property":
                    self.say(one.line, f"there are two procedures {one.name}")
                self.scope.procedures[one.name] = one
        for owner, lines in script.members.items():
            table = self.scope.members.setdefault(owner, {})
            for line in lines:
                table.update(declared(line, member=True))
        for owner, lines in script.types.items():
            table = self.scope.members.setdefault(owner, {})
            for line in lines:
                table.update(declared(line, member=True))
        self.scope.parents.update(script.parents)

    def _use(self, libraries: Mapping[str, Path]) -> None:
        for line in self.script.module:
            if line.words(1) != ("use",):
                continue
            named = line.tokens[-1].text[1:]
            path = libraries.get(named.lower())
            if path is None:
                self.say(line.line, f"the library {named} is not beside this file")
                continue
            lines, _ = read(path.read_text(encoding="utf-8-sig"))
            self._add(build(lines)[0], own=False)

    # the rules

    def all(self) -> None:
        options = {line.words(2) for line in self.script.module}
        if not options & {("option", "declare"), ("option", "explicit")}:
            self.say(1, "Option Declare is missing")
        for line in self.script.module:
            if line.tokens[0].lower not in _MODULE:
                self.say(line.line, "this statement stands outside of a procedure")
            self._types(line)
        for owner, lines in self.script.members.items():
            for line in lines:
                for name, _ in declared(line, member=True):
                    if name in self.scope.constants:
                        self.say(line.line, f"{owner}.{name} hides the constant of this name")
        for one in self.script.procedures:
            self._procedure(one)

    def _types(self, line: Line) -> None:
        """Behind As (and As New) stands a type that there is."""
        tokens = line.tokens
        for at, token in enumerate(tokens):
            if token.lower != "as" or token.kind != WORD:
                continue
            at += 2 if tokens[at + 1 : at + 2] and tokens[at + 1].lower == "new" else 1
            kind = tokens[at].lower if at < len(tokens) else ""
            known = (
                kind in language()["types"] or kind in notes_classes() or kind in self.scope.members
            )
            if not known:
                self.say(line.line, f"there is no type {kind or 'behind As'}")

    def _procedure(self, one: Procedure) -> None:
        scope = self.scope.inside(one)
        for name in scope.local:
            if name in language()["keywords"]:
                self.say(one.line, f"{name} is a word of the language, no name")
            # LotusScript ignores case: a local `fault` takes the place of FAULT.
            if name in scope.constants and name != one.name:
                self.say(one.line, f"{name} hides the constant of this name")
        for parameter in one.parameters:
            if parameter.type and not self._is_type(parameter.type):
                self.say(one.line, f"there is no type {parameter.type}")
        self._labels(one)
        for line in one.lines:
            if _is_label(line):
                continue
            self._types(line)
            self._statement(line, scope)
            for at, token in in_statement(line):
                self._name(line, at, token, scope)

    def _is_type(self, kind: str) -> bool:
        return kind in language()["types"] or kind in notes_classes() or kind in self.scope.members

    def _labels(self, one: Procedure) -> None:
        labels: dict[str, int] = {}
        for line in one.lines:
            if _is_label(line):
                name = line.tokens[0].lower
                if name in labels:
                    self.say(line.line, f"there are two labels {name}")
                labels[name] = line.line
        for line in one.lines:
            words = [token.lower for token in line.tokens]
            for at, word in enumerate(words[:-1]):
                target = line.tokens[at + 1]
                jump = word in {"goto", "gosub"} or (word == "resume" and target.lower != "next")
                if jump and target.kind != NUMBER and target.lower not in labels:
                    self.say(line.line, f"there is no label {target.lower} in this procedure")

    def _statement(self, line: Line, scope: Scope) -> None:
        first = line.tokens[0]
        if first.kind != WORD:
            if first.text != ".":
                self.say(line.line, "no statement begins so")
            return
        simple = len(line.tokens) > 2 and line.tokens[1].text == "=" and first.kind == WORD
        kind = scope.type_of(first.name)
        if simple and first.name in notes_constants() and not scope.knows(first.name):
            self.say(line.line, f"{first.name} is not declared")
        if simple and kind and self._is_object(kind):
            self.say(line.line, f"Set is missing: {first.name} is an object")
        if first.lower == "set" and len(line.tokens) > 2 and line.tokens[2].text == "=":
            kind = scope.type_of(line.tokens[1].name)
            if kind in language()["types"] - {"variant", "any"}:
                self.say(line.line, f"Set is for objects: {line.tokens[1].name} is none")
        if first.lower in {"sub", "function", "class"}:
            self.say(line.line, "a declaration inside of a procedure")

    def _is_object(self, kind: str) -> bool:
        return kind in notes_classes() or (
            kind in self.scope.members and kind not in self.script.types
        )

    def _name(self, line: Line, at: int, token: Token, scope: Scope) -> None:
        name = token.name
        known = scope.knows(name) or name in notes_classes() or name in notes_constants()
        if not known and name not in language()["keywords"]:
            self.say(token.line, f"{name} is not declared")
            return
        if not scope.is_variable(name) or scope.is_result(name):
            self._arguments(line, at, scope.procedure(name))
        self._chain(line, at, scope)

    def _arguments(self, line: Line, at: int, procedure: Procedure | None) -> None:
        following = line.tokens[at + 1 : at + 2]
        if procedure is None or not following or following[0].text != "(":
            return
        given = _count(line.tokens, at + 1)
        if given != len(procedure.parameters):
            self.say(
                line.tokens[at].line,
                f"{procedure.name} takes {len(procedure.parameters)} arguments, not {given}",
            )

    def _chain(self, line: Line, at: int, scope: Scope) -> None:
        """Members behind a name whose class is known, as far as classes are known."""
        kind = scope.type_of(line.tokens[at].name)
        at = _behind(line.tokens, at)
        while kind and at + 1 < len(line.tokens) and line.tokens[at].text == ".":
            member = line.tokens[at + 1]
            members = notes_classes().get(kind)
            if members is None:
                members = self.scope.all_members(kind)
            if members is None:
                return
            if member.name not in members:
                self.say(member.line, f"{kind} has no member {member.name}")
                return
            self._arguments(line, at + 1, self.scope.methods.get((kind, member.name)))
            kind = members[member.name]
            at = _behind(line.tokens, at + 1)


def _is_label(line: Line) -> bool:
    return len(line.tokens) == 2 and line.tokens[1].text == ":" and line.tokens[1].kind == SIGN


def _behind(tokens: list[Token], at: int) -> int:
    """The place behind a name and its arguments."""
    at += 1
    if at < len(tokens) and tokens[at].text == "(":
        depth = 0
        while at < len(tokens):
            depth += {"(": 1, ")": -1}.get(tokens[at].text, 0) * (tokens[at].kind == SIGN)
            at += 1
            if depth == 0:
                break
    return at


def _count(tokens: list[Token], at: int) -> int:
    """Arguments in the parentheses that open at `at`."""
    end = _behind(tokens, at - 1) - 1
    if end == at + 1:
        return 0
    depth, count = 0, 1
    for token in tokens[at:end]:
        if token.kind == SIGN and token.text in "()":
            depth += 1 if token.text == "(" else -1
        elif token.kind == SIGN and token.text == "," and depth == 1:
            count += 1
    return count
