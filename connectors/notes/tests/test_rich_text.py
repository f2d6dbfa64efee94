"""Rich-text items of documents: read, written, left alone."""

from typing import Any

import pytest

from connectors.notes.actions.create import run_create
from connectors.notes.actions.read import run_get
from connectors.notes.actions.update import probe_update, run_update
from connectors.notes.dds.client import DdsClient
from connectors.notes.tests.conftest import ORDER, Served
from connectors.notes.transforms import WrittenItem
from connectors.notes.transforms.richtext import fingerprint_source
from connectors.sdk.errors import RejectedError
from connectors.sdk.operation import OperationResult
from connectors.sdk.receipt import FieldResult, Receipt, Verdict

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
HTML = "<p>Größe <b>M</b></p>"


def item(*, boundary: str = "=_alt 1", cid: str = "p1@x", file: bool = False) -> dict[str, Any]:
    """A rich text as Domino renders it: boundaries and content ids differ at each read."""
    parts: list[dict[str, str]] = [
        {"contentType": f'multipart/related; boundary="{boundary}"'},
        {
            "contentType": "text/html; charset=UTF-8",
            "data": HTML + (f'<img src="cid:{cid}" alt="front">' if file else ""),
            "boundary": f"--{boundary}",
        },
    ]
    if file:
        parts.append(
            {
                "contentType": "image/gif; name=front.gif",
                "contentID": f"<{cid}>",
                "contentTransferEncoding": "base64",
                "data": "R0lGODlh",
                "boundary": f"--{boundary}",
            }
        )
    return {"type": "multipart", "content": parts}


async def store(served: Served, value: dict[str, Any]) -> None:
    client = DdsClient(served.ctx())
    before = await client.read(UNID)
    item = WrittenItem(name="Body", sent=value, values=(), body=value)
    await client.patch(before, [item])


async def body(served: Served) -> Any:
    output = (await run_get(served.ctx(), {"unid": UNID})).output
    return output["document"]["items"].get("Body")


async def sequence(served: Served) -> int:
    return int((await served.control.get(f"/_twin/documents/{UNID}")).json()["sequence"])


def params(value: Any, **more: Any) -> dict[str, Any]:
    return {"unid": UNID, "items": {"Body": value}, **more}


def receipt_of(result: OperationResult) -> Receipt:
    assert result.receipt is not None
    return result.receipt


async def test_a_flow_sees_html_text_and_losses(served: Served) -> None:
    await store(served, item(file=True))
    assert await body(served) == {
        "html": "<p>Größe <strong>M</strong></p>",
        "text": "Größe M",
        "losses": [
            {
                "kind": "image",
                "where": "part 2: img[1]",
                "what": "front.gif",
                "text": "front",
            }
        ],
        "fingerprint": fingerprint_source(item(file=True)),
    }


@pytest.mark.parametrize("file", [False, True])
async def test_an_unchanged_rich_text_item_is_never_written_back(
    served: Served, file: bool
) -> None:
    await store(served, item(file=file))
    read, before = await body(served), await sequence(served)
    for value in (
        read,
        {"html": read["html"]},
        {"html": HTML},
        {"html": '<font face="Arial"><p>Größe <b>M</b>'},
        {"text": "Größe M"},
        "Größe M",
    ):
        result = await run_update(served.ctx(), params(value))
        assert result.output["changed"] is False
        assert receipt_of(result).verdict is Verdict.CONFIRMED
        probed = await probe_update(served.ctx("effect-2"), params(value))
        assert probed.happened is True
    assert await sequence(served) == before


async def test_the_source_rendered_anew_is_still_the_same(served: Served) -> None:
    one = fingerprint_source(item(file=True))
    assert one == fingerprint_source(item(file=True, boundary="=_x", cid="_1_0A@y"))
    assert one != fingerprint_source(item(file=False))
    changed = item(file=True)
    changed["content"][2]["data"] = "R0lGODlhAQ=="
    assert one != fingerprint_source(changed)


async def test_a_changed_rich_text_is_written_and_proven(served: Served) -> None:
    await store(served, item())
    hash_ = (await run_get(served.ctx(), {"unid": UNID})).output["version"]["hash"]
    result = await run_update(served.ctx(), params({"html": HTML + "<ul><li>neu</li></ul>"}))
    assert result.output["changed_items"] == ["Body"]
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    assert result.output["version"]["hash"] == hash_
    read = await body(served)
    assert read["html"] == "<p>Größe <strong>M</strong></p>\n<ul><li>neu</li></ul>"
    assert read["text"] == "Größe M\n\n- neu"
    assert read["losses"] == []
    assert served.twin.agents.capture() == 0  # our own save: an echo


async def test_a_plain_text_leaves_the_item_rich_text(served: Served) -> None:
    await store(served, item())
    await run_update(served.ctx(), params("Zeile 1\nZeile <2>"))
    read = await body(served)
    assert read["html"] == "<p>Zeile 1<br>Zeile &lt;2&gt;</p>"
    await run_update(served.ctx("effect-2"), params(None))
    assert (await body(served))["html"] == ""


async def test_files_are_not_lost_by_a_new_text(served: Served) -> None:
    await store(served, item(file=True))
    for dry_run in (True, False):
        with pytest.raises(RejectedError) as caught:
            await run_update(served.ctx(dry_run=dry_run), params({"html": "<p>neu</p>"}))
        assert caught.value.code == "rich_text_damage"
        assert "front.gif" in caught.value.message
    assert (await body(served))["text"] == "Größe M"
    await run_update(served.ctx(), params({"html": "<p>neu</p>", "replace": True}))
    assert (await body(served))["html"] == "<p>neu</p>"


async def test_what_html_cannot_give_to_notes_is_told(served: Served) -> None:
    value = {"html": "<p>neu</p><script>x()</script><form><input name=a></form>"}
    result = await run_update(served.ctx(), params(value))
    [field] = receipt_of(result).fields
    assert (field.result, field.note) == (FieldResult.ABSORBED, "without script, field")
    assert field.sent == field.read_back == "<p>neu</p>"


async def test_a_dry_run_shows_the_text(served: Served) -> None:
    result = await run_update(served.ctx(dry_run=True), params({"html": "<p>neu</p>"}))
    assert result.prediction is not None
    assert result.prediction.endswith("Body (rich text) → 'neu'")
    assert await body(served) is None


async def test_a_document_is_created_with_rich_text(served: Served) -> None:
    result = await run_create(
        served.ctx(),
        {
            "form": "Order Record",
            "items": {**ORDER, "Body": {"html": "<h2>Été</h2><p>à livrer</p>"}},
            "key_item": "ExternalKey",
            "key_view": "(OrdersByExternalKey)",
            "key_value": "shop/1",
        },
    )
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    output = (await run_get(served.ctx(), {"unid": result.output["unid"]})).output
    assert output["document"]["items"]["Body"]["html"] == "<h2>Été</h2>\n<p>à livrer</p>"
    assert served.twin.agents.capture() == 0


async def test_a_rich_text_that_cannot_be_read_fails_no_other_item(served: Served) -> None:
    deep = "<table><tr><td>" * 200
    value = {"type": "multipart", "content": [{"contentType": "text/html", "data": deep}]}
    await store(served, value)
    read = await body(served)
    assert (read["html"], read["text"]) == (None, None)
    [loss] = read["losses"]
    assert loss["kind"] == "unreadable"
    assert loss["what"].startswith("rich_text_depth: ")
    with pytest.raises(RejectedError) as caught:
        await run_update(served.ctx(), params(read))
    assert caught.value.code == "rich_text_empty"
    with pytest.raises(RejectedError, match="unreadable"):
        await run_update(served.ctx(), params({"html": "<p>x</p>"}))


async def test_a_large_rich_text_is_read(served: Served) -> None:
    data = "<p>Zeile <b>für</b> Zeile</p>" * 5000
    value = {"type": "multipart", "content": [{"contentType": "text/html", "data": data}]}
    await store(served, value)
    assert (await body(served))["text"] == "\n\n".join(["Zeile für Zeile"] * 5000)
