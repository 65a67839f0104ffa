"""Finished tasks as versions: what they say of themselves, who may be champion, and what loads again."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
import yaml

from mlproject.config import EvaluationConfig
from mlproject.errors import ConfigError, NotApplicableError
from mlproject.parameters import flatten
from mlproject.prediction.predictor import NewTrack, Predictor
from mlproject.reporting.comparison import Compared, Comparison
from mlproject.tracking import registry
from mlproject.tracking.loading import load_registered
from mlproject.tracking.provenance import Commit
from mlproject.tracking.runs import Origin, TaskRun, open_run
from mlproject.tracking.store import ensure_store, open_experiment
from mlproject.tracking.tasks import result_hash, setting_hash, track_task
from mlproject.tracking.verdicts import write_verdict
from tests.prediction.trained_tasks import EVALUATION, SOUND, Trained, rendered, train
from tests.reporting.compared_runs import compared_run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Operation with range is deprecated"),  # MLflow's own use of pandas
    pytest.mark.filterwarnings("ignore:'(aifc|audioop|sunau)' is deprecated:DeprecationWarning"),
]
REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
REASON = "hard was trained with the genre (genre), which nobody knows of new music; take a label-free model"
DATA, OTHER_DATA, PCA = "d" * 32, "e" * 32, "p" * 32
CONFIG = EvaluationConfig(n_clusters=4)
WIN = {"ami": "beats", "ari": "beats", "purity": "ties"}


class Logged(NamedTuple):
    """A store with two versions: 1 is the PCA baseline, 2 a task that refuses new music."""

    uri: str
    run: TaskRun
    task: Trained


def track(uri: str, task: Trained, *, name: str, baseline: bool) -> TaskRun:
    origin = Origin(
        "demo",
        2,
        DATA,
        "f" * 32,
        Commit("c" * 40, "true"),
        setting="5" * 32,
        reference=PCA,
        result=result_hash(task.folder),
    )
    with open_run(uri, name, task=name) as run:
        track_task(
            run,
            task.folder,
            params=flatten(SOUND),
            origin=origin,
            description="PCA of statistics.",
            requirements=REQUIREMENTS,
            is_baseline=baseline,
        )
    return run


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
            patch.delenv(name, raising=False)
        patch.chdir(folder)
        uri = ensure_store(folder)
        task, refused = train(folder / "own", name="baseline"), train(folder / "hard", refusal=REASON, name="hard")
        run = track(uri, task, name="baseline", baseline=True)
        track(uri, refused, name="hard", baseline=False)
        yield Logged(uri, run, task)


@pytest.fixture
def store(logged, tmp_path, monkeypatch):
    """A copy of the store, for a test that changes it; artifacts are those of the original."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))  # MLflow puts a model's code there
    own, copy = logged.uri.removeprefix("sqlite:///"), tmp_path / "mlflow.db"
    with closing(sqlite3.connect(own)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    uri = f"sqlite:///{copy}"
    open_experiment(uri)
    return logged._replace(uri=uri)


def add_version(store: Logged, **tags: str) -> Any:
    """Make a further version of the logged run, label-free and better by 0.1 AMI unless the tags say otherwise."""
    from mlflow import MlflowClient

    given = {
        "task": "deep",
        "representation": "label-free",
        "data_hash": DATA,
        "reference": PCA,
        "effort": "full",
        "difference_ami": "0.1",
    } | tags
    version = MlflowClient().create_model_version(registry.MODEL, "file:///nowhere", store.run.run_id, tags=given)
    return registry.find_version(str(version.version))


def again(version: Any) -> Any:
    return registry.find_version(str(version.version))


def promote(version: Any) -> bool:
    return registry.promote(version, why="beats PCA", evidence="run 1")


class TestVersions:
    def test_a_version_says_what_it_is_and_where_it_came_from(self, store):
        version = registry.version_of_run(store.run.run_id)
        scores = store.task.result.task.scores["kmeans"]
        assert version.tags == {
            "task": "baseline",
            "baseline": "true",
            "corpus": "demo",
            "representation": "label-free",
            "data_hash": DATA,
            "features_hash": "f" * 32,
            "setting": "5" * 32,
            "reference": PCA,
            "package": registry.package_hash(store.task.folder / "model"),
            "result": result_hash(store.task.folder),
            "commit": "c" * 40,
            "ami": f"{scores['ami']:.4f}",
            "delta_ami": "0.0000",
            "verdict": "not evaluated",
        }
        assert version.description.startswith("**baseline**: PCA of statistics.")
        assert f'load_model("models:/genre-clusters/{version.version}")' in version.description

    @pytest.mark.usefixtures("store")
    def test_the_card_of_a_refused_one_says_why(self):
        refused = registry.find_version("hard")
        assert REASON in refused.description
        assert "baseline" not in refused.tags

    def test_versions_are_listed_the_newest_first(self, store):
        add_version(store)
        assert [one.version for one in registry.versions()] == [3, 2, 1]

    def test_equal_results_have_one_hash_and_others_another(self, tmp_path, store):
        same, other = train(tmp_path / "same", name="baseline"), train(tmp_path / "other", primary="agglomerative")
        assert result_hash(same.folder) == result_hash(store.task.folder) != result_hash(other.folder)

    def test_a_setting_is_told_by_all_but_seeds_and_figures(self):
        task, evaluation = flatten(SOUND), flatten(EVALUATION)
        same = setting_hash(task, evaluation, came_from=("d", "f"))
        seeds = evaluation | {"seed": 7, "clustering_seed": 8, "seeds": 3, "figures": True}
        assert setting_hash(task, seeds, came_from=("d", "f")) == same
        others = [
            setting_hash(task | {"model.latent_dim": 5}, evaluation, came_from=("d", "f")),
            setting_hash(task, evaluation | {"n_clusters": 5}, came_from=("d", "f")),
            setting_hash(task, evaluation, came_from=("e", "f")),
            setting_hash(task, evaluation, came_from=("d", "g")),
        ]
        assert len({same, *others}) == 5


class TestFinding:
    def test_a_version_is_found_by_number_alias_address_run_and_task(self, store):
        for reference in ("1", "baseline", "models:/genre-clusters/1", "models:/genre-clusters@baseline"):
            assert registry.find_version(reference).version == 1
        assert registry.find_version("hard").version == 2
        # The newest of a run and of a task.
        newer = add_version(store, task="hard")
        assert registry.find_version("hard").version == newer.version
        assert registry.find_version(store.run.run_id).version == newer.version

    @pytest.mark.parametrize("reference", ["7", "chamption", "models:/genre-clusters/9", "models:/other/1", "", "0"])
    @pytest.mark.usefixtures("store")
    def test_anything_else_says_what_there_is(self, reference):
        with pytest.raises(ConfigError) as error:
            registry.find_version(reference)
        assert str(error.value) == (
            f"{reference!r} is no version, alias, run or task of genre-clusters; versions: 2, 1"
        )

    def test_a_store_without_versions_says_what_to_do_first(self, tmp_path, monkeypatch):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        monkeypatch.chdir(tmp_path)
        open_experiment(ensure_store(tmp_path))
        assert registry.version_at("baseline") is None
        assert registry.versions() == []
        with pytest.raises(ConfigError, match="versions: none; run a task first"):
            registry.find_version("1")


class TestBaseline:
    def test_it_points_to_the_pca_run_on_the_data(self, store):
        assert registry.version_at("baseline").run_id == store.run.run_id
        assert registry.point_baseline(store.uri, DATA, PCA)
        assert not registry.point_baseline(store.uri, OTHER_DATA, PCA)
        assert registry.version_at("baseline").version == 1

    def test_another_configuration_of_pca_needs_a_run_of_its_own(self, store):
        assert not registry.point_baseline(store.uri, DATA, "q" * 32)

    def test_it_follows_the_data_there_and_back(self, store):
        other = add_version(store, task="baseline", baseline="true", data_hash=OTHER_DATA)
        add_version(store, data_hash=OTHER_DATA)
        assert registry.point_baseline(store.uri, OTHER_DATA, PCA)
        assert registry.version_at("baseline").version == other.version
        assert registry.point_baseline(store.uri, DATA, PCA)
        assert registry.version_at("baseline").version == 1


class TestChampion:
    @pytest.mark.parametrize(
        ("tags", "verdicts", "reason"),
        [
            ({"representation": "label-informed"}, WIN, r"label-informed: what saw a label is never promoted"),
            ({"representation": "label-suspect"}, WIN, r"label-suspect: what saw a label is never promoted"),
            ({}, WIN | {"ami": "ties"}, r"no win against PCA \+ K-Means \(ami ties, ari beats, purity ties\)"),
            ({}, WIN | {"purity": "loses"}, r"no win against PCA .*purity loses"),
            ({}, {}, r"no win against PCA \+ K-Means \(not evaluated\)"),
            ({"data_hash": OTHER_DATA}, WIN, r"its data are not those of the baseline: run `python -m pipelines.task"),
            ({"champion.undone": "by somebody at noon"}, WIN, r"a person took it back \(by somebody at noon\)"),
        ],
    )
    def test_what_may_not_be_champion_is_told_why(self, store, tags, verdicts, reason):
        said = registry.refusal(add_version(store, **tags), verdicts)
        assert re.match(reason, said), said

    def test_no_baseline_no_champion(self, store):
        from mlflow import MlflowClient

        MlflowClient().delete_registered_model_alias(registry.MODEL, "baseline")
        assert "not those of the baseline" in registry.refusal(add_version(store), WIN)

    @pytest.mark.parametrize(("margin", "moves"), [("0.0999", False), ("0.1", False), ("0.1001", True)])
    def test_another_has_to_win_by_more_than_the_champion(self, store, margin, moves):
        first, second = add_version(store), add_version(store, difference_ami=margin)
        promote(first)
        said = registry.refusal(second, WIN)
        assert (said is None) == moves
        assert moves or said == f"version {first.version} beats PCA + K-Means by as much or more"

    def test_a_champion_on_other_data_is_no_rival(self, store):
        old = add_version(store, data_hash=OTHER_DATA, difference_ami="0.9")
        promote(old)
        assert registry.refusal(add_version(store), WIN) is None

    def test_a_quick_look_is_not_enough(self, store):
        quick = add_version(store, effort="3 seeds, 20 subsamples")
        assert "less than conf/evaluation.yaml asks for (3 seeds" in registry.refusal(quick, WIN, by_hand=True)

    def test_undo_survives_an_alias_that_was_moved_elsewhere_and_a_version_that_is_gone(self, store):
        from mlflow import MlflowClient

        first, second, third = (add_version(store, difference_ami=gain) for gain in ("0.1", "0.2", "0.3"))
        for version in (first, second):
            promote(version)
        MlflowClient().set_registered_model_alias(registry.MODEL, "champion", str(third.version))
        MlflowClient().delete_model_version(registry.MODEL, str(second.version))
        registry.undo()
        assert registry.version_at("champion").version == first.version

    def test_a_champion_that_no_longer_passes_loses_the_alias(self, store):
        version = add_version(store)
        promote(version)
        registry.withdraw(again(version), "no win")
        assert registry.version_at("champion") is None
        assert again(version).tags["champion.withdrawn"] == "no win"

    def test_the_champion_itself_stays_welcome_and_is_not_moved_again(self, store):
        version = add_version(store)
        assert promote(version)
        assert registry.refusal(again(version), WIN) is None
        assert not promote(again(version))
        assert again(version).tags["champion.previous"] == "none"

    def test_a_win_moves_it_and_leaves_who_why_and_what_was_before(self, store, monkeypatch):
        monkeypatch.setattr("getpass.getuser", lambda: "ada")
        first, second = add_version(store), add_version(store, difference_ami="0.2")
        assert registry.refusal(first, WIN) is None
        promote(first)
        assert registry.refusal(second, WIN) is None
        registry.promote(second, why="beats PCA by more", evidence="run 7")
        assert registry.version_at("champion").version == second.version
        tags = again(second).tags
        kept = {key: tags[f"champion.{key}"] for key in ("by", "why", "evidence", "previous")}
        expected = {"by": "ada", "why": "beats PCA by more", "evidence": "run 7", "previous": str(first.version)}
        assert kept == expected
        assert pd.Timestamp(tags["champion.at"]).tzinfo is not None

    def test_undo_gives_it_back_to_the_one_before_and_then_to_nobody(self, store):
        first, second = add_version(store), add_version(store, difference_ami="0.2")
        promote(first)
        promote(second)
        assert registry.undo() == f"champion is version {first.version} again, no longer {second.version}"
        assert registry.version_at("champion").version == first.version
        assert "no version was before it" in registry.undo()
        assert registry.version_at("champion") is None
        with pytest.raises(ConfigError, match="no champion to take back"):
            registry.undo()

    def test_what_was_taken_back_returns_by_hand_alone(self, store):
        version = add_version(store)
        promote(version)
        registry.undo()
        assert registry.refusal(again(version), WIN).startswith("a person took it back")
        assert registry.refusal(again(version), WIN, by_hand=True) is None

    def test_by_hand_the_gate_asks_for_the_same_but_not_for_more_than_the_champion(self, store):
        promote(add_version(store, difference_ami="0.3"))
        assert registry.refusal(add_version(store), WIN, by_hand=True) is None
        informed = add_version(store, representation="label-informed")
        assert "never promoted" in registry.refusal(informed, WIN, by_hand=True)
        assert "no win" in registry.refusal(add_version(store), {"ami": "ties"}, by_hand=True)
        strange = add_version(store, data_hash=OTHER_DATA)
        assert "not those of the baseline" in registry.refusal(strange, WIN, by_hand=True)

    def test_what_returned_by_hand_is_no_longer_taken_back(self, store):
        version = add_version(store)
        promote(version)
        registry.undo()
        promote(again(version))
        assert registry.refusal(again(version), WIN) is None

    def test_undo_leads_back_through_every_move(self, store):
        first, second = add_version(store), add_version(store, difference_ami="0.2")
        for version in (first, second, first):
            promote(again(version))
        at = [registry.version_at("champion").version]
        for _ in range(2):
            registry.undo()
            at.append(registry.version_at("champion").version)
        registry.undo()
        assert at == [first.version, second.version, first.version]
        assert registry.version_at("champion") is None


class TestVerdicts:
    @pytest.fixture
    def compared(self, store, tmp_path):
        """The logged task as a comparison takes it, with an evaluation, and the comparison's row of it."""

        def make(**changes: Any) -> tuple[Mapping[str, Any], Compared]:
            evaluated = compared_run(tmp_path, "deep", evaluation=changes).evaluated
            run = Compared("deep", store.task.folder, evaluated)
            return Comparison([run], EvaluationConfig(n_clusters=4)).rows[0], run

        return make

    def test_they_become_tags_and_part_of_the_card(self, store, compared):
        version = add_version(store)
        row, run = compared()
        assert write_verdict(version, row, run, CONFIG) == dict.fromkeys(("ami", "ari", "purity"), "beats")
        tags = again(version).tags
        assert (tags["verdict"], tags["verdict_purity"], tags["difference_ami"]) == ("beats", "beats", "0.1000")
        assert tags["interval_ami"] == f"{row['low_ami']:+.4f} to {row['high_ami']:+.4f}"
        card = again(version).description
        assert (
            f"- ami: +0.100 against PCA + K-Means ({row['low_ami']:+.3f} to {row['high_ami']:+.3f}): **beats**" in card
        )
        assert "**deep**: A task" in card

    def test_without_an_evaluation_there_is_no_verdict(self, store, compared):
        version = add_version(store)
        _, run = compared()
        bare = Compared("deep", run.folder)
        assert write_verdict(version, Comparison([bare], EvaluationConfig(n_clusters=4)).rows[0], bare, CONFIG) == {}
        assert again(version).tags["verdict"] == "not evaluated"

    def test_a_verdict_that_no_longer_stands_leaves_nothing_to_promote_by(self, store, compared):
        version = add_version(store)
        write_verdict(version, *compared(), CONFIG)
        write_verdict(again(version), *compared(representation="label-suspect"), CONFIG)
        tags = again(version).tags
        verdicts = {key.removeprefix("verdict_"): word for key, word in tags.items() if key.startswith("verdict_")}
        assert registry.refusal(again(version), verdicts, by_hand=True) is not None

    def test_what_only_the_evaluation_found_out_is_on_the_card(self, store, compared):
        version = add_version(store)
        row, run = compared(representation="label-suspect")
        assert write_verdict(version, row, run, CONFIG) == {}
        assert again(version).tags["verdict"] == "no claim"
        assert "label-suspect" in again(version).description


class TestModel:
    @pytest.fixture
    def model(self, store):
        import mlflow.pyfunc

        mlflow.set_tracking_uri(store.uri)
        return mlflow.pyfunc.load_model("models:/genre-clusters/1")

    @pytest.fixture
    def artifacts(self, store):
        from mlflow.artifacts import download_artifacts

        return Path(download_artifacts("models:/genre-clusters/1", tracking_uri=store.uri))

    def test_it_gives_the_rows_of_the_predictor(self, model, store, tmp_path):
        (tmp_path / "ünd leer.wav").touch()
        paths = [tmp_path / f"{name}.wav" for name in list(rendered())[:3]] + [tmp_path / "ünd leer.wav"]
        for path in paths[:3]:
            path.write_bytes(rendered()[path.stem])
        expected = Predictor.load(store.task.package).predict(NewTrack(str(path), path) for path in paths)
        found = model.predict(pd.DataFrame({"path": [str(path) for path in paths]}))
        assert found.to_dict("records") == [one._asdict() for one in expected]
        assert found.cluster.tolist() == [*store.task.labels[:3], None]
        assert "0 bytes" in found.error[3]

    def test_a_cluster_is_a_whole_number_beside_a_broken_file_too(self, model):
        contents = [next(iter(rendered().values())), b"no audio"]
        found = model.predict(pd.DataFrame({"audio": contents}))
        assert [type(one) for one in found.cluster] == [int, type(None)]

    def test_content_and_missing_words_are_taken_too(self, model, store):
        contents = list(rendered().values())[:3]
        found = model.predict(pd.DataFrame({"audio": contents, "lyrics": ["la la", None, ""]}))
        assert found.cluster.tolist() == store.task.labels[:3].tolist()
        assert found.track.tolist() == ["track 0", "track 1", "track 2"]

    def test_a_row_of_nothing_is_an_error_of_its_own(self, model):
        content = next(iter(rendered().values()))
        found = model.predict(pd.DataFrame({"path": [None, "/nowhere.wav", None], "audio": [content, None, None]}))
        assert found.error.isna().tolist() == [True, False, False]

    @pytest.mark.parametrize("columns", [["pth"], ["lyrics"], ["Path", "words"], []])
    def test_an_input_without_audio_is_one_line_and_not_no_rows(self, model, columns):
        from mlflow.exceptions import MlflowException

        with pytest.raises(MlflowException) as error:
            model.predict(pd.DataFrame({name: ["/music/song.wav"] for name in columns}))
        assert "neither a column 'path' (audio files) nor 'audio'" in error.value.message
        assert "\n" not in error.value.message

    def test_there_is_no_pickle_in_it(self, artifacts):
        files = [path for path in artifacts.rglob("*") if path.is_file()]
        assert [path for path in files if path.suffix in (".pkl", ".pickle", ".joblib", ".pt", ".dill")] == []
        assert [path for path in files if path.suffix == ".npz"]
        assert [path.name for path in files if path.read_bytes()[:1] == b"\x80"] == []  # how a pickle begins

    def test_its_code_and_pinned_requirements_go_along(self, artifacts):
        code = artifacts / "code" / "mlproject"
        assert (code / "prediction" / "predictor.py").is_file()
        assert (code / "tracking" / "serving.py").is_file()
        pinned = set((artifacts / "requirements.txt").read_text().splitlines())
        assert {line for line in pinned if not line.startswith("mlflow")} <= set(REQUIREMENTS.read_text().splitlines())
        names = {line.split("==")[0] for line in pinned}
        assert {"mlflow", "librosa", "soundfile", "scikit-learn", "torch"} <= names
        assert not names & {"dvc", "matplotlib", "plotly", "sentence-transformers"}

    def test_signature_and_example_say_how_to_call_it(self, artifacts, model):
        described = yaml.safe_load((artifacts / "MLmodel").read_text())
        assert {one.name: one.required for one in model.metadata.signature.inputs} == dict.fromkeys(
            ("path", "audio", "lyrics"), False
        )
        columns = [one.name for one in model.metadata.signature.outputs]
        assert columns == ["track", "cluster", "name", "distance", "confidence", "genres", "nearest", "note", "error"]
        assert (artifacts / described["saved_input_example_info"]["artifact_path"]).is_file()

    def test_a_refused_one_does_not_load_and_says_why(self, store):
        with pytest.raises(NotApplicableError, match="which nobody knows of new music; take a label-free model"):
            load_registered(store.uri, "hard")

    def test_champion_is_loaded_or_baseline_where_there_is_none(self, store):
        version, predictor = load_registered(store.uri)
        assert (version.version, predictor.recipe.task) == (1, "baseline")
        registry.promote(registry.find_version("2"), why="asked for", evidence="none")
        with pytest.raises(NotApplicableError):
            load_registered(store.uri)

    def test_an_empty_registry_says_what_to_do_first(self, tmp_path, monkeypatch):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ConfigError, match="no model is registered yet; run a task first"):
            load_registered(ensure_store(tmp_path))
