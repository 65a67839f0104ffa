"""What a study has won: three paired comparisons, corrected together."""

from __future__ import annotations

import pytest

from mlproject.tuning.final_comparison import CHOSEN, DEFAULT, PCA, judge_study
from tests.tuning.small_study import TASK, small_spec


@pytest.fixture(scope="module")
def verdict(objective):
    chosen = TASK.model_copy(update={"model": TASK.model.model_copy(update={"latent_dim": 3, "epochs": 40})})
    return judge_study(small_spec(), chosen, objective, n_jobs=1)


def test_default_chosen_and_pca_are_compared_in_pairs(verdict):
    pairs = {(side, other) for side, other, _ in verdict.differences}
    assert pairs == {(DEFAULT, PCA), (CHOSEN, PCA), (CHOSEN, DEFAULT)}
    assert set(verdict.scores) == {DEFAULT, CHOSEN, PCA}


def test_an_estimate_is_the_difference_of_means_with_an_interval_around_it(verdict):
    for (_, _, metric), (estimate, found) in verdict.differences.items():
        assert metric in ("ami", "ari", "purity")
        assert found.low <= estimate <= found.high
    gain = {pair[:2]: estimate for pair, (estimate, _) in verdict.differences.items() if pair[2] == "ami"}
    assert gain[CHOSEN, DEFAULT] == pytest.approx(gain[CHOSEN, PCA] - gain[DEFAULT, PCA])


def test_tracks_without_artists_are_drawn_singly(verdict):
    assert not verdict.by_artist


def test_a_task_against_itself_ties(objective):
    same = judge_study(small_spec(), TASK, objective, n_jobs=1)
    assert [same.differences[CHOSEN, DEFAULT, metric][0] for metric in ("ami", "ari", "purity")] == [0, 0, 0]
    assert same.differences[CHOSEN, PCA, "ami"][0] == same.differences[DEFAULT, PCA, "ami"][0]
    assert same.scores[CHOSEN] == same.scores[DEFAULT]
