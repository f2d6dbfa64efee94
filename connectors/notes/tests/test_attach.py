"""notes.document.attach, and how an older server is told apart."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes.actions.attach import MAX_BYTES, probe_attach, run_attach
from connectors.notes.tests.conftest import Served, fits
from connectors.notes.tests.test_create import receipt_of
from connectors.sdk.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RejectedError,
    UncertainError,
)
from connectors.sdk.receipt import Verdict

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
PDF = b"%PDF-1.7 \x00\xff\r\n--boundary\r\n"


def params(
    content: bytes = PDF, name: str = "Invoice 7 für Zoë.pdf", **more: Any
) -> dict[str, Any]:
    return {
        "unid": UNID,
        "name": name,
        "content": base64.b64encode(content).decode(),
        "content_type": "application/pdf",
        **more,
    }


async def test_byte_by_byte(served: Served) -> None:
    result = await run_attach(served.ctx(), params())
    assert fits("notes.document.attach", result.output) == {
        "unid": UNID, "name": "Invoice 7 für Zoë.pdf", "action": "created", "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }  # fmt: skip
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    again = await run_attach(served.ctx("effect-2"), params())
    assert again.output["action"] == "unchanged"
    document = (await served.control.get(f"/_twin/documents/{UNID}")).json()
    files = [one for one in document["items"]["Body"] if "contentDisposition" in one]
    assert len(files) == 1
    assert base64.b64decode(files[0]["data"]) == PDF


async def test_another_file_of_the_name(served: Served) -> None:
    await run_attach(served.ctx(), params())
    with pytest.raises(ConflictError) as caught:
        await run_attach(served.ctx(), params(b"other"))
    assert caught.value.code == "file_exists"
    result = await run_attach(served.ctx(), params(b"other", replace=True))
    assert result.output["action"] == "updated"
    assert receipt_of(result).verdict is Verdict.CONFIRMED


async def test_a_web_page_as_file_is_no_login_page(served: Served) -> None:
    page = params(b"<html><body>Hello</body></html>", "page.html", content_type="text/html")
    assert receipt_of(await run_attach(served.ctx(), page)).verdict is Verdict.CONFIRMED


async def test_an_expired_session_is_none_either(served: Served) -> None:
    await run_attach(served.ctx(), params())
    served.twin.gate.expire_all()
    again = await run_attach(served.ctx(), params())
    assert again.output["action"] == "unchanged"


@pytest.mark.parametrize("override", [True, False])
async def test_an_older_server(served_world: Callable[..., Any], override: bool) -> None:
    served = await served_world(server={"later": False})
    with pytest.raises(ConfigurationError) as caught:
        await run_attach(served.ctx(method_override=override), params())
    assert caught.value.code == "too_old"
    assert "FP9" in caught.value.fix


async def test_a_lost_answer(served: Served) -> None:
    assert (await probe_attach(served.ctx(), params())).happened is False
    await served.fault(lost_answer={"path": "/documents", "count": 1})
    with pytest.raises(UncertainError):
        await run_attach(served.ctx(), params())
    assert (await probe_attach(served.ctx(), params())).happened
    assert (await run_attach(served.ctx(), params())).output["action"] == "unchanged"


async def test_a_file_that_was_not_stored_diverges(served: Served) -> None:
    await served.fault(lost_save=1)
    result = await run_attach(served.ctx(), params())
    assert receipt_of(result).verdict is Verdict.DIVERGED


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "a/b.pdf"}, ConfigurationError),
        ({"name": 'a"b.pdf'}, ConfigurationError),
        ({"name": "a\r\nb"}, ConfigurationError),
        ({"content_type": "pdf\r\nx: y"}, ConfigurationError),
        ({"item": "$FILE"}, ConfigurationError),
        ({"content": "no base64!"}, RejectedError),
        ({"content": ""}, RejectedError),
        ({"unid": "F" * 32}, NotFoundError),
    ],
    ids=str,
)
async def test_what_cannot_be_attached(
    served: Served, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await run_attach(served.ctx(), {**params(), **changes})
    document = (await served.control.get(f"/_twin/documents/{UNID}")).json()
    assert document["sequence"] == 1


async def test_too_large(served: Served) -> None:
    with pytest.raises(RejectedError) as caught:
        await run_attach(served.ctx(), params(b"x" * (MAX_BYTES + 1)))
    assert caught.value.code == "file_size"


async def test_a_dry_run(served: Served) -> None:
    planned = await run_attach(served.ctx(dry_run=True), params(name="a.pdf"))
    assert planned.prediction == f"would attach 'a.pdf' ({len(PDF)} bytes) in Body"
    document = (await served.control.get(f"/_twin/documents/{UNID}")).json()
    assert document["sequence"] == 1
