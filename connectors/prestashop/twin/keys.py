"""Keys of the webservice: who may do what (recordings 001 to 013)."""

from collections.abc import Mapping

from .call import Call
from .errors import WebserviceError, closest
from .store import Row

LENGTH = 32
VERBS = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD")
# Closed for everyone, whatever the key's rights (012; the others by the shop's own list).
CLOSED = {
    "stock_availables": ("POST", "DELETE"),
    "stock_movements": ("PUT", "POST", "PATCH", "DELETE"),
    "stocks": ("PUT", "POST", "PATCH", "DELETE"),
    "warehouses": ("DELETE",),
    "search": ("PUT", "POST", "PATCH", "DELETE"),
}


class NoCredentialsError(Exception):
    """Neither Basic auth nor `ws_key`: plain text, not XML (001)."""


def may(key: Row, resource: str, verb: str) -> bool:
    rights: Mapping[str, list[str]] = key["rights"]
    return verb in rights.get(resource, rights.get("*", []))


def admit(call: Call, keys: list[Row], *, withdrawn: bool = False) -> Row:
    """The key of the request, or 401. `withdrawn` treats every key as switched off."""
    text = call.key
    if text is None:
        raise NoCredentialsError
    if len(text) != LENGTH:
        raise WebserviceError(401, (18, "Invalid authentication key format"))
    found = next((one for one in keys if one["key"] == text and one["active"]), None)
    if found is None or withdrawn:
        raise WebserviceError(
            401,
            (20, "Authentification key is not active"),
            (21, "No permission for this authentication key"),
        )
    return found


def authorize(call: Call, key: Row, names: list[str]) -> None:
    """Refuses an unknown resource (27), one not granted (26), a verb not granted (25, 101)."""
    resource = call.resource
    if resource not in names:
        listed = ", ".join(f'"{name}"' for name in names)
        raise WebserviceError(
            400,
            (
                27,
                f'Resource of type "{resource}" does not exists. Did you mean: '
                f'"{closest(resource, names)}"? The full list is: {listed}',
            ),
        )
    if not any(may(key, resource, verb) for verb in VERBS):
        raise WebserviceError(
            401,
            (26, f'Resource of type "{resource}" is not allowed with this authentication key'),
        )
    refused = f"Method {call.method} is not allowed for the resource {resource}"
    if call.method in CLOSED.get(resource, ()):
        raise WebserviceError(405, (101, refused))
    if not may(key, resource, call.method):
        raise WebserviceError(405, (25, f"{refused} with this authentication key"))
