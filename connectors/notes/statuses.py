"""What the answers of Domino and its data service mean, as tables.

JSON comes from the service, HTML from the web engine in front of it. Texts are literal in the
service's published source (Domino 9.0.1, kept by later servers).
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from connectors.sdk.errors import (
    ConfigurationError,
    ConflictError,
    ContractError,
    FarSideError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.status import Meaning, StatusTable, look_up

LOCK_SERVER = Meaning(
    error=PermissionDeniedError,
    code="lock_server",
    message="The Domino data service is not enabled on the server.",
    fix="Server or Web Site document, Domino Access Services: add Data to the enabled services, "
    "then restart HTTP.",
)
LOCK_DATABASE = Meaning(
    error=PermissionDeniedError,
    code="lock_database",
    message="The Domino data service is not enabled for the database.",
    fix='Database properties, Advanced: set "Allow Domino Data Service" to "Views and documents".',
)
LOCK_LEVEL = Meaning(
    error=PermissionDeniedError,
    code="lock_database_level",
    message="The database allows the data service for views only.",
    fix='Database properties, Advanced: set "Allow Domino Data Service" to "Views and documents".',
)
LOCK_VIEW = Meaning(
    error=PermissionDeniedError,
    code="lock_view",
    message="The Domino data service is not enabled for this view.",
    fix='View properties, Advanced: tick "Allow Domino Data Service operations".',
)
NOT_AUTHORISED = Meaning(
    error=PermissionDeniedError,
    code="not_authorised",
    message="The Notes user of this connection may not do this.",
    fix="Database, Access Control: give the user Editor with the right to create and delete "
    "documents, and look at the Authors items of the document.",
)

REDIRECT = Meaning(
    error=ConfigurationError,
    code="redirect",
    message="The server sends us to another address ({address}); redirects are not followed.",
    fix="Set the connection's server address to {address}, if that is the Domino server.",
)

# Looked through from the top; the text is a part of the service's message.
_MESSAGES: tuple[tuple[int, re.Pattern[str], Meaning], ...] = tuple(
    (status, re.compile(text, re.I), meaning)
    for status, text, meaning in (
        (403, r"not enabled for this database", LOCK_DATABASE),
        (403, r"not enabled for this view", LOCK_VIEW),
        (403, r"Cannot access resource", LOCK_LEVEL),
        (400, r"not authori[sz]ed", NOT_AUTHORISED),
        (
            400,
            r"not understandable",
            Meaning(
                error=RejectedError,
                code="query",
                message="The full-text query is not understandable to Domino.",
                fix="Close quotes and parentheses; put words like AND in quotes to search them.",
            ),
        ),
        (
            400,
            r"not full text indexed",
            Meaning(
                error=ConfigurationError,
                code="no_index",
                message="The database has no full-text index.",
                fix="Database properties, Full Text: create the index.",
            ),
        ),
        (
            400,
            r"folder operations on a view",
            Meaning(
                error=ConfigurationError,
                code="not_a_folder",
                message="This is a view: what it shows, its selection formula decides.",
                fix="Name a folder.",
            ),
        ),
        (
            404,
            r"must refer to an existing view",
            Meaning(
                error=ConfigurationError,
                code="view_missing",
                message="The view is not in the database.",
                fix="Correct the view's name in the flow, or create the view.",
            ),
        ),
        (
            404,
            r"Invalid universal id",
            Meaning(
                error=NotFoundError,
                code="document_missing",
                message="The document is not there, or hidden from this user by a Readers item.",
                fix="Look whether it was deleted, and whether the user is among its readers.",
            ),
        ),
        (
            400,
            r"Error while parsing the JSON",
            Meaning(
                error=ContractError,
                code="body_refused",
                message="The service could not read our request.",
            ),
        ),
    )
)

_SERVICE: StatusTable = {
    400: Meaning(
        error=RejectedError,
        code="refused",
        message="Notes refused the document: {text}",
        fix="Correct the data, or the form's validation.",
    ),
    403: LOCK_SERVER,
    404: Meaning(error=NotFoundError, code="not_found", message="Not found: {text}"),
    409: Meaning(
        error=ConflictError, code="changed", message="The document was changed meanwhile."
    ),
    412: Meaning(
        error=ConflictError,
        code="changed",
        message="Somebody saved the document since it was read.",
        fix="Read it again and decide with its present values.",
    ),
    429: Meaning(error=RateLimitedError, code="rate_limited", message="Too many requests."),
    "other": Meaning(
        error=ContractError,
        code="unknown_status",
        message="The service answered {status}, which its contract does not know.",
    ),
}

_WEB: StatusTable = {
    403: Meaning(
        error=PermissionDeniedError,
        code="web_forbidden",
        message="The web server refuses access.",
        fix="Check the web site's rules, and that Data is among the enabled services.",
    ),
    404: Meaning(
        error=ConfigurationError,
        code="database_missing",
        message="The server has no database at this path.",
        fix="Correct the database path in the connection (folders included).",
    ),
    405: Meaning(
        error=ConfigurationError,
        code="method_disabled",
        message="The web site does not allow this HTTP method.",
        fix="Switch on 'Send PATCH and DELETE as POST', or allow the method in the Web Site "
        "document.",
    ),
    429: Meaning(error=RateLimitedError, code="rate_limited", message="Too many requests."),
    503: Meaning(
        error=UnavailableError,
        code="server_down",
        message="The web server is not ready to answer.",
    ),
    "other": Meaning(
        error=ContractError,
        code="not_json",
        message="A web page came where the data service should have answered ({status}).",
        fix="Check that the address is the Domino server's own and not a proxy's page.",
    ),
}


def redirect_error(status: int, location: str, *, base: str) -> FarSideError | None:
    """The error for an answer that points to another server or scheme than `base`, such as
    http sent on to https; None for one that stays (a login sends to its page)."""
    target = urlsplit(location)
    if not 300 <= status < 400 or target.scheme not in ("http", "https") or not target.hostname:
        return None
    here = urlsplit(base)
    if (target.scheme, target.hostname, target.port) == (here.scheme, here.hostname, here.port):
        return None
    address = f"{target.scheme}://{target.netloc.rpartition('@')[2]}"
    return REDIRECT.build(
        detail={"status": status, "location": address}, names={"address": address}
    )


def far_side_error(
    *,
    status: int,
    html: bool,
    text: str,
    write: bool,
    where: str,
    wait: timedelta | None = None,
) -> FarSideError:
    """The error for an answer that is no success.

    `text` is the service's message, already short. A failure inside the server leaves open
    whether a write took place.
    """
    detail = {"status": status, "text": text, "where": where}
    if status in {500, 502, 504}:
        if write:
            return UncertainError(
                f"The server failed with {status} while writing.", code="failed", detail=detail
            )
        return UnavailableError(
            f"The server failed with {status}.", code="server_failed", detail=detail
        )
    if not html:
        for known, pattern, meaning in _MESSAGES:
            if status == known and pattern.search(text):
                return meaning.build(detail=detail)
    meaning = look_up(_WEB if html else _SERVICE, status) or _SERVICE["other"]
    return meaning.build(
        detail=detail, retry_after=wait, names={"text": text, "status": str(status)}
    )
