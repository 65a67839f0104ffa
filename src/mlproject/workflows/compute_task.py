"""A task on a loaded corpus -> the folder of its result. Nothing is drawn and nothing is tracked here."""

from dataclasses import replace
from pathlib import Path

from mlproject.experiment.requirements import check_task
from mlproject.experiment.run_task import TaskResult, run_task
from mlproject.models.factory import encoder_class
from mlproject.prediction.package import Recipe
from mlproject.results.write_task import record_of, write_task
from mlproject.workflows.inputs import LoadedCorpus, load_track_facts, lyrics_model
from mlproject.workflows.jobs import Job
from mlproject.workflows.measured import Computed, peak_memory
from mlproject.workspace.console import bars_are_shown
from mlproject.workspace.paths import Workspace

__all__ = ["compute_task"]


def compute_task(
    workspace: Workspace, job: Job, corpus: LoadedCorpus, folder: Path, *, projections: bool = True
) -> Computed:
    """Train, cluster and score one task beside PCA + K-Means, and write the files of its result into a folder.

    With `projections`, what figures show is computed too. Raises as `check_task`: `NotApplicableError` if the corpus
    lacks an input that the task names, `TooFewTracksError` if the model or the clusterers need more tracks.
    """
    rows = check_task(job.task, corpus.baseline, job.evaluation, corpus.inputs)
    facts = load_track_facts(workspace, job.task).take(rows)
    result = _train(job, corpus)
    result = replace(result, remarks=(*job.lowered, *result.remarks))
    if any(finding.red and finding.block == "lyrics" for finding in result.findings):
        facts = replace(facts, words=None)  # a cluster's name must not be a genre in disguise
    mfcc = corpus.inputs.mfcc if job.task.blocks.audio == "mfcc" else None
    record = record_of(
        result,
        name=job.name,
        description=job.task.description,
        corpus=corpus.facts.corpus,
        clusterer=job.evaluation.primary,
        seed=job.evaluation.clustering_seed,
        frame_seconds=None if mfcc is None else corpus.frame_seconds,
    )
    package, read = _recipe(workspace, job, corpus, result), None if mfcc is None else mfcc[rows]
    output = write_task(folder, result, record, facts=facts, package=package, mfcc=read, projections=projections)
    seconds = {f"seconds/{step}": value for step, value in result.task.seconds.items()}
    return Computed(output, seconds | {"memory/peak_mib": peak_memory()})


def _train(job: Job, corpus: LoadedCorpus) -> TaskResult:
    from tqdm import tqdm

    trains = encoder_class(job.task.model.name).trains
    epochs = job.task.model.encoder_settings()["epochs"] if trains else None
    hidden = not (trains and bars_are_shown())
    with tqdm(total=epochs, desc=f"training {job.name}", unit=" epochs", delay=2, disable=hidden) as bar:

        def on_epoch(_: int, loss: float) -> None:
            bar.update()
            bar.set_postfix(loss=f"{loss:.4f}", refresh=False)

        return run_task(job.task, corpus.baseline, job.evaluation, corpus.inputs, on_epoch=on_epoch)


def _recipe(workspace: Workspace, job: Job, corpus: LoadedCorpus, result: TaskResult) -> Recipe:
    """Say how new music gets into the task's design matrix, or why it cannot."""
    derived, refusal = result.design.matrix.label_derived, None
    if derived:
        refusal = (
            f"{job.name} was trained with the genre ({', '.join(derived)}), which nobody knows of new music; "
            "take a label-free model"
        )
    elif corpus.facts.holds != "audio":
        refusal = f"{job.name} was trained on the columns of a feature table, which are not computed from audio here"
    return Recipe(
        task=job.name,
        refusal=refusal,
        audio=job.task.blocks.audio,
        features=corpus.audio,
        columns=dict(result.design.matrix.columns),
        lyrics_model=lyrics_model(workspace) if job.task.blocks.lyrics else None,
        clusterer=job.evaluation.primary,
        sample_rate=corpus.facts.sample_rate,
        clip_seconds=corpus.facts.clip_seconds,
        clip_from=corpus.facts.clip_from,
    )
