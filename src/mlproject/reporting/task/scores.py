"""Scores as bars, and the loss by epoch. An undefined score is shown as n/a, never as 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

from mlproject.evaluation.external import purity
from mlproject.evaluation.internal import INTERNAL_METRICS
from mlproject.reporting.style import INK, TASK_COLOUR, label_axes, number
from mlproject.reporting.task.context import CLUSTERERS, METRICS, Side, Subject
from mlproject.seeding import generator

__all__ = ["loss_by_epoch", "methods_compared", "metric_bars"]

_OWN_SPACE = "own space: not comparable between representations"
_UNDEFINED = (
    "n/a: not defined, because some tracks are noise or the number of clusters is not the one that was asked for "
    "(such metrics reward noise)."
)
_SHUFFLES = 20
_LABELS = {
    "ami": "AMI (0 is chance, 1 is best)",
    "ari": "ARI (0 is chance, 1 is best)",
    "purity": "purity (0 to 1)",
    "silhouette": "silhouette (-1 to 1)",
    "calinski_harabasz": "score (higher is better)",
    "davies_bouldin": "score (lower is better)",
}


class Method(NamedTuple):
    """A representation and one clusterer of it."""

    side: Side
    clusterer: str

    def score(self, metric: str) -> float | None:
        """Return one of its scores, None where it is undefined."""
        return self.side.values.scores[self.clusterer].get(metric)

    @property
    def label(self) -> str:
        """What it is called, with what is unusual about its partition."""
        name = f"{self.side.label} · {CLUSTERERS.get(self.clusterer, self.clusterer)}"
        coverage, found = self.score("coverage"), self.score("n_clusters")
        if self.score("silhouette") is not None or coverage is None or found is None:
            return name
        return f"{name}\n({found:.0f} cluster{'s' * (found != 1)}, {1 - coverage:.0%} noise)"


def metric_bars(subject: Subject) -> Figure:
    """Draw the main metrics of every clusterer, the task beside the PCA baseline.

    AMI, ARI, purity and silhouette; without labels silhouette, Calinski-Harabasz and Davies-Bouldin.
    """
    labelled = subject.genres is not None
    names = ("ami", "ari", "purity", "silhouette") if labelled else INTERNAL_METRICS
    methods = [Method(side, clusterer) for side in subject.sides for clusterer in side.values.scores]
    note = _UNDEFINED if any(method.score(name) is None for method in methods for name in names) else ""
    note += f" Chance of purity: mean over {_SHUFFLES} shuffles of the genres; of AMI and ARI: 0." if labelled else ""
    title = "Scores by clusterer" if len(subject.sides) == 1 else "Scores by clusterer, beside the PCA baseline"
    legend: list[Artist] = [Patch(color=side.colour, label=side.label) for side in subject.sides]
    legend += [Line2D([], [], color=INK, lw=2, label="chance (genres shuffled)")] * labelled
    figure = subject.figure(title, note=note.strip(), height=7.6 if labelled else 9, legend=legend)
    grid = figure.subplots(2, 2) if labelled else figure.subplots(3, 1)
    for axes, name in zip(grid.flat, names, strict=True):
        _grouped_bars(axes, subject.sides, name)
    if labelled:
        _chance_dashes(grid.flat[names.index("purity")], subject)
    return figure


def methods_compared(subject: Subject) -> Figure:
    """Draw AMI, NMI, ARI and purity of every representation and clusterer, best AMI first; needs labels."""
    methods = [Method(side, clusterer) for side in subject.sides for clusterer in side.values.scores]
    methods.sort(key=lambda method: method.score("ami") or 0.0)
    names = ("ami", "nmi", "ari", "purity")
    undefined = any(method.score(name) is None for method in methods for name in names)
    note = "All are against the genres; 1 is best, chance is 0 for AMI and ARI and above 0 for NMI and purity."
    figure = subject.figure(
        "All methods compared, best AMI first",
        note=f"{note} {_UNDEFINED}" if undefined else note,
        height=2.4 + 0.5 * len(methods),
    )
    row = figure.subplots(1, len(names), sharex=True, sharey=True)
    for axes, name in zip(row, names, strict=True):
        _value_rows(axes, methods, name)
    best = max(method.score(name) or 0.0 for method in methods for name in names)
    row[0].set_xlim(right=max(best, 0.1) * 1.35)
    row[0].set_ylabel("representation · clusterer", size=9.5)
    row[0].set_yticks(range(len(methods)), [method.label for method in methods])
    return figure


def loss_by_epoch(subject: Subject) -> Figure:
    """Draw the training loss, on a logarithmic scale where it is positive; needs a loss curve."""
    curve = subject.result.loss_curve
    assert curve is not None
    figure = subject.figure("Training loss by epoch", height=5.6)
    axes, epochs = figure.subplots(), np.arange(1, len(curve) + 1)
    axes.plot(epochs, curve, color=TASK_COLOUR, lw=2, marker="o" if len(curve) < 20 else "", markersize=4)
    positive = curve.min() > 0
    axes.set_yscale("log" if positive else "linear")
    wide = positive and curve.max() > 4 * curve.min()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if wide else MaxNLocator(6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:.3g}"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    encoder = subject.result.task.model.encoder_
    label = f"loss: {encoder.loss_name}"
    label_axes(axes, x="epoch (pass over all tracks)", y=label, title=f"{curve[-1]:.3g} after epoch {len(curve)}")
    if encoder.loss_of_means is not None:
        level = encoder.loss_of_means
        axes.axhline(level, color=INK, lw=1, ls="--")
        axes.text(epochs[-1], level, "every column predicted by its mean", ha="right", va="bottom", size=9.5, color=INK)
    axes.plot(epochs[-1], curve[-1], "o", color=TASK_COLOUR)
    axes.grid(color="#e5e5e5")
    return figure


def _grouped_bars(axes: Axes, sides: Sequence[Side], metric: str) -> None:
    clusterers = list(sides[0].values.scores)
    width = 0.8 / len(sides)
    for offset, side in zip(_offsets(len(sides)), sides, strict=True):
        for place, clusterer in enumerate(clusterers):
            _bar(axes, place + offset, side.values.scores[clusterer].get(metric), width=width, colour=side.colour)
    title = f"{METRICS[metric]}\n{_OWN_SPACE}" if metric in INTERNAL_METRICS else METRICS[metric]
    label_axes(axes, x="clusterer", y=_LABELS[metric], title=title)
    axes.set_xticks(range(len(clusterers)), [CLUSTERERS.get(name, name) for name in clusterers])
    axes.axhline(0, color=INK, lw=0.8)
    axes.margins(y=0.15)
    # Differences within chance must not fill the panel.
    low, high = axes.get_ylim()
    high = max(high, 0.2)
    axes.set_ylim(low - 0.08 * high * (low < 0), high)
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _bar(axes: Axes, place: float, score: float | None, *, width: float, colour: str) -> None:
    height = score or 0.0
    axes.bar(place, height, width, color=colour)
    axes.annotate(
        number(score),
        (place, height),
        (0, 2 if height >= 0 else -2),
        textcoords="offset points",
        ha="center",
        va="bottom" if height >= 0 else "top",
        size=9,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.3},
        zorder=5,
    )


def _chance_dashes(axes: Axes, subject: Subject) -> None:
    for offset, side in zip(_offsets(len(subject.sides)), subject.sides, strict=True):
        for place, (clusterer, labels) in enumerate(side.values.partitions.items()):
            if side.values.scores[clusterer]["purity"] is not None:
                middle, half = place + offset, 0.4 / len(subject.sides)
                axes.hlines(_chance_purity(labels, subject), middle - half, middle + half, color=INK, lw=2)


def _chance_purity(labels: np.ndarray, subject: Subject) -> float:
    assert subject.genres is not None
    rng = generator(subject.seed, "figures", "chance")
    return float(np.mean([purity(labels, rng.permutation(subject.genres)) for _ in range(_SHUFFLES)]))


def _value_rows(axes: Axes, methods: Sequence[Method], metric: str) -> None:
    for place, method in enumerate(methods):
        score = method.score(metric)
        axes.barh(place, score or 0.0, 0.7, color=method.side.colour)
        end = (max(score or 0.0, 0.0), place)
        axes.annotate(number(score), end, (3, 0), textcoords="offset points", va="center", size=9, color=INK)
    label_axes(axes, x=f"{METRICS[metric]} (at most 1)", y="", title=METRICS[metric])
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.axvline(0, color=INK, lw=0.8)


def _offsets(count: int) -> list[float]:
    return [0.0] if count == 1 else [-0.2, 0.2]
