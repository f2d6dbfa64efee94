"""What the style sheets within HTML hide: rules for a class, an id or both with a tag.

No cascade: a rule that hides wins, since what somebody hid anywhere should not be published.
Rules for print or small screens do not count, nor selectors of more than one step.
"""

import re
from collections.abc import Iterator, Mapping

from connectors.notes.transforms.richtext.style import is_hidden, without_comments

_MARKS = re.compile(r"[{};]")
_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?([.#][\w-]+)", re.I)


class StyleSheet:
    """Collects the rules that hide, in the order in which the reader meets them."""

    def __init__(self) -> None:
        self._hidden: dict[str, set[str]] = {}

    def add(self, source: str) -> None:
        for selectors, css in _rules(source):
            if is_hidden(css):
                for one in selectors.split(","):
                    if hit := _SELECTOR.fullmatch(one.strip()):
                        self._hidden.setdefault(hit[2].lower(), set()).add((hit[1] or "").lower())

    def hides(self, name: str, attributes: Mapping[str, str]) -> bool:
        """Whether an element is hidden by one of its classes or its id."""
        if not self._hidden:
            return False
        marks = [f".{one}" for one in attributes.get("class", "").lower().split()]
        marks.append("#" + attributes.get("id", "").lower())
        return any({"", name} & self._hidden.get(one, set()) for one in marks)


def _rules(source: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of the rules that always hold, not those within @media."""
    plain = without_comments(source).replace("<!--", "").replace("-->", "")
    preludes: list[str] = []
    start = 0
    for hit in _MARKS.finditer(plain):
        text = plain[start : hit.start()].strip()
        if hit[0] == ";" and preludes:
            continue
        start = hit.end()
        if hit[0] == "{":
            preludes.append(text)
        elif hit[0] == "}" and preludes:
            prelude = preludes.pop()
            if not preludes and not prelude.startswith("@"):
                yield prelude, text
