import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from mlproject.evaluation.external import purity
from mlproject.evaluation.retrieval import retrieval_scores
from mlproject.evaluation.significance import CLAIMED, judge
from mlproject.evaluation.uncertainty import draw_subsamples
from mlproject.experiment.fit import partition
from mlproject.experiment.resampling import Method, replicate, retrieve, stability, with_seed
from mlproject.seeding import generator


@pytest.fixture
def evaluation(small_evaluation):
    return small_evaluation.model_copy(update={"seeds": 3, "subsamples": 9, "n_init": 1})


@pytest.fixture
def sides(rng):
    """120 tracks of four genres, near their means on one side and far from them on the other; three trainings each."""
    code = np.arange(120) % 4
    means = 2 * np.eye(4, 6)[code]

    def side(noise):
        return Method([(means + noise * rng.normal(size=means.shape)).astype(np.float32) for _ in range(3)], "kmeans")

    return np.array(["blues", "jazz", "metal", "pop"])[code], side(0.7), side(2.0)


def claims(labels, genres):
    return [adjusted_mutual_info_score(genres, labels), adjusted_rand_score(genres, labels), purity(labels, genres)]


def test_first_seed_is_that_of_a_task_and_others_follow(small_evaluation):
    assert with_seed(small_evaluation, 0) == small_evaluation
    third = with_seed(small_evaluation, 2)
    assert (third.seed, third.clustering_seed) == (44, 44)
    assert third.model_copy(update={"seed": 42, "clustering_seed": 42}) == small_evaluation


def test_retrieval_is_paired_over_seeds_and_subsamples_of_artists(sides, evaluation):
    genres, near, far = sides
    artists = np.arange(120) // 3
    found = retrieve(near, far, genres, artists, artists, evaluation)
    assert list(found) == ["precision_at_5", "nearest_neighbour", "auc"]
    for metric, one in found.items():
        expected = [
            np.mean([retrieval_scores(latent, genres, artists)[metric] for latent in side.latents])
            for side in (near, far)
        ]
        assert (one.task, one.baseline) == pytest.approx(expected)
        assert one.difference.estimate == pytest.approx(one.task - one.baseline)
        assert one.difference.interval(0.05)[0] > 0  # near the means a genre is found again
    assert found["auc"].chance == 0.5
    same = retrieve(near, near, genres, artists, artists, evaluation)
    assert {one.difference.estimate for one in same.values()} == {0.0}
    assert retrieve(near, far, np.repeat("one", 120), artists, artists, evaluation) == {}
    assert retrieve(near, far, genres, np.zeros(120), None, evaluation) == {}


def test_a_side_clusters_its_own_vectors_of_that_seed(sides, evaluation):
    _, side, _ = sides
    rows = np.arange(0, 120, 2)
    for seed in range(3):
        expected, _ = partition("kmeans", side.latents[seed], with_seed(evaluation, seed))
        np.testing.assert_array_equal(side.partition(seed, evaluation), expected)
        expected, _ = partition("kmeans", side.latents[seed][rows], with_seed(evaluation, seed))
        np.testing.assert_array_equal(side.partition(seed, evaluation, rows), expected)


def test_scores_on_all_tracks_are_those_of_each_seeds_partition(sides, evaluation):
    genres, one, other = sides
    found = replicate(one, other, genres, None, evaluation)
    assert CLAIMED == ("ami", "ari", "purity")
    for seed in range(3):
        np.testing.assert_array_equal(found.partitions[seed], one.partition(seed, evaluation))
        assert found.task[seed] == pytest.approx(claims(one.partition(seed, evaluation), genres))
        assert found.baseline[seed] == pytest.approx(claims(other.partition(seed, evaluation), genres))


@pytest.mark.parametrize("artists", [False, True])
def test_both_sides_of_a_subsample_have_the_same_tracks_and_seed(sides, evaluation, artists):
    genres, one, other = sides
    groups = np.arange(120) // 3 if artists else None
    found = replicate(one, other, genres, groups, evaluation)
    assert found.subsample_seeds.tolist() == [0, 1, 2] * 3
    rng = generator(evaluation.clustering_seed, "subsamples")
    draws = list(draw_subsamples(120, share=0.8, n_draws=9, rng=rng, groups=groups))
    assert found.share == pytest.approx(0.8, abs=0.01)
    for i, (rows, seed) in enumerate(zip(draws, found.subsample_seeds, strict=True)):
        again = [np.array(claims(side.partition(seed, evaluation, rows), genres[rows])) for side in (one, other)]
        fixed = [np.array(claims(side.partition(seed, evaluation)[rows], genres[rows])) for side in (one, other)]
        assert found.reclustered[i] == pytest.approx(again[0] - again[1])
        assert found.rescored[i] == pytest.approx(fixed[0] - fixed[1])


def test_a_task_differs_from_itself_by_nothing_and_ties(sides, evaluation):
    genres, one, _ = sides
    differences = replicate(one, one, genres, None, evaluation).differences()
    assert set(differences) == set(CLAIMED)
    for difference in differences.values():
        assert difference[:2] == (0, 0)
        assert difference.p_value == 1
    assert {verdict.word for verdict in judge(differences).values()} == {"ties"}


def test_the_better_side_beats_the_other_and_the_other_loses(sides, evaluation):
    genres, one, other = sides
    for pair, word in (((one, other), "beats"), ((other, one), "loses")):
        verdicts = judge(replicate(*pair, genres, None, evaluation).differences())
        assert {verdict.word for verdict in verdicts.values()} == {word}


def test_sources_of_spread_are_kept_apart(sides, evaluation):
    genres, one, other = sides
    spread = replicate(one, other, genres, None, evaluation).spread()
    assert len(spread) == 3
    assert all(value >= 0 for value in spread.values())
    same = Method([one.latents[0]] * 3, "agglomerative")  # no training seed, no clustering seed
    spread = replicate(same, other, genres, None, evaluation).spread()
    assert spread["training and clustering seeds"] == spread["clustering seeds alone"] == 0
    assert spread["difference, sampling of tracks"] > 0
    spread = replicate(Method(one.latents, "agglomerative"), other, genres, None, evaluation).spread()
    assert spread["training and clustering seeds"] > spread["clustering seeds alone"] == 0


def test_metric_that_is_undefined_has_no_difference(sides, evaluation):
    genres, one, other = sides
    found = replicate(Method(one.latents, "dbscan"), other, genres, None, evaluation)
    assert any(-1 in labels for labels in found.partitions)
    assert np.isnan(found.task[:, 2]).any()
    assert set(found.differences()) == {"ami", "ari"}


def test_same_seed_same_replication_and_progress_changes_nothing(sides, evaluation):
    genres, one, other = sides
    heard = []

    def progress(items):
        for item in items:
            heard.append(item)
            yield item

    first, again = (replicate(one, other, genres, None, evaluation, progress=way) for way in (iter, progress))
    assert len(heard) == 9
    for name in ("task", "baseline", "reclustered", "rescored", "subsample_seeds"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))


@pytest.mark.parametrize("n_artists", [1, 2, 4])
def test_few_artists_still_have_subsamples(sides, evaluation, n_artists):
    genres, one, other = sides
    found = replicate(one, other, genres, np.arange(120) // 4 % n_artists, evaluation)
    assert 0 < found.share < 1
    assert all(np.isfinite(difference).all() for difference in found.differences().values())


def test_stability_is_the_mean_agreement_of_two_seeds():
    labels = [np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), np.array([0, 1, 0, 1])]
    assert stability(labels[:2]) == 1
    assert stability(labels) == pytest.approx((1 + 2 * adjusted_rand_score(labels[0], labels[2])) / 3)
