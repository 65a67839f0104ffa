"""Beats, ties or loses: many differences of one table, corrected together."""

from collections.abc import Hashable, Mapping
from typing import Literal, NamedTuple, TypeVar

from mlproject.evaluation.metrics import TESTED as CLAIMED
from mlproject.evaluation.uncertainty import Difference

__all__ = ["CLAIMED", "Verdict", "holm_levels", "judge"]

Key = TypeVar("Key", bound=Hashable)


class Verdict(NamedTuple):
    """What a difference says after correction."""

    word: Literal["beats", "ties", "loses"]
    # Interval at the level that the correction used: clear of zero exactly where the word is not "ties"
    low: float
    high: float
    p_value: float  # adjusted


def holm_levels(p_values: Mapping[Key, float], *, level: float = 0.05) -> dict[Key, tuple[float, float]]:
    """Correct p-values for their number: S. Holm, *A simple sequentially rejective multiple test procedure*, 1979.

    Returns
    -------
    dict of key to (float, float)
        Adjusted p-value, and the level that its test used. All tests after the first one that does not reject share
        that one's level, and equal p-values share the strictest of theirs: the order of the keys does not matter.
    """
    corrected: dict[Key, tuple[float, float]] = {}
    adjusted, used, previous = 0.0, level / max(1, len(p_values)), 0.0
    for done, key in enumerate(sorted(p_values, key=p_values.__getitem__)):  # the smallest p first
        remaining, p_value = len(p_values) - done, p_values[key]
        if previous < min(p_value, used):  # all before it rejected, and it is not a tie with the last of them
            used = level / remaining
        # An adjusted p is never below one before it: monotone, as Holm's step-down test is.
        adjusted = max(adjusted, min(1.0, remaining * p_value))
        corrected[key], previous = (adjusted, used), p_value
    return corrected


def judge(differences: Mapping[Key, Difference], *, level: float = 0.05) -> dict[Key, Verdict]:
    """Return the verdict on each difference of a table: all that it claims anything about."""
    levels = holm_levels({key: difference.p_value for key, difference in differences.items()}, level=level)
    verdicts = {}
    for key, difference in differences.items():
        p_value, used = levels[key]
        low, high = difference.interval(used)
        word: Literal["beats", "ties", "loses"] = "beats" if low > 0 else "loses" if high < 0 else "ties"
        verdicts[key] = Verdict(word, low, high, p_value)
    return verdicts
