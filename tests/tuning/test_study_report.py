"""What a finished study leaves: task files that run, a summary, and how well each criterion pointed to AMI."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pandas as pd
import pytest
from optuna.trial import TrialState, create_trial

from mlproject.config.loading import load_config
from mlproject.config.tasks import TaskConfig
from mlproject.files import read_json
from mlproject.tuning.objectives import CRITERIA
from mlproject.tuning.report import correlations, summarise, write_report
from mlproject.tuning.shared_study import result_of
from mlproject.tuning.trial_table import best_trials
from tests.tuning.small_study import TASK, run_small


@pytest.fixture(autouse=True)
def _without_figures(monkeypatch):
    """Leave out what `test_figures` looks at."""
    monkeypatch.setattr("mlproject.tuning.report.draw_pictures", lambda *_: [])
    monkeypatch.setattr("mlproject.tuning.report.interactive_figures", lambda *_: [])


@pytest.fixture(scope="session")
def front_study(tmp_path_factory):
    """A small study of two objectives."""
    return run_small(tmp_path_factory.mktemp("front"), objective=("reconstruction", "latent_size"), trials=8)


def _outcome(ami, **criteria):
    return json.dumps({"criteria": criteria, "scores": {"ami": ami}})


def _trial(ami, state=TrialState.COMPLETE, **criteria):
    value = 0.0 if state == TrialState.COMPLETE else None
    return create_trial(state=state, value=value, user_attrs={"result": _outcome(ami, **criteria)})


def test_the_files_of_a_study(finished_study, tmp_path):
    summary = write_report(finished_study, tmp_path, None)
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")} == {
        "best.yaml",
        "study.html",
        "summary.json",
        "trials.csv",
    }
    assert read_json(tmp_path / "summary.json") == json.loads(json.dumps(summary))
    table = pd.read_csv(tmp_path / "trials.csv")
    assert table.number.tolist() == list(range(24))
    assert set(table["model.hidden"]) <= {"[16]", "[16, 8]"}


def test_the_best_task_file_is_the_best_trial_and_not_tuned_on_labels(finished_study, tmp_path):
    write_report(finished_study, tmp_path, None)
    task = load_config(TaskConfig, tmp_path / "best.yaml")
    (best,) = best_trials(finished_study.spec, finished_study.trials())
    assert task.model.latent_dim == best.params["model.latent_dim"]
    assert task.model.learning_rate == best.params["model.learning_rate"]
    assert (task.blocks, task.model.epochs) == (TASK.blocks, TASK.model.epochs)
    assert f"trial {best.number} of the study small" in task.description
    assert not task.tuned_on_labels


def test_what_an_oracle_has_found_says_so_for_ever(oracle_study, tmp_path):
    write_report(oracle_study, tmp_path, None)
    assert load_config(TaskConfig, tmp_path / "best.yaml").tuned_on_labels


def test_a_front_is_a_folder_of_task_files_without_former_ones(front_study, tmp_path):
    (tmp_path / "pareto").mkdir()
    (tmp_path / "pareto" / "trial-999.yaml").write_text("of a former front")
    write_report(front_study, tmp_path, None)
    front = best_trials(front_study.spec, front_study.trials())
    assert {path.name for path in (tmp_path / "pareto").iterdir()} == {f"trial-{one.number}.yaml" for one in front}
    for path in (tmp_path / "pareto").iterdir():
        load_config(TaskConfig, path)
    assert not (tmp_path / "best.yaml").exists()


def test_the_summary_is_written_last(finished_study, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mlproject.tuning.report.study_page", stop)
    with pytest.raises(KeyboardInterrupt):
        write_report(finished_study, tmp_path, None)
    assert not (tmp_path / "summary.json").exists()


def test_pca_default_chosen_and_oracle_stand_side_by_side(finished_study):
    trials, rows = finished_study.trials(), summarise(finished_study, None)["rows"]
    assert [row["who"] for row in rows] == ["PCA + K-Means", "default", "chosen", "oracle"]
    pca, default, chosen, oracle = rows
    assert pca["ami"] == finished_study.context["baseline"]["ami"]
    assert default["trial"] == 0
    assert chosen["trial"] == best_trials(finished_study.spec, trials)[0].number
    amis = [result_of(trial)["scores"]["ami"] for trial in trials]
    assert oracle["ami"] == max(amis)
    assert default["ami"] == amis[0]


def test_optimism_is_of_oracles_alone(finished_study, oracle_study):
    assert summarise(finished_study, None)["optimism"] is None
    summary = summarise(oracle_study, None)
    assert summary["label_use"] == "label-informed"
    assert "oracle" not in [row["who"] for row in summary["rows"]]
    found = result_of(best_trials(oracle_study.spec, oracle_study.trials())[0])
    assert summary["optimism"]["metric"] == "ami"
    assert summary["optimism"]["chosen"] == {"tuning": found["tuning"]["ami"], "held_out": found["held_out"]["ami"]}
    assert set(summary["optimism"]) == {"metric", "chosen", "default"}


def test_a_front_has_no_chosen_trial(front_study):
    summary = summarise(front_study, None)
    assert [row["who"] for row in summary["rows"]] == ["PCA + K-Means", "default", "oracle"]
    assert [set(one["values"]) for one in summary["best"]] == [{"reconstruction", "latent_size"}] * len(summary["best"])


AMIS = [number / 40 for number in range(20)]


def test_a_criterion_that_is_minimised_points_the_right_way_when_it_falls():
    found = correlations([_trial(ami, common_silhouette=ami, reconstruction=-ami) for ami in AMIS])
    assert found["common_silhouette"] == pytest.approx(1)
    assert found["reconstruction"] == pytest.approx(1)


def test_fewer_than_twenty_trials_have_no_correlation():
    assert set(correlations([_trial(ami, neighbours=ami) for ami in AMIS[1:]]).values()) == {None}


def test_what_does_not_vary_or_is_unknown_has_no_correlation():
    trials = [_trial(ami, common_silhouette=0.5, reconstruction=None, neighbours=ami) for ami in AMIS]
    found = correlations(trials)
    assert (found["common_silhouette"], found["reconstruction"], found["silhouette"]) == (None, None, None)
    assert set(found) == set(CRITERIA)
    assert set(correlations([_trial(0.1, neighbours=one) for one in range(20)]).values()) == {None}
    assert set(correlations([_trial(None, neighbours=one) for one in range(20)]).values()) == {None}


def test_failed_trials_are_no_part_of_a_correlation():
    trials = [_trial(ami, neighbours=ami) for ami in AMIS]
    trials.append(_trial(9.0, TrialState.FAIL, neighbours=-9.0))
    assert correlations(trials)["neighbours"] == pytest.approx(1)


def test_a_summary_says_from_how_many_trials_a_correlation_is(finished_study):
    assert summarise(finished_study, None)["criteria_trials"]["neighbours"] == 24


def test_a_verdict_becomes_rows(finished_study):
    word = SimpleNamespace(low=-0.1, high=0.3, p_value=0.4, word="ties")
    verdict = SimpleNamespace(
        scores={"chosen": {"ami": 0.5, "silhouette": 0.1}},
        differences={("chosen", "default", "ami"): (0.1, word)},
        by_artist=True,
    )
    record = summarise(finished_study, verdict)["verdict"]
    assert record["by_artist"] is True
    assert record["scores"]["chosen"] == {"ami": 0.5, "ari": None, "nmi": None, "purity": None}
    (row,) = record["differences"]
    assert (row["side"], row["against"], row["metric"], row["verdict"]) == ("chosen", "default", "ami", "ties")
    assert (row["estimate"], row["low"], row["high"], row["adjusted_p"]) == (0.1, -0.1, 0.3, 0.4)
