import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlproject.seeding import generator, integer_seed

NAMES = st.lists(st.text(st.characters(exclude_characters="/", codec="utf-8"), min_size=1), max_size=3).map(tuple)
SEEDS = st.integers(0, 2**64)


@given(SEEDS, NAMES)
def test_seed_is_in_the_range_that_scikit_learn_takes_and_repeats(seed, names):
    assert 0 <= integer_seed(seed, *names) < 2**32
    assert integer_seed(seed, *names) == integer_seed(seed, *names)


@given(SEEDS, NAMES, NAMES)
def test_another_name_is_another_seed(seed, names, others):
    assert (integer_seed(seed, *names) == integer_seed(seed, *others)) == (names == others)


def test_another_seed_is_another_stream():
    assert integer_seed(1, "training") != integer_seed(2, "training")


def test_seed_stays_the_same_from_release_to_release():
    assert integer_seed(42, "training") == 674983101


def test_generators_of_one_name_repeat_and_of_two_names_differ():
    first, again, other = generator(1, "a"), generator(1, "a"), generator(1, "b")
    drawn = first.random(8)
    np.testing.assert_array_equal(drawn, again.random(8))
    assert not np.array_equal(drawn, other.random(8))
