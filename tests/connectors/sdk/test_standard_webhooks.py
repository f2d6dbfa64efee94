"""Signatures: those of the specification's own example, ours, and forgeries."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from connectors.sdk.standard_webhooks import SignatureError, secret_key, sign, verify

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECRET = "a secret of sixteen"
BODY = b'{"event":"order.created"}'


def signed(**changes: str) -> dict[str, str]:
    return {**sign(secret=SECRET, message_id="m1", timestamp=NOW, body=BODY), **changes}


def test_the_example_of_the_specification() -> None:
    """standardwebhooks.com, "Symmetric signatures": the vector that its libraries test with."""
    headers = sign(
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_we_sign_we_accept() -> None:
    assert verify(secrets=SECRET, headers=signed(), body=BODY, now=NOW) == "m1"


def test_one_of_several_secrets_and_signatures_is_enough() -> None:
    headers = signed()
    headers["webhook-signature"] = f"v1,AAAA v1a,zzz {headers['webhook-signature']}"
    assert verify(secrets=["the new one", SECRET], headers=headers, body=BODY, now=NOW) == "m1"


def test_a_prefixed_secret_is_base64() -> None:
    key = b"sixteen bytes ok"
    prefixed = "whsec_" + base64.b64encode(key).decode()
    assert secret_key(prefixed) == key
    headers = sign(secret=prefixed, message_id="m1", timestamp=NOW, body=BODY)
    assert verify(secrets=key.decode(), headers=headers, body=BODY, now=NOW) == "m1"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!"])
def test_unusable_secrets(secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        secret_key(secret)


@pytest.mark.parametrize(
    ("changes", "body", "at", "code"),
    [
        ({}, b"{}", NOW, "bad_signature"),
        ({"webhook-id": "m2"}, BODY, NOW, "bad_signature"),
        ({"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, BODY, NOW, "bad_signature"),
        ({"webhook-signature": "v1,"}, BODY, NOW, "bad_signature"),
        ({"webhook-signature": "v1,é"}, BODY, NOW, "bad_signature"),
        ({"webhook-signature": "v2,AAAA"}, BODY, NOW, "bad_signature"),
        ({"webhook-signature": ""}, BODY, NOW, "missing_header"),
        ({"webhook-timestamp": "soon"}, BODY, NOW, "bad_timestamp"),
        ({"webhook-timestamp": "9" * 30}, BODY, NOW, "bad_timestamp"),
        ({"webhook-timestamp": "-1"}, BODY, NOW, "bad_timestamp"),
        ({}, BODY, NOW + timedelta(minutes=5, seconds=1), "outside_window"),
        ({}, BODY, NOW - timedelta(minutes=5, seconds=1), "outside_window"),
    ],
)
def test_refusals(changes: dict[str, str], body: bytes, at: datetime, code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        verify(secrets=SECRET, headers=signed(**changes), body=body, now=at)
    assert caught.value.code == code


def test_the_window_is_five_minutes_on_both_sides() -> None:
    for skew in (timedelta(minutes=5), -timedelta(minutes=5)):
        assert verify(secrets=SECRET, headers=signed(), body=BODY, now=NOW + skew) == "m1"
