from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from mlproject.config.models import AutoencoderConfig, CvaeConfig, PrincipalComponentsConfig, VaeConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.errors import NotApplicableError, TooFewTracksError
from mlproject.evaluation.scores import EXTERNAL_METRICS
from mlproject.evaluation.significance import judge
from mlproject.experiment.design_matrix import TextVectors
from mlproject.experiment.evaluate_task import evaluate_task, mean_scores
from mlproject.experiment.run_task import run_task

NETWORK = AutoencoderConfig(latent_dim=4, hidden=(8,), epochs=3, lyrics_dim=3)
BASELINE = TaskConfig(model=PrincipalComponentsConfig(latent_dim=5, lyrics_dim=3), fusion="concatenate")
EASY = TaskConfig(model=NETWORK)
MEDIUM = TaskConfig(model=NETWORK, blocks=BlocksConfig(lyrics="embedding"))
HARD = TaskConfig(model=NETWORK, blocks=BlocksConfig(lyrics="embedding", genre="one_hot"))


@pytest.fixture
def evaluation(small_evaluation):
    few = {"seeds": 2, "subsamples": 4, "control_seeds": 1, "clusterers": ("kmeans",)}
    return small_evaluation.model_copy(update=few)


@pytest.fixture
def evaluate(small_inputs, evaluation):
    def start(task, inputs=small_inputs, evaluation=evaluation, **options):
        return evaluate_task(task, BASELINE, evaluation, inputs, **options)

    return start


@pytest.fixture(scope="module")
def known():
    return {}


@pytest.fixture
def evaluated(evaluate, known):
    """What `evaluate` finds out about a task on the inputs as they are, computed once a task."""

    def of(task):
        key = task.model_dump_json()
        if key not in known:
            known[key] = evaluate(task)
        return known[key]

    return of


def same(one, other):
    """Compare whatever an evaluation holds, arrays too, bit for bit."""
    if is_dataclass(one):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return np.array_equal(one, other, equal_nan=isinstance(one, np.ndarray) and one.dtype.kind == "f") or one is other


UNEVEN = np.where(np.arange(60) < 58, "one", "another")


@pytest.mark.parametrize(
    ("genres", "artists"),
    [
        (None, UNEVEN),
        (None, np.repeat("one", 60)),
        (np.where(np.arange(60) < 59, "pop", "jazz"), None),
        (np.repeat("pop", 60), None),
        (np.arange(60).astype(str), None),
        (np.repeat(["pop", "jazz"], 30), np.repeat(["one", "other"], 30)),
    ],
    ids=["uneven artists", "one artist", "a genre of one track", "one genre", "a genre a track", "an artist a genre"],
)
def test_odd_collections_are_evaluated_all_the_same(evaluate, small_inputs, genres, artists):
    odd = replace(small_inputs, artists=artists, genres=small_inputs.genres if genres is None else genres)
    vae = TaskConfig(model=VaeConfig(latent_dim=2, hidden=(4,), epochs=2, lyrics_dim=3))
    found = evaluate(vae, odd)
    assert found.vae_diagnostics is not None
    assert len(found.replication.partitions) == 2
    assert found.controls[-1].supervised


def test_a_condition_that_cannot_be_probed_is_left_out(evaluate, small_inputs):
    model = CvaeConfig(latent_dim=2, hidden=(4,), epochs=2, lyrics_dim=3)
    task = TaskConfig(model=model, blocks=BlocksConfig(genre="one_hot"))
    by_genre = replace(small_inputs, artists=small_inputs.genres)
    assert evaluate(task, by_genre).conditioning is None


def test_pca_beside_a_conditional_encoder_sees_no_condition(evaluate, small_inputs):
    model = CvaeConfig(latent_dim=5, hidden=(4,), epochs=2, lyrics_dim=3)
    found = evaluate(TaskConfig(model=model, blocks=BlocksConfig(genre="one_hot")), small_inputs)
    linear = next(control for control in found.controls if control.name == "PCA on the same blocks")
    assert linear.scores["ami"] == pytest.approx(found.baseline["ami"])


def test_first_seed_is_the_task_itself(evaluated, small_inputs, evaluation):
    found, alone = evaluated(MEDIUM), run_task(MEDIUM, BASELINE, evaluation, small_inputs)
    np.testing.assert_array_equal(found.replication.partitions[0], alone.task.partitions["kmeans"])
    for side, scores in (
        (found.replication.task, alone.task.scores),
        (found.replication.baseline, alone.baseline.scores),
    ):
        assert side[0].tolist() == [scores["kmeans"][name] for name in ("ami", "ari", "purity")]
    np.testing.assert_array_equal(found.rows, alone.rows)


def test_scores_are_means_over_seeds(evaluated):
    found = evaluated(EASY)
    for scores, by_seed in ((found.scores, found.replication.task), (found.baseline, found.replication.baseline)):
        assert [scores[name] for name in ("ami", "ari", "purity")] == pytest.approx(by_seed.mean(axis=0))
    assert all(
        difference.estimate == pytest.approx(found.scores[name] - found.baseline[name])
        for name, difference in found.replication.differences().items()
    )


def test_same_seed_same_evaluation(evaluate, evaluated):
    assert same(evaluate(HARD), evaluated(HARD))


def test_the_baseline_ties_with_itself(evaluated):
    found = evaluated(BASELINE)
    verdicts = judge(found.replication.differences())
    assert {name: (verdict.word, verdict.low, verdict.high) for name, verdict in verdicts.items()} == dict.fromkeys(
        ("ami", "ari", "purity"), ("ties", 0, 0)
    )
    assert found.scores == found.baseline
    assert found.stability["task"] == found.stability["baseline"]
    assert [control.name for control in found.controls] == ["supervised reference"]


def test_provenance_of_texts_that_are_the_genre(evaluate, evaluated, small_inputs):
    code, texts = np.unique(small_inputs.genres, return_inverse=True)[1], small_inputs.texts.vectors[:4]
    as_a_file = evaluate(MEDIUM, replace(small_inputs, texts=TextVectors(texts, row_by_track=code))).audit
    assert (as_a_file.label_use, as_a_file.labels_change_latent) == ("label-suspect", False)
    by_genre = dict(zip(np.unique(small_inputs.genres), range(4), strict=True))
    themes = evaluate(MEDIUM, replace(small_inputs, texts=TextVectors(texts, row_by_genre=by_genre))).audit
    assert (themes.label_use, themes.labels_change_latent) == ("label-informed", True)
    assert themes.label_derived == ("lyrics",)
    assert evaluated(EASY).audit.label_use == "label-free"
    assert evaluated(HARD).audit.label_use == "label-informed"


def test_controls_are_scored_and_what_has_seen_genres_is_marked(evaluated):
    found = evaluated(HARD)
    by_name = {control.name: control for control in found.controls}
    assert [name for name, control in by_name.items() if control.supervised] == ["supervised reference"]
    assert len(by_name) == 8
    for control in found.controls:
        assert set(EXTERNAL_METRICS) <= set(control.scores)
        assert -1 <= control.scores["ami"] <= 1
    # The genre is in the side information, whatever the music.
    assert by_name["side information alone"].scores["ami"] > by_name["PCA on the same blocks"].scores["ami"] - 0.1
    assert by_name["side information alone"].scores["ami"] > 0.8


def test_faulty_tracks_are_left_out_of_the_filtered_scores(evaluate, evaluated, small_inputs):
    assert evaluated(EASY).filtered is evaluated(EASY).filtered_baseline is None
    faulty = np.zeros(60, dtype=bool)
    faulty[[3, 8, 40]] = True
    found = evaluate(EASY, replace(small_inputs, faulty=faulty))
    assert found.filtered["ami"] != found.scores["ami"]
    assert set(found.filtered) == set(found.filtered_baseline) == set(found.scores)
    assert same(replace(found, filtered=None, filtered_baseline=None), evaluated(EASY))  # all else is of all tracks


def test_artists_are_drawn_whole_where_they_are_known(evaluate, evaluated, small_inputs):
    alone, grouped = evaluated(EASY), evaluate(EASY, replace(small_inputs, artists=np.arange(60) // 3))
    assert (alone.groups_known, grouped.groups_known) == (False, True)
    assert not np.array_equal(alone.replication.rescored, grouped.replication.rescored)
    np.testing.assert_array_equal(alone.replication.task, grouped.replication.task)


def test_scores_stand_beside_their_chance_and_silhouettes_beside_their_nulls(evaluated):
    found = evaluated(MEDIUM)
    assert set(found.chance) == set(EXTERNAL_METRICS)
    assert found.chance["purity"].mean > 0.3
    assert found.scores["purity"] > found.chance["purity"].upper
    assert set(found.silhouette_null) == {"permuted", "gaussian"}
    assert found.scores["silhouette"] > max(found.silhouette_null.values()) - 0.2
    assert set(found.silhouettes) == {"this task", "PCA + K-Means", "true genres"}
    assert all(set(row) == {"this task", "PCA"} for row in found.silhouettes.values())
    assert set(found.shares) == {"audio", "lyrics"}
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.shares["audio"] == pytest.approx(0.5, abs=1e-5)  # balanced


def test_progress_hears_of_seeds_subsamples_and_controls(evaluate):
    heard = {}

    def progress(what, total):
        heard[what] = total
        return iter

    evaluate(BASELINE, progress=progress)
    assert heard == {"seeds": 2, "subsamples": 4, "retrieval": 4, "controls": 0}


def test_corpus_without_labels_has_nothing_to_compare_with(evaluate, small_inputs):
    with pytest.raises(NotApplicableError, match="the corpus has no labels"):
        evaluate(EASY, replace(small_inputs, genres=None))


def test_corpus_without_words_is_not_applicable(evaluate, small_inputs):
    with pytest.raises(NotApplicableError, match="needs lyrics"):
        evaluate(MEDIUM, replace(small_inputs, texts=None))


def test_subsamples_too_small_to_cluster_are_refused_by_name(evaluate, small_inputs, evaluation):
    with pytest.raises(TooFewTracksError):
        evaluate(EASY, small_inputs, evaluation.model_copy(update={"n_clusters": 50}))


def test_metric_that_a_seed_leaves_undefined_has_no_mean():
    genres, vectors = np.array(list("aabb")), np.arange(8.0).reshape(4, 2)
    scores = mean_scores([vectors] * 2, [np.array([0, 0, 1, 1]), np.array([0, 0, 0, -1])], genres, 2)
    assert scores["purity"] is None
    assert scores["ami"] is not None
    assert scores["coverage"] == pytest.approx((1 + 0.75) / 2)
