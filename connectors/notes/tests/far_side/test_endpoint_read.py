"""The Java agent of the agent endpoint reads, on a database in memory."""

from connectors.notes.tests.far_side.bench import Bench
from connectors.notes.tests.far_side.calls import USER, code, ok, order, text


def test_get_gives_meta_and_typed_items(ready: Bench) -> None:
    unid = order(
        ready,
        OrderDate={"type": "datetime", "values": ["2026-11-23T10:21:30Z"]},
        Day={"type": "datetime", "values": ["2026-11-23"]},
        Clock={"type": "datetime", "values": ["10:21:30"]},
        Span={"type": "range", "values": ["2026-11-23/2026-11-24"]},
        Item_SKU=["A-1", "B-2"],
        Item_Qty=[2, 1],
        Customer={"type": "names", "values": ["CN=Bo Client/O=Acme"]},
        DocAuthors={"type": "authors", "values": [USER]},
        DocReaders={"type": "readers", "values": [USER]},
        Größe="M",
    )
    result = ok(ready, "get", unid=unid)
    meta = result["meta"]
    assert (meta["unid"], meta["form"], meta["editable"], meta["readers"]) == (
        unid, "Order Record", True, True,
    )  # fmt: skip
    assert meta["revision"].startswith(meta["modified"].replace("-", "").replace(":", "")[:-1])
    items = result["items"]
    assert "Form" not in items
    assert items["OrderNo"] == text("SO-1007")
    assert items["Total"] == {"type": "number", "values": [129.5]}
    assert items["OrderDate"] == {"type": "datetime", "values": ["2026-11-23T10:21:30Z"]}
    assert items["Day"] == {"type": "datetime", "values": ["2026-11-23"]}
    assert items["Clock"] == {"type": "datetime", "values": ["10:21:30"]}
    assert items["Span"] == {"type": "range", "values": ["2026-11-23/2026-11-24"]}
    assert items["Item_SKU"] == text("A-1", "B-2")
    assert items["Customer"] == {"type": "names", "values": ["CN=Bo Client/O=Acme"]}
    assert items["DocAuthors"]["type"] == "authors"
    assert items["DocReaders"]["type"] == "readers"
    assert items["Größe"] == text("M")


def test_get_gives_the_items_that_are_asked_for(ready: Bench) -> None:
    unid = order(ready, Body={"type": "dxl", "dxl": "<item name='Body'/>", "text": "x"})
    assert set(ok(ready, "get", unid=unid, items=["orderno", "Nothing"])["items"]) == {"OrderNo"}
    assert ok(ready, "get", unid=unid, items=[])["items"] == {}
    assert "Body" not in ok(ready, "get", unid=unid, rich=False)["items"]


def test_a_document_that_is_gone_hidden_or_was_never_there_is_not_found(ready: Bench) -> None:
    gone, hidden = order(ready, "1"), order(ready, "2", R={"type": "readers", "values": ["CN=X"]})
    ready.do("remove", unid=gone)
    for unid in (gone, hidden, "0" * 32):
        assert code(ready, "get", unid=unid) == "not_found"


def test_mime_comes_as_parts_with_the_boundaries_of_their_parents(ready: Bench) -> None:
    root = {
        "headers": {"Content-Type": 'multipart/mixed; Boundary="B1"'},
        "children": [
            {"headers": {"Content-Type": "text/html; charset=US-ASCII"}, "content": "<p>Hi</p>"},
            {
                "headers": {
                    "Content-Type": 'application/pdf; name="po.pdf"',
                    "Content-Disposition": 'attachment; filename="po.pdf"',
                    "Content-Transfer-Encoding": "base64",
                },
                "content": "JVBE",
            },
        ],
    }
    unid = order(ready, Body={"type": "mime", "root": root})
    body = ok(ready, "get", unid=unid)["items"]["Body"]
    assert body["type"] == "mime"
    assert [one.get("boundary") for one in body["parts"]] == [None, "--B1", "--B1"]
    assert body["parts"][1]["data"] == "<p>Hi</p>"
    assert body["parts"][2]["contentTransferEncoding"] == "base64"
    assert body["parts"][2]["contentDisposition"] == 'attachment; filename="po.pdf"'


def test_composite_rich_text_comes_as_its_dxl_elements(ready: Bench) -> None:
    item = "<item name='Body'><richtext><par><run>Hi</run></par></richtext></item>"
    unid = order(ready, Body={"type": "dxl", "dxl": item, "text": "Hi"})
    assert ok(ready, "get", unid=unid)["items"]["Body"] == {"type": "dxl", "dxl": item}
    long = order(ready, "2", Body={"type": "dxl", "dxl": item + "x" * 2_100_000, "text": "Hi"})
    assert ok(ready, "get", unid=long)["items"]["Body"]["type"] == "richtext"


def test_find_looks_up_by_one_key_or_several(ready: Bench) -> None:
    first, second = order(ready, "SO-1"), order(ready, "SO-2")
    found = ok(ready, "find", view="orders", key="new")
    assert [one["unid"] for one in found["entries"]] == [first, second]
    assert found["more"] is False
    [entry] = ok(ready, "find", view="Orders", key=["New", "SO-2"])["entries"]
    assert entry["columns"]["OrderNo"] == "SO-2"
    assert "$1" not in entry["columns"]
    assert entry["columns"]["Total"] == 129.5
    assert entry["form"] == "Order Record"
    assert ok(ready, "find", view="Orders", key="Ne")["entries"] == []
    assert len(ok(ready, "find", view="Orders", key="Ne", exact=False)["entries"]) == 2
    assert code(ready, "find", view="Nowhere", key="x") == "view_missing"


def test_list_pages_without_loss(ready: Bench) -> None:
    unids = [order(ready, f"SO-{at:02}") for at in range(7)]
    seen, start = [], 0
    while True:
        page = ok(ready, "list", view="Orders", start=start, count=3)
        seen += [one["unid"] for one in page["entries"]]
        assert page["total"] == 7
        if not page["more"]:
            break
        start += len(page["entries"])
    assert seen == unids
    assert ok(ready, "list", view="Orders", start=99)["entries"] == []


def test_list_by_category_key_parent_and_search(ready: Bench) -> None:
    first = order(ready, "SO-1", OrderDate={"type": "datetime", "values": ["2026-11-23"]})
    second = order(ready, "SO-2", Status="Open")
    reply = order(ready, "SO-3", **{"$REF": first})
    found = ok(ready, "list", view="By Status")["entries"]
    assert [(one["unid"], one.get("category", False)) for one in found] == [
        ("", True), (first, False), (reply, False), ("", True), (second, False),
    ]  # fmt: skip
    assert [one["position"] for one in found] == ["1", "1.1", "1.2", "2", "2.1"]
    [entry] = ok(ready, "list", view="By Status", category="open")["entries"]
    assert entry["unid"] == second
    [entry] = ok(ready, "list", view="Orders", from_key="open")["entries"]
    assert entry["unid"] == second
    [entry] = ok(ready, "list", view="Orders", parent=first)["entries"]
    assert entry["unid"] == reply
    [entry] = ok(ready, "list", view="Orders", search="SO-1")["entries"]
    # A view has full instants: this day began an hour earlier in Berlin.
    assert entry["columns"]["OrderDate"] == "2026-11-22T23:00:00Z"
    ready.do("database", indexed=False)
    assert code(ready, "list", view="Orders", search="SO-1") == "no_index"


def test_changed_pages_by_note_id(ready: Bench) -> None:
    old = order(ready, "SO-0")
    ready.document({}, unid=old, at="2020-01-01T00:00:00Z")
    unids = [order(ready, f"SO-{at}") for at in range(5)]
    ready.do("remove", unid=unids[1])
    hidden = order(ready, "SO-9", R={"type": "readers", "values": ["CN=Other/O=Acme"]})
    seen, after = [], ""
    while True:
        page = ok(ready, "changed", since="2025-01-01T00:00:00Z", after=after, count=2)
        ids = [int(one["noteid"], 16) for one in page["documents"]]
        assert ids == sorted(ids)
        seen += [one["unid"] for one in page["documents"]]
        if not page["more"]:
            break
        after = page["documents"][-1]["noteid"]
    wanted = [one for one in unids if one != unids[1]]
    assert [one for one in seen if one in {*unids, old, hidden}] == wanted


def test_search_names_its_score_or_its_fault(ready: Bench) -> None:
    unid = order(ready, "SO-1007")
    order(ready, "SO-2")
    [found] = ok(ready, "search", query="so-1007")["documents"]
    assert found["unid"] == unid
    assert found["score"] > 0
    assert ok(ready, "search", query="so-1007", since="2090-01-01T00:00:00Z")["documents"] == []
    assert code(ready, "search", query="(((") == "query"
    ready.do("database", indexed=False)
    assert code(ready, "search", query="SO-1007") == "no_index"


def test_views_design_and_forms(ready: Bench) -> None:
    views = {one["name"]: one["folder"] for one in ok(ready, "views")["views"]}
    assert views["Orders"] is False
    assert views["Basket"] is True
    columns = ok(ready, "design", view="By Status")["columns"]
    assert columns[0] == {
        "name": "Status", "title": "Status", "category": True, "sorted": True, "hidden": False,
    }  # fmt: skip
    assert ok(ready, "forms")["forms"][0]["fields"] == ["OrderNo", "Status"]
