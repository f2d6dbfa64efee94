"""Details of errors carry no secrets."""

from connectors.sdk.redact import MASK, redact, shorten


def test_values_under_secret_names_are_masked_at_any_depth() -> None:
    got = redact(
        {"customer": [{"passwd": "$2y$10$x", "secure_key": "abc", "email": "a@b.example"}]}
    )
    assert got == {"customer": [{"passwd": MASK, "secure_key": MASK, "email": "a@b.example"}]}


def test_known_secrets_are_masked_in_text() -> None:
    assert redact("key TOPSECRETKEY in a page", secrets=["TOPSECRETKEY"]) == f"key {MASK} in a page"


def test_short_secrets_do_not_mask_everything() -> None:
    assert redact("a cat", secrets=["a"]) == "a cat"


def test_secret_fields_inside_json_and_xml_text_are_masked() -> None:
    assert "hash" not in redact('{"passwd":"hash","id":1}')
    assert "hash" not in redact("<passwd><![CDATA[hash]]></passwd>")
    assert "KEYKEY" not in redact("/api/orders?ws_key=KEYKEY&limit=1")


def test_long_texts_are_cut() -> None:
    assert shorten("x" * 400) == "x" * 299 + "…"
    assert len(redact(["y" * 1000])[0]) == 300
