"""What a field's sample values look like.

Each value is of some kinds ("12,50" is a number and money-like); a profile tells the share of each
kind over the values that are not empty. Profiles veto and break ties, and they choose the
function and its parameters; alone they never make a match.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.mapping.matcher.words import fold


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DATES: Final = (
    (re.compile(r"\d{4}-\d{2}-\d{2}$"), "yyyy-MM-dd"),
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"), "yyyy-MM-dd HH:mm:ss"),
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}$"), "yyyy-MM-dd HH:mm"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"), "ISO"),
    (re.compile(r"\d{8}T\d{6}(,\d{2})?([+-]\d{2,4})?$"), "DXL"),
    (re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"), "yyyyMMdd"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}$"), "dd.MM.yyyy"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}$"), "dd.MM.yy"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4},? \d{1,2}:\d{2}$"), "dd.MM.yyyy HH:mm"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4},? \d{1,2}:\d{2}:\d{2}$"), "dd.MM.yyyy HH:mm:ss"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}$"), "dd/MM/yyyy"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{2}$"), "dd/MM/yy"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}$"), "dd/MM/yyyy HH:mm"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}$"), "dd/MM/yyyy HH:mm:ss"),
    (
        re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}(:\d{2})? ?[AaPp][Mm]$"),
        "MM/dd/yyyy hh:mm a",
    ),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}$"), "dd-MM-yyyy"),
    (re.compile(r"\d{4}/\d{2}/\d{2}$"), "yyyy/MM/dd"),
)
_NUMBER: Final = re.compile(r"[-+]?\d[\d.,'’   ]*$|[-+]?[.,]\d+$")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}$")
_URL: Final = re.compile(r"(?:https?://|www\.)\S+$", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?:\+|00|\(?0)[\d\s()./-]{6,}$")
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[ ]?(?:[A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{0,4}$")
_VAT: Final = re.compile(
    r"(?:AT|BE|DE|DK|ES|FI|FR|GB|IE|IT|LU|NL|PL|PT|SE|CHE)[- ]?[A-Z0-9]{8,12}$"
)
_HASH: Final = re.compile(r"[0-9a-fA-F]{32}$|[0-9a-fA-F]{40}$|[0-9a-fA-F]{64}$|\$2[aby]\$.{50,}$")
_UUID: Final = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
)
_HTML: Final = re.compile(
    r"<(?:p|br|div|b|i|ul|li|span|strong|h[1-6]|table|a|em)\b[^>]*>", re.IGNORECASE
)
_DN: Final = re.compile(r"CN=[^/]+(?:/[A-Z]{1,2}=[^/]+)+", re.IGNORECASE)
_POSTCODE: Final = re.compile(
    r"(?:[A-Z]{1,2}-?)?\d{4,5}(?:-\d{3,4})?$|\d{3} ?\d{2}$|\d{4} ?[A-Z]{2}$"
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$|[A-Z]\d[A-Z] ?\d[A-Z]\d$"
)
_PERSON: Final = re.compile(r"[^\W\d_][\w'’.-]*(?:,? [^\W\d_][\w'’.-]*){1,3}$")
_COMPANY: Final = re.compile(
    r"\b(?:gmbh|ag|kg|ohg|ug|gbr|e\.?v\.?|ltd|limited|llc|inc|corp|plc|sarl|sas|sasu|eurl|s\.?a\.?"
    r"|sci|bv|nv|srl|spa|s\.?l\.?|oy|ab|aps|sprl|co|kgaa)\b\.?",
    re.IGNORECASE,
)
_STREET: Final = re.compile(r"[^\W\d_].*\d|^\d+[a-z]?,? .*[^\W\d_]")
_CURRENCIES: Final = _set(
    "EUR USD GBP CHF PLN CZK SEK DKK NOK HUF CAD AUD JPY CNY RON BGN TRY € $ £ euro"
)
_TRUE: Final = _set(
    "1 true yes y ja j oui o wahr vrai si x on active aktiv actif publish published enabled"
)
_FALSE: Final = _set(
    "0 false no n nein non falsch faux off inactive inaktiv inactif draft disabled"
)
_SALUTATIONS: Final = _set(
    "herr frau mr mrs ms m mme mlle monsieur madame mademoiselle divers firma dr mister miss hr fr"
    " sr sra"
)
_LANGUAGES: Final = _set("de en fr es it nl pt pl deutsch english francais englisch d f e")
MAX_VALUES: Final = 200
MAX_LENGTH: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`shares` of kinds, `values` as text (each once, as seen), `listed` where the value is a list
    or an object list, `lengths` of lists by sample, `dates` and `numbers` the forms seen."""

    shares: dict[str, float] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    count: int = 0
    listed: bool = False
    lengths: tuple[int, ...] = ()
    dates: tuple[str, ...] = ()
    decimal: str = ""

    def share(self, kind: str) -> float:
        return self.shares.get(kind, 0.0)


EMPTY: Final = Profile()


def profile(samples: Sequence[Any]) -> Profile:
    """The profile of one field's samples, one for each record."""
    flat: list[Any] = []
    lengths: list[int] = []
    listed = False
    for one in samples[:MAX_VALUES]:
        if isinstance(one, list | tuple):
            listed = True
            lengths.append(len(one))
            flat.extend(one[:MAX_VALUES])
        elif one not in (None, ""):
            lengths.append(1)
            flat.append(one)
        else:
            lengths.append(0)
    flat = [one for one in flat[:MAX_VALUES] if one not in (None, "") and not isinstance(one, dict)]
    if not flat:
        return Profile(listed=listed, lengths=tuple(lengths))
    counts: Counter[str] = Counter()
    dates: Counter[str] = Counter()
    for one in flat:
        for kind in _kinds(one, dates):
            counts[kind] += 1
    texts = tuple(dict.fromkeys(str(one)[:MAX_LENGTH] for one in flat))
    return Profile(
        shares={kind: count / len(flat) for kind, count in counts.items()},
        values=texts,
        count=len(flat),
        listed=listed,
        lengths=tuple(lengths),
        dates=tuple(form for form, _ in dates.most_common()),
        decimal=_decimal(texts) if counts["number"] else "",
    )


def _kinds(value: Any, dates: Counter[str]) -> list[str]:
    if isinstance(value, bool):
        return ["bool"]
    if isinstance(value, int):
        found = ["number", "integer", "typed"]
        return [*found, "bool"] if value in (0, 1) else found
    if not isinstance(value, str):
        return ["number", "typed"] if isinstance(value, float) or hasattr(value, "as_tuple") else []
    text = value.strip()[:MAX_LENGTH]
    found = ["text"]
    if _form_of_date(text, dates):
        return [*found, "date"]
    if text.endswith("%"):
        found.append("percent")
        text = text[:-1].strip()
    money = text.strip("€$£ ") if text[:1] in "€$£" or text[-1:] in "€$£" else text
    money = re.sub(r"\s*(?:EUR|USD|CHF|GBP)$", "", money)
    if _NUMBER.match(money):
        found.append("number")
        digits = money.replace(" ", "")
        if digits.isdigit():
            found.append("integer")
            if _check_digit(digits):
                found.append("ean")
    for kind, pattern in _PATTERNS:
        if pattern.match(text):
            found.append(kind)
    folded = fold(text).rstrip(".")
    found += [kind for kind, known in _SETS if folded in known or text in known]
    if _HTML.search(text):
        found.append("html")
    if _COMPANY.search(text):
        found.append("company")
    if len(text) > 60 or "\n" in text:
        found.append("long")
    if "\n" in text or text.count(",") >= 2:
        found.append("parts")
    return found


_PATTERNS: Final = (
    ("email", _EMAIL), ("url", _URL), ("phone", _PHONE), ("iban", _IBAN), ("vat", _VAT),
    ("secret", _HASH), ("uuid", _UUID), ("dn", _DN), ("postcode", _POSTCODE), ("person", _PERSON),
    ("street", _STREET),
)  # fmt: skip
_SETS: Final = (
    ("bool", _TRUE | _FALSE), ("currency", _CURRENCIES), ("salutation", _SALUTATIONS),
    ("language", _LANGUAGES),
)  # fmt: skip


def truth_of(word: str) -> bool | None:
    """What a word for yes or no says; None for any other."""
    folded = fold(word).strip().rstrip(".")
    if folded in _TRUE:
        return True
    return False if folded in _FALSE else None


def _form_of_date(text: str, dates: Counter[str]) -> bool:
    if not text or not text[0].isdigit():
        return False
    for pattern, form in _DATES:
        if pattern.match(text):
            dates[_day_first(text, form)] += 1
            return True
    return False


def _day_first(text: str, form: str) -> str:
    """Month and day exchanged where the numbers leave no other way."""
    if not form.startswith("dd/"):
        return form
    parts = re.split(r"\D", text)
    return form.replace("dd/MM", "MM/dd") if int(parts[1]) > 12 >= int(parts[0]) else form


def _check_digit(digits: str) -> bool:
    if len(digits) not in (8, 12, 13, 14):
        return False
    total = sum(
        int(one) * (3 if at % 2 == 0 else 1) for at, one in enumerate(reversed(digits[:-1]))
    )
    return (10 - total % 10) % 10 == int(digits[-1])


def _decimal(texts: Sequence[str]) -> str:
    """The decimal mark of a column: "," or "." or empty where nothing tells."""
    commas = points = 0
    for text in texts:
        last = max(text.rfind(","), text.rfind("."))
        if last < 0:
            continue
        mark, after = text[last], len(re.sub(r"\D", "", text[last + 1 :]))
        sure = after != 3 or (text.count(mark) == 1 and ("," in text and "." in text))
        if sure and text.count(mark) == 1:
            commas += mark == ","
            points += mark == "."
    if commas == points:
        return ""
    return "," if commas > points else "."
