"""A task that a run has logged -> its MLflow model, its version in the registry and its card."""

from pathlib import Path

from mlproject.reporting.model_card import model_card
from mlproject.results.compared_run import ComparedRun
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.registry import versions as registry
from mlproject.tracking.registry.packaging import log_model, served_hash
from mlproject.tracking.runs import Origin, TaskRun

__all__ = ["register_task"]


def register_task(run: TaskRun, output: TaskOutput, *, origin: Origin, requirements: Path, is_baseline: bool) -> str:
    """Make a task that an open run has logged a version of the registered model, with its card; return its number.

    The alias ``baseline`` moves to it with `is_baseline`: everything on its data is compared with that.
    """
    package, (recipe, _), record = output.folder / "model", output.package, output.record
    # What a version is, and on which data; the rest its run says.
    tags = {"task": record.task, "label_use": record.label_use, "verdict": "not evaluated"}
    tags |= {name: getattr(origin, name) for name in ("corpus", "data_hash", "baseline_hash")}
    tags |= {"baseline": "true"} if is_baseline else {}
    reads_lyrics = recipe.lyrics_model is not None
    version = registry.version_of_run(run.run_id)  # there where an earlier command was killed after this line
    if version is None:
        model = log_model(package, name=output.name, requirements=requirements, lyrics=reads_lyrics, tags=tags)
        version = registry.register(run, model, tags=tags | {"model_hash": served_hash(model.model_uri)})
    card = model_card(ComparedRun(output.name, output), address=registry.address(version), verdicts={})
    registry.describe(version, card)
    if is_baseline:
        registry.set_baseline(version)
    return version
