"""Fingerprints: which values were written, without the values."""

import hashlib
from collections.abc import Mapping
from typing import Any

from connectors.sdk import codec
from flows.sync.entity import Entity


def fingerprint(entity: Entity, values: Mapping[str, Any]) -> dict[str, str]:
    """By field 16 hex digits over what of its value counts; fields that the entity has only.

    Values that differ in nothing but what the normalisers pass over have the same fingerprint.
    """
    return {one.name: digest(one.form(value)) for one, value in entity.owned(values)}


def digest(form: Any) -> str:
    """The fingerprint of one normalised value."""
    return hashlib.blake2b(codec.canonical(form), digest_size=8).hexdigest()
