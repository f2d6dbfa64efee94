"""The shop's own checks of written values: its validators, by the name that a synopsis shows."""

import re
from collections.abc import Callable

from .errors import WebserviceError
from .schema import Field, Resource

INT_RANGE = (-2147483648, 2147483647)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_DATE = _matches(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?")
_UNSIGNED = _matches(r"\d{1,10}")
_NAME = _matches(r'[^0-9!<>,;?=+()@#"°{}_$%:¤|]*')

FORMATS: dict[str, Callable[[str], bool]] = {
    "isAddress": _matches(r"[^!<>?=+@{}_$%]*"),
    "isApe": _matches(r"[0-9]{3,4}[a-zA-Z]{1}"),
    "isBirthDate": _matches(r"\d{4}-\d{2}-\d{2}"),
    "isBool": _matches(r"[01]?"),
    "isCatalogName": _matches(r"[^<>;=#{}]*"),
    "isCityName": _matches(r'[^!<>;?=+@#"°{}_$%]*'),
    "isCleanHtml": lambda text: re.search(r"<\s*script|\bon\w+\s*=", text, re.IGNORECASE) is None,
    "isCustomerName": _NAME,
    "isDate": _DATE,
    "isDateOrNull": _DATE,
    "isDniLite": _matches(r"[0-9A-Za-z-.]{1,16}"),
    "isEmail": _matches(r"[^\s@<>]+@[^\s@<>.]+(\.[^\s@<>.]+)+"),
    "isFloat": _matches(r"-?\d*\.?\d+"),
    "isGenericName": _matches(r"[^<>={}]*"),
    "isHashedPassword": _matches(r".{5,255}"),
    "isMd5": _matches(r"[a-f0-9A-F]{32}"),
    "isMessage": _matches(r"[^<>{}]*"),
    "isModuleName": _matches(r"[a-zA-Z0-9_-]+"),
    "isName": _NAME,
    "isNullOrUnsignedId": _UNSIGNED,
    "isPhoneNumber": _matches(r"[+0-9. ()/-]*"),
    "isPostCode": _matches(r"[a-zA-Z 0-9-]+"),
    "isPrice": _matches(r"\d{1,10}(\.\d{1,9})?"),
    "isReference": _matches(r"[^<>;={}]*"),
    "isSha1": _matches(r"[a-fA-F0-9]{40}"),
    "isTrackingNumber": _matches(r"[~:#,%&_=()\[\].? +\-@/a-zA-Z0-9]+"),
    "isUnsignedId": _UNSIGNED,
    "isUnsignedInt": _UNSIGNED,
    "isUrl": _matches(r"[~:#,$%&_=()\.? +\-@/a-zA-Z0-9]+"),
}


def failure(message: str, *, old: bool, code: int = 85) -> WebserviceError:
    """Refused by validation; 8.2 escapes the message as HTML."""
    if old:
        message = message.replace(">", "&gt;")
    return WebserviceError(400, (code, f'Validation error: "{message}"'))


def check(resource: Resource, field: Field, text: str, *, old: bool) -> None:
    """Raises the first objection to one sent value."""
    name = f"{resource.class_name}->{field.name}"
    if text == "":
        if field.required:
            raise failure(f"Property {name} is empty.", old=old)
        return
    if field.max_size and len(text) > field.max_size:
        raise failure(
            f"The length of property {name} is currently {len(text)} chars."
            f" It must be between 0 and {field.max_size} chars.",
            old=old,
        )
    if field.format == "isInt":
        number = int(text) if re.fullmatch(r"-?\d+", text) else None
        if number is None or not INT_RANGE[0] <= number <= INT_RANGE[1]:
            raise failure(
                f"The range of property {name} is currently {number or 0}."
                f" It must be between {INT_RANGE[0]} and {INT_RANGE[1]}.",
                old=old,
            )
        return
    validator = FORMATS.get(field.format)
    if validator is not None and not validator(text):
        code = 84 if field.kind == "lang" else 85
        raise failure(f"Property {name} is not valid", old=old, code=code)
