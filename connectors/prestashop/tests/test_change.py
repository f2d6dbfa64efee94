"""Changing some fields of a record: what is not meant stays, whichever way the shop has."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from connectors.prestashop.client import Members, ShopClient, xml
from connectors.prestashop.tests.imitated import imitated
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.sdk.errors import ConflictError, RejectedError

OLD = {"PSWS-Version": "1.7.8.11"}


def before_8(shop: RecordedShop, resource: str, id_: str, name: str, synopsis: str) -> None:
    """The recorded record in a shop that says it is 1.7.8, which knows no PATCH."""
    for target, text in (
        (f"/api/{resource}?schema=synopsis", synopsis),
        (f"/api/{resource}/{id_}", shop.recording(name)["response"]["body"]),
    ):
        shop.stage("GET", target, httpx.Response(200, headers=OLD, text=text))
    node = fromstring(shop.recording(name)["response"]["body"])[0].tag
    shop.stage(
        "PUT",
        f"/api/{resource}/{id_}?output_format=JSON",
        httpx.Response(200, headers=OLD, json={node: {"id": id_}}),
    )


async def put(
    shop: RecordedShop, resource: str, node: str, id_: str, fields: dict[str, Any], **options: Any
) -> Any:
    """The record element of the body that is PUT."""
    sent: list[bytes] = []

    def keep(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            sent.append(request.content)
        return shop.handle(request)

    http = httpx.AsyncClient(transport=httpx.MockTransport(keep))
    ctx = context(shop, http=http, session={"prestashop.version": "1.7.8.11"})
    await ShopClient(ctx).change(resource, node, id_, fields, **options)
    return fromstring(sent[-1])[0]


def shown(element: Any) -> Any:
    """An element as nested tuples, without links and what only reads carry."""
    marks = {name: value for name, value in element.attrib.items() if not name.startswith("{")}
    text = (element.text or "") if len(element) == 0 else ""
    return element.tag, marks, text, [shown(one) for one in element]


NO_PRODUCT_SYNOPSIS_IS_RECORDED = (
    "<prestashop><product><quantity read_only='true' notFilterable='true'/>"
    "<manufacturer_name read_only='true' notFilterable='true'/></product></prestashop>"
)


async def test_a_put_keeps_languages_and_associations(shop: RecordedShop) -> None:
    """198: PUT wiped name, category, reference and active of a product with 200."""
    before_8(shop, "products", "1", "121", NO_PRODUCT_SYNOPSIS_IS_RECORDED)
    record = await put(shop, "products", "product", "1", {"price": "24.5"})
    recorded = fromstring(shop.recording("121")["response"]["body"])[0]
    computed = {one.tag for one in recorded if one.get("notFilterable") == "true"}
    assert {"quantity", "manufacturer_name", "type"} <= computed
    kept = {one.tag: shown(one) for one in recorded if one.tag not in computed | {"price"}}
    assert {one.tag: shown(one) for one in record if one.tag != "price"} == kept
    assert record.findtext("price") == "24.5"
    assert len(record.findall("name/language")) == 2
    assert record.find("associations/categories/category/id") is not None


async def test_a_put_of_a_customer_leaves_out_what_the_shop_refuses_only(
    shop: RecordedShop,
) -> None:
    """9 refuses secure_key; 8.2 only calls it read-only, accepts it (149), and a PUT without it
    would empty it."""
    before_8(shop, "customers", "3", "150", shop.recording("141")["response"]["body"])
    record = await put(shop, "customers", "customer", "3", {"company": "Meadow"})
    recorded = fromstring(shop.recording("150")["response"]["body"])[0]
    refused = {"secure_key", "last_passwd_gen"} if shop.version == "9.1" else set()
    kept = {one.tag: shown(one) for one in recorded if one.tag not in refused | {"company"}}
    assert {one.tag: shown(one) for one in record if one.tag != "company"} == kept
    assert record.findtext("company") == "Meadow"
    assert [one.text for one in record.findall("associations/groups/group/id")] == ["3"]


async def test_a_field_that_the_shop_refuses_is_left_out_the_next_time(shop: RecordedShop) -> None:
    """149: code 93 comes before anything is saved."""
    before_8(shop, "customers", "3", "150", "<prestashop><customer/></prestashop>")
    target = "/api/customers/3?output_format=JSON"
    (answers,) = (waiting for key, waiting in shop.queue.items() if key[0] == "PUT")
    refusal = RecordedShop(version="9.1").response("149")
    assert b"secure_key" in refusal.content
    answers.clear()
    shop.stage("PUT", target, refusal)
    shop.stage("PUT", target, httpx.Response(200, headers=OLD, json={"customer": {"id": "3"}}))
    record = await put(shop, "customers", "customer", "3", {"company": "Meadow"})
    assert record.find("secure_key") is None
    assert record.findtext("company") == "Meadow"
    assert len(shop.writes()) == 2


async def test_a_refusal_of_a_field_that_is_meant_is_told(shop: RecordedShop) -> None:
    before_8(shop, "customers", "3", "150", "<prestashop><customer/></prestashop>")
    (answers,) = (waiting for key, waiting in shop.queue.items() if key[0] == "PUT")
    answers.clear()
    shop.stage(
        "PUT",
        "/api/customers/3?output_format=JSON",
        RecordedShop(version="9.1").response("149"),
    )
    with pytest.raises(RejectedError) as caught:
        await put(shop, "customers", "customer", "3", {"secure_key": "0" * 32})
    assert caught.value.code == "read_only"
    assert len(shop.writes()) == 1


async def test_somebody_elses_edit_since_the_read_is_a_conflict(shop: RecordedShop) -> None:
    """Recorded: the lastname became Roe (148) after it was read as Doe (144)."""
    before_8(shop, "customers", "3", "150", shop.recording("141")["response"]["body"])
    base = shop.body("144")["customers"][0]
    with pytest.raises(ConflictError) as caught:
        await put(shop, "customers", "customer", "3", {"lastname": "Poe"}, base=base)
    assert caught.value.detail["field"] == "lastname"
    assert shop.writes() == []
    shop.queue.popitem()


def moved(before: Any, after: Any) -> set[str]:
    """The fields that differ; a shop makes line ends of texts its own when it saves them."""

    def plain(value: Any) -> str:
        return repr(value).replace("\\r\\n", "\\n")

    return {n for n in before if plain(before[n]) != plain(after[n])} - {"date_upd"}


WRITES = {
    "products": ("product", "1", {"price": "24.500000"}),
    "customers": ("customer", "1", {"company": "Meadow"}),
    "addresses": ("address", "5", {"address2": "2B"}),
    "stock_availables": ("stock_available", "20", {"quantity": "7"}),
    "combinations": ("combination", "1", {"reference": "demo_1_S"}),
    "categories": ("category", "2", {"active": "0"}),
}


@pytest.mark.parametrize("version", ["9.1.4", "8.2.1", "1.7.8.11"])
@pytest.mark.parametrize("resource", sorted(WRITES))
async def test_only_what_was_meant_has_changed(version: str, resource: str) -> None:
    node, id_, fields = WRITES[resource]
    async with imitated(version) as ctx:
        client = ShopClient(ctx)
        before = dict(await client.row(resource, id_, shape="record"))
        await client.change(resource, node, id_, fields, base=before)
        after = dict(await client.row(resource, id_, shape="record"))
        verbs = await _verbs(ctx.http)
    assert ("PUT" in verbs) is (version == "1.7.8.11")
    assert moved(before, after) == set(fields)
    assert {name: str(after[name]) for name in fields} == fields


@pytest.mark.parametrize("version", ["9.1.4", "1.7.8.11"])
async def test_a_translated_field_is_written_in_all_its_languages(version: str) -> None:
    async with imitated(version) as ctx:
        client = ShopClient(ctx)
        before = dict(await client.row("products", "1"))
        named = {"name": {"1": "Shirt & tie", "2": "Camisa"}}
        await client.change("products", "product", "1", named, base=before)
        after = dict(await client.row("products", "1"))
    assert [one["value"] for one in after["name"]] == ["Shirt & tie", "Camisa"]
    assert moved(before, after) == {"name"}


async def test_an_association_is_written_whole(shop: RecordedShop) -> None:
    before_8(shop, "customers", "3", "150", shop.recording("141")["response"]["body"])
    groups = Members(node="group", rows=[{"id": 3}, {"id": 4}])
    record = await put(shop, "customers", "customer", "3", {"groups": groups})
    assert [one.text for one in record.findall("associations/groups/group/id")] == ["3", "4"]
    assert len(record.findall("associations")) == 1


async def _verbs(http: httpx.AsyncClient) -> list[str]:
    log = (await http.get("http://shop.example/_twin/requests?since=0")).json()
    return [one["method"] for one in log["requests"]]


names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True).filter(
    lambda name: name not in ("associations", "language", "id")
)
words = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))
values = st.one_of(
    words, st.dictionaries(st.from_regex(r"[1-9]", fullmatch=True), words, min_size=1, max_size=3)
)


@given(
    record=st.dictionaries(names, values, max_size=6),
    fields=st.dictionaries(names, values, max_size=3),
    drop=st.sets(names, max_size=2),
)
def test_a_merge_changes_what_is_meant_and_nothing_else(
    record: Mapping[str, Any], fields: Mapping[str, Any], drop: set[str]
) -> None:
    found = xml.parse(xml.build("thing", {"id": "1", **record}))[0]
    whole = xml.parse(xml.merged(found, {"id": "1", **fields}, drop=drop))[0]

    def plain(element: Any) -> Any:
        languages = {one.get("id"): one.text or "" for one in element}
        return languages or element.text or ""

    wanted = {name: value for name, value in record.items() if name not in drop}
    assert {one.tag: plain(one) for one in whole} == {"id": "1", **wanted, **fields}
