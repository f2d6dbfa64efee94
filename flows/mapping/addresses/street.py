"""A street line parted into street, house number and what else stands on it."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from flows.mapping.addresses.countries import LEADING, TABLE, plain

_WHOLE: Final = frozenset(TABLE["streets"]["whole"])
_ENDINGS: Final = tuple(TABLE["streets"]["endings"])
_UNITS: Final = frozenset(TABLE["units"])
_SUFFIX: Final = r"(?:\s?(?:bis|ter|quater)\b|\s?[a-zA-Z](?![\w.'’]))?"
_PLAIN: Final = rf"(?:\d{{1,5}}[A-Z]\d{{1,3}}(?!\w)|\d{{1,5}}{_SUFFIX})"
# The seventeenth of June is no house: a day before its month belongs to the street.
_DAY: Final = (
    r"(?!\.?\s(?:de\s|di\s)?(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|"
    r"november|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|"
    r"décembre|enero|mayo|mayo|julio|octubre|maggio|giugno|settembre|maja|sierpnia|listopada)\b)"
)
_FIRST: Final = (
    r"\d{1,5}(?:[a-zA-Z](?!\w)|\s?(?:bis|ter|quater)\b|\s[A-DF-MO-RT-V](?=,?\s))?"
    r"(?:\s?[-–/&]\s?\d{1,5}[a-zA-Z]?)*"
)
_ALSO: Final = r"(?:\s?[-–/+&]\s?|\s(?:und|u\.|et|and|e|y|en|i|og|och)\s(?=\d))"
NUMBER: Final = (
    rf"(?:{_PLAIN}(?:{_ALSO}(?:{_PLAIN}|[a-zA-Z](?![\w])|[IVX]{{1,4}}\b|hs\b))*(?:\s\d/\d)?)"
)
_ALONE: Final = re.compile(
    rf"(?:n\s?[°ºo]\.?|nr\.?|no\.?:?|num\.?|número|numero|č\.?\s?p\.?|hausnr\.?|#)?\s*(?P<number>{NUMBER}|s/n|snc)\.?\Z",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(
    rf"(?P<street>.*?[^\W\d].*?)[\s,]+(?:n\s?\.?[°º]\.?\s?|nr\.?\s?|no\.?:?\s?|num\.?\s?|número\s|č\.?\s?p\.?\s?|#\s?)?"
    rf"(?P<number>(?:{NUMBER}){_DAY}|s/n|snc)\.?(?P<rest>(?:[\s,;–-]+.*)?)\Z",
    re.IGNORECASE,
)
_MARKED: Final = re.compile(
    rf"(?P<street>\S.*?)[\s,]+(?:n\s?\.?[°º]\.?|n\.|nr\.?|no\.|no:|num\.|número)\s?"
    rf"(?P<number>{NUMBER})(?P<rest>(?:[\s,;–-]+.*)?)\Z",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(
    rf"(?:n\s?[°º]\.?\s?|no\.?\s?)?(?P<number>{_FIRST})\s*,?\s+(?P<street>[^\W\d].*|\d+\w*\s.*|\d+[a-zè]+\s.*)\Z",
    re.IGNORECASE,
)
_SLASHED: Final = re.compile(
    rf"(?P<unit>\w{{1,5}})\s?/\s?(?P<number>{_PLAIN}(?:\s?[-–]\s?\d+)?)\s+(?P<street>[^\W\d].*)\Z"
)
_SHOP: Final = re.compile(
    r"(?P<unit>(?:shop|unit|flat|suite|apt\.?|apartment|villa)\s\w{1,5})\s?/\s?"
    r"(?P<number>\d{1,5}\w?(?:-\d+\w?)?)\s+(?P<street>[^\W\d].*)\Z",
    re.IGNORECASE,
)
_FLOOR: Final = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th|er|ème|e)\s(?:floor|étage|etage|level|andar).*|"
    r"\d{1,2}\s?(?:to|er|do|o|a|ro|mo|no|vo)\s(?:piso|planta|andar|d(?:e)?p(?:ar)?to).*|\d{1,3}/f|"
    r"\d{1,2}\s?[.º°ª]{1,2}\s?(?:og|ug|dg|stock|etage|étage|obergeschoss|sal|tv|th|mf|em|emelet|piso|"
    r"andar|kl|kerros|patro|izda|izqda|drcha|izq|dcha|der|dto|esq|"
    r"frente|[a-e]\b|\d|piano|kat).*|\d[rnta] \d[a-z]|"
    r"eg|dg|og\s?\d?|erdgeschoss|hinterhaus|vorderhaus|seitenflügel|rdc|rez[- ]de[- ]chauss[ée]e|"
    r"pral\.?\s?\w{0,3}|entlo\.?\s?\w{0,3}|"
    r"planta baja|bajo|bajos|r/c\b.*|h0[1-9]\d\d|"
    r"ground floor|first floor|second floor|basement|"
    r"\d{1,2}\s?(?:tr|trp|trappor)\b.*|[ivx]{1,5}\.?\s?(?:em|emelet|/)\s?.*|st\.?\s?(?:tv|th|mf)|#\s?\w[\w-]*|\d{1,2}\s?[ºª°]\s?\w?)\Z",
    re.IGNORECASE,
)


# Colombia numbers its streets: Calle 100 # 8A-55 is house 55 behind the crossing with 8A.
_GRID: Final = re.compile(
    r"(?P<street>(?:calle|cll?|carrera|cra|kra|cr|transversal|diagonal|avenida|av)\.?\s\d+\s?\w?(?:\s(?:sur|norte|bis|este|oeste))?)"
    r"\s*(?:#|no\.?|n[°º])\s?(?P<number>\d+\s?\w?\s?-\s?\d+)(?P<rest>.*)\Z",
    re.IGNORECASE,
)
_LODGED: Final = re.compile(
    r"(?P<street>\S.*?)[\s,–-]+(?P<unit>(?:nave|parcela|local|halle|bureau|geb[äa]ude|stand|oficina|"
    r"lote?|hangar|hall|loods|lokal|budova|raum|büro|unit|hal)\.?\s?(?:n[°º]\s?|nr\.?\s?)?\w?\d+\w?)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Street:
    """A street line. `before` stood in front of the street, `after` behind the number."""

    street: str = ""
    number: str = ""
    before: str = ""
    after: str = ""


@lru_cache(maxsize=4096)
def worded(text: str) -> bool:
    """Whether a word of the text says that this is a street."""
    tokens = plain(text).split()
    return any(
        one in _WHOLE or (one.endswith(_ENDINGS) and len(one) > 4)
        for one in tokens
        if one.isalpha()
    )


@lru_cache(maxsize=4096)
def is_unit(text: str) -> bool:
    """Whether a text is a flat, a floor, a door or a building."""
    bare = text.strip(" .,;()")
    if _FLOOR.match(bare):
        return True
    tokens = plain(bare).split()
    if not tokens or len(tokens) > 6:
        return False
    first = tokens[0]
    if bare.startswith("#") or (len(first) == 1 and not re.match(r"\w\s?[.:]", bare)):
        return bare.startswith("#")
    if len(tokens) > 2 and worded(" ".join(tokens[1:])):
        return False
    if first in _UNITS and (len(tokens) > 1 or len(first) > 3):
        return any(map(str.isdigit, bare)) or len(tokens) <= 2
    return bool(re.match(r"(?:[a-z]+\s)?(?:flat|floor|suite|apartment)\Z", " ".join(tokens)))


def number_alone(text: str) -> str:
    """The house number, where a text is nothing else; empty if it is not."""
    found = _ALONE.match(text.strip())
    return " ".join(found["number"].split()) if found else ""


def part(text: str, country: str = "") -> Street:
    """A street line in its parts; without a number the whole line is the street."""
    text = " ".join(text.split()).strip(" ,;")
    lettered = _SHOP.match(text)
    if lettered:
        return Street(street=lettered["street"], number=lettered["number"], before=lettered["unit"])
    slashed = _SLASHED.match(text) if country in ("AU", "NZ", "") else None
    if slashed:
        return Street(street=slashed["street"], number=slashed["number"], before=slashed["unit"])
    text = re.sub(r"(?<=[a-zß]\.)(?=\d)", " ", text)
    grid = _GRID.match(text)
    if grid:
        return Street(
            street=grid["street"].strip(), number=grid["number"], after=grid["rest"].strip(" ,")
        )
    text = re.sub(r"(?i)\sr/c\b", ", R/C", text)
    doored = re.match(r"(\w{1,5})\s?[-–]\s?(\d{1,5}\w?)\s+([^\W\d].*)\Z", text)
    if country == "CA" and doored and any(map(str.isdigit, doored[1])):  # 10-123 Main St
        street, after = _cut(doored[3])
        return Street(street=street, number=doored[2], before=doored[1], after=after)
    text = re.sub(r"(?i)\A(?:blk|block)\.?\s(?=\d+\w?\s\D)", "", text)
    square = re.fullmatch(r"([A-Z] ?\d{1,2}), ?(\d{1,3}[a-z]?)", text)
    if square:  # Mannheim
        return Street(street=square[1], number=square[2])
    head, comma, tail = text.partition(",")
    if comma and is_unit(head) and tail.strip():
        return replace(part(tail, country), before=head.strip())
    lodged = _LODGED.match(text)
    if lodged and len(lodged["street"].split()) > 1 and not any(map(str.isdigit, lodged["street"])):
        return Street(street=lodged["street"].strip(" ,-"), after=lodged["unit"])
    if re.search(r"(?i)\bkm\.?\s?\d+(?:[.,]\d+)?\Z", text):  # a road by its kilometre
        return Street(street=text)
    marked = _MARKED.match(text)
    if marked:
        return _behind(marked, country)
    leading, trailing = _LEADING.match(text), _TRAILING.match(text)
    if leading and (country in LEADING or not trailing or _leads(leading, trailing)):
        street, after = _cut(leading["street"])
        return Street(street=street, number=_clean(leading["number"]), after=after)
    if trailing:
        return _behind(trailing, country)
    street, after = _cut(text)
    return Street(street=street, after=after)


def _leads(leading: re.Match[str], trailing: re.Match[str]) -> bool:
    """Which of two numbers is the house's, where nothing is known of the country."""
    first = plain(leading["street"]).split()[:1]
    french = bool(first) and first[0] in _WHOLE and len(first[0]) > 1
    english = (
        plain(leading["street"]).split()[-1:]
        and plain(_cut(leading["street"])[0]).split()[-1] in _WHOLE
    )
    return french or bool(english) or not trailing["street"].strip()


def _behind(found: re.Match[str], country: str) -> Street:
    street, number, after = found["street"], _clean(found["number"]), found["rest"].strip(" ,;–-/")
    if (country == "PL" and (split := re.match(r"(\d+\s?[a-zA-Z]?)\s?/\s?(\w+)\Z", number))) or (
        country in ("AT", "BE")
        and (split := re.match(r"(\d+\s?[a-zA-Z]?(?:-\d+)?)\s?/\s?(\d.*)\Z", number))
    ):
        number, after = split[1], f"{split[2]} {after}".strip()
    elif (
        country == "FI"
        and (split := re.match(r"(\d+)\s?([a-zA-Z])\Z", number))
        and after[:1].isdigit()
    ):
        number, after = split[1], f"{split[2]} {after}"
    before = ""
    if "," in street:
        head, _, tail = street.rpartition(",")
        if worded(tail) or not worded(head):
            before, street = head.strip(), tail.strip()
    street, unit = _cut(street)
    return Street(
        street=street.strip(" ,"), number=number, before=before, after=f"{unit} {after}".strip()
    )


def _clean(number: str) -> str:
    number = " ".join(number.split())
    return (
        re.sub(r"\s?([-–/])\s?", r"\1", number)
        if re.search(r"\d\s[-–/]|[-–/]\s", number)
        else number
    )


_INNER: Final = re.compile(
    r"[\s,;]+(?P<unit>(?:apt|apartment|appartement|appt|app|apto|flat|unit|suite|ste|room|floor|fl|level|wohnung|whg|top|stiege|bte|boîte|bus|lgh|lok|lokal|m|byt|int|interno|piso|puerta|dpto|depto|bat|bât|bâtiment|esc|daire|kat)\.?\s?(?:n[°º]\s?|nr\.?\s?|:\s?)?\w*\d\w*(?:[\s,/-]+\w{1,3})?|#\s?\w[\w-]*|[a-z]\d{1,3}-\d+)\Z",
    re.IGNORECASE,
)


def _cut(street: str) -> tuple[str, str]:
    """The street without the flat behind it, and the flat."""
    found = _INNER.search(street)
    if found and found.start() > 2:
        return street[: found.start()].strip(" ,"), found["unit"].strip()
    head, comma, tail = street.partition(",")
    if comma and is_unit(tail):
        return head.strip(), tail.strip()
    return street.strip(), ""
