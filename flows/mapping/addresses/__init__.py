"""Postal addresses out of one combined text: `parse_address`."""

from flows.mapping.addresses.address import Address
from flows.mapping.addresses.parse import MAX_TEXT, parse_address
from flows.mapping.addresses.street import Street, part

__all__ = ["MAX_TEXT", "Address", "Street", "parse_address", "part"]
