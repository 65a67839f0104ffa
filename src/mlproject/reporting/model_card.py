"""A model's card: what went in, how it scored and how surely, what it cannot do, how to load it."""

from collections.abc import Sequence

from mlproject.prediction.package import ClusterDescription
from mlproject.reporting.formatting import interval, markdown_table, number
from mlproject.results.evaluation_record import EvaluationRecord
from mlproject.results.task_output import TaskOutput
from mlproject.results.task_record import TaskRecord

__all__ = ["difference_lines", "model_card"]

SHOWN = 20  # clusters; a registry on PostgreSQL takes 5,000 characters
SCORES = ("ami", "ari", "nmi", "purity", "silhouette")


def model_card(output: TaskOutput, *, address: str, evaluation: EvaluationRecord | None = None) -> str:
    """Return a model's description as Markdown; `evaluation` has verdicts that are corrected over a table."""
    record, (recipe, known) = output.record, output.package
    audited = evaluation or record  # an evaluation looks further for labels
    demo = " **Rendered clips: the scores say nothing about music.**" if record.is_demo else ""
    parts = [
        [f"**{record.task}**: {record.description}"],
        [f"Trained on {record.n_tracks} tracks of the {record.corpus} corpus; {audited.label_use}.{demo}"],
        [f"**{audited.label_warning}**"] if audited.label_warning else [],
        _scores(record),
        _verdicts(evaluation),
        ["### Clusters"],
        _clusters(known.clusters),
        ["### Limits"],
        _limits(record, recipe.refusal, evaluation),
        ["### Use"],
        _use(recipe.refusal, address),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _scores(record: TaskRecord) -> list[str]:
    rows = [[metric, *map(number, record.beside_chance(metric))] for metric in SCORES]
    return markdown_table([record.clusterer, "this model", "PCA + K-Means", "chance, up to"], rows)


def _verdicts(evaluation: EvaluationRecord | None) -> list[str]:
    if evaluation is None:
        return ["Not evaluated: no interval, no verdict."]
    head = f"Over {evaluation.seeds} seeds and {evaluation.subsamples} subsamples:"
    lines = [f"{line}**{verdict}**" for line, verdict in difference_lines(evaluation)]
    return [head, "", *lines] if lines else [head]


def difference_lines(evaluation: EvaluationRecord) -> list[tuple[str, str]]:
    """Return one Markdown item per tested metric up to its verdict, and the verdict."""
    lines = []
    for metric, tested in evaluation.differences.items():
        difference, limits = number(tested.estimate, sign="+"), interval(tested.low, tested.high)
        lines.append((f"- {metric}: {difference} against PCA + K-Means ({limits}): ", str(tested.verdict)))
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
