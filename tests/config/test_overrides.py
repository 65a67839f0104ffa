import pytest

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.loading import parse_config
from mlproject.config.models import AutoencoderConfig, CvaeConfig, MvaeConfig, PrincipalComponentsConfig
from mlproject.config.overrides import SHORT_NAMES, apply, flatten, parameters
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.errors import ConfigError

TASK = TaskConfig(blocks=BlocksConfig(lyrics="embedding"), model=AutoencoderConfig())
BASELINE = TaskConfig(model=PrincipalComponentsConfig())
EVALUATION = EvaluationConfig()


def changed(changes, task=TASK):
    new_task, evaluation = apply(task, EVALUATION, changes)
    return flatten(new_task) | flatten(evaluation, "evaluation.")


@pytest.mark.parametrize(
    ("name", "text", "path", "value"),
    [
        ("latent_dim", "64", "model.latent_dim", 64),
        ("learning_rate", "0.01", "model.learning_rate", 0.01),
        ("learning_rate", "1e-3", "model.learning_rate", 0.001),
        ("epochs", "7", "model.epochs", 7),
        ("seed", "3", "evaluation.seed", 3),
        ("model.hidden", "[64, 16]", "model.hidden", [64, 16]),
        ("model.lyrics_dim", "8", "model.lyrics_dim", 8),
        ("evaluation.n_clusters", "5", "evaluation.n_clusters", 5),
        ("evaluation.clusterers", "[dbscan]", "evaluation.clusterers", ["dbscan"]),
        ("evaluation.figures", "false", "evaluation.figures", False),
    ],
)
def test_one_value_changes_and_no_other(name, text, path, value):
    assert changed({name: text}) == changed({}) | {path: value}


def test_no_change_gives_equal_configurations():
    assert apply(TASK, EVALUATION, {}) == (TASK, EVALUATION)


def test_several_changes_go_together():
    after = changed({"latent_dim": "8", "evaluation.n_init": "2"})
    assert (after["model.latent_dim"], after["evaluation.n_init"]) == (8, 2)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("latent_dim", "abc", "an integer >= 1, <= 4096, such as 32"),
        ("latent_dim", "0", "an integer >= 1, <= 4096"),
        ("latent_dim", "", "an integer >= 1, <= 4096"),
        ("latent_dim", "2.5", "an integer"),
        ("learning_rate", "2", "a number > 0, <= 1, such as 0.002"),
        ("learning_rate", "nan", "a number > 0"),
        ("model.hidden", "128", "a list of an integer"),
        ("model.name", "pca", "one of autoencoder"),
        ("evaluation.clusterers", "[kmean]", "a list of one of kmeans, .*; did you mean 'kmeans'"),
        ("evaluation.figures", "maybe", "true or false"),
        ("evaluation.n_clusters", "[", "an integer"),
    ],
)
def test_wrong_value_is_refused_with_what_was_expected(name, text, expected):
    with pytest.raises(ConfigError, match=f"not allowed; expected {expected}") as caught:
        changed({name: text})
    assert str(caught.value).startswith(f"{name}={text!r}")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("latent_dmi", "latent_dim"),
        ("learning_rat", "learning_rate"),
        ("model.hiden", "model.hidden"),
        ("n_clusters", "evaluation.n_clusters"),
        ("evaluation.sed", "evaluation.seed"),
    ],
)
def test_unknown_name_is_refused_with_the_nearest_one(name, nearest):
    with pytest.raises(ConfigError, match=f"unknown parameter '{name}' for this task; did you mean '{nearest}'"):
        changed({name: "1"})


@pytest.mark.parametrize("name", ["learning_rate", "epochs", "model.hidden"])
def test_baseline_has_nothing_to_train(name):
    with pytest.raises(ConfigError, match=f"unknown parameter '{name}' for this task") as caught:
        changed({name: "1"}, BASELINE)
    assert "model.learning_rate" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "blocks", "key", "reason"),
    [
        (PrincipalComponentsConfig(), {}, "lyrics_dim", "blocks.lyrics is null"),
        (MvaeConfig(), {"lyrics": "embedding"}, "lyrics_dim", "mvae encodes the lyrics themselves"),
        (MvaeConfig(), {}, "lyrics_weight", "blocks.lyrics is null"),
        (CvaeConfig(), {"genre": "one_hot"}, "n_conditions", "blocks.genre is the condition"),
    ],
)
def test_a_key_that_nothing_reads_is_refused_with_the_reason(model, blocks, key, reason):
    task = TaskConfig(model=model, blocks=BlocksConfig(**blocks))
    assert f"model.{key}" not in flatten(task)
    assert f"model.{key}" not in {parameter.path for parameter in parameters(task, EVALUATION)}
    with pytest.raises(ConfigError, match=f"nothing reads model.{key} in this task, since {reason}"):
        changed({f"model.{key}": "3"}, task)
    content = task.model_dump()
    assert parse_config(TaskConfig, content, where="here") == task
    content["model"][key] = 3
    with pytest.raises(ConfigError, match=f"^here: nothing reads model.{key}, since {reason}"):
        parse_config(TaskConfig, content, where="here")


@pytest.mark.parametrize("name", ["description", "blocks.audio", "fusion", "evaluation"])
def test_what_is_no_hyper_parameter_cannot_be_changed(name):
    with pytest.raises(ConfigError, match="unknown parameter"):
        changed({name: "x"})


def test_every_listed_parameter_takes_its_present_value_again():
    for parameter in parameters(TASK, EVALUATION):
        value = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        assert apply(TASK, EVALUATION, {parameter.path: str(value).replace("'", "")}) == (TASK, EVALUATION)


def test_every_listed_parameter_has_a_range_and_a_meaning():
    listed = parameters(TASK, EVALUATION)
    assert all(parameter.range and parameter.description for parameter in listed)
    assert set(SHORT_NAMES.values()) <= {parameter.path for parameter in listed}


def test_flatten_gives_dotted_paths_and_plain_values():
    assert flatten(TASK) == {
        "description": "",
        "blocks.audio": "mfcc",
        "blocks.lyrics": "embedding",
        "blocks.genre": None,
        "fusion": "balanced",
        "tuned_on_labels": False,
        "model.name": "autoencoder",
        "model.latent_dim": 32,
        "model.hidden": [128],
        "model.learning_rate": 0.002,
        "model.epochs": 150,
        "model.lyrics_dim": 16,
    }


def test_keys_of_a_section_are_checked_together():
    from mlproject.config.overrides import change_section
    from mlproject.config.study import StudyConfig

    study = StudyConfig(space={"model.latent_dim": {"int": [2, 8]}}, objective=("ami",), direction="maximize")
    both = change_section(study, {"objective": "reconstruction,neighbours", "direction": "null"}, where="study")
    assert both.objective == ("reconstruction", "neighbours")
    with pytest.raises(ConfigError, match="turns a single objective"):
        change_section(study, {"objective": "reconstruction,neighbours"}, where="study")
    with pytest.raises(ConfigError, match=r"^unknown parameter 'pruner'"):
        change_section(study, {"pruner": "median"}, where="study")
    with pytest.raises(ConfigError, match=r"trials='0' is not allowed; expected an integer >= 1"):
        change_section(study, {"trials": "0"}, where="study")
