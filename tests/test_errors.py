import inspect

import pytest

from mlproject import errors
from mlproject.errors import MlprojectError, did_you_mean

LEAVES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, MlprojectError) and kind is not MlprojectError
]


@pytest.mark.parametrize("leaf", LEAVES)
def test_error_is_caught_as_the_projects_own_and_as_its_builtin(leaf):
    builtin = leaf.__bases__[1]
    assert builtin.__module__ == "builtins"
    with pytest.raises(MlprojectError, match="reason"):
        raise leaf("reason")
    with pytest.raises(builtin, match="reason"):
        raise leaf("reason")


@pytest.mark.parametrize(
    ("word", "nearest"), [("medum", "medium"), ("latent_dmi", "model.latent_dim"), ("model.epoch", "model.epochs")]
)
def test_nearest_spelling_comes_first(word, nearest):
    hint = did_you_mean(word, ["medium", "easy", "model.latent_dim", "model.epochs"])
    assert hint.startswith(f"did you mean {nearest!r}? Known: ")


def test_without_a_near_spelling_all_known_ones_are_listed_in_order():
    assert did_you_mean("xyz", ["medium", "easy"]) == "Known: easy, medium"
