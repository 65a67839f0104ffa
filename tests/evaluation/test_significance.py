import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlproject.evaluation.significance import holm_levels, judge
from mlproject.evaluation.uncertainty import Difference

P_VALUES = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.01, 0.04, 1.0]), min_size=1, max_size=12)
ESTIMATES = st.lists(
    st.tuples(st.floats(-0.3, 0.3), st.floats(0.001, 0.1), st.integers(2, 90)), min_size=1, max_size=12
)


def naive_holm(p_values):
    """Adjusted p of each: the largest, over those that are not larger, of p times the number of those not smaller."""
    p_values = np.asarray(p_values)
    ranks = stats.rankdata(p_values, method="min") - 1
    steps = np.minimum(1, (len(p_values) - ranks) * p_values)
    return [max(steps[p_values <= one]) for one in p_values]


def differences(values):
    return {
        i: Difference(estimate, error, degrees, 2 * float(stats.t.sf(abs(estimate) / error, degrees)))
        for i, (estimate, error, degrees) in enumerate(values)
    }


def test_holms_own_kind_of_example():
    # 4 tests: .005 * 4, .01 * 3, then .03 * 2 stops and .04 is at least that
    levels = holm_levels({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert {key: found[0] for key, found in levels.items()} == pytest.approx(
        {"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06}
    )
    assert {key: found[1] for key, found in levels.items()} == pytest.approx(
        {"d": 0.05 / 4, "a": 0.05 / 3, "c": 0.05 / 2, "b": 0.05 / 2}
    )


def test_one_test_alone_is_not_corrected():
    assert holm_levels({"a": 0.03}, level=0.1) == {"a": (0.03, 0.1)}
    assert holm_levels({}) == {}


@given(P_VALUES)
def test_adjusted_p_values_are_those_of_a_naive_implementation(p_values):
    levels = holm_levels(dict(enumerate(p_values)))
    assert [levels[key][0] for key in range(len(p_values))] == pytest.approx(naive_holm(p_values))


@given(P_VALUES, st.randoms())
def test_order_of_the_rows_does_not_matter(p_values, random):
    keys = list(range(len(p_values)))
    random.shuffle(keys)
    assert holm_levels({key: p_values[key] for key in keys}) == holm_levels(dict(enumerate(p_values)))


@given(P_VALUES)
def test_p_is_below_the_level_of_its_test_where_the_adjusted_p_is_below_the_level(p_values):
    for key, (p_value, used) in holm_levels(dict(enumerate(p_values))).items():
        if abs(p_value - 0.05) > 1e-9:
            assert (p_values[key] < used) == (p_value < 0.05)


@given(ESTIMATES, st.sampled_from([0.01, 0.05, 0.2]))
def test_interval_is_clear_of_zero_exactly_where_the_word_and_the_p_value_say_so(values, level):
    for verdict in judge(differences(values), level=level).values():
        if abs(verdict.p_value - level) > 1e-9:
            assert (verdict.p_value < level) == (verdict.word != "ties")
        assert (verdict.low > 0) == (verdict.word == "beats")
        assert (verdict.high < 0) == (verdict.word == "loses")
        assert verdict.low <= verdict.high


@given(ESTIMATES)
def test_the_other_side_of_a_table_says_the_opposite(values):
    verdicts = judge(differences(values))
    turned = judge(differences([(-estimate, error, degrees) for estimate, error, degrees in values]))
    opposite = {"beats": "loses", "loses": "beats", "ties": "ties"}
    for key, verdict in verdicts.items():
        assert turned[key].word == opposite[verdict.word]
        assert (turned[key].low, turned[key].high) == pytest.approx((-verdict.high, -verdict.low))


@given(ESTIMATES)
def test_more_rows_never_turn_a_tie_into_a_claim(values):
    whole = judge(differences(values))
    for key, difference in differences(values).items():
        if judge({key: difference})[key].word == "ties":
            assert whole[key].word == "ties"


def test_difference_of_nothing_from_itself_ties():
    assert judge({"ami": Difference(0.0, 0.0, 9, 1.0)})["ami"] == ("ties", 0, 0, 1)


def test_correction_takes_a_claim_back():
    # t = 2.5 with 30 degrees: p = .018
    claim = Difference(0.05, 0.02, 30, 2 * float(stats.t.sf(2.5, 30)))
    assert judge({"ami": claim})["ami"].word == "beats"
    nothing = {i: Difference(0.0, 0.02, 30, 1.0) for i in range(5)}
    assert judge({"ami": claim, **nothing})["ami"].word == "ties"


def test_wrong_claims_anywhere_in_a_table_are_as_rare_as_the_level(rng):
    wrong = 0
    for _ in range(1000):
        estimates = rng.normal(size=6)
        table = {i: Difference(one, 1.0, 1e6, 2 * float(stats.norm.sf(abs(one)))) for i, one in enumerate(estimates)}
        wrong += any(verdict.word != "ties" for verdict in judge(table).values())
    assert wrong <= stats.binom.ppf(0.999, 1000, 0.05)
    assert wrong >= stats.binom.ppf(0.001, 1000, 0.04)
