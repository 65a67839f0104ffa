"""The tables of docs/results.md, each from plain records to lines of Markdown; empty where there is nothing to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlproject.evaluation.metrics import TESTED, metric_label
from mlproject.reporting.formatting import markdown_table, number

__all__ = [
    "ablation_table",
    "baseline_table",
    "clusterer_table",
    "conditioning_table",
    "fault_table",
    "finished",
    "is_reference",
    "model_table",
    "of_kind",
    "original_table",
    "ranked_table",
    "side_table",
    "silhouette_table",
    "unranked_table",
]

Record = Mapping[str, Any]
Lines = list[str]

SCORED = (*TESTED, "nmi")
ORIGINAL = ("silhouette", "nmi", "ari", "purity")
REFERENCE = "*PCA + K-Means, the reference*"
PCA, UNTRAINED = "PCA on the same blocks", "untrained encoder"
TAUGHT = "supervised reference"
TAUGHT_BEFORE = "supervised probe"  # records of another formula: one scale per axis, a fixed penalty
BASELINES = (
    ("zscores", "z-scored statistics + K-Means (`zscores`)", "label-free"),
    ("hard", "leaky oracle (`hard`): **has seen the genres**", "label-informed"),
)
ABSENT = ["not applicable", *"–––"]
MARKS = {"label-free": "", "label-suspect": " (label-suspect)", "label-informed": " (label-informed)"}


def finished(corpus: Record) -> list[Record]:
    """Return the records of tasks that ran."""
    return [task for task in corpus["tasks"] if task["status"] == "finished"]


def of_kind(corpus: Record, kind: str) -> list[Record]:
    """Return the finished tasks of one label use by falling AMI."""
    chosen = [task for task in finished(corpus) if task["label_use"] == kind]
    return sorted(chosen, key=_falling_ami)


def is_reference(task: Record) -> bool:
    """Whether a task is PCA + K-Means itself: label-free, and never different from it."""
    differences = task["differences"].values()
    return bool(differences) and all(one["verdict"] is None and one["estimate"] == 0 for one in differences)


def ranked_table(corpus: Record) -> Lines:
    """Rank the label-free tasks, the reference among them, with differences and verdicts."""
    tasks = of_kind(corpus, "label-free")
    if not any(map(is_reference, tasks)):
        reference = corpus["reference"]
        scores = {"scores": reference, "stability": reference["stability"], "differences": {}}
        tasks = sorted([*tasks, {"task": None, "tracks": corpus["tracks"], **scores}], key=_falling_ami)
    head = ["task", *_titles(SCORED), *(f"{metric_label(name)} against PCA + K-Means" for name in TESTED), "stability"]
    body = [
        [_ranked_name(task, corpus), *_scores(task["scores"]), *_claims(task), number(task["stability"])]
        for task in tasks
    ]
    return markdown_table(head, body)


def unranked_table(corpus: Record, kind: str) -> Lines:
    """List tasks of a kind that is never ranked, by name, with what is wrong with each."""
    tasks = sorted(of_kind(corpus, kind), key=lambda task: str(task["task"]))
    rows = [
        [_name(task, corpus), *_scores(task["scores"]), number(task["stability"]), task["suspicion"]] for task in tasks
    ]
    return markdown_table(["task", *_titles(SCORED), "stability", "why it is not ranked"], rows)


def baseline_table(corpus: Record) -> Lines:
    """List what any result has to be seen beside."""
    chance, by_task = corpus["chance"], {task["task"]: task for task in finished(corpus)}
    rows = [
        ["chance, mean", *(number(chance[name]["mean"]) for name in SCORED)],
        ["chance, 97.5th percentile", *(number(chance[name]["upper"]) for name in SCORED)],
        ["PCA + K-Means (the reference)", *_scores(corpus["reference"])],
    ]
    for name, title, kind in BASELINES:
        task = by_task.get(name)
        applies = task is not None and task["label_use"] == kind
        rows.append([title, *(_scores(task["scores"]) if task and applies else ABSENT)])
    free = of_kind(corpus, "label-free")
    for name, title in ((UNTRAINED, "untrained encoder"), (PCA, "PCA on the same blocks")):
        named = next(((task["task"], scores) for task in free if (scores := _control(task, name))), None)
        who = f" (as `{named[0]}`)" if named else ""
        rows.append([f"{title} + K-Means{who}", *(_scores(named[1]) if named else ABSENT)])
    taught = [(scores, task["task"]) for task in free if (scores := _taught(task))]
    if taught:
        best, name = max(taught, key=lambda one: float(one[0]["ami"]))
        rows.append([f"best {TAUGHT}, on `{name}`: **has seen the genres**", *_scores(best)])
    return markdown_table(["baseline", *_titles(SCORED)], rows)


def model_table(corpus: Record) -> Lines:
    """Tell inputs and models apart: each task beside PCA of its blocks, its encoder untrained, and a classifier."""
    rows = []
    for task in (*of_kind(corpus, "label-free"), *_not_free(corpus)):
        controls = [_control(task, PCA), _control(task, UNTRAINED), _taught(task)]
        if any(scores is not None for scores in controls):
            rows.append([_marked(task), *(_triple(scores) for scores in (task["scores"], *controls))])
    table = markdown_table(["task", "itself", PCA, UNTRAINED, f"{TAUGHT} (**has seen the genres**)"], rows)
    if any(_control(task, TAUGHT_BEFORE) for task in finished(corpus)):
        table += ["", f"The {TAUGHT} here is its predecessor's: one scale for each axis, and a fixed penalty."]
    return table


def side_table(corpus: Record) -> Lines:
    """Show the AMI of each task that has words or a condition under the controls of these."""
    tasks = [*of_kind(corpus, "label-free"), *_not_free(corpus)]
    common = (PCA, UNTRAINED, TAUGHT, TAUGHT_BEFORE)
    names = dict.fromkeys(one["name"] for task in tasks for one in task["controls"] if one["name"] not in common)
    rows = []
    for task in tasks:
        controls = [_control(task, name) for name in names]
        if any(controls):
            cells = ("–" if scores is None else number(scores["ami"]) for scores in controls)
            rows.append([_marked(task), number(task["scores"]["ami"]), *cells])
    return markdown_table(["task", "itself", *names], rows)


def ablation_table(corpus: Record) -> Lines:
    """Show the tasks that differ by their input alone, in the order given."""
    by_task = {task["task"]: task for task in finished(corpus)}
    rows = [
        [f"`{name}`", task["label_use"], *_scores(task["scores"])]
        for name in corpus["ablation"]
        if (task := by_task.get(name))
    ]
    return markdown_table(["task", "label use", *_titles(SCORED)], rows)


def clusterer_table(corpus: Record) -> Lines:
    """Show the AMI of each clusterer on each representation."""
    tasks = [*of_kind(corpus, "label-free"), *_not_free(corpus)]
    names = dict.fromkeys(name for task in tasks for name in task["clusterers"])
    rows = [
        [_marked(task), *(number(task["clusterers"].get(name, {}).get("ami")) for name in names)]
        for task in tasks
        if task["clusterers"]
    ]
    return markdown_table(["task", *names], rows)


def silhouette_table(corpus: Record) -> Lines:
    """Show each silhouette beside its nulls, and the same partitions across spaces, by name: it ranks nothing."""
    rows = []
    for task in sorted(finished(corpus), key=lambda one: str(one["task"])):
        matrix, nulls = task["silhouettes"], task["silhouette_null"]
        silhouette, null = matrix["this task"]["this task"], [nulls["permuted"], nulls["gaussian"]]
        excess = None if silhouette is None or None in null else silhouette - max(null)
        cells = [matrix["this task"]["PCA"], matrix["PCA + K-Means"]["this task"], matrix["true genres"]["this task"]]
        rows.append([_marked(task), *map(number, (silhouette, *null)), _signed(excess), *map(number, cells)])
    head = ["task", "own partition, own space", "null: columns permuted", "null: Gaussian", "excess"]
    spaces = ["own partition, PCA space", "PCA's partition, own space", "true genres, own space"]
    return markdown_table([*head, *spaces], rows)


def fault_table(full: Record) -> Lines:
    """Show scores on all tracks and on those without a known fault."""
    reference = next((task for task in finished(full) if task["baseline_without_faults"]), None)
    rows = [
        [_marked(task), _triple(task["scores"]), _triple(task["without_faults"])]
        for task in (*of_kind(full, "label-free"), *_not_free(full))
    ]
    if reference:
        rows.append([REFERENCE, _triple(full["reference"]), _triple(reference["baseline_without_faults"])])
    head = ["task", f"all {full['tracks']} tracks", f"{full['tracks'] - full['faults']} without faults"]
    return markdown_table(head, rows)


def conditioning_table(report: Record) -> Lines:
    """Show the curve over the penalty, after the VAE that has no condition."""
    rows = [
        [
            "no condition" if point["penalty"] is None else f"{point['penalty']:g}",
            _signed(point["excess"]),
            number(point["hsic_p"]),
            number(point["swap_ratio"], 2),
            number(point["error"]),
            number(point["cost"], 2),
            number(point["active_units"], 1),
        ]
        for point in (report["unconditioned"], *report["curve"])
    ]
    head = ["penalty", "probes above their permuted level", "HSIC p", "error swapped / true", "held-out error"]
    return markdown_table([*head, "cost (error / without a condition)", "active units"], rows)


def original_table(original: Record, sample: Record) -> Lines:
    """Show what was claimed, printed, and is measured here, row under row."""
    here = {task["task"]: task for task in finished(sample)}
    rows = []
    for row in original["rows"]:
        mark = " (words or condition made from the genre)" if row["label_derived"] else ""
        claimed = ["claimed (README)", "–", *_original(row["claimed"], 2)]
        printed = ["printed (its outputs)", str(row["printed"]["tracks"]), *_original(row["printed"], 3)]
        first, *others = ([claimed] if row["claimed"] else []) + [printed]
        rows += [[f"**{row['system']}**{mark}", *first], *(["", *other] for other in others)]
        if stored := row["measured"]:
            rows.append(["", "its stored arrays, scored here", str(stored["tracks"]), *_original(stored, 3)])
        if task := here.get(row["task"]):
            unlike = "other tracks and words" if row["label_derived"] else "other tracks"
            seeds = f"mean of {sample['seeds']} seeds" if row["clusterer"] == sample["clusterer"] else "one seed"
            scores = task["scores"] if row["clusterer"] == sample["clusterer"] else task["clusterers"][row["clusterer"]]
            what = f"`{row['task']}` here, {seeds}, **{unlike}**{MARKS[task['label_use']]}"
            rows.append(["", what, str(task["tracks"]), *_original(scores, 3)])
    return markdown_table(["system", "whose number", "tracks", *_titles(ORIGINAL)], rows)


def _falling_ami(task: Record) -> tuple[float, str]:
    ami = task["scores"]["ami"]
    return (-ami if ami is not None else 2.0, str(task["task"]))


def _not_free(corpus: Record) -> list[Record]:
    marked = [task for task in finished(corpus) if task["label_use"] != "label-free"]
    return sorted(marked, key=lambda task: str(task["task"]))


def _ranked_name(task: Record, corpus: Record) -> str:
    if task["task"] is None:
        return REFERENCE
    return _name(task, corpus) + (" (the reference itself)" if is_reference(task) else "")


def _name(task: Record, corpus: Record) -> str:
    fewer = "" if task["tracks"] == corpus["tracks"] else f" ({task['tracks']} tracks)"
    return f"`{task['task']}`{fewer}"


def _marked(task: Record) -> str:
    return f"`{task['task']}`{MARKS[task['label_use']]}"


def _claims(task: Record) -> list[str]:
    return [_claim(task["differences"].get(name)) for name in TESTED]


def _claim(tested: Record | None) -> str:
    if tested is None or tested["verdict"] is None:
        return "–"
    interval = f"[{_signed(tested['low'])}, {_signed(tested['high'])}]"
    return f"{_signed(tested['estimate'])} {interval} **{tested['verdict']}**"


def _control(task: Record, name: str) -> Record | None:
    return next((one["scores"] for one in task["controls"] if one["name"] == name), None)


def _taught(task: Record) -> Record | None:
    return _control(task, TAUGHT) or _control(task, TAUGHT_BEFORE)


def _titles(metrics: Iterable[str]) -> list[str]:
    return list(map(metric_label, metrics))


def _scores(scores: Record) -> list[str]:
    return [number(scores[name]) for name in SCORED]


def _original(scores: Record | None, digits: int) -> list[str]:
    return [number(None if scores is None else scores[name], digits) for name in ORIGINAL]


def _triple(scores: Record | None) -> str:
    return "–" if scores is None else " / ".join(number(scores[name]) for name in TESTED)


def _signed(value: float | None) -> str:
    return number(value, sign="+")
