"""Every page for everybody: rules of axe in light and dark, keyboard, stillness, titles."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stack.harness import ROOT, Stack, eventually

pytestmark = pytest.mark.e2e

AXE = ROOT / "designer_ui" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}
SOON = 30_000
_SETTLED = """Promise.all(
  document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => {}))
)"""


def violations(page: Page) -> list[str]:
    """What axe finds that keeps people out, each with its rule and the first elements."""
    page.evaluate(_SETTLED)  # half way between two colours the contrast is neither's
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['impact']} {one['id']}: {[node['target'] for node in one['nodes']][:4]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]


def quiet(page: Page) -> None:
    """Waits until the page shows what it loaded."""
    expect(page.locator(".skel")).to_have_count(0)
    page.wait_for_timeout(300)


@pytest.fixture(scope="module")
def dead_run(stack: Stack) -> str:
    """A run that ended as a dead letter: the shop's data was refused."""
    stack.fault("shop", bad_data=True)
    try:
        reference = stack.place_order()
        api = stack.api("analyst")

        def look() -> str | None:
            found = api.get("runs", params={"environment": "demo", "q": reference}).json()
            return next((one["id"] for one in found["results"] if one["state"] == "dead"), None)

        return str(eventually(look, what="a dead letter"))
    finally:
        stack.fault("shop", clear=True)


PAGES = (
    "/",
    "/flows",
    "/flows/orders-to-notes",
    "/flows/orders-to-notes?node=to_record",
    "/flows/orders-to-notes?tab=runs",
    "/flows/orders-to-notes?tab=versions",
    "/runs",
    "/runs?q=no-such-key",
    "/runs?state=attention",
    "/approvals",
    "/conflicts",
    "/conflicts?state=decided",
    "/links",
    "/connections",
    "/crosswalks",
    "/crosswalks/order-status",
    "/sandbox",
    "/no/such/page",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_people_out(page: Page, dead_run: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    found: dict[str, list[str]] = {}
    for path in (*PAGES, f"/runs/{dead_run}"):
        page.goto(path)
        expect(page.get_by_role("heading").first).to_be_visible(timeout=SOON)
        quiet(page)
        if wrong := violations(page):
            found[path] = wrong
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_and_what_opens_over_a_page_pass_too(
    browser: Browser, stack: Stack, page: Page, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto("/")
    quiet(page)
    for key in ("Control+k", "Shift+?"):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Signed in as")).click()
    assert violations(page) == []
    stranger = browser.new_context(
        base_url=stack.web, color_scheme="dark" if scheme == "dark" else "light"
    )
    try:
        login = stranger.new_page()
        login.goto("/")
        expect(login.get_by_label("Password")).to_be_visible()
        assert violations(login) == []
        login.get_by_label("User name").fill("nobody")
        login.get_by_label("Password").fill("wrong")
        login.get_by_role("button", name="Sign in").click()
        expect(login.get_by_role("alert")).to_contain_text("wrong")
        expect(login.get_by_role("button", name="Sign in")).to_be_enabled()
        assert violations(login) == []
    finally:
        stranger.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialogs_that_repair_a_run_pass_too(page: Page, dead_run: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"/runs/{dead_run}")
    dialog = page.get_by_role("dialog")
    for name in ("Replay", "Edit and replay", "Mark as solved"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(dialog).to_be_visible(timeout=SOON)
        quiet(page)
        if name == "Edit and replay":
            dialog.get_by_role("textbox").fill("{")
            expect(dialog.get_by_role("alert")).to_contain_text("Line 1")
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    page.goto("/runs?state=attention")
    page.get_by_role("checkbox", name=re.compile("^Choose [A-Z]")).first.check()
    page.get_by_role("button", name="Replay 1").click()
    expect(dialog).to_contain_text("Would replay 1.", timeout=SOON)
    quiet(page)
    assert violations(page) == []


def test_every_page_names_itself_in_its_tab(page: Page, dead_run: str) -> None:
    for path, title in (
        ("/", "Home · Causeway"),
        ("/flows/orders-to-notes", "Orders to Notes · Flows · Causeway"),
        ("/crosswalks/order-status", re.compile(r"^.+ · Crosswalks · Causeway$")),
        (f"/runs/{dead_run}", re.compile(r"^[A-Z]{9} · Orders to Notes · Runs · Causeway$")),
        ("/no/such/page", "There is no such page · Causeway"),
    ):
        page.goto(path)
        expect(page).to_have_title(title, timeout=SOON)


def test_the_canvas_is_walked_by_keyboard(page: Page) -> None:
    page.goto("/flows/orders-to-notes?node=order_placed")
    node = page.locator('.react-flow__node[data-id="order_placed"]')
    node.focus()
    assert page.locator('.react-flow__node[tabindex="0"]').count() == 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("node=to_record"))
    expect(page.locator('.react-flow__node[data-id="to_record"]')).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("complementary", name="Settings of Read the order")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name=re.compile("^Settings of"))).to_have_count(0)


def test_the_skip_link_leads_past_the_menu(page: Page) -> None:
    page.goto("/runs")
    quiet(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_dead_letter_says_what_happened_and_what_to_do(page: Page, dead_run: str) -> None:
    page.goto(f"/runs/{dead_run}")
    card = page.get_by_role("alert", name="What happened")
    expect(card).to_contain_text("Data refused", timeout=SOON)
    expect(card).to_contain_text("No, nothing was written")
    expect(card.get_by_role("heading", name="What to do")).to_be_visible()
    page.goto("/runs")
    page.get_by_label("State").select_option("Dead letters")
    expect(page.get_by_role("row").filter(has_text="Dead letter").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Succeeded")).to_have_count(0)


@pytest.mark.parametrize(
    "path", ["/", "/runs", "/runs?state=attention", "/flows/orders-to-notes", "/sandbox"]
)
def test_twice_the_size_needs_no_sideways_scrolling(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 640, "height": 400})
    page.goto(path)
    quiet(page)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


def test_stillness_is_kept_for_those_who_ask_for_it(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    quiet(page)
    lasting = page.evaluate(
        """[...document.querySelectorAll('*')].filter(one => {
          const style = getComputedStyle(one);
          return style.transitionDuration.split(',').some(text => parseFloat(text) > 0);
        }).map(one => one.className)"""
    )
    assert lasting == []


def test_what_the_server_refuses_is_told_with_a_way_on(page: Page) -> None:
    refused = {"type": "about:blank", "title": "", "status": 500, "detail": "Number 7c1f"}
    page.route("**/api/v1/flows?*", lambda route: route.fulfill(status=500, json=refused))
    page.goto("/flows")
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong", timeout=SOON)
    page.unroute("**/api/v1/flows?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Orders to Notes")).to_be_visible()
    page.route("**/api/v1/flows?*", lambda route: route.abort())
    page.goto("/runs")
    page.goto("/flows")
    expect(page.get_by_role("alert")).to_contain_text("does not answer", timeout=SOON)


def test_a_switch_that_breaks_something_is_written_down(page: Page, stack: Stack) -> None:
    page.goto("/sandbox")
    page.get_by_role("region", name="Guided tour").get_by_role("button", name="Skip").click()
    switch = page.get_by_role("switch", name="Shop slow")
    shop = page.get_by_role("region", name="Meadow Shop")
    switch.click()
    try:
        expect(switch).to_be_checked()
        expect(switch).to_be_focused()
        expect(shop.get_by_text("Slow", exact=True)).to_be_visible()
        expect(page.get_by_role("log")).to_contain_text("Shop slow: switched on")
        assert violations(page) == []
    finally:
        page.get_by_role("button", name="Repair all").click()
    expect(switch).not_to_be_checked()
    expect(page.get_by_role("log")).to_contain_text("Everything repaired")
