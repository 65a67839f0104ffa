import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score

from mlproject.config.evaluation import EvaluationConfig
from mlproject.evaluation.uncertainty import Difference, draw_subsamples, paired_difference, sampling_variance
from mlproject.experiment.resampling import Method, replicate


class TestSubsamples:
    @given(st.integers(4, 60), st.floats(0.1, 0.95), st.integers(0, 2**32 - 1))
    def test_of_tracks_hold_the_share_each_track_once(self, n_tracks, share, seed):
        for rows in draw_subsamples(n_tracks, share=share, n_draws=5, rng=np.random.default_rng(seed)):
            assert len(rows) == min(n_tracks - 1, max(2, round(share * n_tracks)))
            assert (np.diff(rows) > 0).all()
            assert set(rows) <= set(range(n_tracks))

    @given(st.lists(st.sampled_from("abcdefgh"), min_size=4, max_size=60), st.floats(0.1, 0.95))
    def test_of_artists_hold_whole_artists_and_never_all(self, artists, share):
        groups = np.array(artists)
        for rows in draw_subsamples(len(groups), share=share, n_draws=5, rng=np.random.default_rng(0), groups=groups):
            assert 0 < len(rows) < len(groups)
            assert (np.diff(rows) > 0).all()
            if len(set(artists)) > 1:
                rest = np.setdiff1d(np.arange(len(groups)), rows)
                assert not set(groups[rows]) & set(groups[rest])

    def test_of_artists_come_as_near_to_the_share_as_artists_allow(self, rng):
        groups = np.repeat(np.arange(50), np.arange(50) % 7 + 1)
        sizes = [len(rows) for rows in draw_subsamples(200, share=0.8, n_draws=200, rng=rng, groups=groups[:200])]
        assert all(abs(size - 160) <= 4 for size in sizes)
        assert np.mean(sizes) == pytest.approx(160, abs=1)

    def test_every_track_is_drawn_as_often_as_every_other(self, rng):
        counts = np.zeros(20)
        for rows in draw_subsamples(20, share=0.8, n_draws=2000, rng=rng):
            counts[rows] += 1
        np.testing.assert_allclose(counts / 2000, 0.8, atol=0.04)

    def test_same_seed_draws_the_same(self):
        first, again = (list(draw_subsamples(30, share=0.8, n_draws=3, rng=np.random.default_rng(1))) for _ in range(2))
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first[0], first[1])


class TestInterval:
    def test_is_that_of_the_t_distribution(self):
        low, high = Difference(0.1, 0.02, 9, 0.0).interval(0.05)
        assert (low, high) == pytest.approx((0.1 - 2.262157 * 0.02, 0.1 + 2.262157 * 0.02))

    @given(st.floats(1e-4, 0.9), st.floats(1e-4, 0.9), st.floats(1, 200))
    def test_is_wider_at_a_lower_error_rate(self, one, other, degrees):
        difference = Difference(0.1, 0.02, degrees, 0.0)
        narrow, wide = difference.interval(max(one, other)), difference.interval(min(one, other))
        assert wide[0] <= narrow[0] <= 0.1 <= narrow[1] <= wide[1]

    def test_of_something_certain_is_a_point(self):
        assert Difference(0.1, 0.0, 9, 0.0).interval(0.05) == (0.1, 0.1)


class TestVariance:
    SEEDS = np.arange(20) % 4

    def test_seed_effects_are_no_sampling_variance(self, rng):
        values = rng.normal(size=20)
        plain = sampling_variance(values, values, self.SEEDS, share=0.8, n_units=10_000)
        shifted = values + np.array([5.0, 0.0, -3.0, 1.0])[self.SEEDS]
        assert sampling_variance(shifted, shifted, self.SEEDS, share=0.8, n_units=10_000) == pytest.approx(plain)
        assert plain[1] == 16

    def test_fixed_partitions_count_m_over_n_minus_m_times(self, rng):
        values = rng.normal(size=20)
        own, _ = sampling_variance(values, np.zeros(20), self.SEEDS, share=0.8, n_units=10_000)
        scaled, _ = sampling_variance(np.zeros(20), values, self.SEEDS, share=0.8, n_units=10_000)
        assert scaled == pytest.approx(4 * own)

    def test_larger_estimate_counts(self, rng):
        values = rng.normal(size=20)
        own, _ = sampling_variance(values, np.zeros(20), self.SEEDS, share=0.8, n_units=10_000)
        assert sampling_variance(values, values / 10, self.SEEDS, share=0.8, n_units=10_000)[0] == own

    def test_of_a_mean_is_its_squared_standard_error(self, rng):
        tracks = rng.normal(size=400)
        rows = draw_subsamples(400, share=0.8, n_draws=4000, rng=rng)
        means = np.array([tracks[some].mean() for some in rows])
        found, _ = sampling_variance(means, means, np.arange(4000) % 2, share=0.8, n_units=10_000)
        assert found == pytest.approx(tracks.var(ddof=1) / 400, rel=0.06)

    def test_of_a_mean_over_artists_is_the_squared_standard_error_by_artist(self, rng):
        groups = np.repeat(np.arange(80), 5)
        artists = rng.normal(size=80)
        means = [
            artists[groups[some]].mean()
            for some in draw_subsamples(400, share=0.8, n_draws=4000, rng=rng, groups=groups)
        ]
        found, _ = sampling_variance(np.array(means), np.array(means), np.arange(4000) % 2, share=0.8, n_units=10_000)
        assert found == pytest.approx(artists.var(ddof=1) / 80, rel=0.06)


class TestPairedDifference:
    def test_by_hand(self):
        by_seed, seeds = np.array([0.1, 0.3]), np.array([0, 0, 1, 1])
        reclustered = np.array([0.1, 0.2, 0.4, 0.3])  # 4 * 0.05**2 / 2 = 0.005
        found = paired_difference(by_seed, reclustered, np.zeros(4), seeds, share=0.8, n_units=10_000)
        assert found.estimate == pytest.approx(0.2)
        assert found.standard_error**2 == pytest.approx(0.02 / 2 + 0.005)
        assert found.degrees == pytest.approx(0.015**2 / (0.01**2 / 1 + 0.005**2 / 2))
        expected = 2 * stats.t.sf(0.2 / np.sqrt(0.015), found.degrees)
        assert found.p_value == pytest.approx(expected)

    def test_other_side_turns_the_sign_alone(self, rng):
        by_seed, one, other, seeds = rng.normal(size=5), rng.normal(size=20), rng.normal(size=20), np.arange(20) % 5
        found = paired_difference(by_seed, one, other, seeds, share=0.8, n_units=10_000)
        turned = paired_difference(-by_seed, -one, -other, seeds, share=0.8, n_units=10_000)
        assert turned == pytest.approx(found._replace(estimate=-found.estimate))

    def test_nothing_that_never_varies_is_certain(self):
        seeds = np.arange(4) % 2
        assert paired_difference(np.zeros(2), np.zeros(4), np.zeros(4), seeds, share=0.8, n_units=10_000)[:2] == (0, 0)
        assert paired_difference(np.zeros(2), np.zeros(4), np.zeros(4), seeds, share=0.8, n_units=10_000).p_value == 1
        always = paired_difference(np.full(2, 0.5), np.full(4, 0.5), np.full(4, 0.5), seeds, share=0.8, n_units=10_000)
        assert always.p_value == 0


def covered(differences, truth, level=0.05):
    intervals = [one.interval(level) for one in differences]
    return np.mean([low <= truth <= high for low, high in intervals])


@pytest.mark.parametrize(("seed_sd", "artists"), [(0.0, False), (0.0, True), (0.5, False), (5.0, True)])
def test_intervals_cover_a_known_difference_of_a_mean_95_times_in_100(rng, seed_sd, artists):
    # Each of 200 tracks, or 100 artists with two tracks, adds to the difference; each of 10 seeds shifts all.
    truth, repetitions, n_seeds, seeds = 0.3, 2000, 10, np.arange(100) % 10
    groups = np.arange(200) // 2 if artists else None
    tracks = (
        truth + rng.normal(size=(100, repetitions)).repeat(2, axis=0)
        if artists
        else truth + rng.normal(size=(200, repetitions))
    )
    shifts = rng.normal(scale=seed_sd / 10, size=(n_seeds, repetitions))
    draws = draw_subsamples(200, share=0.8, n_draws=100, rng=rng, groups=groups)
    by_draw = np.array([tracks[rows].mean(axis=0) for rows in draws]) + shifts[seeds]
    by_seed = tracks.mean(axis=0) + shifts
    found = [
        paired_difference(by_seed[:, i], by_draw[:, i], by_draw[:, i], seeds, share=0.8, n_units=10_000)
        for i in range(repetitions)
    ]
    low, high = stats.binom.interval(0.999, repetitions, 0.95)
    assert low <= repetitions * covered(found, truth) <= high
    assert covered(found, truth, level=0.5) == pytest.approx(0.5, abs=0.04)


EVALUATION = EvaluationConfig(n_clusters=4, n_init=1, seeds=3, subsamples=12, figures=False)


def mixture(rng, noise, n_tracks=160):
    """Return genres, and their means seen through noise."""
    code = np.arange(n_tracks) % 4
    return code.astype(str), (2 * np.eye(4, 6)[code] + noise * rng.normal(size=(n_tracks, 6))).astype(np.float32)


def true_score(rng, noise):
    """Mean AMI of K-Means over many corpora."""
    scores = []
    for seed in range(1500):
        genres, vectors = mixture(rng, noise)
        labels = KMeans(4, n_init=1, random_state=seed).fit_predict(vectors)
        scores.append(adjusted_mutual_info_score(genres, labels))
    return np.mean(scores)


@pytest.mark.slow
def test_intervals_cover_a_known_difference_of_kmeans_95_times_in_100(rng):
    truth = true_score(rng, 1.0) - true_score(rng, 1.3)
    assert truth > 0.1
    found = []
    for _ in range(100):
        (genres, near), (_, far) = (mixture(rng, noise) for noise in (1.0, 1.3))
        sides = (Method([vectors] * EVALUATION.seeds, "kmeans") for vectors in (near, far))
        found.append(replicate(*sides, genres, None, EVALUATION).differences()["ami"])
    assert covered(found, truth) >= 0.93
    # Wide enough, and not so wide that nothing could be said.
    assert np.mean([one.standard_error for one in found]) < 2 * np.std([one.estimate for one in found], ddof=1)


def test_few_artists_leave_few_degrees_of_freedom():
    values, seeds = np.random.default_rng(0).normal(size=40), np.arange(40) % 4
    assert sampling_variance(values, values, seeds, share=0.8, n_units=1000)[1] == 36
    assert sampling_variance(values, values, seeds, share=0.8, n_units=5)[1] == 4
