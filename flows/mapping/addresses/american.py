"""Addresses of the United States, by usaddress (a trained model that comes with its package)."""

from typing import Final

import usaddress

from flows.mapping.addresses.address import Address

_PARTS: Final = {
    "AddressNumberPrefix": "house_number", "AddressNumber": "house_number",
    "AddressNumberSuffix": "house_number", "StreetNamePreModifier": "street",
    "StreetNamePreDirectional": "street", "StreetNamePreType": "street", "StreetName": "street",
    "StreetNamePostType": "street", "StreetNamePostDirectional": "street",
    "StreetNamePostModifier": "street", "OccupancyType": "unit", "OccupancyIdentifier": "unit",
    "SubaddressType": "unit", "SubaddressIdentifier": "unit", "PlaceName": "city",
    "StateName": "state", "ZipCode": "postcode", "Recipient": "name", "BuildingName": "name",
    "USPSBoxType": "po_box", "USPSBoxID": "po_box", "USPSBoxGroupType": "po_box",
    "USPSBoxGroupID": "po_box", "LandmarkName": "name", "CornerOf": "street",
}  # fmt: skip
_CLEAN: Final = " ,;\n()"


def parse_american(text: str) -> Address:
    """The parts of a US address in one line."""
    found: dict[str, list[str]] = {}
    for token, label in usaddress.parse(text):
        role = _PARTS.get(label)
        if role and (bare := token.strip(_CLEAN)):
            found.setdefault(role, []).append(bare)
    parts = {role: " ".join(tokens) for role, tokens in found.items()}
    box = parts.get("po_box", "")
    parts["po_box"] = box
    return Address(country="US", **parts)
