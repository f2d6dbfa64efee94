"""Runs the LotusScript of the far side: the subset it uses, read by the linter's own parser.

Not Domino: it stands in for a compiler that no machine of ours has. Kept from the language are
what programs stumble over: And and Or evaluate both sides, Integers and Longs overflow, arrays
have bounds, members of Nothing fail, an error goes to the label in force. Errors carry a number.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.notes.far_side.linter.lines import NUMBER, SIGN, TEXT, WORD, Line, Token, read
from connectors.notes.far_side.linter.scope import declared
from connectors.notes.far_side.linter.tree import Procedure, Script, build
from connectors.notes.tests.far_side.lotusscript_builtins import BUILTINS
from connectors.notes.tests.far_side.lotusscript_values import (
    Array,
    ScriptError,
    combined,
    converted,
    indexed,
    initial,
    number,
)

_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"xor"}),
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "<>", "<", ">", "<=", ">=", "like", "is"}),
    frozenset({"&"}),
    frozenset({"+", "-"}),
    frozenset({"mod"}),
    frozenset({"\\"}),
    frozenset({"*", "/"}),
    frozenset({"^"}),
)


class _Jump(Exception):
    def __init__(self, label: str) -> None:
        self.label = label


class _Exit(Exception):
    def __init__(self, what: str) -> None:
        self.what = what


class Instance:
    """An object of a class in the script."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.members: dict[str, Any] = {}


@dataclass(slots=True)
class Frame:
    procedure: Procedure
    me: Instance | None
    values: dict[str, Any] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    handlers: dict[int, str] = field(default_factory=dict)  # by error number, 0 for all
    error: ScriptError | None = None


class Machine:
    """Loaded scripts. `objects` are values for names of classes: `New NotesDateTime` calls
    `objects["notesdatetime"]`."""

    def __init__(self, paths: Sequence[Path], objects: dict[str, Any]) -> None:
        self.objects = objects
        self.globals: dict[str, Any] = {}
        self.types: dict[str, str] = {}
        self.procedures: dict[tuple[str, str], Procedure] = {}
        self.members: dict[str, list[Line]] = {}
        self.printed: list[str] = []
        for path in paths:
            script, problems = build(read(path.read_text())[0])
            assert not problems
            self._load(script)

    def _load(self, script: Script) -> None:
        for one in script.procedures:
            self.procedures[one.owner, one.name] = one
        self.members.update(script.members)
        nowhere = Frame(Procedure("", "sub", 0), None)
        for line in script.module:
            head = line.tokens[0].lower
            if head == "const":
                name = line.tokens[1].name
                self.globals[name], _ = self._expression(line.tokens, 3, nowhere)
            elif head in {"dim", "public", "private"}:
                self._declare(line, self.globals, self.types, nowhere)

    # calls

    def call(self, name: str, *given: Any) -> Any:
        return self._run(self.procedures["", name.lower()], None, list(given))

    def new(self, kind: str, *given: Any) -> Any:
        if kind in self.objects:
            return self.objects[kind](*given)
        if kind not in self.members:
            raise ScriptError(184, f"Cannot create an object of {kind}")
        found = Instance(kind)
        frame = Frame(Procedure("", "sub", 0), found)
        for line in self.members[kind]:
            self._declare(line, found.members, frame.types, frame)
        if (kind, "new") in self.procedures:
            self._run(self.procedures[kind, "new"], found, list(given))
        return found

    def _run(self, procedure: Procedure, me: Instance | None, given: list[Any]) -> Any:
        if len(given) != len(procedure.parameters):
            raise ScriptError(5, f"{procedure.name} called with {len(given)} arguments")
        frame = Frame(procedure, me)
        for parameter, value in zip(procedure.parameters, given, strict=True):
            frame.types[parameter.name] = parameter.type
            frame.values[parameter.name] = converted(value, parameter.type)
        if procedure.kind == "function":
            frame.types[procedure.name] = procedure.returns
            frame.values[procedure.name] = initial(procedure.returns)
        labels = {
            line.tokens[0].lower: at
            for at, line in enumerate(procedure.lines)
            if len(line.tokens) == 2 and line.tokens[1].text == ":"
        }
        at = 0
        while at < len(procedure.lines):
            try:
                at = self._block(procedure.lines, at, len(procedure.lines), frame)
            except _Exit:
                break
            except _Jump as jump:
                at = labels[jump.label]
            except ScriptError as error:
                label = frame.handlers.get(error.number, frame.handlers.get(0, ""))
                if frame.error is not None or not label:
                    raise
                frame.error = error
                at = labels[label]
        return frame.values.get(procedure.name)

    # statements

    def _block(self, lines: list[Line], at: int, end: int, frame: Frame) -> int:
        while at < end:
            at = self._statement(lines, at, frame)
        return end

    def _statement(self, lines: list[Line], at: int, frame: Frame) -> int:
        line = lines[at]
        tokens = line.tokens
        head = tokens[0].lower
        if head == "if" and tokens[-1].lower == "then":
            return self._if(lines, at, frame)
        if head in {"do", "for", "forall", "select"}:
            return self._loop(lines, at, head, frame)
        self._simple(tokens, frame)
        return at + 1

    def _if(self, lines: list[Line], at: int, frame: Frame) -> int:
        parts, end = _parts(lines, at, "if")
        for begin, stop in parts:
            tokens = lines[begin].tokens
            fits = tokens[0].lower == "else"
            if not fits:
                value, _ = self._expression(tokens, 1, frame)
                fits = bool(value)
            if fits:
                self._block(lines, begin + 1, stop, frame)
                break
        return end + 1

    def _loop(self, lines: list[Line], at: int, head: str, frame: Frame) -> int:
        parts, end = _parts(lines, at, head)
        tokens = lines[at].tokens
        if head == "select":
            wanted, _ = self._expression(tokens, 2, frame)
            for begin, stop in parts[1:]:
                if self._is_case(lines[begin].tokens, wanted, frame):
                    self._block(lines, begin + 1, stop, frame)
                    break
            return end + 1
        for _ in self._rounds(tokens, head, frame):
            try:
                self._block(lines, at + 1, end, frame)
            except _Exit as left:
                if left.what != head:
                    raise
                break
        return end + 1

    def _is_case(self, tokens: list[Token], wanted: Any, frame: Frame) -> bool:
        if tokens[1].lower == "else":
            return True
        at = 1
        while at < len(tokens):
            value, at = self._expression(tokens, at, frame)
            if value == wanted:
                return True
            at += 1
        return False

    def _rounds(self, tokens: list[Token], head: str, frame: Frame) -> Iterator[None]:
        if head == "do":
            while True:
                if len(tokens) > 1:
                    value, _ = self._expression(tokens, 2, frame)
                    if bool(value) is (tokens[1].lower == "until"):
                        return
                yield
        elif head == "for":
            first, at = self._expression(tokens, 3, frame)
            last, at = self._expression(tokens, at + 1, frame)
            step = self._expression(tokens, at + 1, frame)[0] if at < len(tokens) else 1
            place = first
            while place <= last if step > 0 else place >= last:
                self._assign([tokens[1]], place, frame)
                yield
                place += step
            self._assign([tokens[1]], place, frame)
        else:
            values, _ = self._expression(tokens, 3, frame)
            rows = values.values if isinstance(values, Array) else values
            name = tokens[1].name
            for tag in list(rows) if isinstance(rows, dict) else range(len(rows)):
                frame.values[name] = rows[tag]
                frame.values[f"tag of {name}"] = tag
                yield

    def _simple(self, tokens: list[Token], frame: Frame) -> None:
        head = tokens[0].lower
        if head in {"dim", "redim"}:
            self._dim(tokens, frame)
        elif head == "on":
            self._on_error(tokens, frame)
        elif head in {"goto", "resume"}:
            if head == "resume":
                frame.error = None
            raise _Jump(tokens[1].lower)
        elif head == "exit":
            raise _Exit(tokens[1].lower)
        elif head == "if":
            self._single_if(tokens, frame)
        elif head == "error" and len(tokens) > 1:
            code, at = self._expression(tokens, 1, frame)
            text, _ = self._expression(tokens, at + 1, frame)
            raise ScriptError(code, text)
        elif head == "print":
            self.printed.append(str(self._expression(tokens, 1, frame)[0]))
        elif head == "call":
            self._expression(tokens, 1, frame)
        elif head == "sleep" or (len(tokens) == 2 and tokens[1].text == ":"):
            return
        else:
            begin = 1 if head == "set" else 0
            at = _equals(tokens)
            value, _ = self._expression(tokens, at + 1, frame)
            self._assign(tokens[begin:at], value, frame)

    def _single_if(self, tokens: list[Token], frame: Frame) -> None:
        value, at = self._expression(tokens, 1, frame)
        words = [one.lower for one in tokens]
        other = words.index("else") if "else" in words else len(tokens)
        if value:
            self._simple(tokens[at + 1 : other], frame)
        elif other < len(tokens):
            self._simple(tokens[other + 1 :], frame)

    def _on_error(self, tokens: list[Token], frame: Frame) -> None:
        words = [one.lower for one in tokens]
        if words[2:] == ["resume", "next"]:
            frame.handlers = {}
            return
        number = 0 if words[2] == "goto" else self._expression(tokens, 2, frame)[0]
        frame.handlers[int(number)] = words[-1]

    def _dim(self, tokens: list[Token], frame: Frame) -> None:
        preserve = tokens[1].lower == "preserve"
        if tokens[0].lower == "redim":
            name = tokens[2 if preserve else 1].name
            last, _ = self._expression(tokens, 4 if preserve else 3, frame)
            array = self._lookup(name, frame)
            kept = array.values[: last + 1] if preserve else []
            array.values = kept + [initial(array.kind)] * (last + 1 - len(kept))
            return
        self._declare(Line(tokens[0].line, tokens), frame.values, frame.types, frame)

    def _declare(
        self, line: Line, values: dict[str, Any], types: dict[str, str], frame: Frame
    ) -> None:
        words = [one.lower for one in line.tokens]
        for name, kind in declared(line, member=True):
            at = [one.name for one in line.tokens].index(name) + 1
            after = words[at] if at < len(words) else ""
            of = words[words.index("as") + 1] if "as" in words else "variant"
            if after == "list":
                values[name] = {}
            elif after == "(":
                size = 0
                if words[at + 1] != ")":
                    size = int(self._expression(line.tokens, at + 1, frame)[0]) + 1
                values[name] = Array(of, [initial(of)] * size)
            elif of == "new":
                arguments, _ = self._arguments(line.tokens, words.index("new") + 2, frame)
                values[name] = self.new(words[words.index("new") + 1], *arguments)
            else:
                types[name] = kind
                values[name] = initial(kind)

    # names

    def _lookup(self, name: str, frame: Frame) -> Any:
        for place in (frame.values, frame.me.members if frame.me else {}, self.globals):
            if name in place:
                return place[name]
        raise KeyError(name)

    def _assign(self, target: list[Token], value: Any, frame: Frame) -> None:
        name = target[0].name
        if len(target) == 1:
            places = (frame.values, frame.me.members if frame.me else {}, self.globals)
            place = next(one for one in places if name in one)
            kind = frame.types.get(name) or self.types.get(name, "")
            place[name] = converted(value, kind)
            return
        if target[1].text == "(" and target[-1].text == ")":
            held = self._lookup(name, frame)
            [index] = self._arguments(target, 1, frame)[0]
            if isinstance(held, dict | list):
                held[index] = value
            else:
                held.values[held.at(index)] = converted(value, held.kind)
            return
        owner = frame.me if target[0].lower == "me" else self._value(target[:-2], frame)
        member = target[-1].name
        if owner is None:
            raise ScriptError(91, f"Object variable not set: {name}.{member}")
        if isinstance(owner, Instance):
            owner.members[member] = value
        else:
            setattr(owner, member, value)

    def _value(self, tokens: list[Token], frame: Frame) -> Any:
        return self._expression(tokens, 0, frame)[0]

    # expressions

    def _expression(
        self, tokens: list[Token], at: int, frame: Frame, level: int = 0
    ) -> tuple[Any, int]:
        if level == 3 and at < len(tokens) and tokens[at].lower == "not":
            value, at = self._expression(tokens, at + 1, frame, 3)
            return (not value if isinstance(value, bool) else ~int(value)), at
        if level == len(_LEVELS):
            return self._operand(tokens, at, frame)
        left, at = self._expression(tokens, at, frame, level + 1)
        while at < len(tokens) and tokens[at].kind != TEXT and tokens[at].lower in _LEVELS[level]:
            sign = tokens[at].lower
            right, at = self._expression(tokens, at + 1, frame, level + 1)
            left = combined(sign, left, right)
        return left, at

    def _operand(self, tokens: list[Token], at: int, frame: Frame) -> tuple[Any, int]:
        token = tokens[at]
        if token.kind == TEXT:
            closing = {'"': '"', "|": "|", "{": "}"}[token.text[0]]
            return token.text[1:].replace(closing * 2, closing), at + 1
        if token.kind == NUMBER:
            return number(token.text), at + 1
        if token.text == "-":
            value, at = self._operand(tokens, at + 1, frame)
            return -value, at
        if token.text == "(":
            value, at = self._expression(tokens, at + 1, frame)
            return value, at + 1
        assert token.kind == WORD, token
        if token.lower == "new":
            arguments, at_end = self._arguments(tokens, at + 2, frame)
            return self.new(tokens[at + 1].lower, *arguments), at_end
        return self._chain(tokens, at, frame)

    def _arguments(self, tokens: list[Token], at: int, frame: Frame) -> tuple[list[Any], int]:
        found: list[Any] = []
        if at >= len(tokens) or tokens[at].text != "(":
            return found, at
        at += 1
        while tokens[at].text != ")":
            value, at = self._expression(tokens, at, frame)
            found.append(value)
            if tokens[at].text == ",":
                at += 1
        return found, at + 1

    def _chain(self, tokens: list[Token], at: int, frame: Frame) -> tuple[Any, int]:
        name = tokens[at].name
        called = at + 1 < len(tokens) and tokens[at + 1].text == "("
        arguments, after = self._arguments(tokens, at + 1, frame)
        value: Any
        if name == "me":
            value = frame.me
        elif name == "listtag":
            value = frame.values[f"tag of {tokens[at + 2].name}"]
        elif called and self._is_call(name, frame):
            value = self._run(self.procedures["", name], None, arguments)
        elif name in {"err", "erl"} and not called:
            value = frame.error.number if frame.error else 0
        elif name == "error" and not called:
            value = frame.error.text if frame.error else ""
        else:
            value = self._named(name, arguments, called, frame)
        while after < len(tokens) and tokens[after].text in {".", "("}:
            if tokens[after].text == "(":
                arguments, after = self._arguments(tokens, after, frame)
                value = indexed(value, arguments)
                continue
            member = tokens[after + 1].name
            arguments, end = self._arguments(tokens, after + 2, frame)
            value = self._member(value, member, arguments)
            after = end
        return value, after

    def _is_call(self, name: str, frame: Frame) -> bool:
        """A variable hides a procedure of its name, but a function calls itself."""
        hidden = name in frame.values and name != frame.procedure.name
        return ("", name) in self.procedures and not hidden

    def _named(self, name: str, arguments: list[Any], called: bool, frame: Frame) -> Any:
        try:
            value = self._lookup(name, frame)
        except KeyError:
            if ("", name) in self.procedures:
                return self._run(self.procedures["", name], None, arguments)
            return BUILTINS[name](*arguments)
        return indexed(value, arguments) if called else value

    def _member(self, owner: Any, name: str, arguments: list[Any]) -> Any:
        if owner is None:
            raise ScriptError(91, f"Object variable not set: {name}")
        if isinstance(owner, Instance):
            procedure = self.procedures.get((owner.owner, name))
            if procedure is not None:
                return self._run(procedure, owner, arguments)
            value = owner.members[name]
            return indexed(value, arguments) if arguments else value
        found: Any = getattr(owner, name)
        if isinstance(found, Callable):  # type: ignore[arg-type]
            return found(*arguments)
        return indexed(found, arguments) if arguments else found


def _equals(tokens: list[Token]) -> int:
    depth = 0
    for at, token in enumerate(tokens):
        if token.kind == SIGN and token.text in "()":
            depth += 1 if token.text == "(" else -1
        elif token.kind == SIGN and token.text == "=" and depth == 0:
            return at
    raise ScriptError(1, f"no statement: {[one.text for one in tokens]}")


def _parts(lines: list[Line], at: int, kind: str) -> tuple[list[tuple[int, int]], int]:
    """The parts of a block as (its head, where it ends), and the line that ends it."""
    parts: list[tuple[int, int]] = []
    depth, begin = 0, at
    for place in range(at + 1, len(lines)):
        words = [one.lower for one in lines[place].tokens]
        opens = (words[0] == "if" and words[-1] == "then") or (
            words[0] in {"do", "for", "forall", "select"}
        )
        if words[0] in {"next", "loop", "wend"} or (words[0] == "end" and len(words) == 2):
            if depth == 0:
                parts.append((begin, place))
                return parts, place
            depth -= 1
        elif opens:
            depth += 1
        elif depth == 0 and (
            (kind == "if" and words[0] in {"elseif", "else"})
            or (kind == "select" and words[0] == "case")
        ):
            parts.append((begin, place))
            begin = place
    raise AssertionError(f"{kind} in line {lines[at].line} has no end")
