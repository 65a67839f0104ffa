"""Runs -> the rows that compare them; what saw a label is shown apart and never ranked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mlproject.evaluation.metrics import METRICS, TESTED
from mlproject.evaluation.scores import difference
from mlproject.evaluation.significance import Verdict, judge
from mlproject.experiment.label_audit import LabelUse
from mlproject.reporting.formatting import interval, markdown_table, number
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationRecord

__all__ = [
    "COLUMNS",
    "TITLES",
    "Row",
    "Verdicts",
    "ablation_rows",
    "leaderboard_markdown",
    "leaderboard_rows",
    "verdicts_by_run",
]

COLUMNS = (
    *("run", "task", "label_use", "clusterer", "n_tracks", "corpus", "seeds"),
    *METRICS,
    *(f"{what}_{metric}" for metric in TESTED for what in ("delta", "low", "high", "verdict", "this_run")),
    *("improvement_percent", "stability", "seconds", "memory_mib", "note"),
)
TITLES = {
    "label-free": "Label-free",
    "label-suspect": "Label-suspect (never ranked: a block alone tells the genre)",
    "label-informed": "Label-informed (never ranked: the genre reached the vectors)",
}
ORDER = (*TITLES, "not applicable")

Scores = Mapping[str, float | None]
Verdicts = Mapping[str, Verdict]


@dataclass(frozen=True)
class Row:
    """One run of a leaderboard."""

    name: str  # of the run in the comparison; `task` is that of its task
    task: str
    corpus: str
    label_use: LabelUse | Literal["not applicable"]
    clusterer: str | None = None
    n_tracks: int | None = None
    seeds: int = 1  # that scores are means over; see `ComparedRun.scores`
    scores: Scores = field(default_factory=dict)  # of the primary partition
    baseline: Scores = field(default_factory=dict)  # of PCA + K-Means
    this_run: Scores = field(default_factory=dict)  # of the one training whose clusters are shown
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)  # corrected over the table; empty: none
    stability: float | None = None  # seed-to-seed ARI
    costs: Mapping[str, float] = field(default_factory=dict)  # ``seconds`` and ``memory_mib``
    note: str = ""  # why the task was not applicable

    @property
    def evaluated(self) -> bool:
        """Whether the scores are known over seeds."""
        return self.seeds > 1

    @property
    def delta(self) -> Scores:
        """Differences to PCA + K-Means, None where one of the two is undefined."""
        return difference(self.scores, self.baseline)

    @property
    def improvement_percent(self) -> float | None:
        """The gain in AMI as a share of what PCA + K-Means scores, in percent."""
        gain, baseline = self.delta.get("ami"), self.baseline.get("ami")
        return None if gain is None or baseline is None or baseline <= 0 else 100 * gain / baseline  # 0: no share

    def columns(self) -> dict[str, Any]:
        """Return the row as leaderboard.csv has it, by `COLUMNS`."""
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        same = ("task", "label_use", "clusterer", "n_tracks", "corpus", "seeds", "stability", "note")
        row |= {name: getattr(self, name) for name in same}
        row |= {"run": self.name, "improvement_percent": self.improvement_percent}
        row |= {metric: self.scores.get(metric) for metric in METRICS} | dict(self.costs)
        for metric in TESTED:
            row[f"delta_{metric}"], row[f"this_run_{metric}"] = self.delta.get(metric), self.this_run.get(metric)
            if verdict := self.verdicts.get(metric):
                row |= {f"low_{metric}": verdict.low, f"high_{metric}": verdict.high, f"verdict_{metric}": verdict.word}
        return row


def judge_table(evaluations: Mapping[str, EvaluationRecord], *, level: float) -> dict[tuple[str, str], Verdict]:
    """Correct all claims of a table together: every label-free run's, on every metric; `level` is the chance of error.

    Evaluations go by the name of their run. The baseline itself, and what saw a label, claim nothing: no verdict.
    """
    claims = {
        (name, metric): tested.uncorrected
        for name, record in evaluations.items()
        if record.label_use == "label-free"
        for metric, tested in record.differences.items()
        if tested.standard_error > 0  # PCA never differs from itself
    }
    return judge(claims, level=level)


def verdicts_by_run(runs: Sequence[ComparedRun], *, level: float = 0.05) -> list[Verdicts]:
    """Return the verdicts of each run by metric, corrected over all runs together."""
    verdicts = judge_table({run.name: run.evaluated for run in runs if run.evaluated}, level=level)
    return [{metric: verdict for (name, metric), verdict in verdicts.items() if name == run.name} for run in runs]


def leaderboard_rows(runs: Iterable[ComparedRun], *, level: float = 0.05) -> list[Row]:
    """Return one row per run: label-free ones by falling AMI, then what saw a label, then what was not applicable."""
    runs = list(runs)
    rows = map(_row, runs, verdicts_by_run(runs, level=level))
    # Stable: equal ones, and what is never ranked, stay as given.
    return sorted(rows, key=lambda row: (ORDER.index(row.label_use), -_rank(row)))


def _rank(row: Row) -> float:
    return (row.scores.get("ami") or 0.0) if row.label_use == "label-free" else 0.0


def _row(run: ComparedRun, verdicts: Verdicts) -> Row:
    if absent := run.task.not_applicable:
        return Row(run.name, absent.task, absent.corpus, "not applicable", costs=run.costs, note=absent.reason)
    record, evaluation = run.task.record, run.evaluated
    return Row(
        name=run.name,
        task=record.task,
        corpus=record.corpus,
        label_use=run.label_use,
        clusterer=record.clusterer,
        n_tracks=record.n_tracks,
        seeds=run.seeds,
        scores=run.scores,
        baseline=run.baseline,
        this_run=record.primary_scores,
        verdicts=verdicts,
        stability=None if evaluation is None else evaluation.stability["task"],
        costs=run.costs,
    )


def ablation_rows(rows: Iterable[Row], names: Sequence[str]) -> list[Row]:
    """Return the rows of the named runs in the given order, whatever their label use."""
    by_name = {row.name: row for row in rows}
    return [by_name[name] for name in names if name in by_name]


Cell = Callable[[Row], str]
NAME: dict[str, Cell] = {"task": lambda row: row.name}
TRACKS: dict[str, Cell] = {"tracks": lambda row: str(row.n_tracks)}
GAIN: dict[str, Cell] = {
    "Δ ami, %": lambda row: (
        "–" if row.improvement_percent is None else f"{number(row.improvement_percent, 0, sign='+')} %"
    )
}
COSTS: dict[str, Cell] = {
    "training, s": lambda row: number(row.costs.get("seconds"), 0),
    "memory, MiB": lambda row: number(row.costs.get("memory_mib"), 0),
}


ONE_SEED = ("ami", "ari", "nmi", "purity", "accuracy")
MEANS = "Scores are means over the seeds of an evaluation; `this run` is the one training whose clusters are shown."


def _cells(rows: Sequence[Row]) -> dict[str, Cell]:
    """Columns by their titles: scores over seeds and verdicts, or scores of one seed where no run was evaluated."""
    costs = COSTS if any("seconds" in row.costs for row in rows) else {}
    if any(row.evaluated for row in rows):
        tested = {title: cell for metric in TESTED for title, cell in _tested(metric).items()}
        seeds: dict[str, Cell] = {"seeds": lambda row: str(row.seeds)}
        this_run: dict[str, Cell] = {"this run: ami": lambda row: number(row.this_run.get("ami"))}
        return TRACKS | seeds | tested | GAIN | costs | this_run
    scores = {metric: _score(metric) for metric in ONE_SEED}
    delta: dict[str, Cell] = {"Δ ami": lambda row: number(row.delta.get("ami"), sign="+")}
    return {"clusterer": lambda row: str(row.clusterer)} | TRACKS | scores | delta | GAIN | costs


def _score(metric: str) -> Cell:
    return lambda row: number(row.scores.get(metric))


def _tested(metric: str) -> dict[str, Cell]:
    def judged(write: Callable[[Verdict], str], missing: str) -> Cell:
        return lambda row: write(row.verdicts[metric]) if metric in row.verdicts else missing

    return {
        metric: _score(metric),
        f"Δ {metric}": lambda row: number(row.delta.get(metric), sign="+"),
        f"{metric} interval": judged(lambda verdict: interval(verdict.low, verdict.high), "–"),
        f"{metric} verdict": judged(lambda verdict: verdict.word, "none"),
    }


def leaderboard_markdown(rows: Sequence[Row], ablation: Sequence[Row] = ()) -> str:
    """Return the leaderboard as Markdown, one table for each label use, and the ablation by input."""
    corpora = sorted({row.corpus for row in rows})
    synthetic = " (synthetic: says nothing about music)" if "demo" in corpora else ""
    lines = ["# Leaderboard", "", f"Corpus: {', '.join(corpora)}{synthetic}"]
    lines += ["", MEANS] if any(row.evaluated for row in rows) else []
    cells = _cells(rows)
    for kind, title in TITLES.items():
        if chosen := [row for row in rows if row.label_use == kind]:
            lines += ["", f"## {title}", "", *_table(chosen, NAME | cells)]
    if ablation:
        label_use: dict[str, Cell] = {"label use": lambda row: row.label_use}
        lines += ["", "## Ablation by input", "", *_table(ablation, NAME | label_use | cells)]
    if absent := [row for row in rows if row.label_use == "not applicable"]:
        lines += ["", "## Not applicable", "", *(f"- {row.name}: {row.note}" for row in absent)]
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[Row], cells: Mapping[str, Cell]) -> list[str]:
    return markdown_table(list(cells), [[cell(row) for cell in cells.values()] for row in rows])
