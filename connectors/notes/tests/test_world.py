"""The Notes side of the meadow world fits its shop."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
MEADOW = ROOT / "fixtures/worlds/meadow"


def database() -> dict[str, Any]:
    [one] = json.loads((MEADOW / "notes.json").read_text())["databases"]
    return dict(one)


def catalog() -> list[dict[str, Any]]:
    documents = database()["documents"]
    return [one["items"] for one in documents if one["form"] == "Product Catalog Item"]


def test_the_world_is_what_the_shop_makes_of_it() -> None:
    built = subprocess.run(
        [sys.executable, str(ROOT / "fixtures/worlds/build_notes.py"), "--check"],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr


def test_every_sellable_variant_has_one_catalog_item_with_its_stock() -> None:
    tables = json.loads((MEADOW / "shop.json").read_text())["tables"]
    with_variants = {int(one["id_product"]) for one in tables["combinations"]}
    wanted = {
        (str(one["id_product"]), str(one["id_product_attribute"])): one["quantity"]
        for one in tables["stock_availables"]
        if int(one["id_product_attribute"]) or int(one["id_product"]) not in with_variants
    }
    items = catalog()
    found = {(one["ShopProductID"], one["ShopCombinationID"]): one["Stock"] for one in items}
    assert found == wanted
    assert len(items) == len(wanted)
    assert all(
        one["ShopKey"] == f"{one['ShopProductID']}/{one['ShopCombinationID']}" for one in items
    )


def test_no_order_is_there_yet_and_ids_are_unique() -> None:
    documents = database()["documents"]
    assert "Order Record" not in {one["form"] for one in documents}
    assert len({one["unid"] for one in documents}) == len(documents)


def test_the_form_knows_every_item_that_the_flow_writes() -> None:
    flow = json.loads((ROOT / "fixtures/flows/orders-to-notes.json").read_text())
    nodes = {one["id"]: one for one in flow["nodes"]}
    targets = {one["target"] for one in nodes["to_record"]["params"]["fields"]}
    create = nodes["create_record"]["params"]
    form = next(one for one in database()["forms"] if one["name"] == create["form"])
    fields = {one["name"] for one in form["fields"]}
    assert targets | {create["key_item"]} <= fields
    view = next(one for one in database()["views"] if one["name"] == create["key_view"])
    first = view["columns"][0]
    assert (first["item"], first["sorted"]) == (create["key_item"], "asc")


def test_the_demo_connection_profiles_the_lists_and_numbers_of_the_forms() -> None:
    connections = json.loads((ROOT / "fixtures/connections/demo.json").read_text())
    [notes] = [one for one in connections if one["connector"] == "notes"]
    for form in database()["forms"]:
        profile = notes["settings"]["forms"].get(form["name"])
        if profile is None:
            continue
        plain = [one for one in form["fields"] if one["type"] in {"text", "number", "datetime"}]
        multi = {one["name"] for one in plain if one.get("multi")}
        numbers = {one["name"] for one in plain if one["type"] == "number"}
        dates = {one["name"] for one in plain if one["type"] == "datetime"}
        assert set(profile.get("multi", ())) == multi
        assert set(profile.get("numbers", ())) == numbers
        assert set(profile.get("dates", ())) == dates
