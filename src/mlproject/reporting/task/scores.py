"""Scores as bars, and the loss by epoch. An undefined score is shown as n/a, never as 0."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

from mlproject.evaluation.external import purity
from mlproject.evaluation.metrics import INTERNAL_METRICS, METRICS, metric_label
from mlproject.reporting.formatting import clusterer_label, short_number
from mlproject.reporting.style import INK, TASK_COLOUR, annotate_end, label_axes, plain
from mlproject.reporting.task.context import Method, TaskFigures
from mlproject.results.task_record import Training
from mlproject.seeding import generator

__all__ = ["loss_by_epoch", "methods_compared", "metric_bars"]

_OWN_SPACE = "own space: not comparable between representations"
_UNDEFINED = (
    "n/a: not defined, because some tracks are noise or the number of clusters is not the one that was asked for "
    "(such metrics reward noise)."
)
_SHUFFLES = 20
_BARS = [metric for metric in METRICS if metric in ("ami", "ari", "purity", "silhouette")]
_AGAINST_GENRES = [metric for metric in METRICS if metric in ("ami", "ari", "nmi", "purity")]


class Clustered(NamedTuple):
    """One method and one clusterer of it."""

    method: Method
    clusterer: str

    def score(self, metric: str) -> float | None:
        """Return one of its scores, None where it is undefined."""
        return self.method.scores[self.clusterer].get(metric)

    @property
    def label(self) -> str:
        """What it is called, with what is unusual about its partition."""
        name = f"{self.method.label} · {clusterer_label(self.clusterer)}"
        coverage, clusters = self.score("coverage"), self.score("n_clusters")
        if self.score("silhouette") is not None or coverage is None or clusters is None:
            return name
        return f"{name}\n({clusters:.0f} cluster{'s' * (clusters != 1)}, {1 - coverage:.0%} noise)"


def _clustered(context: TaskFigures) -> list[Clustered]:
    return [Clustered(method, clusterer) for method in context.methods for clusterer in method.scores]


def metric_bars(context: TaskFigures) -> Figure:
    """Draw the main metrics of every clusterer, the task beside the PCA baseline.

    AMI, ARI, purity and silhouette; without labels silhouette, Calinski-Harabasz and Davies-Bouldin.
    """
    labelled, methods = context.genres is not None, context.methods
    metrics = _BARS if labelled else list(INTERNAL_METRICS)
    note = _UNDEFINED if any(one.score(metric) is None for one in _clustered(context) for metric in metrics) else ""
    note += f" Chance of purity: mean over {_SHUFFLES} shuffles of the genres; of AMI and ARI: 0." if labelled else ""
    title = "Scores by clusterer" if len(methods) == 1 else "Scores by clusterer, beside the PCA baseline"
    legend: list[Artist] = [Patch(color=method.colour, label=method.label) for method in methods]
    legend += [Line2D([], [], color=INK, lw=2, label="chance (genres shuffled)")] * labelled
    figure = context.figure(title, note=note.strip(), height=7.6 if labelled else 9, legend=legend)
    grid = figure.subplots(2, 2) if labelled else figure.subplots(3, 1)
    for axes, metric in zip(grid.flat, metrics, strict=True):
        _grouped_bars(axes, methods, metric)
    if labelled:
        _chance_dashes(grid.flat[metrics.index("purity")], context)
    return figure


def methods_compared(context: TaskFigures) -> Figure:
    """Draw AMI, ARI, NMI and purity of every method and clusterer; needs labels.

    Label-free ones stand above, best AMI first; below and unranked is a task that saw a label.
    """
    clustered, informed = _clustered(context), context.record.label_use != "label-free"
    apart = [one for one in clustered if informed and not one.method.prefix]  # the task, not PCA
    ranked = sorted((one for one in clustered if one not in apart), key=lambda one: -(one.score("ami") or 0.0))
    undefined = any(one.score(metric) is None for one in clustered for metric in _AGAINST_GENRES)
    note = "All are of this one run; 1 is best, chance is 0 for AMI and ARI and above 0 for NMI and purity."
    title = "Label-free methods, best AMI first" + f"; {plain(context.record.task)}, not ranked" * informed
    figure = context.figure(
        title,
        note=f"{note} {_UNDEFINED}" if undefined else note,
        height=2.6 + 0.5 * len(clustered) + 0.9 * informed,
    )
    row = figure.subplots(1, len(_AGAINST_GENRES), sharex=True, sharey=True)
    places = [*range(len(ranked)), *(len(ranked) + 1 + place for place in range(len(apart)))]  # a gap between both
    for axes, metric in zip(row, _AGAINST_GENRES, strict=True):
        _value_rows(axes, list(zip(places, [*ranked, *apart], strict=True)), metric)
        if apart:
            axes.axhline(len(ranked), color=INK, lw=1, ls=":")
    best = max(one.score(metric) or 0.0 for one in clustered for metric in _AGAINST_GENRES)
    row[0].set_xlim(right=max(best, 0.1) * 1.35)
    row[0].set_ylabel("representation · clusterer", size=9.5)
    names = [one.label for one in ranked] + [f"{one.label} *" for one in apart]
    row[0].set_yticks(places, names)
    row[0].invert_yaxis()
    if apart:
        where = {"xycoords": ("axes fraction", "data"), "va": "bottom", "size": 9, "color": INK}
        row[0].annotate("* saw a label: not ranked", (0.01, len(ranked) - 0.05), **where)
    return figure


def loss_by_epoch(context: TaskFigures, training: Training) -> Figure:
    """Draw the training loss, on a logarithmic scale where it is positive."""
    curve = np.array(training.loss_curve)
    figure = context.figure("Training loss by epoch", height=5.6)
    axes, epochs = figure.subplots(), np.arange(1, len(curve) + 1)
    axes.plot(epochs, curve, color=TASK_COLOUR, lw=2, marker="o" if len(curve) < 20 else "", markersize=4)
    positive = curve.min() > 0  # an evidence bound may be negative
    axes.set_yscale("log" if positive else "linear")
    wide = positive and curve.max() > 4 * curve.min()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if wide else MaxNLocator(6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:.3g}"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    title = f"{curve[-1]:.3g} after epoch {len(curve)}"
    label_axes(axes, x="epoch (pass over all tracks)", y=f"loss: {training.loss_name}", title=title)
    if (level := training.loss_of_means) is not None:
        axes.axhline(level, color=INK, lw=1, ls="--")
        axes.text(epochs[-1], level, "every column predicted by its mean", ha="right", va="bottom", size=9.5, color=INK)
    axes.plot(epochs[-1], curve[-1], "o", color=TASK_COLOUR)
    axes.grid(color="#e5e5e5")
    return figure


def _grouped_bars(axes: Axes, methods: Sequence[Method], metric: str) -> None:
    clusterers = list(methods[0].scores)
    width = 0.8 / len(methods)  # of the room of one clusterer
    for offset, method in zip(_offsets(len(methods)), methods, strict=True):
        for place, clusterer in enumerate(clusterers):
            _bar(axes, place + offset, method.scores[clusterer].get(metric), width=width, colour=method.colour)
    label = metric_label(metric)
    title = label if METRICS[metric].needs_labels else f"{label}\n{_OWN_SPACE}"
    label_axes(axes, x="clusterer", y=METRICS[metric].axis_label, title=title)
    axes.set_xticks(range(len(clusterers)), list(map(clusterer_label, clusterers)))
    axes.axhline(0, color=INK, lw=0.8)
    axes.margins(y=0.15)
    # Differences within chance must not fill the panel.
    low, high = axes.get_ylim()
    high = max(high, 0.2)  # a panel of tiny scores still shows that they are tiny
    axes.set_ylim(low - 0.08 * high * (low < 0), high)
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _bar(axes: Axes, place: float, score: float | None, *, width: float, colour: str) -> None:
    height = score or 0.0  # n/a stands where a bar would
    axes.bar(place, height, width, color=colour)
    offset, va = (2, "bottom") if height >= 0 else (-2, "top")  # outside the bar
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.3}
    at: dict[str, Any] = {"xy": (place, height), "xytext": (0, offset), "textcoords": "offset points"}
    axes.annotate(short_number(score), **at, ha="center", va=va, size=9, color=INK, bbox=box, zorder=5)


def _chance_dashes(axes: Axes, context: TaskFigures) -> None:
    methods = context.methods
    for offset, method in zip(_offsets(len(methods)), methods, strict=True):
        for place, (clusterer, scores) in enumerate(method.scores.items()):
            if scores["purity"] is not None:
                middle, half = place + offset, 0.4 / len(methods)
                chance = _chance_purity(method.partition(clusterer), context)
                axes.hlines(chance, middle - half, middle + half, color=INK, lw=2)


def _chance_purity(labels: np.ndarray, context: TaskFigures) -> float:
    assert context.genres is not None
    rng = generator(context.record.figure_seed, "figures", "chance")  # the same shuffles for every bar
    return float(np.mean([purity(labels, rng.permutation(context.genres)) for _ in range(_SHUFFLES)]))


def _value_rows(axes: Axes, placed: Sequence[tuple[float, Clustered]], metric: str) -> None:
    for place, one in placed:
        score = one.score(metric)
        axes.barh(place, score or 0.0, 0.7, color=one.method.colour)
        annotate_end(axes, short_number(score), (max(score or 0.0, 0.0), place), offset=3)
    label = metric_label(metric)
    label_axes(axes, x=f"{label} (at most 1)", y="", title=label)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.axvline(0, color=INK, lw=0.8)


def _offsets(count: int) -> list[float]:
    return [0.0] if count == 1 else [-0.2, 0.2]
