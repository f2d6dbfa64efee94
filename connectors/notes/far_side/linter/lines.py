"""LotusScript text as logical lines of tokens: comments gone, continued lines joined."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

WORD = "word"
NUMBER = "number"
TEXT = "text"  # `text` of such a token is its opening sign and what follows, without the end
SIGN = "sign"

_TOKEN = re.compile(
    r"(?P<word>[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*[$%&!#@]?)"
    r"|(?P<number>&[HhOoBb][0-9A-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[EeDd][+-]?\d+)?[%&!#@]?)"
    r"|(?P<sign><=|>=|<>|=<|=>|><|[-+*/\\^&=<>(),.:;!#?~])"
)
_CLOSING = {'"': '"', "|": "|", "{": "}"}


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def name(self) -> str:
        """Without the suffix that names a type: text$ is text."""
        return self.text.rstrip("$%&!#@").lower()


@dataclass(slots=True)
class Line:
    """One statement. `line` is the number of its first physical line, from 1."""

    line: int
    tokens: list[Token] = field(default_factory=list)

    def words(self, count: int) -> tuple[str, ...]:
        return tuple(one.lower for one in self.tokens[:count])


def read(text: str) -> tuple[list[Line], list[Problem]]:
    """Statements in order, and what is no token."""
    problems: list[Problem] = []
    return list(_statements(text, problems)), problems


def _statements(text: str, problems: list[Problem]) -> Iterator[Line]:
    physical = text.splitlines()
    at = 0
    current: Line | None = None
    while at < len(physical):
        start = at
        bare = physical[at].strip()
        if re.match(r"%rem\b", bare, re.IGNORECASE):
            at = _skip_remark(physical, at, problems)
            continue
        if bare.startswith("%"):  # %INCLUDE, %IF: for the compiler alone
            at += 1
            continue
        tokens, at, goes_on = _tokens(physical, at, problems)
        if current is None:
            current = Line(start + 1)
        current.tokens += tokens
        if goes_on and not bare:
            problems.append(Problem(start + 1, "an empty line cannot continue a statement"))
        if goes_on and at >= len(physical):
            problems.append(Problem(start + 1, "the statement goes on behind the last line"))
        if not goes_on:
            yield from _parted(current)
            current = None
    if current is not None:
        yield from _parted(current)


def _skip_remark(physical: list[str], at: int, problems: list[Problem]) -> int:
    start = at
    while at < len(physical):
        if re.match(r"\s*%end\s+rem\b", physical[at], re.IGNORECASE):
            return at + 1
        at += 1
    problems.append(Problem(start + 1, "%REM without %END REM"))
    return at


def _tokens(physical: list[str], at: int, problems: list[Problem]) -> tuple[list[Token], int, bool]:
    """The tokens of a physical line (more when a text spans several), and where to go on."""
    tokens: list[Token] = []
    row, place = physical[at], 0
    while place < len(row):
        sign = row[place]
        if sign in " \t":
            place += 1
        elif sign == "'":
            break
        elif sign == "_" and not row[place + 1 :].split("'")[0].strip():
            return tokens, at + 1, True
        elif sign in _CLOSING:
            line, begun = at + 1, place + 1
            found = _text(physical, at, place)
            if found is None:
                problems.append(Problem(line, f"the text that begins with {sign} has no end"))
                break
            at, place = found
            inside = row[begun : place - 1] if at + 1 == line else ""
            row = physical[at]
            # Of a text over several lines, the content is never needed.
            tokens.append(Token(TEXT, sign + inside, line))
        else:
            match = _TOKEN.match(row, place)
            if match is None:
                problems.append(Problem(at + 1, f"{sign!r} is no LotusScript"))
                place += 1
                continue
            kind = match.lastgroup or WORD
            word = match.group()
            if not tokens and word.lower() == "rem":
                break
            tokens.append(Token(kind, word, at + 1))
            place = match.end()
    return tokens, at + 1, False


def _text(physical: list[str], at: int, place: int) -> tuple[int, int] | None:
    """Line and place behind a text; only | and { texts may span lines."""
    opening = physical[at][place]
    closing = _CLOSING[opening]
    place += 1
    while at < len(physical):
        row = physical[at]
        while place < len(row):
            if row[place] == closing:
                if row[place + 1 : place + 2] == closing:
                    place += 2
                    continue
                return at, place + 1
            place += 1
        if opening == '"':
            return None
        at, place = at + 1, 0
    return None


def _parted(line: Line) -> Iterator[Line]:
    """A line as statements: parted at colons, and behind the colon of a label."""
    part = Line(line.line)
    for token in line.tokens:
        if token.kind == SIGN and token.text == ":":
            if part.tokens:
                # `name:` alone is a label; mark it by keeping the colon.
                if len(part.tokens) == 1 and part.tokens[0].kind == WORD:
                    part.tokens.append(token)
                yield part
            part = Line(token.line)
        else:
            part.tokens.append(token)
    if part.tokens:
        yield part
