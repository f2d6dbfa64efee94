"""Full-text queries, as far as the data service's clients use them.

Words and "phrases", AND (also between words), OR, NOT, parentheses, `*` at the end of a word,
and `FIELD item CONTAINS word` [D]. What does not parse is an error of the server, not an empty
answer [S]. The index of a real server lags; here every save is in it at once.
"""

import re
from collections.abc import Callable

from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Kind
from connectors.notes.twin.wire import notes_error

Query = Callable[[Document], bool]
_TOKEN = re.compile(r'\s*("[^"]*"|\(|\)|[^\s()"]+)')
_BAD = "Query is not understandable"


def parse(text: str) -> Query:
    """A predicate. Raises `ServiceError` 400 for a query that Domino would not take."""
    tokens: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        hit = _TOKEN.match(text, at)
        if hit is None:
            raise notes_error(_BAD)
        tokens.append(hit[1])
        at = hit.end()
    parser = _Parser(tokens)
    query = parser.either()
    if parser.tokens:
        raise notes_error(_BAD)
    return query


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def _word(self) -> str:
        return self.tokens[0].upper() if self.tokens else ""

    def _take(self) -> str:
        if not self.tokens:
            raise notes_error(_BAD)
        return self.tokens.pop(0)

    def either(self) -> Query:
        parts = [self.both()]
        while self._word() == "OR":
            self._take()
            parts.append(self.both())
        return lambda document: any(one(document) for one in parts)

    def both(self) -> Query:
        parts = [self.one()]
        while self._word() not in {"", "OR", ")"}:
            if self._word() == "AND":
                self._take()
            parts.append(self.one())
        return lambda document: all(one(document) for one in parts)

    def one(self) -> Query:
        first = self._take()
        word = first.upper()
        if word == "NOT":
            inner = self.one()
            return lambda document: not inner(document)
        if first == "(":
            inner = self.either()
            if self._take() != ")":
                raise notes_error(_BAD)
            return inner
        if word == "FIELD":
            item, verb, wanted = self._take(), self._take().upper(), self._take()
            if verb not in {"CONTAINS", "="}:
                raise notes_error(_BAD)
            return lambda document: _holds(_texts(document, item), wanted)
        if word in {"AND", "OR", ")", "CONTAINS"}:
            raise notes_error(_BAD)
        return lambda document: _holds(_texts(document), first)


def _texts(document: Document, item: str = "") -> str:
    chosen = document.items.values()
    texts = []
    for one in chosen:
        if item and one.name.lower() != item.lower():
            continue
        if one.kind is Kind.RICHTEXT:
            texts += [re.sub(r"<[^>]*>", " ", str(part.get("data", ""))) for part in one.values]
        else:
            texts += [f"{v:g}" if isinstance(v, float) else str(v) for v in one.values]
    return "\n".join(texts)


def _holds(text: str, wanted: str) -> bool:
    plain = wanted.strip('"')
    if not plain.strip("*"):
        return False
    starts = plain.endswith("*")
    pattern = rf"(?<!\w){re.escape(plain.rstrip('*'))}" + ("" if starts else r"(?!\w)")
    return re.search(pattern, text, re.I) is not None
