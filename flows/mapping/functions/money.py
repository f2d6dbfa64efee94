"""Functions over amounts of money and numbers as people write them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from babel.numbers import format_currency, format_decimal

from flows.mapping import dates
from flows.mapping.functions.function import (
    Example,
    Function,
    FunctionError,
    Group,
    with_params,
)
from flows.mapping.lines.amounts import exact, first, sign_of
from flows.mapping.values import bounded, number, whole

_SIGNS: Final = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "us$": "USD", "£": "GBP", "fr": "CHF",
    "sfr": "CHF", "fr.": "CHF", "zł": "PLN", "zl": "PLN", "kč": "CZK", "ft": "HUF", "lei": "RON",
    "¥": "JPY", "₺": "TRY", "c$": "CAD", "a$": "AUD",
}  # fmt: skip
_CURRENCY: Final = {
    "type": "string",
    "pattern": "^[A-Z]{3}$",
    "title": "Currency",
    "examples": ["EUR"],
}


def _money(value: Any, params: Mapping[str, Any]) -> Any:
    currency = params.get("currency")
    if type(value) is not str:
        amount: Decimal | int = number(value)
    elif not value.strip():
        return None
    else:
        amount, named = _read(value, str(params.get("locale", "")))
        currency = named or currency
    if params.get("give", "amount") == "amount":
        return amount
    return {"amount": amount, "currency": currency}


def _read(source: str, locale: str) -> tuple[Decimal | int, str | None]:
    match = first(source)
    found = exact(match, sign_of(locale) if locale else None, source) if match else None
    rest = source if match is None else f"{source[: match.start('body')]} {source[match.end() :]}"
    words = re.findall(r"[A-Za-z]{3}\b|[^\W\d]*\$|[€£¥₺]|[^\W\d]+\.?", rest)
    if match is None or found is None or re.search(r"\d", rest):
        raise FunctionError(
            f"{source[:40]!r} is not one amount of money.",
            code="bad_money",
            fix="Correct the record, or take the amount out of the text before.",
        )
    return whole(bounded(found)), next((one for word in words if (one := _code(word))), None)


def _code(word: str) -> str | None:
    if re.fullmatch(r"[A-Z]{3}", word):
        return word
    return _SIGNS.get(word.lower()) or _SIGNS.get(word.lower().rstrip("."))


def _format(value: Any, params: Mapping[str, Any]) -> str:
    found = Decimal(number(value))
    locale = dates.locale(params.get("locale", "en"))
    digits = params.get("digits")
    if found.adjusted() > 28:
        raise FunctionError("The number is too large to be written.")
    if "currency" in params:
        return str(format_currency(found, params["currency"], locale=locale))
    if digits is None:
        return str(format_decimal(found, locale=locale, decimal_quantization=False))
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(found, format=pattern, locale=locale))


FUNCTIONS = (
    Function(
        name="money",
        title="Amount of money",
        summary="Reads an amount as people write it, with a currency before or behind it: the "
        "number, or an object of amount and currency. A number that could be read in two ways is "
        "read as `locale` writes it.",
        build=with_params(_money),
        params={
            "locale": {
                "type": "string",
                "title": "Language",
                "description": "Decides 1.234 and 1,234; other numbers say it themselves.",
                "examples": ["de", "en_US"],
            },
            "give": {"enum": ["amount", "object"], "default": "amount", "title": "Result"},
            "currency": {**_CURRENCY, "description": "Where the text names none."},
        },
        group=Group.NUMBERS,
        gives="number",
        filter=True,
        examples=(
            Example(value="1.234,56 €", result=1234.56),
            Example(
                value="CHF 1'200.00",
                params={"give": "object"},
                result={"amount": 1200, "currency": "CHF"},
            ),
            Example(value="1.234", params={"locale": "de"}, result=1234),
        ),
    ),
    Function(
        name="number_format",
        title="Write a number",
        summary="A number as a language writes it, with a currency if one is given.",
        build=with_params(_format),
        params={
            "locale": {"type": "string", "default": "en", "title": "Language"},
            "digits": {"type": "integer", "minimum": 0, "maximum": 10, "title": "Decimals"},
            "currency": _CURRENCY,
        },
        group=Group.NUMBERS,
        takes="number",
        filter=True,
        examples=(
            Example(value=1234.5, params={"locale": "de", "digits": 2}, result="1.234,50"),
            Example(value=12, params={"locale": "en", "currency": "EUR"}, result="€12.00"),
        ),
    ),
)
