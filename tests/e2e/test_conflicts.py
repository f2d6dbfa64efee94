"""A conflict between the imitated systems: decided in the browser, proven on both sides."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from flows.dispatch.reach import CONFIG_FRESH
from tests.e2e.test_accessible import quiet, violations
from tests.stack.harness import ROOT, Stack, eventually

pytestmark = pytest.mark.e2e
SOON = 30_000
SHOP_KEY = "WSKEYALLRESOURCESALLMETHODS00001"
FORM = {"multi": ["FullName", "Phone"], "key_item": "CustomerNo"}


def flow() -> dict[str, Any]:
    """The template, by hand only, so that both sides can be changed before anybody looks; and
    people decide about the company too."""
    made: dict[str, Any] = json.loads(
        (ROOT / "fixtures/templates/customers-two-way.json").read_text(encoding="utf-8")
    )
    made["nodes"] = [one for one in made["nodes"] if one["id"] in ("by_hand", "sync")]
    made["edges"] = [one for one in made["edges"] if one["from"] == "by_hand"]
    [company] = [one for one in made["nodes"][1]["params"]["fields"] if one["name"] == "company"]
    company["owner"] = "manual"
    return made


def post(stack: Stack, path: str, body: Any, *, status: int = 201) -> Any:
    answer = stack.api("admin").post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def edit_customer(stack: Stack, id_: str, **fields: str) -> None:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    stack.http.patch(
        f"{stack.shop}/api/customers/{id_}",
        content=f"<prestashop><customer><id>{id_}</id>{inner}</customer></prestashop>",
        auth=(SHOP_KEY, ""),
    ).raise_for_status()


def customer(stack: Stack, id_: str) -> dict[str, Any]:
    answer = stack.http.get(
        f"{stack.shop}/api/customers",
        params={"display": "full", "output_format": "JSON"},
        auth=(SHOP_KEY, ""),
    )
    found = answer.raise_for_status().json()["customers"]
    return next(dict(one) for one in found if str(one["id"]) == id_)


def record(stack: Stack, number: str) -> dict[str, Any]:
    return next(
        one
        for one in stack.documents("Customer Record")
        if one["items"].get("CustomerNo") == number
    )


@pytest.fixture(scope="module")
def links(stack: Stack) -> dict[str, str]:
    """Ids of links by customer; 2, 3 and 4 were changed on both sides since they agreed."""
    api = stack.api("admin")
    connections = {
        one["connector"]: one
        for one in api.get("connections", params={"environment": "demo"}).json()["results"]
    }
    notes, shop = connections["notes"], connections["prestashop"]
    settings = {**notes["settings"]}
    settings["forms"] = {**settings.get("forms", {}), "Customer Record": FORM}
    changed = api.patch(f"connections/demo/{notes['slug']}", json={"settings": settings})
    assert changed.status_code == 200, changed.text
    # The demo's own key may not write customers.
    secret = {"secrets": {"api_key": SHOP_KEY}}
    changed = api.patch(f"connections/demo/{shop['slug']}", json=secret)
    assert changed.status_code == 200, changed.text
    time.sleep(CONFIG_FRESH + 0.5)  # a worker that used the old key just now may do so until then
    post(stack, "flows", {"document": flow(), "note": ""})
    bindings = {"shop": shop["slug"], "notes": notes["slug"]}
    deployed = {"environment": "demo", "flow": "customers-two-way", "version": 1}
    post(stack, "deployments", {**deployed, "bindings": bindings})
    pairs = {id_: record(stack, id_)["unid"] for id_ in ("2", "3", "4", "5")}
    lines = [f"{shop['system']},{id_},{notes['system']},{unid}" for id_, unid in pairs.items()]
    head = "left_system,left_id,right_system,right_id"
    text = "\n".join([head, *lines])
    told = post(
        stack,
        "links/pairs",
        {"environment": "demo", "entity": "customer", "csv": text},
        status=200,
    )
    assert told["made"] == len(pairs)
    found = api.get("links", params={"environment": "demo"}).json()["results"]
    made = {one["left"]["id"]: str(one["id"]) for one in found}
    for id_, link in made.items():
        trigger = {"data": {"link_id": link, "left_id": id_, "right_id": pairs[id_]}}
        body = {"environment": "demo", "trigger": trigger}
        post(stack, "flows/customers-two-way/runs", body, status=202)

    def out_of_step() -> list[Any]:
        states = [api.get(f"links/{one}").json()["state"] for one in made.values()]
        if set(states) == {"active"}:
            return []
        runs = api.get("runs", params={"environment": "demo", "flow": "customers-two-way"})
        return [states, [(one["state"], one["error"]) for one in runs.json()["results"]]]

    try:
        eventually(lambda: not out_of_step(), what="links in step")
    except AssertionError:
        raise AssertionError(out_of_step()) from None
    for id_, name in (("2", "doe"), ("3", "roe"), ("4", "lucia")):
        edit_customer(stack, id_, email=f"{name}.shop@buyer.example", company=f"{name} shop")
        items = {"EMail": f"{name}.notes@buyer.example", "CompanyName": f"{name} Notes"}
        stack.save_document(pairs[id_], items)
        post(stack, f"links/{made[id_]}/refresh", {}, status=202)
    inbox = {"environment": "demo", "state": "open"}
    eventually(
        lambda: len(api.get("conflicts", params=inbox).json()["results"]) == 3,
        what="three conflicts",
    )
    return made


def shots(page: Page, folder: Path, name: str) -> None:
    """Pictures in light and dark, and what axe finds in them."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        quiet(page)
        page.screenshot(path=folder / f"{name}{'' if scheme == 'light' else '-dark'}.png")
        assert violations(page) == [], f"{name}, {scheme}"
    page.emulate_media(color_scheme="light")


def test_a_conflict_is_decided_in_the_browser_and_proven_on_both_sides(
    page: Page, stack: Stack, links: dict[str, str], picture: Path
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/")
    badge = page.get_by_role("navigation").get_by_role("link", name=re.compile("^Conflicts"))
    expect(badge).to_contain_text("3 conflicts wait for a person", timeout=SOON)
    badge.click()
    inbox = page.get_by_role("list", name="Conflicts")
    inbox.get_by_role("button", name=re.compile("John DOE")).click()
    expect(page.get_by_role("heading", name=re.compile("John DOE was changed"))).to_be_visible()
    shots(page, picture, "conflicts")

    save = page.get_by_role("button", name="Save and next")
    expect(save).to_be_disabled()
    page.get_by_role(
        "radio", name=re.compile("^Email from .*(Notes|nsf|Fulfil|Domino)", re.I)
    ).check()
    page.get_by_role("button", name="Type a value for Company").click()
    page.get_by_role("textbox", name="Type a value for Company").fill("Doe & Sons")
    page.get_by_role("checkbox", name="Remember as rule").check()
    shots(page, picture, "conflicts-decided")
    save.click()
    expect(page.get_by_text("decided, a run carries it out now")).to_be_visible(timeout=SOON)
    eventually(
        lambda: (
            (customer(stack, "2")["email"], customer(stack, "2")["company"])
            == ("doe.notes@buyer.example", "Doe & Sons")
        ),
        what="the decision in the shop",
    )
    eventually(
        lambda: record(stack, "2")["items"]["CompanyName"] == "Doe & Sons",
        what="the decision in Notes",
    )
    # The link shows the outcome, and what was proven.
    page.goto(f"/links/{links['2']}")
    expect(page.get_by_text("In step", exact=True)).to_be_visible(timeout=SOON)
    expect(page.get_by_role("region", name="Receipts")).to_contain_text("Doe & Sons")
    base = page.get_by_role("region", name="What both said when last in step")
    expect(base).to_contain_text("doe.notes@buyer.example")
    shots(page, picture, "link")
    # The rule can be seen and forgotten.
    page.goto("/conflicts")
    page.get_by_role("button", name="Rules").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Email of Customer: the right side counts", timeout=SOON)
    assert violations(page) == []
    dialog.get_by_role("button", name="Forget").click()
    expect(dialog).to_contain_text("No rules yet", timeout=SOON)


def test_the_rest_is_decided_at_once(
    page: Page, stack: Stack, links: dict[str, str], picture: Path
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/conflicts")
    page.get_by_role("checkbox", name=re.compile("^Choose all")).check(timeout=SOON)
    bar = page.get_by_role("region", name="Chosen conflicts")
    expect(bar).to_contain_text("2 chosen")
    bar.get_by_role("button", name=re.compile("^All ")).first.click()
    shots(page, picture, "conflicts-bulk")
    page.get_by_role("dialog").get_by_role("button", name="Decide 2").click()
    expect(page.get_by_text("2 conflicts decided.")).to_be_visible(timeout=SOON)
    eventually(
        lambda: (
            [record(stack, id_)["items"]["CompanyName"] for id_ in ("3", "4")]
            == ["roe shop", "lucia shop"]
        ),
        what="the decisions in Notes",
    )
    page.goto("/conflicts")
    expect(page.get_by_text("Nothing waits for a decision")).to_be_visible(timeout=SOON)
    shots(page, picture, "conflicts-empty")


def test_a_link_is_found_refreshed_made_and_forgotten(
    page: Page, stack: Stack, links: dict[str, str], picture: Path, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/links")
    expect(page.get_by_role("row")).to_have_count(5, timeout=SOON)
    shots(page, picture, "links")
    page.get_by_role("searchbox").fill("Camille")
    expect(page).to_have_url(re.compile("q=Camille"))
    expect(page.get_by_role("row")).to_have_count(2, timeout=SOON)
    page.get_by_role("link", name="Camille Moreau").click()
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_text("A run looks at it now")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Unlink").click()
    dialog = page.get_by_role("dialog")
    gone = dialog.get_by_role("button", name="Unlink")
    expect(gone).to_be_disabled()
    dialog.get_by_role("textbox").fill("Camille Moreau")
    assert violations(page) == []
    gone.click()
    expect(page).to_have_url(re.compile(r"/links(\?|$)"), timeout=SOON)
    expect(page.get_by_role("row")).to_have_count(4, timeout=SOON)
    # Linked again by hand, with the same two records.
    page.get_by_role("button", name="Link two records").click()
    dialog.get_by_label("Entity").fill("customer")
    for side, id_ in (("Left", "5"), ("Right", record(stack, "5")["unid"])):
        dialog.get_by_label(f"{side} system").select_option(index=1 if side == "Left" else 2)
        dialog.get_by_label("Id over there").nth(0 if side == "Left" else 1).fill(id_)
    shots(page, picture, "link-new")
    dialog.get_by_role("button", name="Link them").click()
    expect(page.get_by_text("Not in step yet")).to_be_visible(timeout=SOON)
    # What is no table of pairs is refused; what is goes in.
    page.goto("/links")
    page.get_by_role("button", name="Pairs as CSV").click()
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("a;b\n1;2\n")
    good.write_text(
        "left_system,left_id,right_system,right_id\nelsewhere,1,there,A\nelsewhere,,there,B\n"
    )
    dialog.get_by_label("Entity").fill("parcel")
    dialog.get_by_label("CSV file to import").set_input_files(bad)
    expect(dialog.get_by_role("alert")).to_contain_text("The first line must name the columns")
    dialog.get_by_label("CSV file to import").set_input_files(good)
    dialog.get_by_role("button", name="Import 2 pairs").click()
    expect(dialog).to_contain_text("1 link made.", timeout=SOON)
    expect(dialog).to_contain_text("1 line was refused:")
    shots(page, picture, "link-pairs")
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Export").click()
    assert "elsewhere,1,there,A" in Path(download.value.path()).read_text(encoding="utf-8")
