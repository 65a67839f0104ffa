"""A denoising autoencoder mends columns from each other."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mlproject.errors import TrainingError
from mlproject.models.denoising import DenoisingAutoencoder


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(3)
    return (rng.normal(size=(120, 2)) @ rng.normal(size=(2, 12))).astype(np.float32)


def test_the_loss_falls_well_below_that_of_the_mean(rows):
    found = DenoisingAutoencoder(4, hidden=(32,), random_state=0).fit(rows)
    assert found.loss_curve_[-1] < 0.4 * rows.var()
    assert found.transform(rows).shape == (120, 4)


def test_the_same_seed_gives_the_same_bits_and_leaves_torchs_stream_alone(rows):
    before = torch.get_rng_state()
    one, other = (DenoisingAutoencoder(3, epochs=5, random_state=1).fit(rows).transform(rows) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert torch.equal(before, torch.get_rng_state())
    assert not np.array_equal(one, DenoisingAutoencoder(3, epochs=5, random_state=2).fit(rows).transform(rows))


def test_damage_adds_noise_and_drops_values():
    model = DenoisingAutoencoder(noise=0.5, dropped=0.25)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        damaged = model._damage(torch.ones(200, 200)).numpy()
    kept = damaged != 0
    assert kept.mean() == pytest.approx(0.75, abs=0.01)
    assert damaged[kept].std() == pytest.approx(0.5, abs=0.01)


def test_a_training_that_leaves_the_numbers_says_so(rows):
    with pytest.raises(TrainingError, match="lower learning_rate"):
        DenoisingAutoencoder(3, learning_rate=1e30, random_state=0).fit(rows)


def test_it_may_be_stopped(rows):
    stopped = DenoisingAutoencoder(3, random_state=0, on_epoch=lambda epoch, _: epoch == 4).fit(rows)
    assert len(stopped.loss_curve_) == 4
