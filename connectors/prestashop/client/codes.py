"""What the webservice's error codes and statuses mean.

Codes are those observed on 8.2 and 9.1 (connectors/prestashop/tests/recordings). The first
code of an answer tells; its status does not (a bad filter answers 500, a resource that is not
granted 401), and PHP warnings follow it.
"""

from collections.abc import Mapping

from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ContractError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from connectors.sdk.status import Meaning, StatusTable

MAIL_OR_SAVE_FAILED = 46
"""Comes when a mail could not be sent *after* the change was saved: look before deciding."""
METHOD_UNKNOWN = 23
READ_ONLY = 93
# PHP's own warnings and notices, reported as errors beside the real one.
PHP_NOISE = frozenset(range(2, 13))

_KEY_FIX = (
    "In the shop's back office open Advanced Parameters, Webservice; copy the key into this "
    "connection and see that it is enabled."
)
_RIGHTS_FIX = (
    "In the shop's back office open Advanced Parameters, Webservice, and tick what the "
    "connector's README lists for this key."
)

CODES: Mapping[int, Meaning] = {
    17: Meaning(
        error=AuthenticationError,
        code="key_missing",
        message="The shop got no webservice key.",
        fix=_KEY_FIX,
    ),
    18: Meaning(
        error=AuthenticationError,
        code="key_malformed",
        message="The webservice key does not have exactly 32 characters.",
        fix=_KEY_FIX,
    ),
    20: Meaning(
        error=AuthenticationError,
        code="key_unknown",
        message="The shop knows no active webservice key like this one.",
        fix=_KEY_FIX,
    ),
    21: Meaning(
        error=AuthenticationError,
        code="key_without_rights",
        message="The webservice key has no rights at all.",
        fix=_KEY_FIX,
    ),
    22: Meaning(
        error=UnavailableError,
        code="webservice_off",
        message="The shop's webservice is switched off.",
        fix="In the shop's back office open Advanced Parameters, Webservice, and switch it on.",
    ),
    METHOD_UNKNOWN: Meaning(
        error=ContractError,
        code="method_unknown",
        message="This version of the shop does not know the method {method}.",
    ),
    25: Meaning(
        error=PermissionDeniedError,
        code="verb_not_granted",
        message="The webservice key may not {method} {resource}.",
        fix=_RIGHTS_FIX,
    ),
    26: Meaning(
        error=PermissionDeniedError,
        code="resource_not_granted",
        message="The webservice key has no rights on {resource}.",
        fix=_RIGHTS_FIX,
    ),
    27: Meaning(
        error=ConfigurationError,
        code="resource_missing",
        message="This shop's webservice has no {resource}.",
        fix="Check the version of the shop; the connector needs 1.7.8 or newer.",
    ),
    41: Meaning(
        error=RejectedError, code="field_missing", message="The shop misses a field: {message}."
    ),
    MAIL_OR_SAVE_FAILED: Meaning(
        error=RejectedError,
        code="not_saved",
        message="The shop reports that it did not save {resource}, or did not send its mail.",
    ),
    81: Meaning(
        error=ConfigurationError,
        code="language_missing",
        message="The shop does not have this language.",
    ),
    84: Meaning(
        error=RejectedError,
        code="value_refused",
        message="The shop refuses a value: {message}.",
        fix="Correct the value where it comes from, or clean it in the flow's map.",
    ),
    85: Meaning(
        error=RejectedError,
        code="value_refused",
        message="The shop refuses a value: {message}.",
        fix="Correct the value where it comes from, or clean it in the flow's map.",
    ),
    87: Meaning(
        error=NotFoundError, code="not_found", message="The shop has no such record in {resource}."
    ),
    92: Meaning(
        error=NotFoundError, code="not_found", message="The shop has no such record in {resource}."
    ),
    READ_ONLY: Meaning(
        error=RejectedError, code="read_only", message="The shop lets nobody write this: {message}."
    ),
    101: Meaning(
        error=PermissionDeniedError,
        code="verb_closed",
        message="The shop lets nobody {method} {resource}.",
    ),
    127: Meaning(
        error=RejectedError,
        code="body_refused",
        message="The shop does not understand the XML that it got: {message}.",
    ),
    # The next two and 999 as PrestaShop's source has them; no shop with several shops was recorded.
    131: Meaning(
        error=NotFoundError,
        code="not_of_this_shop",
        message="The shop that was asked has no such record in {resource}; another shop may.",
        fix="Set the right shop, or all, on the connection or the step.",
    ),
    132: Meaning(
        error=PermissionDeniedError,
        code="key_not_of_shop",
        message="The webservice key is not valid for this shop of the multistore.",
        fix="In the shop's back office open Advanced Parameters, Webservice, and tick the shop "
        "for this key, or set another shop on the connection.",
    ),
    140: Meaning(
        error=ConflictError, code="duplicate", message="The shop already has this: {message}."
    ),
    999: Meaning(
        error=ConfigurationError,
        code="shop_missing",
        message="The multistore has no such shop, or the group has none: {message}.",
        fix="Set a shop or group that exists on the connection or the step.",
    ),
}

OTHER_CODE_READ = Meaning(
    error=ContractError,
    code="query_refused",
    message="The shop does not understand our question about {resource}: {message}.",
)
OTHER_CODE_WRITE = Meaning(
    error=RejectedError,
    code="refused",
    message="The shop refused to {method} {resource}: {message}.",
)

STATUSES: StatusTable = {
    401: Meaning(
        error=AuthenticationError,
        code="key_not_received",
        message="The shop says that no key came with the request.",
        fix="The web server may drop the Authorization header: pass it on to PHP "
        "(Apache: CGIPassAuth On).",
    ),
    403: Meaning(
        error=PermissionDeniedError,
        code="forbidden",
        message="Something in front of the shop, or the shop itself, forbids the request.",
        fix="Allow this address in the shop's firewall; check that the key is valid for this shop.",
    ),
    404: Meaning(
        error=NotFoundError,
        code="not_found",
        message="The shop has no such record in {resource}.",
    ),
    405: Meaning(
        error=PermissionDeniedError,
        code="method_blocked",
        message="Something in front of the shop does not let {method} pass.",
        fix="Allow the methods GET, POST, PUT and PATCH for /api in the web server.",
    ),
    413: Meaning(error=RejectedError, code="too_large", message="The request is too large."),
    429: Meaning(
        error=RateLimitedError, code="rate_limited", message="The shop gets too many requests."
    ),
    "4xx": Meaning(
        error=RejectedError,
        code="refused",
        message="The request to {method} {resource} was refused with status {status}.",
    ),
    "other": Meaning(
        error=UnavailableError,
        code="server_failure",
        message="The shop failed with status {status} while reading {resource}.",
        fix="If it stays, look into the shop's PHP error log.",
    ),
}

NO_WEBSERVICE = Meaning(
    error=ConfigurationError,
    code="no_webservice",
    message="There is no PrestaShop webservice at this address.",
    fix="Check the connection's address; friendly URLs must be on in the shop.",
)
