"""The words of a field name: `fld_LieferPLZ2` → lieferplz 2, `Qté` → qte, `i1Desc` → i 1 desc."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_CAMEL: Final = re.compile(
    r"(?<=[a-z0-9à-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿ])|(?<=[A-Za-zà-ÿÀ-Þ])(?=\d)|(?<=\d)(?=[A-Za-z])"
)
_WORD: Final = re.compile(r"[a-z0-9]+|[#%]")
_FOLDED: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "№": " no ", "ł": "l", "ä": "ae", "ö": "oe"}
    | {"ü": "ue", "°": "o", "º": "o"}
)
# Letters that programs put before a name to tell its type: cName, fPreis, kKunde, strOrt, txtOrt.
_HUNGARIAN: Final = re.compile(
    r"^(?:[abcdfiklnst]|str|txt|int|dbl|dat|bln|cbo|lst|num|dsp|tx|fld)$"
)
_PREFIX: Final = re.compile(
    r"^(?:fld|txt|tx|dsp|cbo|lbl|frm|fd|kw|rt|cf|x)_+(?=.)",
    re.IGNORECASE,
)
# What is computed for the eye, or for a while: the field proper stands beside it.
_ASIDE: Final = re.compile(r"(?:dsp|disp|tmp|temp|cfd|calc)(?=[A-Z_])|(?:DSP|TMP)_|anzeige_|aff_")
MAX_NAME: Final = 200


def fold(text: str) -> str:
    """Small letters without accents; German umlauts become two letters."""
    lowered = unicodedata.normalize("NFC", text).lower().translate(_FOLDED)
    parted = unicodedata.normalize("NFKD", lowered)
    return "".join(one for one in parted if not unicodedata.combining(one))


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """The folded words and numbers of one part of a name, without the marks of a program."""
    text = text[:MAX_NAME]
    shorter = _PREFIX.sub("", text)
    parts = _CAMEL.sub(" ", _bare(shorter or text))
    found = tuple(_WORD.findall(fold(parts)))
    return found or tuple(_WORD.findall(fold(text)))


def _bare(text: str) -> str:
    """Without type letters of a camel-case name: `cArtNr` → `ArtNr`, `strOrt` → `Ort`."""
    head = re.match(r"[a-z]+(?=[A-Z])", text)
    if head and _HUNGARIAN.match(head[0]) and len(text) > len(head[0]) + 1:
        return text[len(head[0]) :]
    return text


def aside(text: str) -> bool:
    """Whether a name is marked as computed for display or as temporary (`dspName`, `tmpTotal`)."""
    return _ASIDE.match(text) is not None


def glued(text: str) -> str:
    """The name without anything between its words."""
    return "".join(words(text))


def variants(word: str) -> tuple[str, ...]:
    """A folded word also as systems without umlauts write it (groesse, grosse)."""
    plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return (word,) if plain == word else (word, plain)
