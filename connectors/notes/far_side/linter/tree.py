"""The blocks of a script: module, classes, procedures, and what stands open at the end."""

from dataclasses import dataclass, field

from connectors.notes.far_side.linter.lines import SIGN, WORD, Line, Problem, Token

MODIFIERS = frozenset({"public", "private", "static"})
PROCEDURES = frozenset({"sub", "function", "property"})
# What opens a block, and the words that close it.
_ENDS = {
    "sub": ("end", "sub"),
    "function": ("end", "function"),
    "property": ("end", "property"),
    "class": ("end", "class"),
    "type": ("end", "type"),
    "if": ("end", "if"),
    "select": ("end", "select"),
    "with": ("end", "with"),
    "forall": ("end", "forall"),
    "for": ("next",),
    "while": ("wend",),
    "do": ("loop",),
}


@dataclass(slots=True)
class Parameter:
    name: str
    type: str


@dataclass(slots=True)
class Procedure:
    """`owner` is the class in lower case, "" in the module. `lines` are the statements inside."""

    name: str
    kind: str
    line: int
    owner: str = ""
    parameters: list[Parameter] = field(default_factory=list)
    returns: str = ""
    lines: list[Line] = field(default_factory=list)
    last: int = 0


@dataclass(slots=True)
class Script:
    """`module` are statements outside of procedures and classes; `members` those of classes."""

    procedures: list[Procedure] = field(default_factory=list)
    module: list[Line] = field(default_factory=list)
    members: dict[str, list[Line]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    types: dict[str, list[Line]] = field(default_factory=dict)


def build(lines: list[Line]) -> tuple[Script, list[Problem]]:
    builder = _Builder()
    for line in lines:
        builder.take(line)
    for word, opened in reversed(builder.open):
        builder.say(opened, f"{word.capitalize()} has no {' '.join(_ENDS[word]).title()}")
    return builder.script, builder.problems


class _Builder:
    def __init__(self) -> None:
        self.script = Script()
        self.problems: list[Problem] = []
        self.open: list[tuple[str, int]] = []
        self._owner = ""
        self._type = ""
        self._procedure: Procedure | None = None

    def say(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))

    def take(self, line: Line) -> None:
        self._balance(line)
        words = [one.lower for one in line.tokens]
        kept = 0
        while kept < len(words) and words[kept] in MODIFIERS:
            kept += 1
        head = words[kept] if kept < len(words) else ""
        if head in PROCEDURES and not (head == "property" and words[kept + 1 : kept + 2] == []):
            self._procedure_begins(line, kept)
        elif head == "class" and line.tokens[kept].kind == WORD and kept == len(words) - 2:
            self._class_begins(line, words[-1], "")
        elif head == "class" and "as" in words:
            self._class_begins(line, words[kept + 1], words[-1])
        elif head == "type" and kept == len(words) - 2:
            self.open.append(("type", line.line))
            self._type = words[-1]
            self.script.types[self._type] = []
        elif self._closes(line, words):
            pass
        else:
            self._opens(line, words)
            self._keep(line)

    def _balance(self, line: Line) -> None:
        depth = 0
        for token in line.tokens:
            if token.kind == SIGN and token.text in "()":
                depth += 1 if token.text == "(" else -1
                if depth < 0:
                    break
        if depth:
            self.say(line.line, "the parentheses do not match")

    def _keep(self, line: Line) -> None:
        if self._procedure is not None:
            self._procedure.lines.append(line)
        elif self._type:
            self.script.types[self._type].append(line)
        elif self._owner:
            self.script.members[self._owner].append(line)
        else:
            self.script.module.append(line)

    def _procedure_begins(self, line: Line, kept: int) -> None:
        if self._procedure is not None:
            self.say(line.line, "a procedure begins inside of another")
        kind = line.tokens[kept].lower
        at = kept + 2 if kind == "property" else kept + 1
        if at >= len(line.tokens) or line.tokens[at].kind != WORD:
            self.say(line.line, f"{kind.capitalize()} has no name")
            return
        name = line.tokens[at]
        found = Procedure(name.name, kind, line.line, self._owner)
        found.parameters, found.returns = _signature(line.tokens[at + 1 :])
        self.script.procedures.append(found)
        self._procedure = found
        self.open.append((kind, line.line))

    def _class_begins(self, line: Line, name: str, parent: str) -> None:
        if self.open:
            self.say(line.line, "a class begins inside of another block")
        self._owner = name
        self.script.members[name] = []
        self.script.parents[name] = parent
        self.open.append(("class", line.line))

    def _opens(self, line: Line, words: list[str]) -> None:
        head = words[0]
        word = ""
        if head == "if":
            if "then" not in words:
                self.say(line.line, "If without Then")
            elif words[-1] == "then":
                word = "if"
        elif head in {"for", "forall", "while", "do", "with"} or words[:2] == ["select", "case"]:
            word = head
        if word and self._procedure is None:
            self.say(line.line, f"{word.capitalize()} stands outside of a procedure")
        if word:
            self.open.append((word, line.line))
        inside = self.open[-1][0] if self.open else ""
        if (head == "elseif" or words == ["else"]) and inside != "if":
            self.say(line.line, f"{head.capitalize()} without If")
        if head == "elseif" and words[-1] != "then":
            self.say(line.line, "ElseIf without Then")
        if head == "case" and inside != "select":
            self.say(line.line, "Case without Select Case")

    def _closes(self, line: Line, words: list[str]) -> bool:
        closing = (
            tuple(words[:2])
            if words[0] == "end" and len(words) == 2
            else ("end", words[0][3:])
            if words[0] in {"endif"}
            else tuple(words[:1])
        )
        if closing not in set(_ENDS.values()):
            return False
        if not self.open or _ENDS[self.open[-1][0]] != closing:
            here = "".join(f", {word.title()} of line {at} is open" for word, at in self.open[-1:])
            self.say(line.line, f"{' '.join(closing).title()} closes nothing{here}")
            self._unwind(closing)
            return True
        word, _ = self.open.pop()
        if word in PROCEDURES and self._procedure is not None:
            self._procedure.last = line.line
            self._procedure = None
        elif word == "class":
            self._owner = ""
        elif word == "type":
            self._type = ""
        elif self._procedure is not None:
            self._keep(line)  # Loop While <condition>, Next <name>
        return True

    def _unwind(self, closing: tuple[str, ...]) -> None:
        """After a mistake: the end of a procedure ends all that is open in it."""
        matching = [at for at, (word, _) in enumerate(self.open) if _ENDS[word] == closing]
        if matching:
            del self.open[matching[-1] :]
            if closing[-1] in PROCEDURES:
                self._procedure = None


def _signature(tokens: list[Token]) -> tuple[list[Parameter], str]:
    parameters: list[Parameter] = []
    depth, rest = 0, tokens
    part: list[Token] = []
    for at, token in enumerate(tokens):
        if token.kind == SIGN and token.text == "(":
            depth += 1
            if depth == 1:
                continue
        if token.kind == SIGN and token.text == ")":
            depth -= 1
            if depth == 0:
                rest = tokens[at + 1 :]
                break
        if depth == 0:
            break
        if depth == 1 and token.kind == SIGN and token.text == ",":
            parameters.append(_parameter(part))
            part = []
        else:
            part.append(token)
    if part:
        parameters.append(_parameter(part))
    words = [one.lower for one in rest]
    return parameters, words[words.index("as") + 1] if "as" in words[:-1] else ""


def _parameter(tokens: list[Token]) -> Parameter:
    words = [one for one in tokens if one.lower not in {"byval", "optional"}]
    lower = [one.lower for one in words]
    kind = lower[lower.index("as") + 1] if "as" in lower[:-1] else ""
    return Parameter(words[0].name if words else "", kind)
