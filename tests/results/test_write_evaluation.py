"""An evaluation's files say what it found out, in the names that a task's record has."""

from __future__ import annotations

import pandas as pd
import pytest

from mlproject.config.models import CvaeConfig, VaeConfig
from mlproject.experiment.evaluate_task import evaluate_task
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.write_evaluation import write_evaluation
from tests.results.records import DIFFERENCE, VERDICT, evaluation_record
from tests.results.small_results import BASELINE, EVALUATION, TASK

CONFIG = EVALUATION.model_copy(update={"seeds": 2, "subsamples": 4, "control_seeds": 1})
VAE = TASK.model_copy(update={"model": VaeConfig(latent_dim=3, hidden=(8,), epochs=4)})


@pytest.mark.parametrize("task", [TASK, VAE])
def test_the_files_say_what_was_found_out(tmp_path, small_inputs, task):
    found = evaluate_task(task, BASELINE, CONFIG, small_inputs)
    written = write_evaluation(tmp_path, found, CONFIG, name="easy", description="A task.", corpus="demo")
    output = EvaluationOutput(tmp_path)
    record = output.record
    assert record == written.record
    assert (record.task, record.n_tracks, record.clusterer, record.label_use) == ("easy", 60, "kmeans", "label-free")
    assert (record.scores, record.baseline) == (found.scores, found.baseline)
    for metric, difference in found.replication.differences().items():
        assert record.differences[metric].uncorrected == difference
        assert record.differences[metric].low <= difference.estimate <= record.differences[metric].high
    assert (record.vae_diagnostics is None) == (task is TASK)
    assert output.seeds.seed.tolist() == [42, 43]
    assert output.seeds.task_ami.tolist() == pytest.approx(found.replication.task[:, 0].tolist())
    assert len(pd.read_csv(tmp_path / "subsamples.csv")) == 4
    assert pd.read_csv(tmp_path / "controls.csv").control.tolist() == [control.name for control in found.controls]


@pytest.mark.slow
def test_the_report_on_a_condition_keeps_its_thresholds(tmp_path, small_inputs):
    blocks = TASK.blocks.model_copy(update={"genre": "one_hot"})
    task = TASK.model_copy(update={"blocks": blocks, "model": CvaeConfig(latent_dim=3, hidden=(8,), epochs=2)})
    found = evaluate_task(task, BASELINE, CONFIG, small_inputs)
    write_evaluation(tmp_path, found, CONFIG, name="cvae", description="", corpus="demo")
    record = EvaluationOutput(tmp_path).record
    report, measured = record.conditioning, found.conditioning
    assert (report.largest_excess, report.smallest_swap_ratio) == (0.05, 1.5)
    assert [point.excess for point in report.curve] == [point.excess for point in measured.curve]
    assert report.unconditioned.swap_ratio is None
    assert {tested.verdict for tested in record.differences.values()} == {"none"}


def test_a_store_from_before_is_read_in_the_words_of_today():
    tested = DIFFERENCE | VERDICT | {"verdict": "no claim"}
    assert evaluation_record(differences={"ami": tested}).differences["ami"].verdict == "none"
