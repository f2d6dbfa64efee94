"""What an address is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Address:
    """The parts of a postal address as they were written; `country` is an ISO code.

    `rest` is what found no place (a quarter, a second line): it belongs into address2.
    """

    street: str = ""
    house_number: str = ""
    unit: str = ""
    postcode: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    name: str = ""
    po_box: str = ""
    rest: str = ""
