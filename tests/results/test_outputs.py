"""A folder of results is read once, file by file, and says in one line what is wrong with it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from pydoc import locate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.errors import NotApplicableError, OutdatedResultError, ResultError
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput, EvaluationRecord
from mlproject.results.hashes import result_hash
from mlproject.results.task_output import TaskOutput
from mlproject.results.task_record import TaskRecord
from mlproject.results.write_task import headline_metrics, loss_table
from tests.results.records import SCORES, evaluation_record, task_record
from tests.results.small_results import small_frames, small_output

READERS = (
    *(f"mlproject.{module}.read_json" for module in ("results.record", "results.task_output", "prediction.package")),
    "pandas.read_parquet",
    "numpy.load",
)
OUTDATED = Path(__file__).parent / "outdated" / "easy"
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
scores = st.dictionaries(st.sampled_from(list(SCORES)), numbers)
uses = st.sampled_from(["label-free", "label-informed", "label-suspect"])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return small_output(tmp_path_factory.mktemp("task") / "easy", small_frames()).folder


@pytest.fixture
def folder(written, tmp_path):
    return Path(shutil.copytree(written, tmp_path / "easy"))


class TestRecords:
    @given(
        by_clusterer=st.dictionaries(st.text(max_size=5), scores),
        words=st.text(),
        label_use=uses,
        curve=st.lists(st.floats(0, 9)),
    )
    def test_a_tasks_record_comes_back_from_json_as_it_was(self, by_clusterer, words, label_use, curve):
        training = {"loss_curve": curve, "loss_name": words, "loss_of_means": None}
        record = task_record(words, label_use, scores=by_clusterer, notes=[words], training=training)
        assert TaskRecord.model_validate(json.loads(json.dumps(record.model_dump(mode="json")))) == record

    @given(values=scores, label_use=uses, estimate=st.floats(-1, 1))
    def test_an_evaluations_record_too(self, values, label_use, estimate):
        record = evaluation_record("easy", label_use, scores=values)
        tested = record.differences["ami"].model_copy(update={"estimate": estimate})
        record = record.model_copy(update={"differences": {"ami": tested}})
        assert EvaluationRecord.model_validate(json.loads(json.dumps(record.model_dump(mode="json")))) == record

    @pytest.mark.parametrize("record", [task_record(), evaluation_record()])
    def test_both_call_the_same_thing_the_same(self, record):
        shared = {"task", "description", "corpus", "n_tracks", "clusterer", "label_use", "label_derived", "findings"}
        assert shared | {"scores", "baseline", "chance", "schema_version", "status"} <= set(type(record).model_fields)

    def test_the_numbers_of_dvc_are_the_defined_ones(self):
        record = task_record(scores={"kmeans": SCORES | {"purity": None}}, delta={"ami": 0.1, "ari": None})
        assert headline_metrics(record) == {"ami": 0.4, "ari": 0.3, "nmi": 0.42, "silhouette": 0.2, "delta_ami": 0.1}
        training = {"loss_curve": [2.0, 1.0], "loss_name": "", "loss_of_means": None}
        assert loss_table(task_record(training=training)).to_dict("list") == {"epoch": [1, 2], "loss": [2.0, 1.0]}
        assert loss_table(record).empty


class TestReading:
    def test_each_file_is_opened_once_however_often_it_is_asked_for(self, folder, monkeypatch):
        opened = Counter[str]()
        for name in READERS:
            monkeypatch.setattr(name, _counting(locate(name), opened))
        output = TaskOutput(folder)
        for _ in range(3):
            assert output.finished
            assert output.name == output.record.task == "easy"
            assert len(output.partition()) == len(output.baseline_partition("kmeans")) == len(output.genres) == 60
            assert len(output.latent) == len(output.projections) == sum(one.size for one in output.clusters)
            assert output.examples.originals.shape == (3, 5, 12)
            assert output.package[0].task == "easy"
        assert set(opened.values()) == {1}
        assert {"scores.json", "assignments.parquet", "latent.npy", "clusters.json"} <= opened.keys()
        assert {"projections.parquet", "examples.npz", "known.npz"} <= opened.keys()

    def test_a_writers_output_reads_no_record(self, tmp_path):
        output = small_output(tmp_path / "easy", small_frames(), projections=False)
        (output.folder / "scores.json").unlink()
        assert (output.record.n_tracks, output.projections, output.examples) == (60, None, None)

    def test_what_was_not_applicable_says_why(self, tmp_path):
        for kind in (TaskOutput, EvaluationOutput):
            kind.write_reason(tmp_path, name="hard", corpus="folder", reason="the corpus has no labels")
            output = kind(tmp_path)
            assert (output.finished, output.name) == (False, "hard")
            assert output.not_applicable.reason == "the corpus has no labels"
            with pytest.raises(NotApplicableError, match="hard is not applicable: the corpus has no labels"):
                _ = output.record
        assert headline_metrics(TaskOutput(tmp_path).not_applicable) == {}
        assert loss_table(TaskOutput(tmp_path).not_applicable).empty

    def test_a_run_keeps_its_name_and_that_of_its_task_apart(self):
        suspect = EvaluationOutput(Path("nowhere"), evaluation_record("easy", "label-suspect"))
        run = ComparedRun("easy seed=7", TaskOutput(Path("nowhere"), task_record("easy")), suspect)
        assert (run.name, run.task.name, run.evaluated.task) == ("easy seed=7", "easy", "easy")
        assert (run.task.record.label_use, run.label_use) == ("label-free", "label-suspect")


class TestDamage:
    def test_a_result_of_an_earlier_version_says_so(self):
        with pytest.raises(OutdatedResultError, match=r"easy/scores.json was written by an earlier version"):
            _ = TaskOutput(OUTDATED).record

    @pytest.mark.parametrize("version", [0, 2, "1", None])
    def test_an_unknown_version_too(self, folder, version):
        _change(folder / "scores.json", schema_version=version)
        with pytest.raises(OutdatedResultError, match=r"scores.json was written by an"):
            _ = TaskOutput(folder).finished

    @pytest.mark.parametrize(
        ("name", "ask"),
        [
            ("scores.json", lambda output: output.record),
            ("clusters.json", lambda output: output.clusters),
            ("assignments.parquet", lambda output: output.partition()),
            ("latent.npy", lambda output: output.latent),
            ("projections.parquet", lambda output: output.projections),
            ("examples.npz", lambda output: output.examples),
            ("model/recipe.json", lambda output: output.package),
        ],
    )
    def test_a_truncated_file_is_named_with_the_mend(self, folder, name, ask):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(ResultError) as error:
            ask(TaskOutput(folder))
        assert str(folder / name) in str(error.value)
        assert str(error.value).endswith("run the task again, or dvc repro")
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("name", ["scores.json", "assignments.parquet", "latent.npy"])
    def test_a_missing_file_is_named(self, folder, name):
        (folder / name).unlink()
        output = TaskOutput(folder)
        for read in (lambda: result_hash(folder), lambda: (output.finished, output.assignments, output.latent)):
            with pytest.raises(ResultError, match=f"{name} is missing; run the task again, or dvc repro"):
                read()

    @pytest.mark.parametrize(("change", "field"), [({"n_tracks": "many"}, "n_tracks"), ({"tracks": 60}, "tracks")])
    def test_wrong_fields_are_named(self, folder, change, field):
        _change(folder / "scores.json", **change)
        with pytest.raises(ResultError, match=rf"scores.json has other fields than it should \({field}: "):
            _ = TaskOutput(folder).record


def _change(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _counting(read, opened):
    def counted(path, *arguments, **options):
        opened[Path(getattr(path, "name", path)).name] += 1
        return read(path, *arguments, **options)

    return counted
