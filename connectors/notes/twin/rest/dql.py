"""DQL as far as clients use it: terms with and, or, not, parentheses, variables.

A term compares an item, a view's first sorted column, or @ModifiedInThisFile, @Created,
@DocumentUniqueID with a text in single quotes, a number, `@dt('...')` or `?name`; `in (...)` takes
a list [D]. Text is compared without regard to case. What does not parse is refused.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.notes.twin.rest.problem import Problem
from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Kind

Query = Callable[[Document], bool]
_TOKEN = re.compile(
    r"\s*('(?:[^']|'')*'(?:\.[\w$]+)?|@dt\(\s*'[^']*'\s*\)|@\w+|\?\w+|<=|>=|[=<>(),]"
    r"|-?\d+(?:\.\d+)?(?![\w])|[\w$]+)"
)
_OPERATORS = {"=", "<", "<=", ">", ">=", "in"}


def parse(text: str, variables: Mapping[str, Any]) -> Query:
    """A predicate. Raises `Problem` 400."""
    tokens: list[str] = []
    at, text = 0, text.strip()
    while at < len(text):
        hit = _TOKEN.match(text, at)
        if hit is None:
            raise _bad(text[at : at + 20])
        tokens.append(hit[1])
        at = hit.end()
    parser = _Parser(tokens, variables)
    query = parser.either()
    if parser.tokens:
        raise _bad(parser.tokens[0])
    return query


def _bad(near: str) -> Problem:
    return Problem(400, f"Domino Query: the query is not understandable near {near!r}")


class _Parser:
    def __init__(self, tokens: list[str], variables: Mapping[str, Any]) -> None:
        self.tokens = tokens
        self._variables = variables

    def _word(self) -> str:
        return self.tokens[0].lower() if self.tokens else ""

    def _take(self) -> str:
        if not self.tokens:
            raise _bad("the end")
        return self.tokens.pop(0)

    def either(self) -> Query:
        parts = [self.both()]
        while self._word() == "or":
            self._take()
            parts.append(self.both())
        return lambda document: any(one(document) for one in parts)

    def both(self) -> Query:
        parts = [self.one()]
        while self._word() == "and":
            self._take()
            parts.append(self.one())
        return lambda document: all(one(document) for one in parts)

    def one(self) -> Query:
        if self._word() == "not":
            self._take()
            inner = self.one()
            return lambda document: not inner(document)
        if self._word() == "(":
            self._take()
            inner = self.either()
            if self._take() != ")":
                raise _bad("(")
            return inner
        read = _identifier(self._take())
        operator = self._take().lower()
        if operator not in _OPERATORS:
            raise _bad(operator)
        if operator == "in":
            wanted = self._list()
            return lambda document: any(_same(a, b) for a in read(document) for b in wanted)
        value = self._value(self._take())
        return lambda document: any(_compare(one, operator, value) for one in read(document))

    def _list(self) -> list[Any]:
        if self._take() != "(":
            raise _bad("in")
        values = [self._value(self._take())]
        while self._word() == ",":
            self._take()
            values.append(self._value(self._take()))
        if self._take() != ")":
            raise _bad("in (")
        return values

    def _value(self, token: str) -> Any:
        if token.startswith("'") and token.endswith("'"):
            return token[1:-1].replace("''", "'")
        if token.lower().startswith("@dt("):
            try:
                moment = datetime.fromisoformat(token[token.index("'") + 1 : token.rindex("'")])
            except ValueError:
                raise _bad(token) from None
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        if token.startswith("?"):
            if token[1:] not in self._variables:
                raise Problem(400, f"Domino Query: the variable {token} has no value")
            value = self._variables[token[1:]]
            return float(value) if isinstance(value, int | float) else str(value)
        if re.fullmatch(r"-?\d+(\.\d+)?", token):
            return float(token)
        raise _bad(token)


def _identifier(token: str) -> Callable[[Document], list[Any]]:
    lower = token.lower()
    if lower == "@modifiedinthisfile":
        # A query asks in whole seconds; the stored time has hidden parts.
        return lambda document: [document.modified]
    if lower == "@created":
        return lambda document: [document.created]
    if lower == "@documentuniqueid":
        return lambda document: [document.unid]
    if token.startswith("'") and "." in token:
        token = token.rpartition(".")[2]
    elif token.startswith(("'", "@", "?")) or not re.fullmatch(r"[A-Za-z_$][\w$]*", token):
        raise _bad(token)
    name = token.lower()

    def read(document: Document) -> list[Any]:
        if name == "form":
            return [document.form]
        item = document.item(name)
        if item is None or item.kind is Kind.RICHTEXT:
            return []
        if item.kind is Kind.DATETIME:
            return [datetime.fromisoformat(one) for one in item.values if "T" in one]
        return list(item.values)

    return read


def _same(one: Any, other: Any) -> bool:
    return _compare(one, "=", other)


def _compare(one: Any, operator: str, other: Any) -> bool:
    """Values of two types are never alike: DQL goes by the type of the value [D]."""
    if isinstance(one, str) and isinstance(other, str):
        one, other = one.casefold(), other.casefold()
    elif not (
        (isinstance(one, float) and isinstance(other, float))
        or (isinstance(one, datetime) and isinstance(other, datetime))
    ):
        return False
    return bool(
        {
            "=": one == other,
            "<": one < other,
            "<=": one <= other,
            ">": one > other,
            ">=": one >= other,
        }[operator]
    )
