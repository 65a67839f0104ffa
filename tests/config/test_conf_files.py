from pathlib import Path

import pytest

from mlproject.config.data import AudioConfig, DataConfig, FeaturesConfig, LyricsConfig
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.loading import load_config, parse_config
from mlproject.config.models import AutoencoderConfig, PrincipalComponentsConfig
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError

CONF = Path(__file__).parents[2] / "conf"
MODELS = {"data": DataConfig, "features": FeaturesConfig, "evaluation": EvaluationConfig}
SECTIONS = [DataConfig, AudioConfig, EvaluationConfig, PrincipalComponentsConfig, AutoencoderConfig]


def limits(sign):
    """All (section, field, limit) with one kind of limit, from the fields themselves."""
    return [
        pytest.param(section, name, getattr(limit, sign), id=f"{section.__name__}.{name}")
        for section in SECTIONS
        for name, field in section.model_fields.items()
        for limit in field.metadata
        if getattr(limit, sign, None) is not None
    ]


def parse(section, **content):
    return parse_config(section, content, where="here")


def test_conf_holds_files():
    assert {path.stem for path in CONF.glob("*.yaml")} >= set(MODELS)
    assert {path.stem for path in CONF.glob("tasks/*.yaml")} >= {"baseline", "easy", "medium", "hard"}


@pytest.mark.parametrize("name", MODELS)
def test_committed_file_loads(name):
    assert isinstance(load_config(MODELS[name], CONF / f"{name}.yaml"), MODELS[name])


@pytest.mark.parametrize("path", sorted(CONF.glob("tasks/*.yaml")), ids=lambda path: path.stem)
def test_committed_task_loads_and_describes_itself(path):
    assert load_config(TaskConfig, path).description


@pytest.mark.parametrize(("section", "name", "limit"), limits("ge"))
def test_lowest_value_is_allowed_and_one_less_is_not(section, name, limit):
    assert getattr(parse(section, **{name: limit}), name) == limit
    with pytest.raises(ConfigError, match=f"here: {name}={limit - 1}: .*greater than or equal to {limit}"):
        parse(section, **{name: limit - 1})


@pytest.mark.parametrize(("section", "name", "limit"), limits("le"))
def test_highest_value_is_allowed_and_one_more_is_not(section, name, limit):
    assert getattr(parse(section, **{name: limit}), name) == limit
    with pytest.raises(ConfigError, match=f"here: {name}={limit + 1}: .*less than or equal to {limit}"):
        parse(section, **{name: limit + 1})


@pytest.mark.parametrize(("section", "name", "limit"), limits("gt") + limits("lt"))
def test_open_limit_itself_is_not_allowed(section, name, limit):
    with pytest.raises(ConfigError, match=f"here: {name}="):
        parse(section, **{name: limit})


@pytest.mark.parametrize(
    ("section", "content"),
    [
        (AutoencoderConfig, {"hidden": [0]}),
        (AutoencoderConfig, {"hidden": [65537]}),
        (AutoencoderConfig, {"learning_rate": float("nan")}),
        (DataConfig, {"clip_seconds": float("inf")}),
        (DataConfig, {"tracks_per_genre": 2.5}),
        (EvaluationConfig, {"clusterers": []}),
        (EvaluationConfig, {"figures": "perhaps"}),
    ],
)
def test_value_of_the_wrong_kind_is_refused_by_its_key(section, content):
    with pytest.raises(ConfigError, match=f"here: {next(iter(content))}"):
        parse(section, **content)


@pytest.mark.parametrize(
    ("section", "content", "wrong", "nearest"),
    [
        (DataConfig, {"sample_sed": 1}, "sample_sed", "sample_seed"),
        (FeaturesConfig, {"audio": {"hop_lenght": 512}}, "audio.hop_lenght", "hop_length"),
        (EvaluationConfig, {"n_cluster": 3}, "n_cluster", "n_clusters"),
        (TaskConfig, {"model": {"name": "autoencoder", "latent_dmi": 3}}, "model.latent_dmi", "latent_dim"),
        (TaskConfig, {"model": {"name": "pca"}, "block": {}}, "block", "blocks"),
    ],
)
def test_unknown_key_is_refused_with_the_nearest_spelling(section, content, wrong, nearest):
    with pytest.raises(ConfigError) as caught:
        parse(section, **content)
    assert f"here: unknown key {wrong!r}; did you mean {nearest!r}?" in str(caught.value)


def test_pca_has_no_learning_rate():
    with pytest.raises(ConfigError, match=r"unknown key 'model.learning_rate'"):
        parse(TaskConfig, model={"name": "pca", "learning_rate": 0.1})


@pytest.mark.parametrize(
    ("section", "content", "message"),
    [
        (DataConfig, {"corpus": "gtzn"}, "did you mean 'gtzan'"),
        (EvaluationConfig, {"clusterers": ["kmean"]}, "did you mean 'kmeans'"),
        (
            TaskConfig,
            {"model": {"name": "transformer"}},
            r"model.name='transformer'; expected one of 'pca', 'autoencoder'",
        ),
        (DataConfig, {"corpus": "demo", "root": "music"}, "root is 'music', but corpus is 'demo'"),
        (LyricsConfig, {"source": "file"}, "source: file needs a path"),
        (LyricsConfig, {"source": "themes", "file": "words.csv"}, "source: file needs a path, the others file: null"),
    ],
)
def test_wrong_choice_says_what_would_be_right(section, content, message):
    with pytest.raises(ConfigError, match=message):
        parse(section, **content)


def test_more_coefficients_than_mel_bands_are_refused():
    assert parse(AudioConfig, n_mfcc=32, n_mels=32).n_mels == 32
    with pytest.raises(ConfigError, match="n_mels"):
        parse(AudioConfig, n_mfcc=33, n_mels=32)


def test_first_clusterer_is_the_primary_one():
    assert EvaluationConfig(clusterers=("spectral", "kmeans")).primary == "spectral"


def test_missing_file_names_its_neighbours(tmp_path):
    (tmp_path / "medium.yaml").touch()
    with pytest.raises(ConfigError, match="did you mean 'medium'"):
        load_config(TaskConfig, tmp_path / "medum.yaml")


@pytest.mark.parametrize(
    ("text", "message"), [("a: [1", "data.yaml: it is no YAML"), ("- 1\n- 2\n", "holds a list"), ("7", "holds a int")]
)
def test_file_that_is_no_mapping_is_refused(tmp_path, text, message):
    path = tmp_path / "data.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_config(DataConfig, path)


def test_a_file_that_dvc_reads_too_needs_every_key(tmp_path):
    path = tmp_path / "data.yaml"
    path.write_text("corpus: demo\n")
    with pytest.raises(ConfigError, match=r"data.yaml lacks root, labels, .*git show HEAD:conf/data.yaml"):
        load_config(DataConfig, path)


def test_a_number_is_not_true():
    with pytest.raises(ConfigError, match="n_clusters is True"):
        parse_config(EvaluationConfig, {"n_clusters": True}, where="here")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "data.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(DataConfig, tmp_path / "data.yaml")
