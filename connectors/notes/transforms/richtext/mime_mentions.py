"""Mentions of attachments in text: `(See attached file: x.pdf)`, as Domino writes them for files
that stood in the text (reference, 13)."""

import html
import re
from collections.abc import Iterable

_ENGLISH = r"see attached files?"
_NAME = r"[^()<>\n]{1,200}"


class Mentions:
    """Takes mentions out of texts and remembers them. `names` are the files that the item has:
    with one of them a mention may be in any language."""

    def __init__(self, names: Iterable[str]) -> None:
        known = {one for name in names if name for one in (name, html.escape(name))}
        files = "|".join(re.escape(one) for one in sorted(known, key=len, reverse=True))
        own = rf"[^()<>:\n]{{3,40}}\s?:\s*({files})" if files else r"(?!)()"
        self._pattern = re.compile(rf"\((?:{own}|{_ENGLISH}:\s*({_NAME}))\)", re.IGNORECASE)
        self._found: dict[str, str] = {}

    def without(self, text: str) -> str:
        return self._pattern.sub(self._take, text)

    def take(self, name: str) -> str:
        """The mention of a file, once."""
        return self._found.pop(name.casefold(), "")

    def rest(self) -> list[tuple[str, str]]:
        """Files that were mentioned and are not there, with their mentions."""
        found, self._found = self._found, {}
        return [(name, text) for name, text in found.items()]

    def _take(self, hit: re.Match[str]) -> str:
        name = html.unescape(hit[1] or hit[2] or "").strip()
        self._found[name.casefold()] = html.unescape(hit[0])
        return ""
