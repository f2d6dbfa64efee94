"""Which names a statement may use, and the class behind each where it is known."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.notes.far_side.linter.lines import SIGN, WORD, Line, Token
from connectors.notes.far_side.linter.tree import MODIFIERS, Procedure

_DECLARING = frozenset({"dim", "redim", "static", "const"}) | MODIFIERS


@dataclass(slots=True)
class Scope:
    """Names in lower case. `variables` have a type, "" where it is unknown or a list."""

    variables: dict[str, str] = field(default_factory=dict)
    procedures: dict[str, Procedure] = field(default_factory=dict)
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    methods: dict[tuple[str, str], Procedure] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    local: dict[str, str] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)
    current: Procedure | None = None

    def inside(self, one: Procedure) -> "Scope":
        local = {each.name: each.type for each in one.parameters}
        for line in one.lines:
            local.update(declared(line))
        return Scope(
            variables=self.variables,
            procedures=self.procedures,
            members=self.members,
            methods=self.methods,
            parents=self.parents,
            local=local,
            constants=self.constants,
            current=one,
        )

    def all_members(self, kind: str) -> dict[str, str] | None:
        """Those of a class of the script and of its parents; None for another type."""
        if kind not in self.members:
            return None
        found: dict[str, str] = {}
        seen: set[str] = set()
        while kind in self.members and kind not in seen:
            seen.add(kind)
            found = {**self.members[kind], **found}
            kind = self.parents.get(kind, "")
        return found

    def knows(self, name: str) -> bool:
        own = self.all_members(self.current.owner) if self.current else None
        return (
            name in self.local
            or name in self.variables
            or name in self.procedures
            or name in self.members
            or (own is not None and name in own)
            or self.is_result(name)
        )

    def is_variable(self, name: str) -> bool:
        return name in self.local or name in self.variables

    def is_result(self, name: str) -> bool:
        return self.current is not None and name == self.current.name

    def procedure(self, name: str) -> Procedure | None:
        if self.current is not None and self.current.owner:
            found = self.methods.get((self.current.owner, name))
            if found is not None:
                return found
        return self.procedures.get(name)

    def type_of(self, name: str) -> str:
        if name == "me" and self.current is not None:
            return self.current.owner
        if name in self.local:
            return self.local[name]
        own = self.all_members(self.current.owner) if self.current else None
        if own is not None and name in own:
            return own[name]
        if name in self.variables:
            return self.variables[name]
        procedure = self.procedures.get(name)
        return procedure.returns if procedure is not None else ""


def declared(line: Line, *, member: bool = False) -> Iterator[tuple[str, str]]:
    """Names that a statement declares, each with its type. A ForAll gives its variable."""
    words = [one.lower for one in line.tokens]
    if not words:
        return
    if words[0] == "forall" and len(words) > 1:
        yield line.tokens[1].name, ""
        return
    start = 0
    while start < len(words) and words[start] in _DECLARING | {"preserve"}:
        start += 1
    if start == 0 and not member:
        return
    if words[start : start + 1] and words[start] in {"sub", "function", "property", "declare"}:
        return
    for part in _parts(line.tokens[start:]):
        name = part[0]
        lower = [one.lower for one in part]
        kind = ""
        if "as" in lower[:-1]:
            at = lower.index("as") + 1
            at += lower[at] == "new" and at + 1 < len(lower)
            kind = lower[at]
        is_list = "list" in lower[1:3] or (len(part) > 1 and part[1].text == "(")
        if name.kind == WORD:
            yield name.name, "" if is_list else kind


def _parts(tokens: list[Token]) -> Iterator[list[Token]]:
    depth = 0
    part: list[Token] = []
    for token in tokens:
        if token.kind == SIGN and token.text in "()":
            depth += 1 if token.text == "(" else -1
        if token.kind == SIGN and token.text == "," and depth == 0:
            if part:
                yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def in_statement(line: Line) -> Iterator[tuple[int, Token]]:
    """The names that a statement uses: not members, types, labels or what it declares alone."""
    tokens = line.tokens
    skip = -1
    for at, token in enumerate(tokens):
        if token.kind != WORD or at == skip:
            continue
        before = tokens[at - 1] if at else None
        if before is not None and before.kind == SIGN and before.text in {".", "!"}:
            continue
        if before is not None and before.lower in {"goto", "gosub", "resume", "as"}:
            continue
        if token.lower == "new" and before is not None and before.lower == "as":
            skip = at + 1
            continue
        yield at, token
