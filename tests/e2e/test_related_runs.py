"""A run whose list was spread over workers, and whose failed items are dead letters."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.e2e
SOON = 30_000
FLOW: dict[str, Any] = {
    "format": 1,
    "slug": "price-list",
    "name": "Price list",
    "description": "Looks at each price.",
    "connections": {},
    "settings": {"deadline": "PT1H"},
    "nodes": [
        {"id": "begin", "type": "flow.manual@1", "name": "By hand", "params": {}},
        {
            "id": "each",
            "type": "flow.for_each@1",
            "name": "Each price",
            "params": {
                "items": "{{ trigger.data.prices }}",
                "key": "{{ item.sku }}",
                "chunk_size": 2,
                "concurrency": 2,
                "on_item_error": "dead_letter",
            },
        },
        {
            "id": "check",
            "type": "data.validate@1",
            "name": "A price?",
            "params": {
                "value": "{{ item }}",
                "schema": {"type": "object", "properties": {"price": {"type": "number"}}},
            },
        },
    ],
    "edges": [
        {"from": "begin", "port": "out", "to": "each"},
        {"from": "each", "port": "item", "to": "check"},
    ],
}
PRICES = [
    {"sku": f"SKU-{n}", "price": "on request" if n in (2, 5) else 10 + n} for n in range(1, 7)
]


@pytest.fixture(scope="module")
def run(stack: Stack) -> str:
    api = stack.api("admin")
    headers = {"X-CSRFToken": api.cookies["csrftoken"], "Referer": stack.web}
    deployed = {"environment": "demo", "flow": "price-list", "version": 1, "bindings": {}}
    for path, body in (("flows", {"document": FLOW, "note": ""}), ("deployments", deployed)):
        answer = api.post(path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
    started = api.post(
        "flows/price-list/runs",
        json={"environment": "demo", "trigger": {"data": {"prices": PRICES}}},
        headers=headers,
    )
    assert started.status_code == 202, started.text
    [id_] = started.json()["run_ids"]
    eventually(
        lambda: api.get(f"runs/{id_}").json()["state"] == "succeeded", what="the end of the run"
    )
    return str(id_)


def test_a_run_leads_to_its_chunks_and_to_the_letters_of_its_items(
    page: Page, run: str, picture: Path
) -> None:
    page.goto(f"/runs/{run}")
    chain = page.get_by_role("list", name="Related runs")
    expect(chain.get_by_text("Left a chunk to")).to_have_count(3, timeout=SOON)
    expect(chain).to_contain_text("each/SKU-2")
    expect(chain).to_contain_text("each/SKU-5")
    page.screenshot(path=picture / "run-related.png")
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=picture / "run-related-dark.png")
    page.emulate_media(color_scheme="light")
    # The letter says of which run and item it is, and leads back.
    chain.get_by_role("listitem").filter(has_text="each/SKU-2").get_by_role("link").click()
    letter = page.get_by_role("list", name="Related runs")
    expect(letter).to_contain_text("Item each/SKU-2 of run", timeout=SOON)
    expect(page.locator("[data-run-state]")).to_have_attribute("data-run-state", "dead")
    page.screenshot(path=picture / "run-letter.png")
    letter.get_by_role("link").click()
    expect(page).to_have_url(re.compile(run), timeout=SOON)
