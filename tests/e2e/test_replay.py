"""An operator repairs a dead letter where it is shown: replays it, corrects it, solves it."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.e2e

SOON = 30_000


def run_of(stack: Stack, reference: str, *states: str) -> str:
    """The run that carried an order to Notes, once it is in one of the states."""

    def look() -> str | None:
        query = {"environment": "demo", "q": reference, "flow": "orders-to-notes"}
        found = stack.api("operator").get("runs", params=query).json()["results"]
        return next((one["id"] for one in found if one["state"] in states), None)

    return str(eventually(look, seconds=90, what=f"{reference} in {states}"))


def dead_letters(stack: Stack, count: int) -> dict[str, str]:
    """Order references and run ids: the shop answered with something that is no JSON."""
    stack.fault("shop", html_answer={"path": "/api/orders", "method": "GET"})
    try:
        references = [stack.place_order() for _ in range(count)]
        return {one: run_of(stack, one, "dead") for one in references}
    finally:
        stack.fault("shop", clear=True)


@pytest.fixture(scope="module")
def dead(stack: Stack) -> list[str]:
    return list(dead_letters(stack, 3).values())


def test_a_dead_letter_is_replayed_where_it_is_shown(page: Page, dead: list[str]) -> None:
    page.goto(f"/runs/{dead[0]}")
    page.get_by_role("button", name="Replay", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 finished step is taken over.", timeout=SOON)
    dialog.get_by_role("button", name="Replay").click()
    # The new run opens, and the two name each other.
    chain = page.get_by_role("list", name="Related runs")
    expect(chain).to_contain_text("Replay of run", timeout=SOON)
    expect(page.locator("[data-run-state]")).to_have_attribute(
        "data-run-state", "succeeded", timeout=SOON
    )
    expect(page.locator('[data-node="order_placed"]')).to_contain_text("Taken over")
    chain.get_by_role("link").click()
    expect(page).to_have_url(re.compile(dead[0]))
    expect(chain).to_contain_text("Replayed as run", timeout=SOON)
    expect(chain).to_contain_text("Succeeded", timeout=SOON)
    expect(page.get_by_role("button", name="Mark as solved")).to_have_count(0)


def test_what_is_corrected_is_told_wrong_at_its_line(page: Page, dead: list[str]) -> None:
    page.goto(f"/runs/{dead[1]}")
    page.get_by_role("button", name="Edit and replay").click()
    dialog = page.get_by_role("dialog")
    editor = dialog.get_by_role("textbox", name="Trigger data")
    sound = editor.input_value()
    editor.fill(sound.replace(",", "", 1))
    expect(dialog.get_by_role("alert")).to_contain_text("Line 3")
    expect(dialog.get_by_role("button", name="Replay")).to_be_disabled()
    dialog.get_by_role("button", name="Undo edits").click()
    editor.fill(sound.replace('"origin": "front"', '"origin": "by hand"'))
    expect(dialog).to_contain_text("The whole flow is done again.", timeout=SOON)
    dialog.get_by_role("button", name="Replay").click()
    expect(page.locator("[data-run-state]")).to_have_attribute(
        "data-run-state", "succeeded", timeout=SOON
    )
    steps = page.get_by_role("region", name="Steps and attempts")
    steps.get_by_role("button", name="Order placed").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("by hand")


def test_a_dead_letter_is_solved_with_a_note(page: Page, dead: list[str]) -> None:
    page.goto(f"/runs/{dead[2]}")
    page.get_by_role("button", name="Mark as solved").click()
    page.get_by_label("How was it solved?").fill("Typed in by hand")
    page.get_by_role("dialog").get_by_role("button", name="Mark as solved").click()
    chain = page.get_by_role("list", name="Related runs")
    expect(chain).to_contain_text("Solved by analyst", timeout=SOON)
    expect(chain).to_contain_text("Typed in by hand")


def test_a_waiting_run_is_called_off(page: Page, stack: Stack) -> None:
    stack.fault("notes", down=True)
    try:
        id_ = run_of(stack, stack.place_order(), "waiting")
        page.goto(f"/runs/{id_}")
        page.get_by_role("button", name="Cancel run").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel run").click()
        expect(page.locator("[data-run-state]")).to_have_attribute(
            "data-run-state", "cancelled", timeout=SOON
        )
    finally:
        stack.fault("notes", clear=True)


def test_many_are_chosen_looked_at_and_replayed(page: Page, stack: Stack) -> None:
    references = list(dead_letters(stack, 3))
    page.goto("/runs")
    page.get_by_label("State").select_option("Needs attention")
    expect(page).to_have_url(re.compile("state=attention"))
    for one in references[:2]:
        page.get_by_role("checkbox", name=f"Choose {one}").check()
    bar = page.get_by_role("region", name="Chosen runs")
    expect(bar).to_contain_text("2 chosen.")
    bar.get_by_role("button", name="Replay 2 in source order").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Would replay 2.", timeout=SOON)
    rows = dialog.get_by_role("row")
    expect(rows.nth(1)).to_contain_text(references[0])
    expect(rows.nth(2)).to_contain_text(references[1])
    dialog.get_by_role("button", name="Replay 2").click()
    # The address is that of the bulk replay: it can be sent to a colleague.
    expect(page).to_have_url(re.compile("bulk=[0-9a-f-]{36}"), timeout=SOON)
    card = page.get_by_role("region", name="Bulk replay")
    expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "2", timeout=SOON)
    expect(card).to_contain_text("Done")
    expect(card).to_contain_text("2 succeeded", timeout=SOON)
    for one in references[:2]:
        expect(page.get_by_role("row").filter(has_text=one)).to_contain_text("Succeeded")
    card.get_by_role("button", name="Show all runs").click()
    # What was dealt with has left the list, the third one stays.
    page.get_by_label("State").select_option("Needs attention")
    third = page.get_by_role("checkbox", name=f"Choose {references[2]}")
    expect(third).to_be_visible(timeout=SOON)
    expect(page.get_by_role("checkbox", name=f"Choose {references[0]}")).to_have_count(0)


def test_the_rest_of_a_bulk_replay_is_called_off(page: Page, stack: Stack) -> None:
    """The server works fast; here its answer stands still until somebody cancels."""
    api = stack.api("analyst")
    made = api.post("replays", json={"environment": "demo", "q": "NOBODY"}).json()
    still = {**made, "state": "running", "ended_at": None, "total": 5, "replayed": 2, "waiting": 3}
    stopped = {**still, "state": "cancelled", "ended_by": "analyst"}
    page.route(f"**/api/v1/replays/{made['id']}", lambda route: route.fulfill(json=still))
    page.route(f"**/api/v1/replays/{made['id']}/cancel", lambda one: one.fulfill(json=stopped))
    page.goto(f"/runs?bulk={made['id']}")
    card = page.get_by_role("region", name="Bulk replay")
    expect(card).to_contain_text("3 wait", timeout=SOON)
    page.route(f"**/api/v1/replays/{made['id']}", lambda route: route.fulfill(json=stopped))
    card.get_by_role("button", name="Cancel the rest").click()
    expect(card).to_contain_text("3 stay as they were", timeout=SOON)
    expect(card.get_by_role("button", name="Cancel the rest")).to_have_count(0)


def test_who_may_not_start_runs_is_told_so(page: Page, dead: list[str]) -> None:
    def as_viewer(route: Route) -> None:
        session = route.fetch().json()
        session["permissions"].remove("start_runs")
        route.fulfill(json=session)

    page.route("**/api/v1/session", as_viewer)
    page.goto(f"/runs/{dead[0]}")
    button = page.get_by_role("button", name="Replay", exact=True)
    expect(button).to_have_attribute("aria-disabled", "true", timeout=SOON)
    expect(button).to_have_accessible_description("This needs the permission to start runs")
    button.click(force=True)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_nobody_knows_is_decided_with_both_facts_in_view(page: Page, dead: list[str]) -> None:
    """The far sides of the demo can all be asked; here the server's answer says otherwise."""
    at = "2026-11-23T11:00:00Z"
    error = {"class": "UncertainError", "code": "answer_lost", "message": "The line was cut."}
    fact = {
        "node": "read_order",
        "path": "",
        "attempt": 1,
        "effect_key": "9c53947b0fb800206100534e2f9b964f",
        "sent_at": at,
        "sent_before": False,
        "params": {"weight": "2.50"},
        "answer": {"at": at, "error": error},
        "looks": [{"at": at, "happened": None, "error": {**error, "message": "Nobody to ask."}}],
    }

    def doubtful(route: Route) -> None:
        run = route.fetch().json()
        route.fulfill(json={**run, "state": "dead", "resolved_at": None, "unresolved": [fact]})

    said: list[object] = []

    def decided(route: Route) -> None:
        said.append(route.request.post_data_json)
        route.fulfill(status=409, json={"title": "", "status": 409, "detail": "Replayed since."})

    page.route(f"**/api/v1/runs/{dead[0]}", doubtful)
    page.route(f"**/api/v1/runs/{dead[0]}/verdict", decided)
    page.goto(f"/runs/{dead[0]}")
    card = page.get_by_role("alert", name="Outcome uncertain")
    expect(card.get_by_role("group", name="Content")).to_contain_text("2.50", timeout=SOON)
    expect(card).to_contain_text("The line was cut.")
    expect(card).to_contain_text("Nobody to ask.")
    card.get_by_role("button", name="It happened").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="What the step would have given").fill('{"id": 7.10}')
    dialog.get_by_label("How do you know?").fill("Seen there")
    dialog.get_by_role("button", name="Go on behind it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Replayed since.")
    assert said == [
        {
            "node": "read_order",
            "path": "",
            "happened": True,
            "note": "Seen there",
            "output": {"id": 7.1},
        }
    ]
