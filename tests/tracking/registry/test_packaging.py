"""What a version serves: loaded as MLflow does, it places new music or says why it cannot."""

from __future__ import annotations

import base64
import io
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

from mlproject.errors import ConfigError, NotApplicableError
from mlproject.prediction.predictor import NewTrack, Predictor
from mlproject.tracking.registry import champion
from mlproject.tracking.registry import versions as registry
from mlproject.tracking.registry.loading import load_registered
from mlproject.tracking.registry.packaging import served_hash
from mlproject.tracking.store import ensure_store
from tests.prediction.trained_tasks import rendered
from tests.tracking.registry.stored_versions import DATA, MARKS, OTHER_DATA, REQUIREMENTS

pytestmark = MARKS


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

    def test_it_gives_the_rows_of_the_predictor(self, model, store, tmp_path, monkeypatch):
        monkeypatch.setenv("MLPROJECT_SERVE_ROOT", str(tmp_path))
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
    def test_an_input_without_audio_is_answered_row_by_row(self, model, columns):
        found = model.predict(pd.DataFrame({name: ["/music/song.wav"] * 2 for name in columns}))
        assert set(found.error) == {"neither 'audio' (bytes; base64 in JSON) nor 'path' was given"}

    @pytest.mark.parametrize("audio", [7, 1.5, "%%%", "", [1, 2], {"a": 1}, True, "QUJD", b"ID3"])
    def test_a_cell_of_any_kind_is_the_error_of_its_row_alone(self, model, audio):
        good = base64.b64encode(next(iter(rendered().values()))).decode()
        found = model.predict(pd.DataFrame({"audio": [good, audio, good], "path": [None, audio, None]}))
        assert found.error.isna().tolist() == [True, False, True]
        assert "Traceback" not in found.error[1]
        assert "/" not in found.error[1].replace("'audio'", "")

    def test_a_path_tells_nothing_of_the_servers_files(self, model, tmp_path, monkeypatch):
        monkeypatch.delenv("MLPROJECT_SERVE_ROOT", raising=False)
        asked = ["/etc/passwd", "/nowhere", "../secret.wav", str(tmp_path / "in.wav")]
        off = model.predict(pd.DataFrame({"path": asked})).error
        assert set(off) == {"this server reads no paths (MLPROJECT_SERVE_ROOT is not set); send 'audio'"}
        served = tmp_path / "served"
        served.mkdir()
        (tmp_path / "secret.wav").write_bytes(next(iter(rendered().values())))
        (served / "in.wav").write_bytes(next(iter(rendered().values())))
        (served / "link.wav").symlink_to(tmp_path / "secret.wav")
        monkeypatch.setenv("MLPROJECT_SERVE_ROOT", str(served))
        asked = ["/etc/passwd", "/nowhere", "../secret.wav", "link.wav", "a\0b"]
        on = model.predict(pd.DataFrame({"path": [*asked, "in.wav", "missing.wav"]})).error
        assert set(on[:5]) == {"the path is not in the folder that is served (MLPROJECT_SERVE_ROOT)"}
        assert on.isna().tolist()[5:] == [True, False]

    def test_a_request_has_limits_and_each_row_its_own_answer(self, model, monkeypatch):
        serving = sys.modules[type(model.unwrap_python_model()).__module__]
        monkeypatch.setattr(serving, "MOST_ROWS", 2)
        monkeypatch.setattr(serving, "LARGEST", 200_000)
        good, loud = next(iter(rendered().values())), io.BytesIO()
        soundfile.write(loud, np.zeros((22050, 9)), 22050, format="WAV")
        found = model.predict(pd.DataFrame({"audio": [good, loud.getvalue(), good]})).error
        assert found.isna().tolist() == [True, False, False]
        assert "at most 200,000 are taken" in found[1]
        assert found[2] == "a request may have 2 rows; send this one in another"
        monkeypatch.setattr(serving, "LARGEST", 10**8)
        found = model.predict(pd.DataFrame({"audio": [loud.getvalue()]})).error
        assert found[0] == "has 9 channels; at most 8 are taken"

    def test_there_is_no_pickle_in_it(self, artifacts):
        files = [path for path in artifacts.rglob("*") if path.is_file()]
        assert [path for path in files if path.suffix in (".pkl", ".pickle", ".joblib", ".pt", ".dill")] == []
        assert [path for path in files if path.suffix == ".npz"]
        assert [path.name for path in files if path.read_bytes()[:1] == b"\x80"] == []  # how a pickle begins

    def test_its_code_and_pinned_requirements_go_along(self, artifacts):
        code = artifacts / "code" / "mlproject"
        assert (code / "prediction" / "predictor.py").is_file()
        assert (code / "tracking" / "registry" / "serving.py").is_file()
        pinned = set((artifacts / "requirements.txt").read_text().splitlines())
        assert {line for line in pinned if not line.startswith("mlflow")} <= set(REQUIREMENTS.read_text().splitlines())
        names = {line.split("==")[0] for line in pinned}
        assert {"mlflow", "librosa", "soundfile", "scikit-learn", "torch"} <= names
        assert not names & {"dvc", "matplotlib", "plotly", "sentence-transformers"}

    @pytest.mark.parametrize(
        "name", ["code/mlproject/prediction/predictor.py", "serving.py", "MLmodel", "requirements.txt"]
    )
    def test_an_edit_of_anything_that_runs_is_found(self, tmp_path, artifacts, monkeypatch, name):
        folder = tmp_path / "model"
        shutil.copytree(artifacts, folder)
        monkeypatch.setattr("mlflow.artifacts.download_artifacts", lambda **_: str(folder))
        before = served_hash("models:/genre-clusters/1")
        (folder / "code" / "mlproject" / "__pycache__").mkdir(exist_ok=True)
        (folder / "code" / "mlproject" / "__pycache__" / "left.pyc").touch()
        assert served_hash("models:/genre-clusters/1") == before
        (folder / name).write_text((folder / name).read_text() + "# edited\n")
        assert served_hash("models:/genre-clusters/1") != before

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

    def test_of_the_present_data_the_champion_is_loaded_or_else_the_newest(self, store):
        with pytest.raises(NotApplicableError, match="which nobody knows of new music"):
            load_registered(store.uri, data=DATA)  # version 2, which refuses
        champion.promote(registry.find_version("1"), why="asked for", evidence="none")
        version, predictor = load_registered(store.uri, data=DATA)
        assert (version.version, predictor.recipe.task) == (1, "baseline")

    def test_a_model_of_other_data_is_not_taken_unasked(self, store):
        with pytest.raises(
            ConfigError, match=r"of the present data; give model=VERSION, of 2 \(hard\), 1 \(baseline\)"
        ):
            load_registered(store.uri, data=OTHER_DATA)

    def test_an_empty_registry_says_what_to_do_first(self, tmp_path, monkeypatch):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ConfigError, match="no label-free model is of the present data"):
            load_registered(ensure_store(tmp_path))
