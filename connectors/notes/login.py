"""Logins of a Domino web server, without I/O: what to send and how to read the answer."""

import re
from urllib.parse import urlencode

from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ConfigurationError

LOGIN_PATH = "/names.nsf?Login"
# Single-server sessions, and the two generations of multi-server single sign-on.
_COOKIE = re.compile(r"(?:^|[,;\s])(DomAuthSessId|LtpaToken2?)=([^;,\s]+)")


def auth_kind(connection: ConnectionConfig) -> str:
    """ "session" (default) or "basic"."""
    return str(connection.settings.get("auth", "session"))


def credentials(connection: ConnectionConfig) -> tuple[str, str]:
    """User name and password. Raises `ConfigurationError` when one is missing."""
    username = str(connection.settings.get("username", ""))
    password = connection.secrets.get("password", "")
    if not (username and password):
        raise ConfigurationError(
            "The connection has no user name or no password.",
            code="no_credentials",
            fix="Enter both in the connection's settings.",
        )
    return username, password


def login_form(connection: ConnectionConfig) -> bytes:
    """Body of the login request (application/x-www-form-urlencoded)."""
    username, password = credentials(connection)
    return urlencode({"Username": username, "Password": password}).encode()


def session_cookies(set_cookie: str) -> str:
    """The session cookies in a Set-Cookie header, as a Cookie header; "" when there is none:
    a failed login is a 200 with the form again, not a 401."""
    found = dict(_COOKIE.findall(set_cookie))
    return "; ".join(f"{name}={value}" for name, value in found.items())
