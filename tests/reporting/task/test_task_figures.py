"""Figures of small random tasks: which ones come, and what is written on them."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.models import AutoencoderConfig, PrincipalComponentsConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.evaluation.external import match_clusters
from mlproject.experiment.design_matrix import TaskInputs, TextVectors
from mlproject.experiment.run_task import TaskResult, run_task
from mlproject.prediction.package import Recipe
from mlproject.reporting.style import PALETTE, mark, plain, thin
from mlproject.reporting.task.context import TaskFigures
from mlproject.reporting.task.figures import draw_figures, write_task_figures
from mlproject.reporting.task.partitions import cluster_sizes, purity_by_genre
from mlproject.results.cluster_descriptions import TrackFacts
from mlproject.results.examples import examples_of
from mlproject.results.task_output import TaskOutput
from mlproject.results.write_task import record_of, write_task

N_TRACKS, FRAME_SECONDS = 60, 0.5
OF_ALL = ["tsne", "umap", "loss", "reconstruction"]
LABELLED = [*OF_ALL, "mfcc_by_genre", "methods", "genre_by_cluster", "purity_by_genre"]
BASELINE = TaskConfig(model=PrincipalComponentsConfig(latent_dim=6), fusion="concatenate")
SCRATCH = TemporaryDirectory()
NETWORK = AutoencoderConfig(latent_dim=4, hidden=(8,), epochs=6, lyrics_dim=3)
EASY = TaskConfig(model=NETWORK)
HARD = TaskConfig(blocks=BlocksConfig(lyrics="embedding", genre="one_hot"), model=NETWORK)
TASKS = {"labelled": EASY, "unlabelled": EASY, "many": EASY, "hard": HARD, "baseline": BASELINE}


def inputs(kind: str) -> TaskInputs:
    rng = np.random.default_rng(5)
    n_genres = 12 if kind == "many" else 4
    names = np.array([f"genre {index:02}" for index in range(n_genres)])
    codes = np.arange(N_TRACKS) % n_genres
    mfcc = rng.normal(size=(N_TRACKS, 5, 12)).astype(np.float32) + codes[:, None, None] * np.float32(0.6)
    themes = TextVectors(
        rng.normal(size=(n_genres, 12)).astype(np.float32), row_by_genre=dict(zip(names, range(n_genres), strict=True))
    )
    genres = None if kind == "unlabelled" else names[codes]
    return TaskInputs(mfcc, np.zeros((N_TRACKS, 1), np.float32), themes, genres)


@cache
def result(kind: str) -> TaskResult:
    evaluation = EvaluationConfig(n_clusters=14 if kind == "many" else 4, n_init=2)
    return run_task(TASKS[kind], BASELINE, evaluation, inputs(kind))


def written(
    result: TaskResult, name: str, mfcc: np.ndarray | None, *, projections: bool = True, **changes: str
) -> TaskOutput:
    """Write a result, and return an output of the folder that has read nothing of it yet."""
    n_tracks = len(result.rows)
    facts = TrackFacts([f"track {row}" for row in range(n_tracks)], np.zeros((n_tracks, 1)), ["tempo"])
    given = {"corpus": "demo", "clusterer": "kmeans", "name": name, "description": ""} | changes
    record = record_of(result, **given, seed=1, frame_seconds=None if mfcc is None else FRAME_SECONDS)
    folder, package = Path(mkdtemp(dir=SCRATCH.name)), Recipe(task=name)
    output = write_task(folder, result, record, facts=facts, package=package, mfcc=mfcc, projections=projections)
    return TaskOutput(output.folder)


@cache
def context(kind: str, clusterer: str = "kmeans") -> TaskFigures:
    corpus = "demo" if clusterer == "kmeans" else "gtzan"
    mfcc = inputs(kind).mfcc if clusterer == "kmeans" else None
    return TaskFigures(written(result(kind), kind, mfcc, clusterer=clusterer, corpus=corpus))


@cache
def drawn(kind: str) -> dict[str, Figure]:
    return dict(draw_figures(context(kind)))


@pytest.fixture(scope="module", autouse=True)
def _tidy():
    yield
    SCRATCH.cleanup()


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


kinds = pytest.mark.parametrize("kind", TASKS)


def test_figures_of_a_labelled_task() -> None:
    assert list(drawn("labelled")) == LABELLED


def test_figures_of_many_genres() -> None:
    assert list(drawn("many")) == LABELLED


def test_figures_without_labels() -> None:
    assert list(drawn("unlabelled")) == [*OF_ALL, "methods", "cluster_sizes"]


def test_the_baseline_has_no_loss() -> None:
    assert list(drawn("baseline")) == [name for name in LABELLED if name != "loss"]


@kinds
def test_every_figure_says_what_it_is_of(kind: str) -> None:
    for figure in drawn(kind).values():
        assert f"{kind} · demo corpus (synthetic) · {N_TRACKS} tracks" in words(figure)


@kinds
def test_every_axis_is_labelled(kind: str) -> None:
    for name, figure in drawn(kind).items():
        x_labels = [axes.get_xlabel() for axes in figure.axes if axes.get_label() != "<colorbar>"]
        y_labels = [axes.get_ylabel() for axes in figure.axes]
        assert all(x_labels), name
        # The panels of `methods` share the first one's axis.
        assert all(y_labels[:1] if name == "methods" else y_labels), name


@pytest.mark.parametrize("name", LABELLED)
def test_figures_can_be_saved(name: str) -> None:
    file = io.BytesIO()
    drawn("many")[name].savefig(file, format="png")
    assert file.getvalue().startswith(b"\x89PNG")


def test_a_label_informed_task_says_so() -> None:
    for name, figure in drawn("hard").items():
        warned = "LABEL-INFORMED: genre reached the clustered vector (blocks: lyrics, genre)" in words(figure)
        assert warned == (name != "mfcc_by_genre")
    assert not any("LABEL-INFORMED" in words(figure) for figure in drawn("labelled").values())


@pytest.mark.parametrize(("name", "method"), [("tsne", "t-SNE"), ("umap", "UMAP")])
def test_projections(name: str, method: str) -> None:
    figure = drawn("labelled")[name]
    assert len(figure.axes) == 4
    assert len(drawn("unlabelled")[name].axes) == len(drawn("baseline")[name].axes) == 2
    for axes in figure.axes:
        assert (axes.get_xlabel(), axes.get_ylabel()) == (f"{method} 1", f"{method} 2")
        assert not axes.get_xticks().size
        assert sum(len(points.get_offsets()) for points in axes.collections) == N_TRACKS
    assert "This projection is a picture, not what was clustered" in words(figure)


def test_more_genres_than_colours_keep_their_own_marks() -> None:
    assert len({mark(index) for index in range(100)}) == 100
    assert len({mark(index).colour for index in range(100)}) == len(PALETTE) == 10
    text = words(drawn("many")["tsne"])
    assert all(f"genre {index:02} · " in text for index in range(12))
    assert text.count("no genre · ") == 4


def test_loss() -> None:
    axes = drawn("labelled")["loss"].axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "loss: half mean squared error by column (z-scored units)"
    np.testing.assert_allclose(axes.lines[0].get_ydata(), result("labelled").loss_curve)


def test_undefined_scores_are_not_zero() -> None:
    noisy = [side.scores["dbscan"]["purity"] for side in (result("labelled").task, result("labelled").baseline)]
    missing = noisy.count(None)
    assert missing
    panels = {axes.get_title(): axes for axes in drawn("labelled")["methods"].axes}
    assert list(panels) == ["AMI", "ARI", "NMI", "purity"]
    assert [text.get_text() for text in panels["purity"].texts].count("n/a") == missing
    assert "n/a: not defined" in words(drawn("labelled")["methods"])


def test_bars_bear_their_values_beside_what_chance_reaches() -> None:
    axes = drawn("labelled")["methods"].axes[0]
    scores = [
        side.scores[name]["ami"]
        for side in (result("labelled").task, result("labelled").baseline)
        for name in side.scores
    ]
    shown = [float(text.get_text()) for text in axes.texts]
    np.testing.assert_allclose(shown, sorted(scores, reverse=True), atol=0.0051)
    dashed = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert dashed == [result("labelled").chance["ami"].upper]


def test_scores_without_labels_are_each_of_an_own_space() -> None:
    figure = drawn("unlabelled")["methods"]
    assert [axes.get_title() for axes in figure.axes] == ["silhouette", "Calinski-Harabasz", "Davies-Bouldin"]
    assert "representations do not compare" in words(figure)


def test_methods_are_sorted_by_ami() -> None:
    axes = drawn("labelled")["methods"].axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert len(widths) == 8
    assert widths == sorted(widths, reverse=True)
    assert any("noise" in label.get_text() for label in axes.get_yticklabels())


def test_a_method_that_saw_the_genre_stands_below_and_is_not_ranked() -> None:
    axes = drawn("hard")["methods"].axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert ["PCA" in name for name in names] == [True] * 4 + [False] * 4
    assert all(name.endswith("*") for name in names[4:])
    assert axes.yaxis_inverted()
    widths = [bar.get_width() for bar in axes.patches[:4]]
    assert widths == sorted(widths, reverse=True)
    assert "not ranked" in words(drawn("hard")["methods"])


def test_genre_by_cluster_has_a_heavy_diagonal() -> None:
    image = next(iter(drawn("labelled")["genre_by_cluster"].findobj(AxesImage)))
    table = np.asarray(image.get_array())
    assert table.sum() == N_TRACKS
    matched = match_clusters(result("labelled").task.partitions["kmeans"], result("labelled").genres)
    assert list(matched.values()) == sorted(matched.values())
    share = result("labelled").task.scores["kmeans"]["accuracy"]
    assert np.trace(table) == pytest.approx(share * N_TRACKS)


def test_noise_is_never_matched() -> None:
    genres = np.array(["a", "a", "a", "b"])
    assert match_clusters(np.array([-1, -1, 0, 0]), genres) == {0: "a"}
    assert match_clusters(np.full(4, -1), genres) == {}


def test_a_noisy_primary_clusterer_and_no_mfcc() -> None:
    assert (result("labelled").task.partitions["dbscan"] == -1).any()
    figures = dict(draw_figures(context("labelled", "dbscan")))
    assert list(figures) == ["tsne", "umap", "loss", "methods", "genre_by_cluster"]
    assert "noise" in words(figures["tsne"])
    assert "noise" in words(figures["genre_by_cluster"])
    assert "noise" in words(cluster_sizes(context("labelled", "dbscan")))


def test_purity_by_genre_names_both_sides() -> None:
    text = words(purity_by_genre(context("labelled")))
    assert "labelled · demo corpus (synthetic) · 60 tracks" in text
    for label, side in (("labelled", result("labelled").task), ("PCA baseline", result("labelled").baseline)):
        assert f"{label}: {side.scores['kmeans']['purity']:.2f} over all tracks" in text


@pytest.mark.parametrize("n_genres", range(1, 22))
def test_every_figure_of_labels_is_drawn_for_any_number_of_genres(n_genres: int) -> None:
    names = np.array([f"genre {index:02}" for index in range(n_genres)])
    of_some = replace(result("labelled"), genres=names[np.arange(N_TRACKS) % n_genres])
    output = written(of_some, "easy", inputs("many").mfcc, projections=False)
    with_examples = examples_of(of_some, inputs("many").mfcc)
    vars(output).update(examples=with_examples)
    figures = dict(draw_figures(TaskFigures(output)))
    assert list(figures) == [name for name in LABELLED if name not in ("tsne", "umap")]
    for figure in figures.values():
        figure.savefig(io.BytesIO(), format="png")
    panels = [axes for axes in figures["mfcc_by_genre"].axes if axes.images]
    assert len(panels) == min(n_genres, 20)


def all_saved(of_some: TaskResult, name: str, *, clusterer: str = "kmeans") -> set[str]:
    """Draw and save every figure of a result; return their names."""
    output = written(of_some, name, inputs("many").mfcc, projections=True, clusterer=clusterer)
    vars(output).update(examples=examples_of(of_some, inputs("many").mfcc))
    figures = dict(draw_figures(TaskFigures(output)))
    for figure in figures.values():
        figure.savefig(io.BytesIO(), format="png")
    return set(figures)


@pytest.mark.filterwarnings("ignore:Glyph .* missing")
@pytest.mark.parametrize("name", ["x", "n" * 80])
@pytest.mark.parametrize("genre", ["g", "ein sehr langer Name " * 4, "$x_1^$ & <b>", "ロック 🎸"])
def test_names_of_1_and_80_letters_and_of_any_script_are_drawn(name: str, genre: str) -> None:
    genres = np.array([f"{genre[:78]}{code}" for code in range(3)])[np.arange(N_TRACKS) % 3]
    assert all_saved(replace(result("labelled"), genres=genres), name) == set(LABELLED)


@pytest.mark.parametrize("genres", ["one per track", "none", "two"])
@pytest.mark.parametrize("clusters", ["one per track", "one of a single track", "one for all", "all noise"])
def test_genres_and_clusters_of_any_size_are_drawn(genres: str, clusters: str) -> None:
    rows = np.arange(N_TRACKS)
    names = {"one per track": rows.astype(str), "none": None, "two": np.where(rows % 2, "a", "b")}[genres]
    labels = {"one per track": rows, "one of a single track": (rows == 7).astype(int)}
    labels |= {"one for all": np.zeros_like(rows), "all noise": np.full_like(rows, -1)}
    task = result("labelled").task
    of_some = replace(
        result("labelled"), genres=names, task=replace(task, partitions={**task.partitions, "kmeans": labels[clusters]})
    )
    assert {"loss", "methods"} <= all_saved(of_some, "easy")


def test_reconstructions_share_one_scale() -> None:
    figure = drawn("labelled")["reconstruction"]
    images = [image for axes in figure.axes for image in axes.images]
    assert len(images) == 9
    assert len({image.get_clim() for image in images}) == 1
    assert {tuple(image.get_extent()[:2]) for image in images} == {(0.0, 12 * FRAME_SECONDS)}
    for row in np.reshape(np.array(images, dtype=object), (3, 3)):
        original, copy, difference = (np.asarray(image.get_array()) for image in row)
        np.testing.assert_allclose(original - copy, difference, atol=1e-6)
    assert "dB" in words(figure)
    assert "time, s" in words(figure)


def test_a_folder_without_projections_and_examples_has_the_other_figures(tmp_path: Path) -> None:
    output = written(result("labelled"), "easy", inputs("labelled").mfcc, projections=False)
    write_task_figures(output, tmp_path)
    stems = {path.stem for path in tmp_path.glob("*.png")}
    assert stems == set(LABELLED) - {"tsne", "umap", "reconstruction", "mfcc_by_genre"}


def test_names_from_folders_are_plain_text() -> None:
    assert plain("R$B $x$") == r"R\$B \$x\$"
    assert len(plain("x" * 50)) <= 18
    assert plain("a long name of genre 1") != plain("a long name of genre 2")


@pytest.mark.parametrize("count", [0, 1, 7, 24, 25, 1000])
def test_thinned_positions(count: int) -> None:
    shown = thin(count, limit=24)
    assert len(shown) <= 24
    assert shown == sorted(set(shown))
    assert all(0 <= place < count for place in shown)
