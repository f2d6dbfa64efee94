"""The Java agent of the agent endpoint writes, on a database in memory."""

import base64
from typing import Any

import pytest

from connectors.notes.tests.far_side.bench import Bench
from connectors.notes.tests.far_side.calls import SECRET, USER, call, code, ok, order, text


def test_create_reads_back(ready: Bench) -> None:
    items = {
        "OrderNo": text("SO-1"),
        "Qty": {"type": "number", "values": [2, 1.5]},
        "Day": {"type": "datetime", "values": ["2026-11-23"]},
        "Moment": {"type": "datetime", "values": ["2026-11-23T10:21:30Z"]},
    }
    meta = ok(ready, "create", form="Order Record", items=items, compute=True)["meta"]
    read = ok(ready, "get", unid=meta["unid"])
    assert read["meta"] == meta
    assert {name: read["items"][name] for name in items} == items
    assert read["items"]["Computed"] == text("by the form")


def test_create_as_a_response(ready: Bench) -> None:
    parent = order(ready)
    meta = ok(ready, "create", form="Note", items={}, parent=parent)["meta"]
    assert meta["parent"] == parent
    assert code(ready, "create", form="Note", items={}, parent="0" * 32) == "not_found"
    assert len(ready.dump("Note")) == 1


def test_what_the_form_refuses_is_not_saved(ready: Bench) -> None:
    answer = call(ready, "create", form="Order Record", compute=True,
                  items={"Complaint": text("The order needs a customer.")})  # fmt: skip
    assert answer["error"] == {"code": "validation", "message": "The order needs a customer."}
    assert ready.dump("Order Record") == []


def test_html_is_stored_as_both_alternatives_in_ascii(ready: Bench) -> None:
    html = {"type": "html", "html": "<p>Größe</p>", "text": "Größe"}
    meta = ok(ready, "create", form="Item", items={"Body": html})["meta"]
    body = ok(ready, "get", unid=meta["unid"])["items"]["Body"]
    assert body["type"] == "mime"
    assert body["parts"][0]["contentType"].startswith("multipart/alternative")
    kinds = [one["contentType"].split(";")[0] for one in body["parts"][1:]]
    assert kinds == ["text/plain", "text/html"]
    assert body["parts"][2]["data"] == "<p>Gr=C3=B6=C3=9Fe</p>"
    assert body["parts"][2]["contentTransferEncoding"] == "quoted-printable"


def test_update_changes_only_what_is_given_and_keeps_flags(ready: Bench) -> None:
    unid = order(ready, Staff={"type": "authors", "values": [USER]}, Gone="x")
    revision = ok(ready, "get", unid=unid)["meta"]["revision"]
    meta = ok(
        ready, "update", unid=unid, if_revision=revision,
        items={"status": text("Open"), "Staff": text("CN=New/O=Acme"), "Gone": text()},
    )["meta"]  # fmt: skip
    assert meta["revision"] != revision
    items = ok(ready, "get", unid=unid)["items"]
    assert items["Status"] == text("Open")
    assert items["Staff"] == {"type": "authors", "values": ["CN=New/O=Acme"]}
    assert items["OrderNo"] == text("SO-1007")
    assert "Gone" not in items


def test_an_update_of_what_somebody_saved_is_a_conflict(ready: Bench) -> None:
    """Also within the same second, which a time alone would not tell apart."""
    unid = order(ready)
    before = ok(ready, "get", unid=unid)["meta"]
    moment = before["modified"]
    ready.document({"Status": "Open"}, unid=unid, at=moment)
    answer = call(ready, "update", unid=unid, if_revision=before["revision"],
                  items={"Status": text("Closed")})  # fmt: skip
    assert answer["error"]["code"] == "conflict"
    now = answer["error"]["detail"]["meta"]
    assert now["modified"] == moment
    assert now["revision"] != before["revision"]
    assert ready.dump("Order Record")[0]["Status"] == ["Open"]
    assert code(ready, "delete", unid=unid, if_revision=before["revision"]) == "conflict"


def test_a_save_that_comes_to_nothing_is_a_conflict(ready: Bench) -> None:
    unid = order(ready)
    revision = ok(ready, "get", unid=unid)["meta"]["revision"]
    ready.do("database", failing=1)
    change = {"Status": text("Open")}
    assert code(ready, "update", unid=unid, if_revision=revision, items=change) == "conflict"


@pytest.mark.parametrize("rich", ["<p>a</p>", "<p>b</p>"])
def test_a_change_of_rich_text_alone_is_another_revision(ready: Bench, rich: str) -> None:
    def body(html: str) -> dict[str, Any]:
        return {"type": "mime", "root": {"headers": {"Content-Type": "text/html"}, "content": html}}

    unid = order(ready, Body=body("<p>0</p>"))
    before = ok(ready, "get", unid=unid)["meta"]
    ready.document({"Body": body(rich)}, unid=unid, at=before["modified"])
    assert ok(ready, "get", unid=unid)["meta"]["revision"] != before["revision"]


def test_delete_is_seen(ready: Bench) -> None:
    for permanently in (False, True):
        unid = order(ready)
        revision = ok(ready, "get", unid=unid)["meta"]["revision"]
        gone = ok(ready, "delete", unid=unid, if_revision=revision, permanently=permanently)
        assert gone == {"unid": unid}
        assert code(ready, "get", unid=unid) == "not_found"


def test_who_may_not_is_refused(ready: Bench) -> None:
    unid = order(ready)
    revision = ok(ready, "get", unid=unid)["meta"]["revision"]
    change = {"Status": text("Open")}
    ready.do("database", level=2, rights=0)  # Reader
    assert code(ready, "create", form="A", items={}) == "not_authorised"
    assert code(ready, "update", unid=unid, if_revision=revision, items=change) == "not_authorised"
    assert code(ready, "delete", unid=unid, if_revision=revision) == "not_authorised"
    assert ok(ready, "get", unid=unid)["meta"]["editable"] is False
    ready.do("database", level=3, rights=1)  # Author without deletion
    assert "editable" not in ok(ready, "get", unid=unid)["meta"]
    assert code(ready, "delete", unid=unid, if_revision=revision) == "not_authorised"
    ready.do("database", refusing=True)  # not among the Authors items
    assert code(ready, "update", unid=unid, if_revision=revision, items=change) == "not_authorised"


def test_folder_does_what_it_can(ready: Bench) -> None:
    first, second = order(ready, "1"), order(ready, "2")
    missing = "0" * 32
    result = ok(ready, "folder", folder="Basket", add=[first, missing, second])
    assert result == {
        "added": [first, second], "removed": [],
        "failed": [{"unid": missing, "code": "not_found"}],
    }  # fmt: skip
    assert len(ok(ready, "list", view="Basket")["entries"]) == 2
    assert ok(ready, "folder", folder="Basket", remove=[first])["removed"] == [first]
    assert code(ready, "folder", folder="Orders", add=[first]) == "not_a_folder"
    assert code(ready, "folder", folder="Nowhere", add=[first]) == "view_missing"


def test_run_runs_an_agent_with_or_without_a_document(ready: Bench) -> None:
    unid = order(ready)
    assert ok(ready, "run", agent="Number Orders") == {"ran": True}
    assert ok(ready, "run", agent="Number Orders", unid=unid) == {"ran": True}
    assert ready.do("ran") == ["Number Orders", f"Number Orders {unid}"]
    assert code(ready, "run", agent="Nowhere") == "agent_missing"
    answer = call(ready, "run", agent="Broken")
    assert answer["error"] == {"code": "agent_failed", "message": "Object variable not set"}


def test_files_go_in_and_come_out(ready: Bench) -> None:
    content = base64.b64encode(bytes(range(256)) * 10).decode()
    unid = order(ready)
    attached = ok(ready, "attach", unid=unid, item="Files", name="a b.bin", content=content)
    assert attached["size"] == 2560
    file = ok(ready, "file", unid=unid, name="a b.bin")
    assert file == {"name": "a b.bin", "size": 2560, "content": content}
    assert (
        code(ready, "attach", unid=unid, item="Files", name="a b.bin", content="AA==") == "failed"
    )
    assert ok(ready, "attach", unid=unid, item="Files", name="a b.bin", content="AA==",
              replace=True)["size"] == 1  # fmt: skip
    assert ok(ready, "file", unid=unid, name="a b.bin")["size"] == 1
    assert code(ready, "file", unid=unid, name="other") == "file_missing"
    assert ok(ready, "attach", unid=unid, item="Files", name="empty", content="")["size"] == 0


def test_a_file_becomes_a_part_of_an_item_that_is_mime(ready: Bench) -> None:
    root = {"headers": {"Content-Type": "text/html"}, "content": "<p>x</p>"}
    unid = order(ready, Body={"type": "mime", "root": root})
    ok(
        ready,
        "attach",
        unid=unid,
        item="Body",
        name="a.txt",
        content="QUJD",
        content_type="text/plain",
    )
    parts = ok(ready, "get", unid=unid)["items"]["Body"]["parts"]
    assert [one["contentType"].split(";")[0] for one in parts] == [
        "multipart/mixed", "text/html", "text/plain",
    ]  # fmt: skip
    assert parts[2]["data"].strip() == "QUJD"


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", ".hidden", "x" * 201, "a\u0000b", "C:x"])
def test_a_name_that_is_no_file_is_refused(ready: Bench, name: str) -> None:
    unid = order(ready)
    assert code(ready, "attach", unid=unid, item="F", name=name, content="AA==") == "bad_request"
    assert (
        code(ready, "attach", unid=unid, item="F", name="a", content="no base64!") == "bad_request"
    )
    assert (
        code(ready, "attach", unid=unid, item="Status", name="a", content="AA==") == "bad_request"
    )


def test_a_batch_carries_out_each_by_itself(ready: Bench) -> None:
    unid = order(ready)
    result = ok(
        ready,
        "batch",
        requests=[
            {"protocol": 1, "op": "get", "unid": unid, "items": ["OrderNo"]},
            {"protocol": 1, "op": "get", "unid": "0" * 32},
            {"protocol": 1, "op": "create", "form": "Note", "items": {}},
            {"protocol": 1, "op": "batch", "requests": [{"protocol": 1, "op": "hello"}]},
            {"protocol": 1, "op": "hello", "secret": SECRET},
            "hello",
        ],
    )
    assert result["done"] == 6
    codes = [one.get("error", {}).get("code", "ok") for one in result["results"]]
    assert codes == ["ok", "not_found", "ok", "bad_request", "bad_request", "bad_request"]
    assert len(ready.dump("Note")) == 1
    many = [{"protocol": 1, "op": "hello"}] * 101
    assert code(ready, "batch", requests=many) == "bad_request"


def test_a_batch_that_would_be_too_long_leaves_the_rest_to_the_caller(ready: Bench) -> None:
    unids = [order(ready, f"SO-{at}", Memo="x" * 900_000) for at in range(8)]
    requests = [{"protocol": 1, "op": "get", "unid": one} for one in unids]
    result = ok(ready, "batch", requests=requests)
    assert 0 < result["done"] < 8
    assert result["done"] == len(result["results"])
    assert all(one["ok"] for one in result["results"])


def test_an_answer_over_the_limit_says_so(ready: Bench) -> None:
    unid = order(ready, Memo=["x" * 3_000_000] * 3)
    answer = call(ready, "get", unid=unid)
    assert answer["error"]["code"] == "too_large"
    assert answer["error"]["detail"] == {"limit": 8388608}
