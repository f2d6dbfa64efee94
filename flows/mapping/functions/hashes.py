"""Functions that make keys out of values."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from connectors.sdk.codec import canonical
from flows.mapping.functions.function import (
    Example,
    Function,
    Group,
    Over,
    as_text,
    with_params,
)
from flows.mapping.lines.words import fold
from flows.mapping.values import text

_ALGORITHMS: Final = ("sha256", "sha512", "sha1")


def _hash(value: Any, params: Mapping[str, Any]) -> str:
    source = canonical(value) if type(value) in (list, dict) else text(value).encode()
    digest = hashlib.new(
        params.get("algorithm", "sha256"), str(params.get("prefix", "")).encode() + source,
        usedforsecurity=False,
    )  # fmt: skip
    return digest.hexdigest()[: params.get("length", 128)]


def _slug(value: Any, params: Mapping[str, Any]) -> str:
    source = re.sub(r"[äöü]", lambda one: {"ä": "ae", "ö": "oe", "ü": "ue"}[one[0]],
                    as_text(value).lower())  # fmt: skip
    made = "-".join(re.findall(r"[a-z0-9]+", fold(source)))
    return made[: int(params.get("length", 128))].rstrip("-")


FUNCTIONS = (
    Function(
        name="hash",
        title="Fingerprint",
        summary="A fingerprint of a value in hexadecimal digits: the same value gives the same "
        "one. Lists and objects count as canonical JSON. It keeps no secret.",
        build=with_params(_hash),
        params={
            "algorithm": {"enum": list(_ALGORITHMS), "default": "sha256", "title": "Algorithm"},
            "length": {"type": "integer", "minimum": 8, "maximum": 128, "title": "Digits at most"},
            "prefix": {"type": "string", "maxLength": 100, "title": "Put before the value"},
        },
        over=Over.WHOLE,
        takes="any",
        filter=True,
        examples=(
            Example(value="A-1", params={"length": 16}, result="bc4e7be982ab79ec"),
            Example(value={"b": 1, "a": 2}, params={"length": 8}, result="d3626ac3"),
        ),
    ),
    Function(
        name="slug",
        title="Address in a shop",
        summary="Small letters, digits and hyphens, as a shop's link_rewrite wants them.",
        build=with_params(_slug),
        params={
            "length": {
                "type": "integer",
                "minimum": 1,
                "maximum": 250,
                "default": 128,
                "title": "Length at most",
            }
        },
        group=Group.TEXT,
        filter=True,
        examples=(
            Example(value="Öl & Essig, 1/2 Liter", result="oel-essig-1-2-liter"),
            Example(value="Crème brûlée", result="creme-brulee"),
        ),
    ),
)
