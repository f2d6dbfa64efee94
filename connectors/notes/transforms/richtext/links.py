"""Where links lead, and whether a visitor of a shop could follow them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from connectors.notes.transforms.richtext.losses import LossKind
from connectors.notes.transforms.richtext.sanitise import sanitise

_LONGEST = 2000  # beyond that browsers and shops cut addresses
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_BLANKS = re.compile(r"[\x00-\x20\x7f\u00a0\u2028\u2029]+")
_CODE = {"javascript", "vbscript", "livescript", "mocha", "jscript"}
_FILE = re.compile(r"/\$file/([^/?#]+)", re.I)
_REPLICA = re.compile(r"/_{0,2}[0-9a-f]{16}(\.nsf)?(/|\?|$)", re.I)
_DOCUMENT = re.compile(r"/_{0,2}[0-9a-f]{16}(\.nsf)?(/|$)|\.nsf/[^/]+/[0-9a-f]{32}(/|$)", re.I)
_UNID = re.compile(r"[0-9a-f]{32}", re.I)
_FOLD = re.compile(r"(expand|collapse)(section|outline)?=|_doclick|[?&]click=", re.I)
TWISTIE = re.compile(r"/icons/(expand|collapse)\.gif|twist\w*\.(gif|png)", re.I)


@dataclass(frozen=True, slots=True)
class Target:
    """`href` is what a shop can keep ("" nothing); else `kind` and `what` of the loss."""

    href: str = ""
    kind: LossKind = LossKind.LINK
    what: str = ""


def target_of(address: str) -> Target:
    """What becomes of a link. Addresses within Domino need a login there and are lost."""
    if len(address) > _LONGEST:
        return Target(what=address)
    plain = address.strip()
    squeezed = _BLANKS.sub("", plain)
    scheme_hit = _SCHEME.match(squeezed)
    scheme = scheme_hit[1].lower() if scheme_hit else ""
    if _FOLD.search(squeezed) and scheme not in {"http", "https"}:
        return Target(kind=LossKind.SECTION, what=plain)
    if scheme in _CODE:
        return Target(kind=LossKind.SCRIPT, what=plain)
    if scheme == "notes":
        return Target(kind=_notes_kind(squeezed), what=plain)
    if file := _FILE.search(squeezed):
        return Target(kind=LossKind.ATTACHMENT, what=unquote(file[1]))
    if scheme in {"http", "https", "mailto", "tel"}:
        if scheme in {"http", "https"} and _DOCUMENT.search(_path(squeezed)):
            return Target(kind=_domino_kind(squeezed), what=plain)
        href = _BLANKS.sub("%20", plain)
        if can_stand(href):
            return Target(href=href)
        return Target(what=plain)
    if not scheme and (".nsf" in squeezed.lower() or _REPLICA.search(squeezed)):
        return Target(kind=_domino_kind(squeezed), what=plain)
    return Target(what=plain)


def is_public_image(address: str) -> bool:
    """Whether anybody can load the picture: an absolute address outside a Notes database."""
    if len(address) > _LONGEST:
        return False
    squeezed = _BLANKS.sub("", address).lower()
    return (
        squeezed.startswith(("http://", "https://"))
        and ".nsf/" not in squeezed
        and "openelement" not in squeezed
        and can_stand(_BLANKS.sub("%20", address.strip()))
    )


@lru_cache(maxsize=4096)
def can_stand(href: str) -> bool:
    """Whether the last step would keep the address: asked of it, not guessed."""
    escaped = href.replace("&", "&amp;").replace('"', "&quot;")
    return "href=" in sanitise(f'<a href="{escaped}">x</a>')


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _notes_kind(address: str) -> LossKind:
    """notes://server/replica/view/document: by the number of steps behind the server."""
    steps = [one for one in address.split("://", 1)[-1].split("?")[0].split("/")[1:] if one]
    if len(steps) >= 3:
        return LossKind.DOCLINK
    return LossKind.VIEWLINK if len(steps) == 2 else LossKind.DATABASELINK


def _domino_kind(address: str) -> LossKind:
    """By the command of a Domino address, else by the ids that stand in it."""
    lower = address.lower()
    if re.search(r"[?!]opendocument|[?!]editdocument", lower):
        return LossKind.DOCLINK
    if re.search(r"[?!]open(view|navigator|form|page|agent|frameset)", lower):
        return LossKind.VIEWLINK if "openview" in lower else LossKind.LINK
    ids = len(_UNID.findall(lower))
    if ids >= 2 or re.search(r"\.nsf/(0|[^/?]+)/[0-9a-f]{32}", lower):
        return LossKind.DOCLINK
    if ids == 1:
        return LossKind.VIEWLINK
    rest = re.split(r"\.nsf", lower, maxsplit=1)[-1].split("?")[0].strip("/")
    return LossKind.LINK if rest else LossKind.DATABASELINK
