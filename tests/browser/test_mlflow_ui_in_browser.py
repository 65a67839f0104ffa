"""MLflow's own pages over a real store: experiment, comparison, artifacts and model pages read as they should."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from mlflow import MlflowClient
from playwright.sync_api import Browser, Page, expect

from mlproject.tracking.ui_views import address, model_address
from tests.pipelines.conftest import Clone, small_clone
from tests.servers import serving

pytestmark = [pytest.mark.browser, pytest.mark.pipeline, pytest.mark.slow]
SCREENSHOTS = os.environ.get("MLPROJECT_SCREENSHOTS")  # folder to keep them in, to be looked at


@pytest.fixture(scope="module")
def used(tmp_path_factory) -> Clone:
    """A clone in which baseline and easy were run with figures, easy was evaluated, and all was compared."""
    made = small_clone(tmp_path_factory.mktemp("used") / "clone")
    made.configure("evaluation", figures=True)
    made.run("python", "-m", "pipelines.task", "task=easy")
    made.run("python", "-m", "pipelines.evaluate", "task=easy")
    made.run("python", "-m", "pipelines.compare")
    return made


@pytest.fixture(scope="module")
def client(used: Clone) -> MlflowClient:
    uri = f"sqlite:///{used.folder / 'mlflow.db'}"
    return MlflowClient(uri, registry_uri=uri)


def serve(clone: Clone, store: str, *options: str) -> AbstractContextManager[str]:
    """Serve a store until the block ends; yields its address."""
    command = ("mlflow", "server", "--backend-store-uri", store, "--workers", "1", *options)
    log = clone.folder.parent / f"server of {Path(store).name}.log"
    return serving(*command, answers_at="health", folder=clone.folder, log=log, environment=clone.environment())


@pytest.fixture(scope="module")
def server(used: Clone) -> Iterator[str]:
    with serve(used, f"sqlite:///{used.folder / 'mlflow.db'}") as url:
        yield url


@pytest.fixture
def visit(browser: Browser, server: str, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Page]]:
    page = browser.new_page(viewport={"width": 1500, "height": 1000})
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)

    def open_(path: str) -> Page:
        page.goto(server + path)
        return page

    yield open_
    if SCREENSHOTS:
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SCREENSHOTS) / f"{request.node.name}.png")
    page.close()


def _run(client: MlflowClient, kind: str, task: str) -> str:
    wanted = f"tags.kind = '{kind}' and tags.task = '{task}'"
    return str(client.search_runs(["0"], wanted)[0].info.run_id)


def test_the_experiment_opens_on_label_free_runs_by_their_gain(visit):
    page = visit(address("0", "label-free"))
    expect(page.get_by_text("genre-clustering").first).to_be_visible()
    expect(page.get_by_role("link", name="easy", exact=True)).to_be_visible()
    expect(page.get_by_text("delta/ami").first).to_be_visible()
    expect(page.get_by_role("link", name="evaluate easy")).to_have_count(0)


def test_the_charts_start_with_what_is_compared(visit):
    page = visit(address("0", "label-free", charts=True))
    expect(page.get_by_text("Against PCA + K-Means").first).to_be_visible()
    expect(page.get_by_text("delta/ami").first).to_be_visible()


def test_a_new_browser_gets_the_mode_that_shows_models(visit):
    for path in (address("0", "label-free"), model_address("genre-clusters")):
        expect(visit(path).get_by_role("link", name="Model registry")).to_be_visible()


def test_the_description_of_a_run_links_its_report(visit, client):
    run = _run(client, "task", "easy")
    page = visit(f"#/experiments/0/runs/{run}")
    link = page.get_by_role("link", name="Open the report")
    expect(link).to_have_attribute("href", f"#/experiments/0/runs/{run}/artifacts/report.html")


def test_what_saw_a_label_is_in_no_view_of_what_did_not(visit):
    page = visit(address("0", "saw-a-label"))
    expect(page.get_by_text("genre-clustering").first).to_be_visible()
    expect(page.get_by_role("link", name="easy", exact=True)).to_have_count(0)


def test_a_parent_shows_its_children(visit):
    page = visit(address("0", "evaluations"))
    expect(page.get_by_role("link", name="evaluate easy")).to_be_visible()


def test_a_task_beside_the_baseline(visit, client):
    easy, baseline = _run(client, "task", "easy"), _run(client, "task", "baseline")
    page = visit(f'#/compare-runs?runs=["{easy}","{baseline}"]&experiments=["0"]')
    expect(page.get_by_text("Comparing 2 Runs from 1 Experiment")).to_be_visible()
    for tab in ("Parallel Coordinates Plot", "Scatter Plot", "Box Plot", "Contour Plot"):
        expect(page.get_by_role("tab", name=tab)).to_be_visible()
    expect(page.get_by_text("model.latent_dim").first).to_be_visible()


def test_a_figure_in_the_artifact_viewer(visit, client):
    page = visit(f"#/experiments/0/runs/{_run(client, 'task', 'easy')}/artifacts/figures/methods.png")
    expect(page.get_by_text("methods.png").first).to_be_visible()
    expect(page.locator("img").last).to_be_visible()


def test_the_report_in_the_artifact_viewer(visit, client):
    page = visit(f"#/experiments/0/runs/{_run(client, 'task', 'easy')}/artifacts/report.html")
    report = page.frame_locator("iframe").first
    expect(report.get_by_role("heading", name="Projection of all tracks")).to_be_visible()


def test_the_page_of_a_version_is_its_card(visit, client):
    version = next(one for one in client.search_model_versions("name = 'genre-clusters'") if one.tags["task"] == "easy")
    page = visit(f"#/models/genre-clusters/versions/{version.version}")
    expect(page.get_by_text("PCA + K-Means").first).to_be_visible()
    expect(page.get_by_text("Limits")).to_be_visible()


def test_the_registered_model_shows_the_alias_of_the_baseline(visit):
    page = visit("#/models/genre-clusters")
    expect(page.get_by_text("baseline", exact=True).first).to_be_visible()


def test_music_stays_on_this_machine(used: Clone, tmp_path: Path):
    local = next((used.folder / "mlruns").rglob("report.html")).read_text()
    assert 'id="clip-' in local
    options = ("--artifacts-destination", str(tmp_path / "sent"), "--serve-artifacts")
    with serve(used, f"sqlite:///{tmp_path / 'remote.db'}", *options) as url:
        used.run("python", "-m", "pipelines.task", "task=baseline", MLFLOW_TRACKING_URI=url)
        used.run("python", "-m", "pipelines.compare", MLFLOW_TRACKING_URI=url)
    sent = [path.read_text() for path in (tmp_path / "sent").rglob("report.html")]
    assert len(sent) == 2
    assert not any('id="clip-' in page for page in sent)
