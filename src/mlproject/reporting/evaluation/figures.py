"""Figures of a task's evaluation, drawn from its record: verdict, controls, silhouettes, what a model has."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from mlproject.evaluation.metrics import metric_label
from mlproject.files import write_figure
from mlproject.reporting.formatting import number, parameter, short_number
from mlproject.reporting.style import (
    BASELINE_COLOUR,
    INK,
    TASK_COLOUR,
    Drawings,
    annotate_end,
    heat_table,
    label_axes,
    record_figure,
)
from mlproject.results.evaluation_record import Conditioning, EvaluationOutput, EvaluationRecord, VaeDiagnostics

__all__ = ["difference_axes", "draw_evaluation_figures", "draw_interval", "write_evaluation_figures"]

COLOURS = {"beats": "#117733", "ties": "#777777", "loses": "#a3260b", "none": "#777777"}
CONTROL_COLOUR, SUPERVISED_COLOUR = "#999999", "#dddddd"


def draw_evaluation_figures(record: EvaluationRecord) -> Iterator[tuple[str, Figure]]:
    """Draw an evaluation; yield file stem and figure, ``divergence`` and ``conditioning`` where they apply."""
    yield "verdict", verdict(record)
    yield "controls", controls(record)
    yield "silhouettes", silhouettes(record)
    if record.vae_diagnostics is not None:
        yield "divergence", divergence(record, record.vae_diagnostics)
    if record.conditioning is not None:
        yield "conditioning", conditioning(record, record.conditioning)


def write_evaluation_figures(
    output: EvaluationOutput, folder: Path, *, progress: Callable[[Drawings], Drawings] = iter
) -> None:
    """Draw all figures of an evaluation into a folder, as .png."""
    for stem, figure in progress(draw_evaluation_figures(output.record)):
        write_figure(folder / f"{stem}.png", figure)


def verdict(record: EvaluationRecord) -> Figure:
    """Draw the paired difference to PCA + K-Means with its interval for each metric."""
    differences = record.differences
    drawn = "whole artists" if record.by_artist else "single tracks, artists are not known"
    note = (
        f"Points: mean over {record.seeds} seeds. Bars: intervals at {1 - record.level:.0%} after Holm's correction of "
        f"these, from seeds and from {record.subsamples} subsamples of tracks ({drawn}). Clear of zero: beats or loses."
    )
    figure = _figure(record, "Does it beat PCA + K-Means?", note=note, height=2.6 + 0.55 * len(differences))
    axes = figure.subplots()
    for place, tested in enumerate(differences.values()):
        draw_interval(axes, place, tested.estimate, tested.low, tested.high, tested.verdict)
    names = list(map(metric_label, differences))
    difference_axes(axes, names, "difference of the scores, task minus PCA + K-Means")
    return figure


def draw_interval(
    axes: Axes, place: float, estimate: float, low: float, high: float, verdict: str, *, wordless: bool = False
) -> None:
    """Draw one difference as a point with its interval, in the colour of its verdict, which stands beside it."""
    colour, text = COLOURS[verdict], number(estimate, sign="+")
    axes.plot([low, high], [place, place], color=colour, lw=3, solid_capstyle="butt")
    axes.plot(estimate, place, "o", color=colour, ms=8)
    if wordless:
        at = (estimate, place)
        axes.annotate(text, at, (0, 6), textcoords="offset points", size=9, color=INK, ha="center", va="bottom")
    else:
        annotate_end(axes, f"{verdict}  {text}", (high, place), offset=8)


def controls(record: EvaluationRecord) -> Figure:
    """Draw the AMI of the task, of PCA + K-Means and of every control."""
    rows = [("this task", record.scores["ami"], TASK_COLOUR)]  # name, AMI, colour
    rows += [("PCA + K-Means", record.baseline["ami"], BASELINE_COLOUR)]
    for control in record.controls:
        colour = SUPERVISED_COLOUR if control.supervised else CONTROL_COLOUR
        rows.append((control.name, control.scores["ami"], colour))
    meanings = [f"{control.name}: {control.meaning}" for control in record.controls if not control.supervised]
    note = f"If a gain survives a control – {'; '.join(meanings)}." if meanings else ""
    note += " The supervised reference is a classifier that was taught the genres of the other tracks (five folds)."
    colours = {"this task": TASK_COLOUR, "PCA + K-Means": BASELINE_COLOUR, "control": CONTROL_COLOUR}
    colours |= {"supervised reference": SUPERVISED_COLOUR}
    legend = [Patch(color=colour, label=label) for label, colour in colours.items()]
    height = 2.6 + 0.45 * len(rows) + 0.18 * (len(note) // 126)
    title = "What of the gain survives which control?"
    figure = _figure(record, title, note=note.strip(), height=height, legend=legend)
    axes = figure.subplots()
    for place, (_, score, colour) in enumerate(rows):
        axes.barh(place, score or 0.0, 0.7, color=colour)
        annotate_end(axes, short_number(score), (max(score or 0.0, 0.0), place))
    axes.axvline(record.baseline["ami"] or 0.0, color=BASELINE_COLOUR, lw=1.5, ls="--")
    axes.axvline(record.chance["ami"].upper, color=INK, lw=1, ls=":")
    label_axes(axes, x="AMI with the genres (dashed: PCA + K-Means; dotted: 97.5 % of random partitions)", y="")
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    return figure


def silhouettes(record: EvaluationRecord) -> Figure:
    """Draw the silhouette of every partition in every space as a table."""
    table = record.silhouettes
    spaces = list(next(iter(table.values())))
    values = np.array([[by_space[space] for space in spaces] for by_space in table.values()], dtype=float)
    nulls = ", ".join(f"{name} {short_number(value)}" for name, value in record.silhouette_null.items())
    note = (
        "A silhouette compares partitions within one column only. In this task's own space, vectors without any "
        f"structure reach: {nulls}; only what exceeds that is structure."
    )
    figure = _figure(record, "Silhouette of every partition in every space", note=note, height=4.6)
    limit = float(np.nanmax(np.abs(values), initial=0.1))  # symmetric, so that white is zero
    labels = ("space in which distances are taken", "partition", "silhouette, -1 to 1")
    columns = [f"space of {space}" for space in spaces]
    heat_table(figure, values, list(table), columns, labels=labels, cmap="RdBu", limits=(-limit, limit), size=10)
    return figure


def divergence(record: EvaluationRecord, vae: VaeDiagnostics) -> Figure:
    """Draw how much each dimension of a variational code says, largest first."""
    note = (
        f"{vae.active_units} of {vae.latent_dim} dimensions are active (variance of the posterior mean above "
        f"{vae.active_variance:g}). Held-out evidence lower bound {number(vae.held_out_elbo, 2)} nats per track "
        f"(training {number(vae.elbo, 2)}). Held-out squared error by column {short_number(vae.held_out_error)}, of as "
        f"many principal components {short_number(vae.pca_held_out_error)}; 1 is that of the mean."
    )
    figure = _figure(record, "What each latent dimension says", note=note, height=5)
    axes = figure.subplots()
    axes.bar(np.arange(1, len(vae.kl) + 1), vae.kl, color=TASK_COLOUR)
    label_axes(axes, x="latent dimension, largest first", y="divergence from the prior, nats per track")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def conditioning(record: EvaluationRecord, report: Conditioning) -> Figure:
    """Draw what a conditional encoder's latent vectors say of the genre, and at what cost."""
    curve, excess, ratio = report.curve, report.largest_excess, report.smallest_swap_ratio
    weights, places = [parameter(point.penalty) for point in curve], range(len(curve))
    note = (
        f"{report.n_tracks} tracks; each half measured by models of the other. Above: balanced accuracy of fresh "
        f"probes minus that under permuted genres; the genre has left where all are below the dotted line "
        f"({excess:g}). Mid: held-out error under other tracks' genres, divided by that under their own; the decoder "
        f"listens above {ratio:g}. Below: held-out error divided by that of the VAE without a condition. Weights that "
        f"do both: {', '.join(map(parameter, report.separating)) or 'none'}."
    )
    figure = _figure(record, "Has the genre left the latent vectors, and at what cost?", note=note, height=9)
    above, middle, below = figure.subplots(3, 1, sharex=True)
    for name, style in zip(curve[0].probes, ("-o", "-s", "-^"), strict=False):
        levels = [point.probes[name] for point in curve]  # of one probe by rising penalty
        above.plot(places, [level.accuracy - level.permuted for level in levels], style, label=f"{name} probe")
    above.axhline(excess, color=INK, ls=":", lw=1)
    above.axhline(0, color=INK, lw=0.8)
    above.legend(fontsize=9, frameon=False)
    label_axes(above, x="", y="accuracy above\npermuted genres")
    middle.plot(places, [point.swap_ratio for point in curve], "-o", color=TASK_COLOUR)
    middle.axhline(ratio, color=INK, ls=":", lw=1)
    label_axes(middle, x="", y="error, swapped\ngenre / own genre")
    below.plot(places, [point.cost for point in curve], "-o", color=TASK_COLOUR)
    below.axhline(1, color=INK, lw=0.8)
    weight = "weight of the penalty on what the latent vectors say of the genre"
    label_axes(below, x=weight, y="error / error of\nthe plain VAE")
    below.set_xticks(list(places), weights)
    return figure


def _figure(record: EvaluationRecord, title: str, *, note: str, height: float, legend: Sequence[Artist] = ()) -> Figure:
    height += 0.4 * bool(record.label_warning)
    return record_figure(record, title, warning=record.label_warning[:110], height=height, note=note, legend=legend)


def difference_axes(axes: Axes, names: list[str], label: str) -> None:
    """Label axes of differences: one row per name from above, and a line where there is no difference."""
    axes.axvline(0, color=INK, lw=1)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.margins(x=0.2)
    axes.grid(axis="x", color="#e5e5e5")
    axes.set_axisbelow(True)
    label_axes(axes, x=label, y="")
