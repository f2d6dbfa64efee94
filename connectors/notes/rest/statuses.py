"""What the answers of the Domino REST API mean, as tables.

JSON `{status, message, details?, errorId?}` comes from the API, HTML from whatever else listens at
the address (reference, 15).
"""

import re
from datetime import timedelta

from connectors.sdk.errors import (
    AuthenticationError,
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

SCOPE_MISSING = 1112  # errorId

_SCOPE = Meaning(
    error=ConfigurationError,
    code="scope_missing",
    message="The Domino REST API has no scope of this name.",
    fix="Correct the scope in the connection (lower case), or have an administrator add it in the "
    "Admin UI and activate it.",
)
_CHANGED = Meaning(
    error=ConflictError,
    code="changed",
    message="Somebody saved the document since it was read.",
    fix="Read it again and decide with its present values.",
)
# Looked through from the top; pattern of the message, and of the path it must have come from.
_MESSAGES: tuple[tuple[frozenset[int], str, str, Meaning], ...] = (
    (frozenset({400, 403, 404}), r"scope definition|no scope|unknown scope", "", _SCOPE),
    # The status of a mismatch is not documented [U]: any refusal that names the revision.
    (frozenset({400, 403, 404, 409, 412}), r"revision", "", _CHANGED),
    (
        frozenset({400, 403}),
        r"\bdql\b.*(access|allowed|enabled|permitted)|not (allowed|permitted).*\bdql\b",
        "",
        Meaning(
            error=PermissionDeniedError,
            code="dql_closed",
            message="The schema does not allow DQL queries.",
            fix="Admin UI, the schema: switch on DQL access, and give each form that flows query "
            "or poll a mode named dql.",
        ),
    ),
    (
        frozenset({400, 500}),
        r"",
        r"/query",
        Meaning(
            error=RejectedError,
            code="query",
            message="Domino does not take the DQL query: {text}",
            fix="Correct the query; text stands in single quotes, values go in as ?name.",
        ),
    ),
    (
        frozenset({400, 403}),
        r"\bmode\b|not (configured|writ)|\bschema\b|\bfield\b.*not",
        "",
        Meaning(
            error=ConfigurationError,
            code="mode",
            message="The schema does not let this through: {text}",
            fix="Admin UI, the schema: allow the form, and in the mode that the connection names "
            "the items that flows read and write, with SyncSource, SyncRev, SyncHash, $Conflict "
            "and $REF.",
        ),
    ),
    (
        frozenset({401, 403}),
        r"(token|access|granted|covered|permi|authori).*\bscope|\bscope.*(granted|covered|denied)",
        "",
        Meaning(
            error=PermissionDeniedError,
            code="scope_not_granted",
            message="The user's token does not cover this scope.",
            fix="Give the user access to the database and to the scope (Admin UI, Scopes, maximum "
            "access level), or let the token carry it.",
        ),
    ),
    (
        frozenset({404}),
        r"",
        r"/lists/",
        Meaning(
            error=ConfigurationError,
            code="view_missing",
            message="The scope shows no view or folder of this name.",
            fix="Correct the name, or activate the view in the schema.",
        ),
    ),
    (
        frozenset({400, 404}),
        r"agent",
        r"/run/",
        Meaning(
            error=RejectedError,
            code="refused",
            message="Notes refused to run the agent: {text}",
            fix="Correct the name, or allow the agent in the schema.",
        ),
    ),
)

_API: StatusTable = {
    400: Meaning(
        error=RejectedError,
        code="refused",
        message="Notes refused the document: {text}",
        fix="Correct the data, or the form's validation.",
    ),
    401: Meaning(
        error=AuthenticationError,
        code="token_refused",
        message="The Domino REST API does not accept the token that it gave us.",
        fix="Look at the clocks of both servers and at the token's life in the API's settings.",
    ),
    403: Meaning(
        error=PermissionDeniedError,
        code="not_authorised",
        message="The Notes user of this connection may not do this: {text}",
        fix="Database, Access Control: give the user Editor with the right to create and delete "
        "documents; look at the Authors items and at the scope's maximum access level.",
    ),
    404: Meaning(error=NotFoundError, code="not_found", message="Not found: {text}"),
    409: _CHANGED,
    412: _CHANGED,
    429: Meaning(error=RateLimitedError, code="rate_limited", message="Too many requests."),
    503: Meaning(
        error=UnavailableError, code="server_down", message="The REST API is not ready to answer."
    ),
    "other": Meaning(
        error=ContractError,
        code="unknown_status",
        message="The REST API answered {status}, which its contract does not know.",
    ),
}

MISSING = Meaning(
    error=ConfigurationError,
    code="rest_missing",
    message="No Domino REST API answers at this address ({status}, a web page).",
    fix="Enter the address of the restapi task in the connection (port 8880 unless an "
    "administrator changed it), or start the task.",
)


def far_side_error(
    *,
    status: int,
    html: bool,
    text: str,
    error_id: int | None,
    write: bool,
    where: str,
    wait: timedelta | None = None,
) -> FarSideError:
    """The error for an answer that is no success; `where` is method and path, `text` the API's
    message. A failure inside the server leaves open whether a write took place."""
    detail = {"status": status, "text": text, "where": where}
    names = {"text": text, "status": str(status)}
    if not html:
        if error_id == SCOPE_MISSING:
            return _SCOPE.build(detail=detail)
        for statuses, message, path, meaning in _MESSAGES:
            if (
                status in statuses
                and re.search(message, text, re.I)
                and re.search(path, where, re.I)
            ):
                return meaning.build(detail=detail, names=names)
    if status in {500, 502, 504}:
        if write:
            return UncertainError(
                f"The server failed with {status} while writing.", code="failed", detail=detail
            )
        return UnavailableError(
            f"The server failed with {status}.", code="server_failed", detail=detail
        )
    if html and status not in {429, 503}:
        return MISSING.build(detail=detail, names=names)
    meaning = look_up(_API, status) or _API["other"]
    return meaning.build(detail=detail, retry_after=wait, names=names)
