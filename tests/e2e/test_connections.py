"""An administrator makes a connection, has it checked, and tries its hook."""

import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_accessible import quiet, violations
from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.e2e


def test_a_connection_is_made_checked_and_tried(admin: Page, stack: Stack, picture: Path) -> None:
    page = admin
    page.goto("/connections")
    page.get_by_role("button", name="New connection").wait_for()
    quiet(page)
    api = stack.api("admin")
    found = api.get("connections", params={"environment": "demo"}).json()["results"]
    shop = next(one for one in found if one["connector"] == "prestashop")

    page.get_by_role("button", name="New connection").click()
    dialog = page.get_by_role("dialog", name="New connection")
    dialog.get_by_label("Name", exact=True).fill("Second shop")
    expect(dialog.get_by_label("Name in addresses")).to_have_value("second-shop")
    dialog.get_by_role("button", name="Save and check").click()
    # What the server refuses stands at the field that it is about.
    expect(dialog.get_by_label("Address of the shop *")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Webservice key *")).to_have_attribute("aria-invalid", "true")
    assert violations(page) == []
    page.screenshot(path=picture / "connection-refused.png")
    dialog.get_by_label("Address of the shop *").fill(shop["settings"]["base_url"])
    expect(dialog.get_by_label("Address of the shop *")).not_to_have_attribute(
        "aria-invalid", "true"
    )
    dialog.get_by_label("Webservice key *").fill("W" * 32)
    assert violations(page) == []
    page.screenshot(path=picture / "connection-new.png")
    page.emulate_media(color_scheme="dark")
    quiet(page)
    assert violations(page) == []
    page.screenshot(path=picture / "connection-new-dark.png")
    page.emulate_media(color_scheme="light")
    quiet(page)
    dialog.get_by_role("button", name="Save and check").click()
    expect(dialog).to_have_count(0)
    # The shop knows no such key: stored all the same, and the page says what is wrong.
    card = page.get_by_role("region", name="Second shop")
    expect(card.get_by_text("Needs attention")).to_be_visible()
    findings = card.get_by_role("list", name="What the check found")
    expect(findings.get_by_text("Stands in the way")).to_be_visible()

    card.get_by_role("button", name="New secret").click()
    rotate = page.get_by_role("dialog", name="Make a new webhook secret?")
    rotate.get_by_role("button", name="Make a new one").click()
    expect(rotate.get_by_text("whsec_")).to_be_visible()
    rotate.get_by_role("button", name="Close").last.click()
    card.get_by_role("button", name="Send test event").click()
    expect(card.get_by_text("The test event arrived in")).to_be_visible()
    expect(
        card.get_by_role("list", name="Last deliveries").get_by_text("Test event")
    ).to_be_visible()
    # What comes with a wrong signature stands there too, with what to do about it.
    made = api.get("connections", params={"environment": "demo"}).json()["results"]
    url = next(one for one in made if one["slug"] == "second-shop")["hook_url"]
    stamp = {"webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,bm90IG91cnM="}
    refused = httpx.post(url, content=b"{}", headers={"webhook-id": "forged", **stamp})
    assert refused.status_code == 401
    eventually(
        lambda: any(
            one["refused"]
            for one in api.get("connections/demo/second-shop/deliveries").json()["results"]
        )
    )
    page.reload()
    deliveries = card.get_by_role("list", name="Last deliveries")
    expect(deliveries.get_by_text("The signature does not match")).to_be_visible()
    expect(deliveries.get_by_text("Make a new webhook secret here")).to_be_visible()
    page.screenshot(path=picture / "connection.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    quiet(page)
    assert violations(page) == []
    page.screenshot(path=picture / "connection-dark.png", full_page=True)
    page.emulate_media(color_scheme="light")
    quiet(page)

    card.get_by_role("button", name="Edit").click()
    edit = page.get_by_role("dialog", name="Edit Second shop")
    expect(edit.get_by_label("Webservice key *")).to_have_value("")
    edit.get_by_label("Name", exact=True).fill("Shop two")
    edit.get_by_label("Quiet hours", exact=True).fill("8 to 20")
    edit.get_by_role("button", name="Save and check").click()
    expect(edit.get_by_text("Write hours like 08:00-20:00")).to_be_visible()
    edit.get_by_label("Quiet hours", exact=True).fill("00:00-24:00")
    edit.get_by_role("button", name="Save and check").click()
    renamed = page.get_by_role("region", name="Shop two")
    expect(renamed.get_by_text("Polls and bulk reads pause")).to_be_visible()

    page.goto(f"/connections?connection={shop['slug']}")
    card = page.get_by_role("region", name=shop["name"])
    card.get_by_role("button", name="Check now").click()
    findings = card.get_by_role("list", name="What the check found")
    expect(findings.get_by_text("PATCH reaches the shop.")).to_be_visible()
    expect(findings.get_by_text("The Causeway module is not installed")).to_be_visible()
    assert violations(page) == []
    # The checks and polls of the shop are load, told by operation.
    load = card.get_by_role("table")
    expect(load.get_by_role("rowheader", name="Check of the connection")).to_be_visible()
    assert violations(page) == []
    page.screenshot(path=picture / "connection-load.png", full_page=True)


def test_an_analyst_looks_and_changes_nothing(page: Page) -> None:
    page.goto("/connections")
    expect(page.get_by_role("button", name="New connection")).to_have_attribute(
        "aria-disabled", "true"
    )
    expect(page.get_by_role("button", name="New secret")).to_have_count(0)
