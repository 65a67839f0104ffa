"""Take the pictures of the README, after `make experiment`: python docs/screenshots.py [FOLDER of new music]

Needs Chromium and the requirements for development.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow import MlflowClient
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pipelines  # noqa: E402, F401 - finds the package of this checkout
from mlproject.reporting.comparison.leaderboard import leaderboard_rows  # noqa: E402
from mlproject.reporting.terminal import leaderboard_tables  # noqa: E402
from mlproject.tracking.ui_views import address, model_address  # noqa: E402
from mlproject.workflows.stage_results import stage_results  # noqa: E402
from mlproject.workspace.paths import Workspace  # noqa: E402
from tests.servers import serving  # noqa: E402

IMAGES, STORE = ROOT / "docs" / "images", f"sqlite:///{ROOT / 'mlflow.db'}"
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def main() -> None:
    """Write docs/images/*.png."""
    with sync_playwright() as playwright, server() as url:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        leaderboard(page)
        visit(page, url + address("0", "label-free", charts=True), "charts", wait_for="text=Against PCA + K-Means")
        baseline = MlflowClient(STORE, registry_uri=STORE).get_model_version_by_alias("genre-clusters", "baseline")
        card = f"{url}{model_address(f'genre-clusters/versions/{baseline.version}')}"
        visit(page, card, "registry", wait_for="text=Limits")
        visit(page, (ROOT / "artifacts/comparison/report.html").as_uri(), "explorer", wait_for="body[data-ready]")
        if sys.argv[1:]:
            predict(page, sys.argv[1])
        browser.close()


def visit(page: Page, url: str, name: str, *, wait_for: str) -> None:
    """Open a page, wait until it shows what it is opened for, and take its picture."""
    page.goto(url)
    page.wait_for_selector(wait_for)
    if (close := page.get_by_role("button", name="Close").first).is_visible():  # MLflow's assistant
        close.click()
    time.sleep(4)
    page.screenshot(path=IMAGES / f"{name}.png")


def leaderboard(page: Page) -> None:
    """Take the picture of what `compare` prints."""
    rows = leaderboard_rows(stage_results(Workspace(ROOT)))
    console = Console(record=True, width=80, file=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    for table in leaderboard_tables(rows):
        console.print(table)
    page.set_content(f"<body style='margin:0'>{console.export_svg(title='python -m pipelines.compare')}</body>")
    page.locator("svg").first.screenshot(path=IMAGES / "leaderboard.png")


def predict(page: Page, music: str) -> None:
    """Take the picture of what `predict` prints."""
    command = [sys.executable, "-m", "pipelines.predict", f"input={music}", "output=artifacts/playlists.m3u8"]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    console = Console(record=True, width=100, file=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    console.print(Text(printed.replace(str(ROOT), ".")))
    title = "python -m pipelines.predict input=~/new_music output=playlists.m3u8"
    page.set_content(f"<body style='margin:0'>{console.export_svg(title=title)}</body>")
    page.locator("svg").first.screenshot(path=IMAGES / "predict.png")


@contextmanager
def server() -> Iterator[str]:
    """Serve this checkout's store."""
    command = (sys.executable, "-m", "mlflow", "server", "--backend-store-uri", STORE, "--workers", "1")
    with TemporaryDirectory() as scratch:
        log = Path(scratch) / "server.log"
        with serving(*command, answers_at="health", folder=ROOT, log=log) as url:
            yield url


if __name__ == "__main__":
    main()
