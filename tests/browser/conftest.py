"""Pages in a real browser: every test that opens one also finds requests that leave it, and errors on its console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _executable() -> str:
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    reason = f"no Chromium on the path ({', '.join(NAMES)}): install it to test the page in a browser"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


# For the session, its event loop would stay in the way of tests that run one of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = _executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a document and wait until it answers; when the test ends, it must have asked for itself alone."""
    address = (tmp_path / "page.html").as_uri()
    troubles: list[str] = []
    pages: list[Page] = []

    def open_(document: str, *, width: int = 1400, wait_for: str = "body[data-ready]", script: str = "") -> Page:
        (tmp_path / "page.html").write_text(document, encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 1000})
        page.set_default_timeout(15_000)
        pages.append(page)
        page.on("request", lambda request: troubles.append(request.url) if request.url != address else None)
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.add_init_script(script)
        page.goto(address)
        page.wait_for_selector(wait_for)
        return page

    yield open_
    for page in pages:
        page.close()
    assert troubles == []
