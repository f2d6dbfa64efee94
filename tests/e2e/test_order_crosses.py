"""A visitor orders in the sandbox shop, watches the run, ships in Notes, and looks in the shop."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.e2e

SOON = 30_000


def shoot(page: Page, folder: Path, name: str) -> None:
    page.wait_for_timeout(400)  # let transitions of the canvas come to rest
    page.screenshot(path=folder / f"{name}.png")


def test_an_order_crosses_and_its_status_comes_back(
    page: Page, stack: Stack, picture: Path
) -> None:
    before = set(stack.orders())

    # The shop: something into the cart, and order it.
    page.goto("/sandbox")
    shop = page.get_by_role("region", name="Meadow Shop")
    shop.get_by_role("button", name=re.compile("^Add .* to cart|^Add to cart")).first.click()
    shop.get_by_role("button", name="Place order").click()
    reference = eventually(lambda: set(stack.orders()) - before, what="a new order").pop()
    expect(shop.get_by_text(reference).first).to_be_visible(timeout=SOON)

    # The run goes green on the canvas.
    api = stack.api("analyst")

    def run_id() -> str | None:
        runs = api.get("runs", params={"environment": "demo", "q": reference}).json()["results"]
        return next((one["id"] for one in runs if one["flow"]["slug"] == "orders-to-notes"), None)

    page.goto(f"/runs/{eventually(run_id, what='a run for the order')}")
    for node in ("order_placed", "read_order", "to_record", "check_record", "create_record"):
        expect(page.locator(f'[data-node="{node}"]')).to_have_attribute(
            "data-state", "succeeded", timeout=SOON
        )
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=SOON)
    page.locator('[data-node="create_record"]').click()
    expect(page.get_by_text("Confirmed").first).to_be_visible(timeout=SOON)
    shoot(page, picture, "run")

    # The document is in Notes; ship it there.
    page.goto("/sandbox")
    notes = page.get_by_role("region", name="Notes client")
    notes.get_by_text(reference).first.click()
    notes.get_by_label("Tracking number").fill("1Z 4471")
    notes.get_by_label("Status").select_option("Shipped")
    shoot(page, picture, "sandbox")
    notes.get_by_role("button", name="Save and close").click()

    # State and tracking number are in the shop.
    row = page.get_by_role("region", name="Meadow Shop").get_by_role("row", name=reference)
    expect(row).to_contain_text("Shipped", timeout=SOON)
    expect(row).to_contain_text("1Z 4471", timeout=SOON)
    order = stack.orders()[reference]
    assert str(order["state"]["id"]) == "4"
    assert order["tracking"] == "1Z 4471"
    shoot(page, picture, "sandbox-shipped")


def test_a_run_is_watched_while_it_happens(page: Page, stack: Stack, picture: Path) -> None:
    """The canvas changes without a reload: the run waits for a slow shop, then goes on."""
    stack.fault("shop", slow={"seconds": 3})
    try:
        reference = stack.place_order()
        api = stack.api("analyst")

        def run_id() -> str | None:
            found = api.get("runs", params={"environment": "demo", "q": reference}).json()
            return next((one["id"] for one in found["results"]), None)

        page.goto(f"/runs/{eventually(run_id, what='the run')}")
        expect(page.locator('[data-node="read_order"]')).to_have_attribute(
            "data-state", "running", timeout=SOON
        )
        shoot(page, picture, "run-live")
    finally:
        stack.fault("shop", slow=None)
    expect(page.locator('[data-node="done"]')).to_have_attribute(
        "data-state", "succeeded", timeout=60_000
    )


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/", "Home"),
        ("/flows", "Flows"),
        ("/flows/orders-to-notes", "Orders to Notes"),
        ("/runs", "Runs"),
        ("/connections", "Connections"),
        ("/crosswalks", "Crosswalks"),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_opens_by_its_address(
    page: Page, picture: Path, path: str, heading: str, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path)
    expect(page.get_by_role("heading").first).to_be_visible(timeout=SOON)
    expect(page.get_by_text(heading).first).to_be_visible(timeout=SOON)
    page.reload()
    expect(page.get_by_text(heading).first).to_be_visible(timeout=SOON)
    name = path.strip("/").replace("/", "-") or "home"
    shoot(page, picture, name if scheme == "light" else f"{name}-dark")
