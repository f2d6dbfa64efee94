"""The guided tour of the sandbox: six steps that go on by themselves, skipped, begun again."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.e2e

SOON = 60_000


def apart(card: Locator, field: Locator) -> bool:
    """Whether the card leaves its field free."""
    one, other = card.bounding_box(), field.bounding_box()
    assert one
    assert other
    return (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )


def test_the_tour_follows_an_order_there_and_back(page: Page) -> None:
    page.goto("/sandbox")
    tour = page.get_by_role("region", name="Guided tour")
    shop = page.get_by_role("region", name="Meadow Shop")
    notes = page.get_by_role("region", name="Notes client")

    def step(number: int, heading: str, field: str) -> None:
        expect(tour).to_contain_text(f"Step {number} of 6", timeout=SOON)
        expect(tour.get_by_role("heading", name=heading)).to_be_visible()
        page.wait_for_timeout(400)  # the card finds its place
        assert apart(tour, page.locator(f'[data-tour~="{field}"]'))

    step(1, "Order something in the shop", "order")
    shop.get_by_role("button", name=re.compile("^Add to cart")).first.click()
    shop.get_by_role("button", name="Place order").click()

    step(2, "Watch it cross", "watch")
    step(3, "Open its record in Notes", "record")
    text = tour.inner_text()
    reference = text.split(" became one Order Record")[0].split()[-1]
    notes.get_by_role("button", name=reference).click()

    step(4, "Ship the order in Notes", "ship")
    page.reload()
    step(4, "Ship the order in Notes", "ship")  # this browser remembers
    notes.get_by_label("Tracking number").fill("1Z 4471")
    notes.get_by_label("Status").select_option("Shipped")
    notes.get_by_role("button", name="Save and close").click()

    step(5, "See it in the shop", "shop")
    step(6, "Open the run", "run")
    row = shop.get_by_role("row", name=reference)
    expect(row).to_contain_text("Shipped")
    page.get_by_role("link", name="Open the run").click()
    expect(page).to_have_url(re.compile("/runs/"))

    page.goto("/sandbox")
    expect(shop).to_be_visible()
    expect(tour).to_have_count(0)  # over, and remembered
    page.get_by_role("button", name="Restart tour").click()
    expect(tour).to_contain_text("Step 1 of 6")


def test_the_tour_is_walked_skipped_and_begun_again_by_keyboard(page: Page) -> None:
    page.goto("/sandbox")
    tour = page.get_by_role("region", name="Guided tour")
    tour.get_by_role("button", name="Next").press("Enter")
    expect(tour).to_contain_text("Step 2 of 6")
    tour.get_by_role("button", name="Back").press("Enter")
    expect(tour).to_contain_text("Step 1 of 6")
    tour.get_by_role("button", name="Next").press("Escape")
    expect(tour).to_have_count(0)
    page.reload()
    expect(page.get_by_role("region", name="Meadow Shop")).to_be_visible()
    expect(tour).to_have_count(0)
    page.get_by_role("button", name="Restart tour").press("Enter")
    expect(tour).to_contain_text("Step 1 of 6")
