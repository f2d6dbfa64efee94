"""Signed deliveries as Standard Webhooks describes them (standardwebhooks.com, 1.0.0).

Headers `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`, a list of
`v1,<base64 of HMAC-SHA256 over id.timestamp.body>` parted by spaces.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(minutes=5)
# What a body says in `event` when a person only wants to know whether deliveries arrive.
TEST_EVENT = "causeway.test"


class SignatureError(Exception):
    """The delivery is not signed by who holds the secret, or is too old. `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def secret_key(secret: str) -> bytes:
    """Key bytes of a secret: base64 after the prefix `whsec_`, otherwise its UTF-8 bytes.

    Raises `ValueError` for an empty secret and for broken base64.
    """
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise ValueError("the secret after whsec_ is not base64") from error
    else:
        key = secret.encode()
    if not key:
        raise ValueError("the secret is empty")
    return key


def sign(*, secret: str, message_id: str, timestamp: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a delivery."""
    seconds = str(int(timestamp.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + _mac(secret_key(secret), message_id, seconds, body),
    }


def _mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = message_id.encode() + b"." + timestamp.encode() + b"." + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def verify(
    *,
    secrets: str | Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    window: timedelta = WINDOW,
) -> str:
    """The delivery's id, when one of `secrets` signed it within `window` of `now`.

    Several secrets let one be changed without losing deliveries. `headers` has lower-case
    names. Compares in constant time. Raises `SignatureError` with code `missing_header`,
    `bad_timestamp`, `outside_window` or `bad_signature`.
    """
    message_id = headers.get("webhook-id", "")
    raw = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if not (message_id and raw and signatures):
        raise SignatureError("missing_header", "A delivery carries id, timestamp and signature.")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 12):
        raise SignatureError("bad_timestamp", "The timestamp is not in Unix seconds.")
    if abs(now - datetime.fromtimestamp(int(raw), UTC)) > window:
        raise SignatureError("outside_window", "The delivery is too old, or a clock is wrong.")
    given = [
        one.removeprefix("v1,").encode() for one in signatures.split(" ") if one.startswith("v1,")
    ]
    matched = False
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        expected = _mac(secret_key(secret), message_id, raw, body).encode()
        for one in given:
            matched |= hmac.compare_digest(expected, one)
    if not matched:
        raise SignatureError("bad_signature", "The signature does not match the secret.")
    return message_id
