import numpy as np
import pytest

from mlproject.evaluation.probing import PROBES, fresh_probes, independence_test


@pytest.fixture(scope="module")
def conditions():
    return np.array(["blues", "jazz", "metal"])[np.arange(120) % 3]


def codes(conditions, distance, seed=0):
    rng = np.random.default_rng(seed)
    means = distance * np.eye(3)
    return rng.normal(size=(len(conditions), 3)) + means[np.unique(conditions, return_inverse=True)[1]]


def around_a_ring(seed=0):
    """Two conditions with the same mean: a disc, and a ring about it."""
    rng, outside = np.random.default_rng(seed), np.arange(160) % 2
    angle, radius = rng.uniform(0, 2 * np.pi, 160), rng.normal(size=160) * 0.2 + 3 * outside
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), outside


class TestProbes:
    def test_codes_without_the_condition_stay_at_the_permuted_level(self, conditions):
        for probe in fresh_probes(codes(conditions, 0), conditions).values():
            assert probe.permuted == pytest.approx(1 / 3, abs=0.1)
            assert abs(probe.excess) < 0.15

    def test_codes_that_tell_it_are_found_out_by_all(self, conditions):
        probes = fresh_probes(codes(conditions, 6), conditions)
        assert tuple(probes) == PROBES
        assert all(probe.accuracy > 0.95 and probe.excess > 0.5 for probe in probes.values())

    def test_dependence_that_is_not_linear_escapes_the_linear_probe_alone(self):
        probes = fresh_probes(*around_a_ring())
        assert probes["linear"].excess < 0.2
        assert probes["mlp"].accuracy > 0.9
        assert probes["neighbours"].accuracy > 0.9

    def test_what_tells_the_artist_alone_does_not_tell_the_condition(self):
        rng = np.random.default_rng(0)
        artists = np.repeat(np.arange(15), 14)
        conditions = artists % 3
        values = 10 * rng.normal(size=(15, 8))[artists] + 0.1 * rng.normal(size=(210, 8))
        assert fresh_probes(values, conditions)["neighbours"].accuracy > 0.95
        assert fresh_probes(values, conditions, artists)["neighbours"].excess < 0.2

    def test_unit_of_a_dimension_does_not_matter(self, conditions):
        values = codes(conditions, 2)
        plain, scaled = (fresh_probes(values * unit, conditions) for unit in (1.0, np.array([1e-3, 1.0, 1e3])))
        for name in PROBES:
            assert plain[name].accuracy == pytest.approx(scaled[name].accuracy, abs=0.02)

    def test_same_seed_same_numbers(self, conditions):
        values = codes(conditions, 1)
        assert fresh_probes(values, conditions, seed=4) == fresh_probes(values, conditions, seed=4)

    def test_rare_conditions_lower_the_number_of_folds(self):
        rare = np.array([0] * 20 + [1] * 2)
        probes = fresh_probes(np.random.default_rng(0).normal(size=(22, 2)), rare)
        assert all(0 <= probe.accuracy <= 1 for probe in probes.values())


def hsic(values, conditions):
    return independence_test(values, conditions, n_permutations=0).statistic


class TestHsic:
    def test_is_the_trace_of_centred_gaussian_kernels(self):
        rng = np.random.default_rng(0)
        first, second = rng.normal(size=(9, 2)), rng.normal(size=(9, 1))

        def kernel(values):
            distances = np.linalg.norm(values[:, None] - values[None], axis=2)
            sigma = np.median(distances[np.triu_indices(9, 1)])
            return np.exp(-(distances**2) / (2 * sigma**2))

        centring = np.eye(9) - 1 / 9
        expected = np.trace(kernel(first) @ centring @ kernel(second) @ centring) / 81
        assert hsic(first, second) == pytest.approx(expected)
        assert hsic(second, first) == pytest.approx(expected)

    def test_names_of_conditions_do_not_matter(self, conditions):
        values = codes(conditions, 1)
        one_hot = (conditions[:, None] == np.unique(conditions)).astype(float)
        assert hsic(values, conditions) == pytest.approx(hsic(values, one_hot))

    def test_constant_code_has_none(self, conditions):
        assert hsic(np.ones((120, 2)), conditions) == pytest.approx(0, abs=1e-12)
        assert independence_test(np.ones((120, 2)), conditions, n_permutations=20).p_value == 1

    @pytest.mark.parametrize("case", ["means", "ring"])
    def test_dependence_of_either_kind_is_significant(self, conditions, case):
        pair = around_a_ring() if case == "ring" else (codes(conditions, 1.5), conditions)
        assert independence_test(*pair, n_permutations=99).p_value == pytest.approx(0.01)

    def test_p_values_of_independent_codes_are_uniform(self):
        found = [
            independence_test(rng.normal(size=(30, 2)), np.arange(30) % 3, n_permutations=39, seed=seed).p_value
            for seed, rng in enumerate(map(np.random.default_rng, range(200)))
        ]
        assert np.mean(np.array(found) <= 0.2) == pytest.approx(0.2, abs=0.09)
        assert np.mean(found) == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize("n_conditions", [2, 3])
def test_the_penalty_of_a_training_is_the_same_estimate_with_cheaper_kernels(n_conditions):
    # The kernel of the latent has 2 sigma**2 = median d**2 there, and that of the conditions is linear.
    import torch

    from mlproject.evaluation.probing import biased_hsic, centred_kernel
    from mlproject.models.elbo import hsic as penalty

    rng = np.random.default_rng(n_conditions)
    latent, one_hot = rng.normal(size=(60, 4)), np.eye(n_conditions)[rng.integers(n_conditions, size=60)]
    squared = ((latent[:, None] - latent) ** 2).sum(axis=2)
    lower_median = np.sort(squared.ravel())[(squared.size - 1) // 2]  # torch takes the lower one of two
    expected = biased_hsic(centred_kernel(np.exp(-squared / lower_median)), one_hot @ one_hot.T)
    assert float(penalty(torch.from_numpy(latent), torch.from_numpy(one_hot))) == pytest.approx(expected, rel=1e-6)
