import json

import numpy as np
import pandas as pd
import pytest

from mlproject.config.models import CvaeConfig
from mlproject.errors import NotApplicableError
from mlproject.experiment.conditioning import conditioning_report
from mlproject.experiment.design_matrix import one_hot
from mlproject.features.blocks import Block, DesignMatrix

SMALL = CvaeConfig(latent_dim=4, hidden=(16,), epochs=150, learning_rate=0.01, beta=0.5, warm_up=20)


def matrix(audio, genres):
    return DesignMatrix.join([Block("audio", audio), Block("genre", one_hot(genres), label_derived=True)])


@pytest.fixture(scope="module")
def corpus():
    """160 tracks by 80 artists: four genres with means of their own, and variation within them."""
    rng, code = np.random.default_rng(0), np.arange(160) % 4
    audio = 2 * rng.normal(size=(4, 12))[code] + rng.normal(size=(160, 3)) @ rng.normal(size=(3, 12))
    audio += 0.3 * rng.normal(size=(160, 12))
    genres = np.array(["blues", "jazz", "metal", "pop"])[code]
    return matrix(audio.astype(np.float32), genres), genres, np.repeat(np.arange(20), 8) * 4 + code


@pytest.fixture(scope="module")
def report(corpus):
    return conditioning_report(SMALL, *corpus, penalties=(20.0, 0.0), n_permutations=2)


def test_curve_goes_by_rising_penalty_beside_the_vae_of_equal_size(report):
    assert [point.penalty for point in report.curve] == [0, 20]
    assert report.unconditioned.penalty is None
    assert report.unconditioned.swap_ratio is None
    assert report.unconditioned.cost == 1
    assert report.n_tracks == 160
    assert report.by_artist


def test_penalty_takes_the_genre_out_of_the_code_at_a_price(report):
    free, penalised = report.curve
    assert report.unconditioned.excess > 0.5
    assert penalised.excess < free.excess < report.unconditioned.excess
    assert penalised.hsic < free.hsic < report.unconditioned.hsic
    assert report.unconditioned.hsic_p < 0.01
    assert penalised.swap_ratio > 1.5
    for point in report.curve:
        assert point.cost == pytest.approx(point.error / report.unconditioned.error)


def test_report_is_plain_values(report):
    content = report.to_dict()
    assert json.loads(json.dumps(content)) == content
    assert content["curve"][1]["swap_ratio"] == report.curve[1].swap_ratio
    assert set(content["curve"][1]["probes"]["mlp"]) == {"accuracy", "permuted"}
    assert (content["largest_excess"], content["smallest_swap_ratio"]) == (0.05, 1.5)


def test_no_artist_is_on_both_sides(corpus):
    from mlproject.experiment import conditioning

    fitted, held_out = conditioning._halves(corpus[1], corpus[2], 0)
    assert not set(corpus[2][fitted]) & set(corpus[2][held_out])
    assert set(corpus[1][fitted]) == set(corpus[1][held_out]) == set(corpus[1])
    assert sorted([*fitted, *held_out]) == list(range(160))


def test_same_seed_same_report(corpus):
    quick = SMALL.model_copy(update={"epochs": 3})
    first, again = (conditioning_report(quick, *corpus, penalties=(1.0,), n_permutations=1) for _ in range(2))
    assert first == again


def test_matrix_without_a_genre_is_refused(corpus):
    audio = DesignMatrix.join([Block("audio", corpus[0].values[:, :12])])
    with pytest.raises(NotApplicableError, match="needs a genre condition"):
        conditioning_report(SMALL, audio, corpus[1])


@pytest.mark.slow
def test_on_real_statistics_the_genre_leaves_the_code_and_the_decoder_listens(test_data):
    table = pd.read_csv(test_data / "gtzan_features_30_sec.csv")
    tracks = pd.read_csv(test_data / "gtzan_tracks.csv")
    own = tracks.identical_to.isna().to_numpy()
    assert (table.filename.str.removesuffix(".wav") == tracks.track_id).all()
    genres, artists = table.label.to_numpy(str)[own], tracks.artist_group.to_numpy()[own]
    audio = table.drop(columns=["filename", "length", "label"]).to_numpy(np.float32)[own]
    settings = CvaeConfig(latent_dim=8, epochs=300, beta=1.0, warm_up=200)
    report = conditioning_report(settings, matrix(audio, genres), genres, artists, penalties=(0.0, 400.0))
    assert report.curve[0].excess > 0.2
    assert report.separating == (400.0,)
    assert report.curve[1].cost < 4
