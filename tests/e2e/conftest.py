"""A browser and a demo of its own for the journeys that people make."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.stack.harness import PASSWORD, ROOT, Stack, start

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PICTURES = ROOT / "docs" / "images"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = start(tmp_path_factory.mktemp("e2e"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the session: while it is open, Playwright's own event loop runs in this thread, and
    no asynchronous test can."""
    path = os.environ.get("CHROMIUM_PATH") or next(
        (found for name in CHROMIUM if (found := shutil.which(name))), None
    )
    assert path, "no Chromium found: install the package chromium or set CHROMIUM_PATH"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@contextmanager
def signed_in(browser: Browser, stack: Stack, username: str) -> Iterator[Page]:
    """A page of one of the demo's people; any error on the browser's console fails the test."""
    context = browser.new_context(
        base_url=stack.web, viewport={"width": 1440, "height": 900}, locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto("/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Home").wait_for()
    yield page
    context.close()
    assert not broken, broken


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page signed in as the demo's analyst."""
    with signed_in(browser, stack, "analyst") as page:
        yield page


@pytest.fixture
def admin(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page signed in as the demo's administrator."""
    with signed_in(browser, stack, "admin") as page:
        yield page


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Where pictures go: the docs when they are to be renewed, else a folder of the test's own."""
    wanted = os.environ.get("CAUSEWAY_RENEW_PICTURES")
    if wanted:
        PICTURES.mkdir(parents=True, exist_ok=True)
        return PICTURES
    return tmp_path
