from dataclasses import replace

import numpy as np
import pytest

from mlproject.config.models import AutoencoderConfig, PrincipalComponentsConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.errors import MlprojectError, NotApplicableError, TooFewTracksError
from mlproject.evaluation.internal import INTERNAL_METRICS
from mlproject.evaluation.scores import difference, score_partition
from mlproject.experiment.design_matrix import TextVectors, build_design, rotated
from mlproject.experiment.fit import fit_model, partition
from mlproject.experiment.run_task import run_task

NETWORK = AutoencoderConfig(latent_dim=4, hidden=(8,), epochs=6, lyrics_dim=3)
BASELINE = TaskConfig(model=PrincipalComponentsConfig(latent_dim=5, lyrics_dim=3), fusion="concatenate")
EASY = TaskConfig(model=NETWORK)
MEDIUM = TaskConfig(model=NETWORK, blocks=BlocksConfig(lyrics="embedding"))
HARD = TaskConfig(model=NETWORK, blocks=BlocksConfig(lyrics="embedding", genre="one_hot"))
TASKS = {"baseline": BASELINE, "easy": EASY, "medium": MEDIUM, "hard": HARD}
COLUMNS = {"baseline": 5, "easy": 4, "medium": 7, "hard": 11}

pytestmark = pytest.mark.filterwarnings("ignore:Graph is not fully connected:UserWarning")


@pytest.fixture
def run(small_evaluation, small_inputs):
    def start(task, inputs=small_inputs, evaluation=small_evaluation, **options):
        return run_task(task, BASELINE, evaluation, inputs, **options)

    return start


def themes(inputs):
    by_genre = {genre: row for row, genre in enumerate(np.unique(inputs.genres))}
    return replace(inputs, texts=TextVectors(inputs.texts.vectors[:4], row_by_genre=by_genre))


def permuted(inputs):
    return replace(inputs, genres=np.random.default_rng(0).permutation(inputs.genres))


@pytest.mark.parametrize("name", TASKS)
def test_every_task_gives_vectors_partitions_and_scores(run, small_inputs, small_evaluation, name):
    result = run(TASKS[name])
    assert result.task.latent.shape == (60, COLUMNS[name])
    assert result.task.latent.dtype == np.float32
    assert np.isfinite(result.task.latent).all()
    assert tuple(result.task.partitions) == tuple(result.task.scores) == small_evaluation.clusterers
    for clusterer, labels in result.task.partitions.items():
        scores = score_partition(result.task.latent, labels, small_inputs.genres, n_clusters=4)
        assert result.task.scores[clusterer] == scores


def test_partitions_have_the_stated_number_of_clusters_or_are_dbscans(run):
    partitions = run(EASY).task.partitions
    for name in ("kmeans", "agglomerative", "spectral"):
        assert set(partitions[name]) == {0, 1, 2, 3}
    assert set(partitions["dbscan"]) <= set(range(-1, 60))


@pytest.mark.parametrize("name", TASKS)
def test_same_seed_is_bit_identical(run, name):
    first, again = run(TASKS[name]), run(TASKS[name])
    np.testing.assert_array_equal(first.task.latent, again.task.latent)
    for clusterer in first.task.partitions:
        np.testing.assert_array_equal(first.task.partitions[clusterer], again.task.partitions[clusterer])
    assert first.task.scores == again.task.scores


def test_another_seed_trains_another_network_beside_the_same_components(run, small_evaluation):
    first, other = run(EASY), run(EASY, evaluation=small_evaluation.model_copy(update={"seed": 1}))
    assert not np.allclose(first.task.latent, other.task.latent)
    np.testing.assert_array_equal(first.baseline.latent, other.baseline.latent)


class TestLabels:
    @pytest.mark.parametrize("task", [BASELINE, EASY, MEDIUM])
    def test_permuting_them_leaves_label_free_vectors_bit_identical(self, run, small_inputs, task):
        result, other = run(task), run(task, permuted(small_inputs))
        assert not result.task.label_derived
        np.testing.assert_array_equal(result.task.latent, other.task.latent)
        np.testing.assert_array_equal(result.task.partitions["kmeans"], other.task.partitions["kmeans"])
        assert result.task.scores != other.task.scores

    def test_permuting_them_changes_vectors_with_a_condition(self, run, small_inputs):
        result, other = run(HARD), run(HARD, permuted(small_inputs))
        assert result.task.label_derived == ("genre",)
        assert not np.array_equal(result.task.latent, other.task.latent)
        np.testing.assert_array_equal(result.baseline.latent, other.baseline.latent)

    def test_permuting_them_changes_vectors_with_themes(self, run, small_inputs):
        result, other = run(MEDIUM, themes(small_inputs)), run(MEDIUM, permuted(themes(small_inputs)))
        assert result.task.label_derived == ("lyrics",)
        assert result.task.label_derived
        assert not result.baseline.label_derived
        assert not np.array_equal(result.task.latent, other.task.latent)

    def test_without_them_only_label_free_metrics_are_there(self, run, small_inputs):
        result = run(MEDIUM, replace(small_inputs, genres=None))
        assert result.genres is None
        for scores in result.task.scores.values():
            assert set(scores) == {"n_clusters", "coverage", *INTERNAL_METRICS}
        assert set(result.delta["kmeans"]) == set(INTERNAL_METRICS)

    def test_without_them_a_condition_is_not_applicable(self, run, small_inputs):
        with pytest.raises(NotApplicableError, match="needs a genre condition"):
            run(HARD, replace(small_inputs, genres=None))


class TestBaseline:
    def test_baseline_beside_itself_is_computed_once(self, run):
        result = run(BASELINE)
        assert result.baseline is result.task
        defined = [value for scores in result.delta.values() for value in scores.values() if value is not None]
        assert set(defined) == {0.0}
        assert result.loss_curve is None

    def test_baseline_is_the_same_beside_every_task(self, run):
        alone = run(BASELINE).task
        for task in (EASY, MEDIUM, HARD):
            baseline = run(task).baseline
            np.testing.assert_array_equal(baseline.latent, alone.latent)
            assert baseline.scores == alone.scores

    def test_delta_is_the_difference_of_the_scores(self, run):
        result = run(EASY)
        for name, delta in result.delta.items():
            assert delta == difference(result.task.scores[name], result.baseline.scores[name])
        assert result.delta["kmeans"]["ami"] == pytest.approx(
            result.task.scores["kmeans"]["ami"] - result.baseline.scores["kmeans"]["ami"]
        )

    def test_both_sides_leave_out_the_same_tracks(self, run, small_inputs):
        mfcc = small_inputs.mfcc.copy()
        mfcc[[4, 17]] = np.nan
        statistics = TaskConfig(
            model=PrincipalComponentsConfig(latent_dim=3, lyrics_dim=3), blocks=BlocksConfig(audio="statistics")
        )
        result = run(statistics, replace(small_inputs, mfcc=mfcc))
        np.testing.assert_array_equal(result.rows, np.delete(np.arange(60), [4, 17]))
        np.testing.assert_array_equal(result.genres, small_inputs.genres[result.rows])
        assert len(result.task.latent) == len(result.baseline.latent) == len(result.design.matrix.values) == 58


def test_loss_curve_is_what_on_epoch_heard(run):
    heard = []
    result = run(EASY, on_epoch=lambda _, loss: heard.append(loss))
    np.testing.assert_allclose(result.loss_curve, heard, rtol=1e-6)
    assert len(heard) == 6


def test_on_epoch_may_stop_the_training(run):
    assert len(run(EASY, on_epoch=lambda epoch, _: epoch == 2).loss_curve) == 2


def test_every_step_has_its_time(run, small_evaluation):
    assert set(run(EASY).task.seconds) == {"train", *small_evaluation.clusterers}


def test_words_of_a_clusterer_are_kept_as_notes(run, small_inputs):
    apart = small_inputs.mfcc + 1e4 * (np.arange(60) % 3)[:, None, None]
    notes = run(BASELINE, replace(small_inputs, mfcc=apart.astype(np.float32))).task.notes
    assert any(note.startswith("spectral: Graph is not fully connected") for note in notes)


class TestTooFewTracks:
    @pytest.mark.parametrize(
        ("n_tracks", "change", "key", "needs"),
        [
            (4, {"n_clusters": 4, "n_neighbors": 2}, "evaluation.n_clusters", 5),
            (20, {"n_clusters": 4, "n_neighbors": 20}, "evaluation.n_neighbors", 21),
        ],
    )
    def test_setting_of_the_evaluation_is_named(
        self, run, small_inputs, small_evaluation, n_tracks, change, key, needs
    ):
        with pytest.raises(TooFewTracksError, match=rf"{n_tracks} usable tracks are too few: {key} needs {needs}"):
            run(BASELINE, first(small_inputs, n_tracks), small_evaluation.model_copy(update=change))

    @pytest.mark.parametrize(
        ("task", "key", "needs"),
        [
            (TaskConfig(model=PrincipalComponentsConfig(latent_dim=32, lyrics_dim=3)), "model.latent_dim", 32),
            (
                MEDIUM.model_copy(update={"model": NETWORK.model_copy(update={"lyrics_dim": 16})}),
                "model.lyrics_dim",
                16,
            ),
        ],
    )
    def test_setting_of_the_model_is_named(self, run, small_inputs, task, key, needs):
        with pytest.raises(
            TooFewTracksError, match=rf"12 usable tracks are too few: {key} of the task needs {needs}; lower"
        ):
            run(task, first(small_inputs, 12))

    def test_tracks_without_frames_do_not_count(self, run, small_inputs):
        mfcc = small_inputs.mfcc.copy()
        mfcc[5:] = np.nan
        with pytest.raises(TooFewTracksError, match="5 usable tracks"):
            run(EASY, replace(small_inputs, mfcc=mfcc))

    @pytest.mark.parametrize("task", [BASELINE, EASY, MEDIUM])
    def test_as_many_as_the_message_asks_for_are_enough(self, run, small_inputs, task):
        with pytest.raises(TooFewTracksError, match="needs 6"):
            run(task, first(small_inputs, 5))
        assert len(run(task, first(small_inputs, 6)).task.latent) == 6

    def test_more_components_than_columns_are_refused_by_name(self, run, small_inputs):
        wide = TaskConfig(
            model=PrincipalComponentsConfig(latent_dim=8, lyrics_dim=3), blocks=BlocksConfig(audio="statistics")
        )
        with pytest.raises(MlprojectError, match=r"latent_dim=8 of the task, but the block 'audio' has 7 columns"):
            run(wide, small_inputs)


def first(inputs, n_tracks):
    texts = replace(inputs.texts, row_by_track=inputs.texts.row_by_track[:n_tracks])
    return replace(
        inputs,
        mfcc=inputs.mfcc[:n_tracks],
        statistics=inputs.statistics[:n_tracks],
        genres=inputs.genres[:n_tracks],
        texts=texts,
    )


def test_the_reference_is_pca_with_kmeans_whatever_the_primary_clusterer(run, small_inputs, small_evaluation):
    other = small_evaluation.model_copy(update={"clusterers": ("agglomerative",)})
    result = run(EASY, small_inputs, other)
    assert result.baseline_scores() == run(EASY).baseline.scores["kmeans"]
    assert set(result.task.scores) == {"agglomerative"}
    expected = result.task.scores["agglomerative"]["ami"] - result.baseline_scores()["ami"]
    assert result.gain("agglomerative")["ami"] == pytest.approx(expected)


def test_remarks_say_what_a_reader_should_know(run, small_inputs, small_evaluation):
    rows = small_inputs.texts.row_by_track.copy()
    rows[:30] = -1
    inputs = replace(small_inputs, texts=replace(small_inputs.texts, row_by_track=rows))
    remarks = run(MEDIUM, inputs, small_evaluation.model_copy(update={"n_clusters": 7})).remarks
    assert [remark.split(" ")[0] for remark in remarks] == ["7", "only"]
    assert run(EASY).remarks == ()


def test_the_clustering_seed_leaves_the_training_alone(run, small_inputs, small_evaluation):
    other = run(EASY, small_inputs, small_evaluation.model_copy(update={"clustering_seed": 7}))
    assert np.array_equal(other.task.latent, run(EASY).task.latent)


def without_frames(inputs, n):
    """Shorten the first tracks so that they have statistics alone."""
    mfcc = inputs.mfcc.copy()
    mfcc[:n] = np.nan
    return replace(inputs, mfcc=mfcc)


def test_tracks_with_statistics_alone_train_the_model_and_are_not_compared(run, small_inputs, small_evaluation):
    statistics = TaskConfig(
        model=PrincipalComponentsConfig(latent_dim=3), blocks=BlocksConfig(audio="statistics"), fusion="concatenate"
    )
    inputs = without_frames(small_inputs, 5)
    result = run(statistics, inputs)
    np.testing.assert_array_equal(result.rows, np.arange(5, 60))
    model, everywhere = fit_model(statistics, small_evaluation, build_design(statistics.blocks, inputs, np.arange(60)))
    rows = small_inputs.statistics[5:]
    np.testing.assert_allclose(result.task.latent, model.transform(rows), atol=1e-5)
    np.testing.assert_allclose(np.abs(result.task.latent), np.abs(everywhere[5:]), atol=1e-5)
    labels = result.task.partitions["kmeans"]
    assert labels.shape == (55,)
    np.testing.assert_array_equal(labels, partition("kmeans", result.task.latent, small_evaluation)[0])
    assert result.baseline.latent.shape == (55, 5)
    assert (
        "5 more tracks have the task's features, not the baseline's: trained on all, clustered and compared on the 55 "
        "that both can use" in result.remarks
    )
    assert not run(statistics).remarks


@pytest.mark.parametrize("blocks", [BlocksConfig(), BlocksConfig(audio="statistics", genre="one_hot")])
def test_other_tasks_train_on_what_is_compared(run, small_inputs, blocks):
    result = run(TaskConfig(model=NETWORK, blocks=blocks), without_frames(small_inputs, 5))
    assert result.design.more is None
    assert len(result.design.training_rows) == len(result.rows) == 55


def test_rotated_tracks_with_statistics_alone_train_the_same_model(small_inputs, small_evaluation):
    inputs = replace(without_frames(small_inputs, 5), statistics=np.random.default_rng(0).normal(size=(60, 90)))
    inputs = replace(inputs, statistics=inputs.statistics.astype(np.float32))
    task = TaskConfig(model=NETWORK, blocks=BlocksConfig(audio="statistics"))
    design = build_design(task.blocks, inputs, np.arange(5, 60))
    turned = rotated(design)
    assert turned.more.shape == (5, turned.matrix.values.shape[1])
    assert turned.matrix.values.shape[1] < 90
    one, other = (fit_model(task, small_evaluation, given)[1] for given in (design, turned))
    np.testing.assert_allclose(one, other, atol=1e-3)
