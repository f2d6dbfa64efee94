"""What the agent endpoint's errors and other answers mean, as tables (agent-endpoint.md)."""

from collections.abc import Mapping
from typing import Any

from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ContractError,
    FarSideError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
)
from connectors.sdk.status import Meaning

_PROOF_FIX = (
    "Enter the webhook secret of the connection as Secret in the database's "
    "CausewayConfiguration document, and the kind of proof that the agent takes in the connection."
)

_MEANINGS: Mapping[str, Meaning] = {
    "anonymous": Meaning(
        error=AuthenticationError,
        code="anonymous",
        message="The agent ran as Anonymous, not as the connection's user.",
        fix='Set the agent to "run as web user", give Anonymous no access in the ACL, and look at '
        "the login.",
    ),
    "proof_missing": Meaning(
        error=AuthenticationError,
        code="proof",
        message="The agent endpoint asks for another proof than the connection gives: {text}",
        fix=_PROOF_FIX,
    ),
    "proof_wrong": Meaning(
        error=AuthenticationError,
        code="proof",
        message="The agent endpoint does not accept our secret.",
        fix=_PROOF_FIX,
    ),
    "clock": Meaning(
        error=AuthenticationError,
        code="clock",
        message="The agent endpoint finds our request too old or too new: the clocks disagree.",
        fix="Let the Domino server and this one set their clocks by NTP.",
    ),
    "not_configured": Meaning(
        error=ConfigurationError,
        code="not_configured",
        message="The agent endpoint finds no configuration document that our user may read.",
        fix="Create the CausewayConfiguration document and name this user among its readers.",
    ),
    "protocol": Meaning(
        error=ConfigurationError,
        code="protocol",
        message="The agent in the database speaks another version of the contract: {text}",
        fix="Import the agents that came with this Causeway.",
    ),
    "not_authorised": Meaning(
        error=PermissionDeniedError,
        code="not_authorised",
        message="The Notes user of this connection may not do this: {text}",
        fix="Database, Access Control: give the user Editor with the right to create and delete "
        "documents, and look at the Authors items of the document.",
    ),
    "not_found": Meaning(error=NotFoundError, code="not_found", message="Not found: {text}"),
    "conflict": Meaning(
        error=ConflictError,
        code="changed",
        message="Somebody saved the document since it was read.",
        fix="Read it again and decide with its present values.",
    ),
    "validation": Meaning(
        error=RejectedError,
        code="refused",
        message="Notes refused the document: {text}",
        fix="Correct the data, or the form's validation.",
    ),
    "view_missing": Meaning(
        error=ConfigurationError,
        code="view_missing",
        message="The database has no view or folder of this name.",
        fix="Correct the name, or create it.",
    ),
    "not_a_folder": Meaning(
        error=ConfigurationError,
        code="not_a_folder",
        message="This is a view: what it shows, its selection formula decides.",
        fix="Name a folder.",
    ),
    "no_index": Meaning(
        error=ConfigurationError,
        code="no_index",
        message="The database has no full-text index.",
        fix="Database properties, Full Text: create the index.",
    ),
    "query": Meaning(
        error=RejectedError,
        code="query",
        message="The full-text query is not understandable to Domino.",
        fix="Close quotes and parentheses; put words like AND in quotes to search them.",
    ),
    "agent_missing": Meaning(
        error=RejectedError,
        code="refused",
        message="The database has no such agent: {text}",
        fix="Correct the agent's name.",
    ),
    "agent_failed": Meaning(
        error=RejectedError,
        code="refused",
        message="The agent failed: {text}",
        fix="Look at the agent's log.",
    ),
    "file_missing": Meaning(error=NotFoundError, code="not_found", message="Not found: {text}"),
    "too_large": Meaning(
        error=RejectedError,
        code="too_large",
        message="The request or its answer is too large for the agent endpoint: {text}",
        fix="Write or read less at once; a Java agent takes more than one in LotusScript.",
    ),
    "failed": Meaning(
        error=RejectedError,
        code="refused",
        message="Notes refused: {text}",
        fix="Look at the agent's log.",
    ),
}
_OTHER = Meaning(
    error=ContractError,
    code="agent_error",
    message="The agent endpoint answered an error that its contract does not have: {text}",
    fix="Import the agents that came with this Causeway.",
)
MISSING = Meaning(
    error=ConfigurationError,
    code="agent_endpoint_missing",
    message="The database has no agent endpoint at this name, or no database is at this path.",
    fix="Import and sign the agent from far_side, or correct database and agent in the connection.",
)
FORBIDDEN = Meaning(
    error=PermissionDeniedError,
    code="agent_forbidden",
    message="The web server does not let our user run the agent endpoint.",
    fix="Sign the agent with an ID that may run agents on this server, and give the user access in "
    "the ACL.",
)
PAGE = (
    "Look at the agent's log and the server's console: the agent may be unsigned, may have failed, "
    "or was stopped by the web agent timeout."
)


def refusal(code: str, text: str, detail: Mapping[str, Any]) -> FarSideError:
    """The error for `ok: false`: nothing was saved over there."""
    meaning = _MEANINGS.get(code, _OTHER)
    return meaning.build(detail={**detail, "text": text, "code": code}, names={"text": text})
