"""Settings and secrets against the connector's manifest, before anything is stored."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from causeway.base.problems import FieldError, Problem
from connectors.catalog import default_catalog
from connectors.sdk.connector import Connector
from connectors.sdk.quiet import is_zone

# A checker of our own: the validator's is shared by all who import jsonschema.
_FORMATS = FormatChecker()
_FORMATS.checkers = {
    **Draft202012Validator.FORMAT_CHECKER.checkers,
    "time-zone": (is_zone, ()),
}


def connector_of(id_: str) -> Connector:
    """The installed connector. Raises a 422 problem for an unknown one."""
    found = default_catalog().connector(id_)
    if found is None:
        message = f"There is no connector {id_!r} here."
        raise Problem(
            422,
            "unknown_connector",
            message,
            errors=[FieldError(pointer="/connector", code="unknown", message=message)],
        )
    return found


def check_fits(
    connector: Connector,
    *,
    settings: Mapping[str, Any] | None,
    secrets: Mapping[str, str],
    kept: Collection[str] = (),
) -> None:
    """Raise one 422 problem with a pointer for everything that does not fit the manifest.

    Settings that are None stay as they are. `kept` names secrets that are stored already; they
    satisfy `required`. No message quotes a secret.
    """
    found = [] if settings is None else _settings_errors(connector, settings)
    found += _secret_errors(connector, secrets, kept)
    if found:
        raise Problem(
            422,
            "invalid_connection",
            "Correct the marked fields.",
            title="The connection cannot be used like this",
            errors=found,
        )


def _settings_errors(connector: Connector, settings: Mapping[str, Any]) -> list[FieldError]:
    schema = connector.manifest["connection"]["settings"]
    validator = Draft202012Validator(schema, format_checker=_FORMATS)
    return [
        FieldError(
            pointer=_pointer("settings", error),
            code=str(error.validator),
            message=_MESSAGES.get(_name_of(error), error.message),
        )
        for error in validator.iter_errors(settings)
    ]


def _secret_errors(
    connector: Connector, given: Mapping[str, str], kept: Collection[str]
) -> list[FieldError]:
    schema = connector.manifest["connection"]["secrets"]
    known: Mapping[str, Any] = schema["properties"]
    errors = []
    for name, value in given.items():
        if name not in known:
            errors.append(_secret_error(name, "unknown", "The connector has no such secret."))
        elif not value or not Draft202012Validator(known[name]).is_valid(value):
            errors.append(_secret_error(name, "invalid", "The value is empty or misshapen."))
    errors += [
        _secret_error(name, "required", "This secret is needed.")
        for name in schema.get("required", ())
        if name not in given and name not in kept
    ]
    return errors


def system_of(connector: Connector, settings: Mapping[str, Any]) -> str:
    """The identity of the far side: the setting marked `x-system`, else its address.

    Of an address, host, port and path count: whether it is reached over http or https, it is
    the same shop.
    """
    known: Mapping[str, Any] = connector.manifest["connection"]["settings"]["properties"]
    marked = next((name for name, schema in known.items() if schema.get("x-system")), "base_url")
    value = str(settings[marked])
    if "://" not in value:
        return value
    parts = urlsplit(value)
    return (parts.netloc.rpartition("@")[2] + parts.path).rstrip("/").lower()


_MESSAGES = {
    "required": "This is needed.",
    "time-zone": "There is no time zone of this name. Write it like Europe/Madrid.",
    "quiet_hours": "Write hours like 08:00-20:00 or mo-fr 08:00-18:00, sa 09:00-14:00; days are "
    "mo, tu, we, th, fr, sa, su.",
}


def _name_of(error: ValidationError) -> str:
    """What a sentence of ours is found by: the rule, the format, or the setting."""
    if error.validator == "format":
        return str(error.validator_value)
    if error.validator == "pattern":
        return str(error.absolute_path[-1]) if error.absolute_path else ""
    return str(error.validator)


def _secret_error(name: str, code: str, message: str) -> FieldError:
    return FieldError(pointer=f"/secrets/{_escaped(name)}", code=code, message=message)


def _pointer(root: str, error: ValidationError) -> str:
    parts = [root, *map(str, error.absolute_path)]
    if error.validator == "required" and isinstance(error.validator_value, list):
        # The complaint stands at the object; the person looks for the missing field.
        parts += [name for name in error.validator_value if error.message.startswith(repr(name))]
    return "".join(f"/{_escaped(part)}" for part in parts)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
