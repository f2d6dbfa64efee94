"""Article numbers: how they look, and how they are found within other text."""

import re
from functools import lru_cache
from typing import Final

from flows.mapping.lines.words import ORDER_THINGS, words

_PARTS: Final = r"[A-Za-z0-9ÄÖÜ]+(?:[-./_#][A-Za-z0-9ÄÖÜ]+)*"
_CODE: Final = re.compile(rf"#?{_PARTS}\Z")
_MEASURE: Final = re.compile(
    r"\d+(?:[.,x×/]\d+)*\s?(?:mm|cm|m|km|g|kg|mg|l|ml|cl|w|kw|v|kv|a|ah|mah|wh|hz|ghz|gb|tb|mb|in|"
    r"inch|zoll|°|er|ers|pcs|stk|st|x|oz|lb|lbs|ft|db|bar|k|px|dpi|rpm|teilig|fach|lm|ml)\Z",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d\Z|(?:19|20)\d\d[./-]\d\d[./-]\d\d\Z"
)
_LABEL: Final = (
    r"(?:(?:art(?:ikel|icle|ikkel|icolo|[íi]culo|igo)?|item|product|produkt|produit|prodotto|producto|"
    r"produto|part|parts|mat(?:erial)?|best(?:ell|el)?|model|modell|teile?|stock|order|kat(?:alog)?|"
    r"cat(?:alogue|alog)?|vare|tuote|mfr|mfg|herst(?:eller)?|lief(?:eranten)?|sach|ident|typ(?:en)?)?"
    r"[ .-]{0,2}(?:nummer|number|numer|numero|num|nr|no|code|kode|kod|id|n°|nº|#|č)"
    r"|(?:art(?:icolo|[íi]culo|igo|icle)?|cod|prod(?:otto|ucto)?)[ .-]{0,2}n\."
    r"|(?:art(?:ikel|icle)?|item|part|model|typ[eo]?)(?=\s(?-i:\d{3,}|[A-Z]{1,5}-?[A-Z]?\d))|art\.|sku|mpn|p/n|pn|asin|ean"
    r"|r[ée]f(?:[ée]rence|erenz|erencia|er[êe]ncia|erentie)?|rif(?:erimento)?"
    r"|c[óo]d(?:ice|igo)?|cod\.|k[óo]d|indeks|symbol|code(?:\s+(?:article|produit|art))?"
    r"|numero\s+(?:d['’]\s?)?article|n°\s?(?:d['’]\s?)?article|kat\.\s?č|obj\.\s?č)(?![^\W\d_])"
)
_THEIRS: Final = frozenset({"your", "ihre", "votre", "vostro", "su", "uw", "kunden", "customer"})
_BARCODES: Final = frozenset({"ean", "gtin", "upc", "isbn"})  # name no article to who sells it
_BARCODE: Final = re.compile(
    r"\W*(?:ean|gtin|upc|isbn|barcode|code[ -]barres?|strichcode)"
    r"(?:[ -]?(?:code|nr\.?|no\.?|8|13))?"
    r"\s*[:.#]?\s*[\d -]{8,20}\W*\Z",
    re.IGNORECASE,
)
_SHORT: Final = re.compile(r"[A-Z]{2,4}\d{1,4}\Z")
_SHOUTED: Final = re.compile(r"[A-Z]{2,}(?:[-_][A-Z]{1,6})+\Z")
LABELLED: Final = re.compile(
    rf"[(\[]?\s*\b(?P<label>{_LABEL})\s?[.:#°=]{{0,2}}(?:\s?(?:article|produit|artikel)\s?:)?\s*"
    rf"(?P<code>{_PARTS})\s*[)\]]?",
    re.IGNORECASE,
)
BRACKETED: Final = re.compile(rf"[(\[]\s*(?P<code>#?{_PARTS})\s*[)\]]")
LEADING: Final = re.compile(
    rf"(?P<code>#?{_PARTS})(?:\s*[:–—|,]\s+|\s+[-–—]\s+|\s*[|~;]\s*|\s+)(?P<rest>\S.*)"
)
TRAILING: Final = re.compile(
    rf"(?P<rest>.*\S)(?:\s*[:–—|,]\s+|\s+[-–—/]\s+|\s*[|~;]\s*)(?P<code>#?{_PARTS})\Z"
)


def is_shouted(text: str) -> bool:
    """Whether a text is capitals in parts: MUG-W, TS-XL."""
    return bool(_SHOUTED.match(text))


@lru_cache(maxsize=8192)
def is_code(text: str, *, strict: bool = False) -> bool:
    """Whether a text looks like an article number.

    `strict` asks for letters and digits, or many digits: enough to tell it within a sentence.
    """
    if not 2 <= len(text) <= 40 or not _CODE.match(text) or not any(map(str.isdigit, text)):
        return False
    if _MEASURE.match(text) or _DATE.match(text):
        return False
    letters = [one for one in text if one.isalpha()]
    lower = sum(one.islower() for one in letters)
    if strict and len(text) < 3:
        return False
    if strict:
        digits = sum(map(str.isdigit, text))
        if not letters:
            parted = re.split(r"[-_/.]", text)
            return digits >= 5 or (
                len(parted) > 1 and digits >= 4 and not re.match(r"\d+[.,/]\d+\Z", text)
            )
        if lower > 3 or re.match(r"[a-z]+\d", text):
            return lower <= 3 and "-" in text
        return digits >= 2 or "-" in text or "_" in text or "/" in text or len(text) >= 4
    return lower <= max(4, len(text) // 2)


def find_labelled(text: str) -> re.Match[str] | None:
    """A label of article numbers with its number: digits in it, or capitals alone."""
    vague = None
    for found in LABELLED.finditer(text):
        code = found["code"]
        if any(map(str.isdigit, code)) or (len(code) > 2 and code.isupper()):
            if found["label"].lower() in _BARCODES:
                continue
            before = words(text[: found.start()])[-1:]
            bare = found["label"].lower() in ("no", "nr") and found[0][:1] not in "(["
            if bare and before and before[0].isdigit():
                continue  # 500 no. M8 washers
            if before and before[0] in _THEIRS:
                vague = vague or found
                continue
            numbered = found["label"].lower()[:1] in "n#" or found["label"].lower() == "id"
            if numbered and before and before[0] in ORDER_THINGS:
                continue  # the number of the order, its invoice or its parcel
            if found["label"].lower() not in ("model", "typ", "type", "typo", "part", "item"):
                return found
            vague = vague or found
    return vague


def is_barcode(text: str) -> bool:
    """Whether a line is a bar code with its label: `EAN 4006381333931`."""
    return bool(_BARCODE.match(text))


def is_theirs(text: str) -> bool:
    """Whether a line tells the number that the other side has for the article: `Your ref: 12`."""
    return bool(_THEIRS & set(words(text)[:2]))


def labelled(text: str) -> tuple[str, str] | None:
    """The number behind `Art.-Nr.`, `SKU`, `Réf.` and what is left of the text."""
    found = find_labelled(text)
    if not found:
        return None
    before, after = text[: found.start()], text[found.end() :]
    return found["code"], tidy(f"{before} {after}")


def bracketed(text: str) -> tuple[str, str] | None:
    """A number in brackets and what is left of the text."""
    for found in BRACKETED.finditer(text):
        code = found["code"].lstrip("#")
        if is_code(code, strict=True) or _SHOUTED.match(code) or _SHORT.match(code):
            rest = tidy(text[: found.start()] + " " + text[found.end() :])
            if rest:
                return code, rest
    return None


def at_end(text: str) -> tuple[str, str] | None:
    """A number at the very end behind a space, letters and digits in parts: `Hose HH-12`."""
    head, _, last = text.rpartition(" ")
    last = last.strip("()[]")
    if not head or not is_code(last, strict=True):
        return None
    parts = re.split(r"[-_/.]", last)
    telling = len(parts) > 1 or (last.isdigit() and len(last) >= 5) or len(last) >= 6
    return (last.lstrip("#"), tidy(head)) if telling else None


def find_code(text: str) -> bool:
    """Whether an article number stands in a text."""
    if find_labelled(text):
        return True
    return any(is_code(one.strip("()[],.;:"), strict=True) for one in text.split())


def leading(text: str) -> tuple[str, str] | None:
    """A number at the beginning, and the rest."""
    found = LEADING.match(text)
    if found and is_code(found["code"], strict=True):
        return found["code"].lstrip("#"), tidy(found["rest"])
    return None


def trailing(text: str) -> tuple[str, str] | None:
    """A number at the end behind a comma or dash, and the rest."""
    found = TRAILING.match(text[:300])
    if found and is_code(found["code"], strict=True):
        return found["code"].lstrip("#"), tidy(found["rest"])
    return None


def tidy(text: str) -> str:
    """Without the marks that stood between the parts."""
    text = re.sub(r"[(\[]\s*[)\]]|(?:\s*\.){4,}|\s\.{2,}(?=\s|\Z)", " ", text)
    if text.count("(") != text.count(")"):
        text = re.sub(r"\(\s*\Z|\A\s*\)", " ", text.strip())
    return " ".join(text.split()).strip(" ,;:|–—-·•*=/").strip()


@lru_cache(maxsize=8192)
def alone(text: str) -> str:
    """The article number that a text is and nothing else, with label or brackets: `(EM-1)`,
    `Art. 2001`; empty where it is not."""
    given = labelled(text)
    if given and not given[1]:
        return given[0]
    bare = text.strip("()[] ")
    return bare if is_code(bare) or is_shouted(bare) else ""
