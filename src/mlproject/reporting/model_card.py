"""A model's card: what went in, how it scored and how surely, what it cannot do, how to load it."""

from collections.abc import Sequence

from mlproject.prediction.package import ClusterDescription
from mlproject.reporting.comparison.leaderboard import Verdicts
from mlproject.reporting.formatting import interval, markdown_table, number
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationRecord
from mlproject.results.task_record import TaskRecord

__all__ = ["SCORES", "difference_lines", "model_card", "run_note"]

SHOWN = 20  # clusters; a registry on PostgreSQL takes 5,000 characters
SCORES = ("ami", "ari", "nmi", "purity", "silhouette")  # of the many, as a page shows them


def model_card(run: ComparedRun, *, address: str, verdicts: Verdicts) -> str:
    """Return a model's description as Markdown; its first line is plain text, which lists show alone.

    `verdicts` are by metric, corrected over a table; empty for what was not evaluated or claims nothing.
    """
    record, (recipe, known) = run.task.record, run.task.package
    parts = [
        *_findings(run, verdicts, "this model"),
        ["### Clusters"],
        _clusters(known.clusters),
        ["### Limits"],
        _limits(record, recipe.refusal, run.evaluated),
        ["### Use"],
        _use(recipe.refusal, address),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def run_note(run: ComparedRun, *, report: str, verdicts: Verdicts) -> str:
    """Return the description of a task's run as Markdown: what it is, its scores, and the address of its report."""
    has_report = run.task.projections is not None
    link = [f"[Open the report]({report}): projection, clusters and tracks."] if has_report else []
    parts = [*_findings(run, verdicts, "this run"), link]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _findings(run: ComparedRun, verdicts: Verdicts, this: str) -> list[list[str]]:
    record = run.task.record
    audited = run.audited  # an evaluation looks further for labels
    demo = " **Rendered clips: the scores say nothing about music.**" if record.is_demo else ""
    return [
        [f"{record.task}: {record.description}"],
        [f"{record.n_tracks} tracks of the {record.corpus} corpus; {audited.label_use}.{demo}"],
        [f"**{audited.label_warning}**"] if audited.label_warning else [],
        _scores(run, this),
        ["PCA + K-Means itself, which all other tasks are compared with."]
        if record.is_baseline
        else _verdicts(run.evaluated, verdicts),
    ]


def _scores(run: ComparedRun, this: str) -> list[str]:
    """Return a table of the means over seeds with the one training beside them, or of this alone."""
    record, evaluated = run.task.record, run.evaluated
    head = [record.clusterer, this if evaluated is None else f"mean of {run.seeds} seeds", "PCA + K-Means"]
    rows = [[metric, *map(number, run.beside_chance(metric))] for metric in SCORES]
    if evaluated is None:
        return markdown_table([*head, "chance, up to"], rows)
    own = [number(record.primary_scores.get(metric)) for metric in SCORES]
    return markdown_table([*head, "chance, up to", this], [[*row, cell] for row, cell in zip(rows, own, strict=True)])


def _verdicts(evaluation: EvaluationRecord | None, verdicts: Verdicts) -> list[str]:
    if evaluation is None:
        return ["Not evaluated: the scores are of one training; no interval, no verdict."]
    head = f"Over {evaluation.seeds} seeds and {evaluation.subsamples} subsamples:"
    lines = [f"{line}**{verdict}**" for line, verdict in difference_lines(evaluation, verdicts)]
    return [head, "", *lines] if lines else [head]


def difference_lines(evaluation: EvaluationRecord, verdicts: Verdicts) -> list[tuple[str, str]]:
    """Return one Markdown item per tested metric up to its verdict, and the verdict: of the table, else of the task."""
    lines = []
    for metric, tested in evaluation.differences.items():
        judged = verdicts.get(metric)
        word = str(tested.verdict if judged is None else judged.word)
        limits = interval((judged or tested).low, (judged or tested).high)
        difference = number(tested.estimate, sign="+")
        lines.append((f"- {metric}: {difference} against PCA + K-Means ({limits}): ", word))
    return lines


def _clusters(clusters: Sequence[ClusterDescription]) -> list[str]:
    more = len(clusters) - SHOWN  # of 1,000 clusters a card shows twenty
    return [*map(_cluster, clusters[:SHOWN]), *([f"- and {more} more"] if more > 0 else [])]


def _cluster(cluster: ClusterDescription) -> str:
    genres = ", ".join(f"{genre} {count}" for genre, count in list((cluster.genres or {}).items())[:3])
    return f"- {cluster.cluster}: {cluster.name} ({cluster.size} tracks{f': {genres}' if genres else ''})"


def _limits(record: TaskRecord, refusal: str | None, evaluation: EvaluationRecord | None) -> list[str]:
    limits = [
        "Music unlike all of the tracks above is put into a cluster all the same: look at `confidence`.",
        "The names of clusters come from features and lyrics; genres are those of the known tracks in each.",
    ]
    if evaluation is not None and not evaluation.by_artist:
        limits.append("Artists are not known: tracks of one artist in one cluster flatter the scores.")
    if record.lyrics_coverage is not None:
        limits.append("A track without lyrics is placed by its sound; a model that encodes both gets average words.")
    return [f"- {line}" for line in [*limits, *([refusal] if refusal else [])]]


def _use(refusal: str | None, address: str) -> list[str]:
    if refusal:
        return ["It places no new music; its vectors and clusters are among the run's artifacts."]
    return [
        "```",
        f"mlflow run . -e predict -P input=FOLDER -P output=clusters.csv -P model={address} --env-manager local",
        f'mlflow.pyfunc.load_model("{address}").predict(pandas.DataFrame({{"path": ["song.mp3"]}}))',
        "```",
    ]
