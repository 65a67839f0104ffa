"""conf/study.yaml: what a range may be, and how a mistake in one is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlproject.config.loading import load_config, parse_config
from mlproject.config.study import ParameterRange, StudyConfig
from mlproject.errors import ConfigError

CONF = Path(__file__).resolve().parents[2] / "conf"
LATENT = {"model.latent_dim": {"int": [8, 128], "log": True}}


def _message(**content: object) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_config(StudyConfig, {"space": LATENT} | content, where="study.yaml")
    return str(caught.value)


def test_the_committed_file_spells_out_every_key():
    assert set(yaml.safe_load((CONF / "study.yaml").read_text())) == set(StudyConfig.model_fields)
    load_config(StudyConfig, CONF / "study.yaml")


@pytest.mark.parametrize(
    ("given_range", "words"),
    [
        ({"int": [128, 8]}, "[128, 8] is reversed"),
        ({"int": [8, 8]}, "is empty"),
        ({"int": [8]}, "has 1 values"),
        ({"int": 8}, "is no list"),
        ({"int": [0.5, 8]}, "no whole number"),
        ({"float": [0, 1], "log": True}, "needs limits above 0"),
        ({"float": [0.1, 1], "log": True, "step": 0.1}, "exclude one another"),
        ({"choice": [1, 1]}, "twice"),
        ({"choice": [1, 2], "log": True}, "no log and no step"),
        ({"int": [1, 2], "float": [1, 2]}, "needs one of"),
        ({"int": [1, 2], "lgo": True}, "unknown key 'lgo'"),
        ({"int": [8, 16], "grid": [4]}, "grid value 4 is outside"),
        ({"int": [8, 16], "step": 0.5}, "no whole number"),
        ({"int": [8, 16], "step": 3}, "no whole number of steps"),
        ({"choice": [1, 2], "grid": [3]}, "none of the choices"),
        ({"int": [8, 16], "when": 3}, "is no condition"),
        ({"int": [8, 16], "grid": 9}, "is no list"),
    ],
)
def test_a_range_that_makes_no_sense_is_named(given_range, words):
    message = _message(space={"model.latent_dim": given_range})
    assert message.startswith("study.yaml: space.model.latent_dim: ")
    assert words in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"trials": 0}, "trials=0"),
        ({"objective": ["ami", "ami"]}, "name each one once"),
        ({"objective": "amy"}, "did you mean 'ami'"),
        ({"objective": "latent_size"}, "name another objective beside it"),
        ({"objective": ["ami", "neighbours"], "direction": "minimize"}, "turns a single objective"),
        ({"sampler": "grid", "space": {"model.learning_rate": {"float": [0.1, 1]}}}, "sampler grid needs values"),
        ({"space": {}}, "space"),
    ],
)
def test_settings_that_do_not_fit_are_named(content, words):
    assert words in _message(**content)


def test_a_condition_needs_a_parameter_above_it_with_that_value():
    choice = {"choice": [0, 1]}
    below = {"a": {"int": [1, 2], "when": {"b": 1}}, "b": choice}
    assert "has to be a parameter above it" in _message(space=below)
    assert "is never 7" in _message(space={"b": choice, "a": {"int": [1, 2], "when": {"b": 7}}})


def test_several_objectives_may_come_as_one_text():
    config = parse_config(StudyConfig, {"space": LATENT, "objective": "ami, neighbours"}, where="study")
    assert config.objective == ("ami", "neighbours")


def test_a_configuration_survives_being_stored():
    config = load_config(StudyConfig, CONF / "study.yaml")
    assert StudyConfig.model_validate(config.model_dump(mode="json")) == config


@given(low=st.integers(-50, 50), width=st.integers(1, 60), step=st.integers(1, 7))
def test_the_values_of_a_stepped_range_are_in_it(low, width, step):
    width *= step
    one = ParameterRange.model_validate({"int": [low, low + width], "step": step})
    values = one.values()
    assert values[0] == low
    assert all(one.contains(value) for value in values)
    assert not one.contains(low + width + 1)
    assert not one.contains("8")
    assert not one.contains(True)
