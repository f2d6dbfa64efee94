"""JSON Schemas at the rim: what the webservice and the shop's module must send."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from connectors.sdk.errors import ContractError
from connectors.sdk.redact import redact

_HERE = Path(__file__).parent


@cache
def hook_validator() -> Draft202012Validator:
    """For the body of a delivery."""
    return Draft202012Validator(json.loads((_HERE / "hook.json").read_text(encoding="utf-8")))


@cache
def _row_validator(shape: str) -> Draft202012Validator:
    document = json.loads((_HERE / "rows.json").read_text(encoding="utf-8"))
    if shape not in document["$defs"]:
        raise KeyError(f"rows.json has no shape {shape!r}")
    return Draft202012Validator({"$ref": f"#/$defs/{shape}", "$defs": document["$defs"]})


def check_row(shape: str, row: Any) -> None:
    """Raises `ContractError` that names what was expected and what came instead."""
    error = next(_row_validator(shape).iter_errors(row), None)
    if error is None:
        return
    place = "/".join(map(str, error.absolute_path))
    raise ContractError(
        f"The shop's answer lacks something we need in {shape}: {error.message[:200]}.",
        code="unexpected_shape",
        fix="See whether a module of the shop changes its webservice.",
        detail={
            "expected": f"{shape}/{place}: {error.validator} {str(error.validator_value)[:200]}",
            "received": redact(row),
        },
    )
