"""Loss terms, networks and training loop that all variational encoders share."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from mlproject.config.models import MODELS
from mlproject.errors import TrainingError
from mlproject.models.elbo import ElboTerms, free_bits, gaussian_kl, hsic, squared_error, warm_up
from mlproject.models.factory import make_encoder
from mlproject.models.networks import ConvNetwork, DenseNetwork, Gaussian, product_of_experts
from mlproject.models.row_space import RowSpace
from mlproject.models.training import Adam, minimise, reproducible
from mlproject.models.vae import Vae

SRC = Path(__file__).resolve().parents[2] / "src"


def gaussian(n_tracks=7, latent_dim=3, seed=0):
    moments = torch.randn(n_tracks, 2 * latent_dim, generator=torch.Generator().manual_seed(seed))
    return Gaussian.of(moments)


class TestElbo:
    def test_divergence_is_that_of_torchs_distributions(self):
        mean, log_variance = gaussian()
        expected = kl_divergence(Normal(mean, torch.exp(0.5 * log_variance)), Normal(0.0, 1.0))
        torch.testing.assert_close(gaussian_kl(Gaussian(mean, log_variance)), expected)

    def test_error_is_the_gaussians_log_density_up_to_its_constant(self):
        found, columns = torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(1))
        constant = 2.5 * np.log(2 * np.pi)
        expected = -Normal(found, 1.0).log_prob(columns).sum(dim=1) - constant
        torch.testing.assert_close(squared_error(found, columns, 5), expected, rtol=1e-4, atol=1e-5)

    def test_fewer_effective_columns_count_less(self):
        found, columns = torch.randn(2, 7, 50, generator=torch.Generator().manual_seed(1))
        torch.testing.assert_close(squared_error(found, columns, 5) * 10, squared_error(found, columns, 50))

    def test_free_bits_are_a_floor_by_dimension(self):
        kl = torch.tensor([[0.0, 1.0], [0.2, 3.0]])
        assert float(free_bits(kl, 0.0)) == pytest.approx(0.1 + 2.0)
        assert float(free_bits(kl, 0.5)) == pytest.approx(0.5 + 2.0)

    def test_dimension_below_the_floor_feels_no_pull(self):
        kl = torch.tensor([[0.1, 2.0]], requires_grad=True)
        free_bits(kl, 0.5).backward()
        assert kl.grad.tolist() == [[0.0, 1.0]]

    def test_loss_weighs_the_divergence(self):
        terms = ElboTerms(torch.tensor([1.0, 3.0]), torch.tensor([[1.0, 1.0], [3.0, 5.0]]))
        assert float(terms.loss(0.5, 0.0)) == pytest.approx(2 + 0.5 * 5)

    @pytest.mark.parametrize(
        ("epoch", "epochs", "share"), [(1, 4, 0.25), (2, 4, 0.5), (4, 4, 1), (9, 4, 1), (1, 0, 1), (1, 1, 1)]
    )
    def test_warm_up_rises_to_one(self, epoch, epochs, share):
        assert warm_up(epoch, epochs) == pytest.approx(share)


class TestHsic:
    def test_agrees_with_the_trace(self):
        codes = torch.randn(12, 3, generator=torch.Generator().manual_seed(0))
        conditions = torch.eye(3)[torch.arange(12) % 3]
        distances = torch.cdist(codes, codes) ** 2
        kernel = torch.exp(-distances / distances.median())
        centring = torch.eye(12) - 1 / 12
        expected = torch.trace(kernel @ centring @ conditions @ conditions.T @ centring) / 144
        torch.testing.assert_close(hsic(codes, conditions), expected)

    def test_is_zero_where_classes_have_the_same_codes(self):
        codes = torch.randn(6, 2, generator=torch.Generator().manual_seed(0)).repeat(2, 1)
        conditions = torch.eye(2).repeat_interleave(6, dim=0)
        assert float(hsic(codes, conditions)) == pytest.approx(0, abs=1e-7)
        assert float(hsic(codes + 3 * conditions, conditions)) > 0.05


class TestProductOfExperts:
    def test_is_the_product_of_the_densities_and_the_prior(self):
        first, second = gaussian(1, 1, seed=1), gaussian(1, 1, seed=2)
        here = torch.ones(1, 1)
        product = product_of_experts([first, second], [here, here])
        grid = torch.linspace(-8, 8, 4001, dtype=torch.float64)
        density = torch.exp(Normal(0.0, 1.0).log_prob(grid))
        for expert in (first, second):
            density *= torch.exp(Normal(expert.mean[0], torch.exp(0.5 * expert.log_variance[0])).log_prob(grid))
        density /= density.sum()
        mean = (density * grid).sum()
        variance = (density * (grid - mean) ** 2).sum()
        assert float(product.mean) == pytest.approx(float(mean), abs=1e-4)
        assert float(product.log_variance.exp()) == pytest.approx(float(variance), rel=1e-3)

    def test_absent_experts_leave_the_prior(self):
        product = product_of_experts([gaussian()], [torch.zeros(7, 1)])
        assert not product.mean.any()
        assert not product.log_variance.any()


class TestNetworks:
    @pytest.mark.parametrize("length", [1, 2, 5, 16, 33])
    def test_convolutions_come_back_to_their_length(self, length):
        network = ConvNetwork((3, length), (4, 6), 2)
        columns = torch.randn(5, 3 * length)
        assert network.decode(network.posterior({"audio": columns}).mean, {}).shape == columns.shape

    def test_log_variance_is_clamped(self):
        posterior = Gaussian.of(torch.tensor([[0.0, 500.0], [0.0, -500.0]]))
        assert posterior.log_variance.flatten().tolist() == [10.0, -10.0]

    def test_the_network_is_rebuilt_from_its_weights_without_drawing(self):
        values = np.random.default_rng(0).normal(size=(8, 6)).astype(np.float32)
        vae = Vae(latent_dim=2, hidden=(4,), epochs=1).fit(values)
        with vae._rebuilt(values, seed=3) as (network, _):
            assert torch.equal(torch.get_rng_state(), torch.Generator().manual_seed(3).get_state())
            found = {name: value.numpy() for name, value in network.state_dict().items()}
        assert found.keys() == vae.weights_.keys()
        assert all(np.array_equal(found[name], weights) for name, weights in vae.weights_.items())

    def test_unrotated_network_does_on_the_columns_what_it_did_on_rotated_ones(self):
        values = np.random.default_rng(0).normal(size=(8, 40)).astype(np.float32)
        values -= values.mean(axis=0)
        space = RowSpace(values)
        rotated = torch.from_numpy(space.rotate(values))
        network = DenseNetwork(rotated.shape[1], (5,), 2)
        code = network.posterior({"audio": rotated}).mean.detach()
        decoded = space.rotate_back(network.decode(code, {}).detach().numpy())
        network.unrotate(space)
        torch.testing.assert_close(network.posterior({"audio": torch.from_numpy(values)}).mean.detach(), code)
        np.testing.assert_allclose(network.decode(code, {}).detach().numpy(), decoded, atol=1e-5)


class TestTraining:
    def test_adam_steps_as_torchs_does(self):
        own, other = (torch.nn.Parameter(torch.tensor([3.0, -2.0])) for _ in range(2))
        optimiser, reference = Adam([own], 0.1), torch.optim.Adam([other], lr=0.1)
        for _ in range(20):
            optimiser.step((own**4).sum() + own.prod())
            reference.zero_grad()
            ((other**4).sum() + other.prod()).backward()
            reference.step()
        torch.testing.assert_close(own, other)

    def test_a_loss_that_is_no_number_ends_it_with_a_hint(self):
        network = torch.nn.Linear(1, 1)
        with pytest.raises(TrainingError, match=r"in epoch 3; lower learning_rate \(now 0\.5\)"):
            minimise(
                network,
                lambda epoch: network.weight.sum() * (float("nan") if epoch == 3 else 1.0) + network.bias.sum(),
                learning_rate=0.5,
                epochs=9,
            )

    def test_random_state_and_threads_are_left_as_they_were(self):
        state, threads = torch.get_rng_state(), torch.get_num_threads()
        with reproducible(4):
            first = torch.randn(3)
        with reproducible(4):
            assert torch.equal(torch.randn(3), first)
        assert torch.equal(torch.get_rng_state(), state)
        assert torch.get_num_threads() == threads


def test_what_needs_no_torch_does_not_import_it():
    modules = ("autoencoder", "factory", "fusion", "pca", "persistence", "vae_diagnostics")
    code = "; ".join(f"import mlproject.models.{name}" for name in modules)
    command = [sys.executable, "-c", f"{code}; import sys; assert 'torch' not in sys.modules"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(SRC)})


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_of_model_that_a_task_may_name_takes_the_settings_of_its_section(kind):
    settings = MODELS[kind]().model_dump(exclude={"name", "lyrics_dim"})
    encoder = make_encoder(kind, settings, frame_shape=(3, 4), random_state=5)
    own = encoder.get_params()
    assert {name: own[name] for name in settings} == settings
    assert own.get("random_state", 5) == 5
    assert {"audio"} <= set(encoder.encodes)
