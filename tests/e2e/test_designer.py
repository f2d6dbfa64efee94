"""A flow changed in the designer: add, wire, set, see a problem, repair, publish."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import signed_in
from tests.e2e.test_accessible import violations
from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.e2e
SOON = 30_000


def flow(slug: str) -> dict[str, Any]:
    """By hand, then the end; an exact number that must come out as it went in."""
    return {
        "format": 1,
        "slug": slug,
        "name": slug.replace("-", " ").capitalize(),
        "connections": {},
        "nodes": [
            {"id": "begin", "type": "flow.manual@1", "name": "By hand", "params": {}},
            {"id": "done", "type": "flow.stop@1", "name": "Done", "params": {"outcome": "ok"}},
        ],
        "edges": [{"from": "begin", "port": "out", "to": "done"}],
        "samples": {"begin": {"total": 0}},
        "layout": {"nodes": {"begin": {"x": 0, "y": 0}, "done": {"x": 0, "y": 112}}},
    }


def publish(stack: Stack, slug: str, document: dict[str, Any] | None = None) -> Any:
    """A new flow over the API, or a next version of it."""
    api = stack.api("admin")
    headers = {"X-CSRFToken": api.cookies["csrftoken"], "Referer": stack.web}
    path = "flows" if document is None else f"flows/{slug}/versions"
    body = {"document": document or flow(slug), "note": ""}
    answer = api.post(path, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def latest(stack: Stack, slug: str) -> dict[str, Any]:
    return dict(stack.api("admin").get(f"flows/{slug}").json())


def card(page: Page, node: str) -> Any:
    return page.locator(f'.react-flow__node[data-id="{node}"]')


def open_flow(page: Page, slug: str) -> None:
    page.goto(f"/flows/{slug}")
    expect(page.get_by_role("status").filter(has_text="As published")).to_be_attached(timeout=SOON)


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Draft saved")).to_be_attached(timeout=SOON)


def shoot(page: Page, picture: Path, name: str) -> None:
    page.mouse.move(5, 400)
    page.wait_for_timeout(250)
    page.screenshot(path=picture / f"{name}.png")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(250)
    page.screenshot(path=picture / f"{name}-dark.png")
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(250)


def test_a_node_is_added_wired_set_repaired_and_published(
    page: Page, stack: Stack, picture: Path
) -> None:
    publish(stack, "price-watch")
    open_flow(page, "price-watch")
    # On the wire between the two: found by a word that people use, put in with Enter.
    page.get_by_role("button", name="Add between By hand and Done").click()
    palette = page.get_by_role("dialog", name="Add a node")
    palette.get_by_role("combobox").fill("only")
    shoot(page, picture, "designer-palette")
    page.keyboard.press("Enter")
    expect(card(page, "filter")).to_be_focused()
    settings = page.get_by_role("complementary", name=re.compile("^Settings of"))
    settings.get_by_label("Name of the node").fill("Only dear ones")
    # The condition is missing: the server says so, and its problem leads to the field.
    problems = page.locator(".ebar").get_by_role("button", name=re.compile(r"^\d+ problem"))
    expect(problems).to_be_visible(timeout=SOON)
    problems.click()
    shoot(page, picture, "designer-problem")
    assert violations(page) == []
    page.reload()
    expect(card(page, "filter")).to_be_visible(timeout=SOON)
    expect(settings.get_by_label("Name of the node")).to_have_value("Only dear ones")
    problems.click()
    page.get_by_role("region", name="Problems").get_by_role("button").nth(1).click()
    condition = settings.get_by_label("Condition")
    expect(condition).to_be_focused()
    condition.fill("{{ trigger.data.price > 10 }}")
    expect(page.get_by_role("button", name="No problems")).to_be_visible(timeout=SOON)
    saved(page)
    # Nobody else sees any of it yet.
    assert latest(stack, "price-watch")["latest_version"] == 1
    page.reload()
    expect(settings.get_by_label("Condition")).to_have_value(
        "{{ trigger.data.price > 10 }}", timeout=SOON
    )
    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog", name="Publish")
    expect(dialog).to_contain_text("Only dear ones")
    dialog.get_by_label("What is this version for?").fill("Leave out what is cheap")
    shoot(page, picture, "designer-publish")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 2 is published.")).to_be_visible(timeout=SOON)
    now = latest(stack, "price-watch")
    assert now["latest_version"] == 2
    assert now["versions"][0]["note"] == "Leave out what is cheap"
    ways = {(one["from"], one["port"], one["to"]) for one in now["document"]["edges"]}
    assert ways == {("begin", "out", "filter"), ("filter", "out", "done")}
    assert stack.api("analyst").get("flows/price-watch/draft").json()["draft"] is None


def test_everything_by_keyboard_and_back_again(page: Page, stack: Stack) -> None:
    publish(stack, "by-keys")
    open_flow(page, "by-keys")
    card(page, "begin").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    palette = page.get_by_role("dialog", name="Add a node")
    expect(palette).to_be_visible()
    page.keyboard.type("wait")
    expect(palette.get_by_role("option").first).to_contain_text(re.compile("Delay|Wait"))
    page.keyboard.press("Enter")
    nodes = page.locator(".react-flow__node")
    expect(nodes).to_have_count(3)
    page.keyboard.press("Control+d")
    expect(nodes).to_have_count(4)
    page.keyboard.press("Delete")
    expect(nodes).to_have_count(3)
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(nodes).to_have_count(2)
    page.keyboard.press("Control+y")
    expect(nodes).to_have_count(3)
    # Deleting a node in the middle rejoins its neighbours.
    page.keyboard.press("Control+z")
    card(page, "begin").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+d")
    expect(nodes).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(nodes).to_have_count(2)


def test_a_wire_is_pulled_and_a_node_is_dragged(page: Page, stack: Stack) -> None:
    publish(stack, "by-mouse")
    open_flow(page, "by-mouse")
    page.locator(".addbtn").click()
    page.get_by_role("dialog", name="Add a node").get_by_role("combobox").fill("delay")
    page.keyboard.press("Enter")
    made = card(page, "delay")
    expect(made).to_be_visible()
    begin = card(page, "begin")
    begin.hover()
    port = begin.locator(".pull").first.bounding_box()
    target = made.bounding_box()
    assert port
    assert target
    page.mouse.move(port["x"] + port["width"] / 2, port["y"] + port["height"] / 2)
    page.mouse.down()
    page.mouse.move(target["x"] + 60, target["y"] + 40, steps=8)
    page.mouse.up()
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    page.mouse.move(target["x"] + 100, target["y"] + 40)
    page.mouse.down()
    page.mouse.move(target["x"] + 180, target["y"] + 140, steps=8)
    page.mouse.up()
    moved = made.bounding_box()
    assert moved
    assert moved["x"] > target["x"] + 40
    saved(page)
    page.keyboard.press("Control+z")
    eventually(
        lambda: abs((made.bounding_box() or {"x": 0})["x"] - target["x"]) < 10,
        what="the node at its old place",
    )


def test_what_others_published_meanwhile_is_brought_together(
    page: Page, browser: Browser, stack: Stack
) -> None:
    publish(stack, "two-people")
    open_flow(page, "two-people")
    card(page, "done").click()
    settings = page.get_by_role("complementary", name=re.compile("^Settings of"))
    settings.get_by_label("Name of the node").fill("Arrived")
    saved(page)
    with signed_in(browser, stack, "admin") as other:
        open_flow(other, "two-people")
        expect(other.get_by_role("list", name="Who else has a draft")).to_be_visible()
        expect(card(other, "done")).to_contain_text("Done")
    theirs = flow("two-people")
    theirs["nodes"][0]["name"] = "Started by hand"
    publish(stack, "two-people", theirs)
    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog", name="Publish")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 2 was published meanwhile.")).to_be_visible(timeout=SOON)
    expect(card(page, "begin")).to_contain_text("Started by hand")
    page.get_by_role("button", name="Publish…").click()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 3 is published.")).to_be_visible(timeout=SOON)
    names = [one["name"] for one in latest(stack, "two-people")["document"]["nodes"]]
    assert names == ["Started by hand", "Arrived"]


def test_two_windows_of_one_person_lose_nothing(page: Page, stack: Stack) -> None:
    publish(stack, "two-windows")
    open_flow(page, "two-windows")
    second = page.context.new_page()
    second.set_default_timeout(20_000)
    open_flow(second, "two-windows")
    for window, node, name in ((page, "begin", "First"), (second, "done", "Second")):
        card(window, node).click()
        window.get_by_label("Name of the node").fill(name)
        saved(window)
    expect(card(second, "begin")).to_contain_text("First", timeout=SOON)

    def names() -> bool:
        draft = stack.api("analyst").get("flows/two-windows/draft").json()["draft"]
        return bool(draft) and [n["name"] for n in draft["document"]["nodes"]] == [
            "First",
            "Second",
        ]

    eventually(names, what="both names in the draft")
    second.close()


def test_who_may_not_edit_looks(browser: Browser, stack: Stack) -> None:
    publish(stack, "only-look")
    with signed_in(browser, stack, "operator") as page:
        page.goto("/flows/only-look")
        expect(page.get_by_text("Read only, v1")).to_be_visible(timeout=SOON)
        expect(page.get_by_role("button", name="Publish…")).to_have_count(0)


def test_a_new_flow_is_built_in_the_outline_without_a_mouse(
    page: Page, stack: Stack, picture: Path
) -> None:
    page.goto("/flows")
    page.get_by_role("button", name="New flow").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New flow")
    expect(dialog.get_by_label("Name")).to_be_focused(timeout=SOON)
    page.keyboard.type("Price alarm")
    expect(dialog).to_contain_text("price-alarm")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/flows/price-alarm"), timeout=SOON)
    page.get_by_role("button", name="Show as a list").focus()
    page.keyboard.press("Enter")
    tree = page.get_by_role("tree", name="Outline of Price alarm")
    rows = tree.get_by_role("treeitem")
    expect(rows).to_have_count(2)
    rows.first.focus()
    for typed, name in (("branch", "Branch"), ("delay", "Delay")):
        page.keyboard.press("+")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(tree.get_by_role("treeitem", name=re.compile(name))).to_be_focused()
    expect(rows).to_have_count(4)
    page.keyboard.press("Delete")
    expect(rows).to_have_count(3)
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(4)
    shoot(page, picture, "designer-outline")
    assert violations(page) == []
    saved(page)
    draft = stack.api("analyst").get("flows/price-alarm/draft").json()["draft"]["document"]
    assert [one["id"] for one in draft["nodes"]] == ["start", "done", "branch", "delay"]
    page.get_by_role("button", name="Canvas", exact=True).click()


def test_copied_nodes_are_text_that_builds_them_elsewhere(page: Page, stack: Stack) -> None:
    publish(stack, "copied-from")
    publish(stack, "copied-to")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_flow(page, "copied-from")
    card(page, "begin").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    text = page.evaluate("navigator.clipboard.readText()")
    assert '"causeway/nodes"' in text
    open_flow(page, "copied-to")
    card(page, "begin").focus()
    page.keyboard.press("Control+v")
    expect(page.locator(".react-flow__node")).to_have_count(4)
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    saved(page)
    draft = stack.api("analyst").get("flows/copied-to/draft").json()["draft"]["document"]
    assert [one["id"] for one in draft["nodes"]] == ["begin", "done", "begin_2", "done_2"]
