"""Scores as bars, and the loss by epoch. An undefined score is shown as n/a, never as 0."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

from mlproject.evaluation.metrics import INTERNAL_METRICS, METRICS, metric_label
from mlproject.reporting.formatting import clusterer_label, short_number
from mlproject.reporting.style import INK, TASK_COLOUR, annotate_end, label_axes, plain
from mlproject.reporting.task.context import Method, TaskFigures
from mlproject.results.task_record import Training

__all__ = ["loss_by_epoch", "methods_compared"]

_UNDEFINED = (
    "n/a: not defined, because some tracks are noise or the number of clusters is not the one that was asked for "
    "(such metrics reward noise)."
)
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


def methods_compared(context: TaskFigures) -> Figure:
    """Draw the scores of every method and clusterer: AMI, ARI, NMI and purity, without labels those that need none.

    With labels the label-free ones stand above, best AMI first; below and unranked is a task that saw a label.
    """
    clustered = [Clustered(method, clusterer) for method in context.methods for clusterer in method.scores]
    labelled, informed = context.genres is not None, context.record.label_use != "label-free"
    metrics = _AGAINST_GENRES if labelled else list(INTERNAL_METRICS)
    apart = [one for one in clustered if informed and not one.method.prefix]  # the task, not PCA
    ranked = sorted((one for one in clustered if one not in apart), key=lambda one: -(one.score("ami") or 0.0))
    note = (
        "All are of this one run; 1 is best. Dashed: 97.5 % of random partitions stay below."
        if labelled
        else "All are of this one run. Each is taken in its own space, so representations do not compare."
    )
    undefined = any(one.score(metric) is None for one in clustered for metric in metrics)
    title = "Label-free methods, best AMI first" if labelled else "Every clusterer, by scores that need no labels"
    figure = context.figure(
        title + f"; {plain(context.record.task)}, not ranked" * informed,
        note=f"{note} {_UNDEFINED}" if undefined else note,
        height=2.6 + 0.5 * len(clustered) + 0.9 * informed,
    )
    row = figure.subplots(1, len(metrics), sharex=labelled, sharey=True)
    places = [*range(len(ranked)), *(len(ranked) + 1 + place for place in range(len(apart)))]  # a gap between both
    for axes, metric in zip(row, metrics, strict=True):
        _value_rows(axes, list(zip(places, [*ranked, *apart], strict=True)), metric)
        if (chance := context.record.chance.get(metric)) is not None:
            axes.axvline(chance.upper, color=INK, lw=1, ls="--")
        if apart:
            axes.axhline(len(ranked), color=INK, lw=1, ls=":")
        best = max(one.score(each) or 0.0 for one in clustered for each in (metrics if labelled else [metric]))
        axes.set_xlim(right=max(best, 0.1) * 1.35)
    row[0].set_ylabel("representation · clusterer", size=9.5)
    row[0].set_yticks(places, [one.label for one in ranked] + [f"{one.label} *" for one in apart])
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


def _value_rows(axes: Axes, placed: Sequence[tuple[float, Clustered]], metric: str) -> None:
    for place, one in placed:
        score = one.score(metric)
        axes.barh(place, score or 0.0, 0.7, color=one.method.colour)
        annotate_end(axes, short_number(score), (max(score or 0.0, 0.0), place), offset=3)
    label = metric_label(metric)
    meaning = f"{label} (at most 1)" if METRICS[metric].needs_labels else METRICS[metric].axis_label
    label_axes(axes, x=meaning, y="", title=label)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.axvline(0, color=INK, lw=0.8)
