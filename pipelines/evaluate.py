"""Entry point and stage `evaluate@T`: seeds, subsamples, controls, audit and the verdict on one task.

mlflow run . -e evaluate -P task=deep --env-manager local
python -m pipelines.evaluate task=deep evaluation.seeds=3 evaluation.subsamples=20
python -m pipelines.evaluate --help
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlproject.config.overrides import apply
from mlproject.errors import ConfigError, NotApplicableError
from mlproject.experiment.evaluate_task import check_evaluation, evaluate_task
from mlproject.experiment.requirements import reference_task
from mlproject.files import atomic_folder
from mlproject.reporting.evaluation.files import write_evaluation_figures
from mlproject.results.write_evaluation import evaluation_of, write_evaluation, write_no_evaluation
from pipelines import _workspace as workspace
from pipelines._command import key_values, progress_bar, run_command, say, wants_help
from pipelines._help import evaluate_help
from pipelines._inputs import load_inputs

DEFAULT_TASK = "medium"


def main(arguments: list[str]) -> None:
    """Evaluate one task as a parent run with its seeds and controls as children; with ``stage=T``, as DVC's stage."""
    if wants_help(arguments):
        print(evaluate_help())
        return
    changes = key_values(arguments)
    stage = changes.pop("stage", None)
    name = stage or changes.pop("task", DEFAULT_TASK)
    if stage is not None and (changes or stage not in workspace.task_names()):
        raise ConfigError("stage=T is DVC's own and takes no other key; evaluate a task with task=T")
    workspace.check_all_configs()
    if name == "all":
        raise ConfigError("task=all: name one task; dvc repro evaluates all of them")
    if stage is None:
        workspace.check_source()
    task, evaluation = apply(workspace.task_config(name), workspace.evaluation_config(), changes)
    uri, commit = workspace.tracking_uri(), workspace.commit()
    if stage is None:
        workspace.bring_up_to_date(*workspace.feature_stages(task.blocks))
    title = " ".join(["evaluate", name, *(f"{key}={value}" for key, value in changes.items())])
    corpus, (_, inputs) = workspace.corpus_facts()["corpus"], load_inputs()
    baseline = reference_task(workspace.task_config("baseline"), inputs)
    with _folder(name, stage) as folder:
        try:
            check_evaluation(task, baseline, evaluation, inputs)
        except NotApplicableError as error:
            _not_applicable(name, corpus, str(error), folder)
            return
        from mlproject.tracking.evaluation_runs import log_evaluation
        from mlproject.tracking.runs import open_run

        with open_run(uri, title, task=name) as run:
            found = evaluate_task(task, baseline, evaluation, inputs, progress=_progress(name))
            record = evaluation_of(found, evaluation, name=name, corpus=corpus, description=task.description)
            write_evaluation(folder, record, found)
            if evaluation.figures:
                write_evaluation_figures(folder, record, progress=progress_bar("drawing", unit=" figures"))
            params = workspace.run_params(name, task, evaluation)
            origin = workspace.origin(commit, task, evaluation)
            log_evaluation(run, record, params=params, origin=origin, folder=folder)
        _show(record, run.name)


def _progress(name: str) -> Callable[[str, int], Any]:
    return lambda what, count: progress_bar(f"{name}: {what}", count)


def _not_applicable(name: str, corpus: str, reason: str, folder: Path) -> None:
    from mlproject.tracking.runs import tag_started_run

    say(f"the evaluation of {name} is not applicable: {reason}")
    tag_started_run("not applicable", reason)
    write_no_evaluation(folder, name=name, corpus=corpus, reason=reason)


@contextmanager
def _folder(name: str, stage: str | None) -> Iterator[Path]:
    """Where the files go: only DVC's own stage writes artifacts/evaluation."""
    if stage:
        with atomic_folder(workspace.EVALUATIONS / name) as folder:
            yield folder
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def _show(record: dict[str, Any], run_name: str) -> None:
    from rich.console import Console

    from mlproject.reporting.terminal import evaluation_tables

    for table in evaluation_tables(record):
        Console().print(table)
    print(f"run: {run_name!r} in the experiment {workspace.experiment_name()!r}; its seeds and controls are children")
    print("figures and tables are among its artifacts; look at them: make ui")


if __name__ == "__main__":
    run_command(main)
