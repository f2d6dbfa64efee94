"""No secret reaches a log, by whatever way it tries."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from causeway.base.logs import REDACTED, logging_settings, redact


@pytest.mark.parametrize(
    "name",
    ["password", "passwd", "api_key", "ws_key", "secure_key", "token", "webhook_secret",
     "Authorization", "Set-Cookie", "csrf_token", "webhook-signature"],
)  # fmt: skip
def test_values_under_secret_names_go(name: str) -> None:
    assert redact({"a": [{name: "hunter2"}]}) == {"a": [{name: REDACTED}]}


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic aHVudGVyMjpodW50ZXIy",
        "sent Bearer hunter2hunter2",
        "GET /api/orders?ws_key=hunter2&x=1",
        "postgresql://causeway:hunter2@db/causeway",
        "password=hunter2",
    ],
)
def test_secrets_inside_texts_go(text: str) -> None:
    assert "hunter2" not in redact(text)
    assert "aHVudGVy" not in redact(text)
    assert REDACTED in redact(text)


def test_what_is_no_secret_stays() -> None:
    kept = {"order": "XKBKNABJK", "tokens_used": 3, "password": "", "url": "https://shop/api"}
    assert redact(kept) == kept


@pytest.mark.parametrize("form", ["json", "console"])
def test_lines_and_tracebacks_are_clean(form: str) -> None:
    stream = io.StringIO()
    settings = logging_settings(form, "INFO")
    formatter: Any = settings["formatters"]["causeway"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    logger.propagate = False
    try:
        raise ValueError("cannot reach redis://:hunter2@broker/0")
    except ValueError:
        logger.exception("failed with %s", "Bearer hunter2hunter2")
    finally:
        logger.removeHandler(handler)
        logger.propagate = True
    said = stream.getvalue()
    assert "hunter2" not in said
    assert "ValueError" in said
    if form == "json":
        line = json.loads(said)
        assert (line["level"], line["logger"]) == ("error", "tests.logs")
