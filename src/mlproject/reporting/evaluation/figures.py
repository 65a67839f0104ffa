"""Figures of a task's evaluation, drawn from its plain record: verdict, controls, silhouettes, what a model has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from mlproject.reporting.label_warnings import suspicion
from mlproject.reporting.style import (
    BASELINE_COLOUR,
    INK,
    TASK_COLOUR,
    Heading,
    label_axes,
    new_figure,
    number,
    plain,
)

__all__ = ["METRIC_NAMES", "difference_axes", "draw_evaluation_figures", "draw_interval"]

METRIC_NAMES = {"ami": "AMI", "ari": "ARI", "purity": "purity"}
COLOURS = {"beats": "#117733", "ties": "#777777", "loses": "#a3260b", "no claim": "#777777"}
CONTROL_COLOUR, CEILING_COLOUR = "#999999", "#dddddd"

Record = Mapping[str, Any]


def draw_evaluation_figures(record: Record) -> Iterator[tuple[str, Figure]]:
    """Draw an evaluation.

    Parameters
    ----------
    record : mapping
        What ``evaluation.json`` holds, of a finished evaluation.

    Yields
    ------
    str, Figure
        File stem and figure: ``verdict``, ``controls``, ``silhouettes``, and where they apply ``divergence`` (of a
        variational encoder) and ``conditioning``.
    """
    yield "verdict", verdict(record)
    yield "controls", controls(record)
    yield "silhouettes", silhouettes(record)
    if record["hygiene"] is not None:
        yield "divergence", divergence(record)
    if record["conditioning"] is not None:
        yield "conditioning", conditioning(record)


def verdict(record: Record) -> Figure:
    """Draw the paired difference to PCA + K-Means with its interval for each metric."""
    differences = record["differences"]
    sure = f"{1 - record['level']:.0%}"
    drawn = "whole artists" if record["by_artist"] else "single tracks, artists are not known"
    note = (
        f"Points: mean over {record['seeds']} seeds. Bars: intervals at {sure} after Holm's correction of these, "
        f"from seeds and from {record['subsamples']} subsamples of tracks ({drawn}). Clear of zero: beats or loses."
    )
    figure = _figure(record, "Does it beat PCA + K-Means?", note=note, height=2.6 + 0.55 * len(differences))
    axes = figure.subplots()
    for place, found in enumerate(differences.values()):
        draw_interval(axes, place, found)
    names = [METRIC_NAMES[metric] for metric in differences]
    difference_axes(axes, names, "difference of the scores, task minus PCA + K-Means")
    return figure


def draw_interval(axes: Axes, place: float, found: Mapping[str, Any], *, wordless: bool = False) -> None:
    """Draw one difference as a point with its interval, in the colour of its verdict, which stands beside it."""
    colour = COLOURS[found["verdict"]]
    axes.plot([found["low"], found["high"]], [place, place], color=colour, lw=3, solid_capstyle="butt")
    axes.plot(found["estimate"], place, "o", color=colour, ms=8)
    text = f"{found['estimate']:+.3f}" if wordless else f"{found['verdict']}  {found['estimate']:+.3f}"
    at = (found["estimate"] if wordless else found["high"], place)
    offset, across, along = ((0, 6), "center", "bottom") if wordless else ((8, 0), "left", "center")
    axes.annotate(text, at, offset, textcoords="offset points", size=9, color=INK, ha=across, va=along)


def controls(record: Record) -> Figure:
    """Draw the AMI of the task, of PCA + K-Means and of every control."""
    rows = [("this task", record["scores"]["ami"], TASK_COLOUR)]
    rows += [("PCA + K-Means", record["baseline"]["ami"], BASELINE_COLOUR)]
    rows += [
        (one["name"], one["scores"]["ami"], CEILING_COLOUR if one["supervised"] else CONTROL_COLOUR)
        for one in record["controls"]
    ]
    meanings = [f"{one['name']}: {one['meaning']}" for one in record["controls"] if not one["supervised"]]
    note = f"If a gain survives a control – {'; '.join(meanings)}." if meanings else ""
    note += " The supervised probe is a ceiling that has seen the genres (five folds)."
    legend = [
        Patch(color=TASK_COLOUR, label="this task"),
        Patch(color=BASELINE_COLOUR, label="PCA + K-Means"),
        Patch(color=CONTROL_COLOUR, label="control"),
        Patch(color=CEILING_COLOUR, label="supervised ceiling"),
    ]
    height = 2.6 + 0.45 * len(rows) + 0.18 * (len(note) // 126)
    figure = _figure(
        record, "What of the gain survives which control?", note=note.strip(), height=height, legend=legend
    )
    axes = figure.subplots()
    for place, (_, score, colour) in enumerate(rows):
        axes.barh(place, score or 0.0, 0.7, color=colour)
        axes.annotate(
            number(score), (max(score or 0.0, 0.0), place), (4, 0), textcoords="offset points", va="center", size=9
        )
    axes.axvline(record["baseline"]["ami"] or 0.0, color=BASELINE_COLOUR, lw=1.5, ls="--")
    axes.axvline(record["chance"]["ami"]["upper"], color=INK, lw=1, ls=":")
    label_axes(axes, x="AMI with the genres (dashed: PCA + K-Means; dotted: 97.5 % of random partitions)", y="")
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    return figure


def silhouettes(record: Record) -> Figure:
    """Draw the silhouette of every partition in every space as a table."""
    table = record["silhouettes"]
    spaces = list(next(iter(table.values())))
    values = np.array([[np.nan if table[p][s] is None else table[p][s] for s in spaces] for p in table], dtype=float)
    nulls = ", ".join(f"{name} {number(value)}" for name, value in record["silhouette_null"].items())
    note = (
        "A silhouette compares partitions within one column only. In this task's own space, vectors without any "
        f"structure reach: {nulls}; only what exceeds that is structure."
    )
    figure = _figure(record, "Silhouette of every partition in every space", note=note, height=4.6)
    axes = figure.subplots()
    limit = max(0.1, float(np.nanmax(np.abs(values)))) if np.isfinite(values).any() else 0.1
    image = axes.imshow(values, cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto")
    figure.colorbar(image, ax=axes, label="silhouette, -1 to 1", pad=0.02)
    for (row, column), value in np.ndenumerate(values):
        text = number(float(value)) if np.isfinite(value) else "n/a"
        axes.text(column, row, text, ha="center", va="center", color="white" if abs(value) > 0.6 * limit else INK)
    label_axes(axes, x="space in which distances are taken", y="partition")
    axes.set_xticks(range(len(spaces)), [f"space of {space}" for space in spaces])
    axes.set_yticks(range(len(table)), list(table))
    return figure


def divergence(record: Record) -> Figure:
    """Draw how much each dimension of a variational code says, largest first."""
    hygiene = record["hygiene"]
    kl = hygiene["kl"]
    note = (
        f"{hygiene['active_units']} of {hygiene['latent_dim']} dimensions are active (variance of the posterior mean "
        f"above .01). Held-out evidence lower bound {hygiene['held_out_elbo']:.2f} nats a track (training "
        f"{hygiene['elbo']:.2f}). Held-out squared error by column {number(hygiene['held_out_error'])}, of as many "
        f"principal components {number(hygiene['pca_held_out_error'])}; 1 is that of the mean."
    )
    figure = _figure(record, "What each dimension of the code says", note=note, height=5)
    axes = figure.subplots()
    axes.bar(np.arange(1, len(kl) + 1), kl, color=TASK_COLOUR)
    label_axes(axes, x="dimension of the code, largest first", y="divergence from the prior, nats a track")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def conditioning(record: Record) -> Figure:
    """Draw what a conditional encoder's code tells of the genre, and what that costs, by the penalty's weight."""
    report = record["conditioning"]
    curve = report["curve"]
    weights = [point["penalty"] for point in curve]
    places = range(len(weights))
    separating = ", ".join(f"{weight:g}" for weight in report["separating"]) or "none"
    note = (
        f"{report['n_tracks']} tracks; each half measured by models of the other. Above: balanced accuracy of fresh "
        "probes minus that under permuted genres; the genre has left where all are below the dotted line (.05). Mid: "
        "held-out error under other tracks' genres, divided by that under their own; the decoder listens above 1.5. "
        f"Below: held-out error divided by that of the VAE without a condition. Weights that do both: {separating}."
    )
    figure = _figure(record, "Has the genre left the code, and at what cost?", note=note, height=9)
    above, middle, below = figure.subplots(3, 1, sharex=True)
    for name, style in zip(curve[0]["probes"], ("-o", "-s", "-^"), strict=False):
        excess = [point["probes"][name]["accuracy"] - point["probes"][name]["permuted"] for point in curve]
        above.plot(places, excess, style, label=f"{name} probe")
    above.axhline(0.05, color=INK, ls=":", lw=1)
    above.axhline(0, color=INK, lw=0.8)
    above.legend(fontsize=9, frameon=False)
    label_axes(above, x="", y="accuracy above\npermuted genres")
    middle.plot(places, [point["swap_ratio"] for point in curve], "-o", color=TASK_COLOUR)
    middle.axhline(1.5, color=INK, ls=":", lw=1)
    label_axes(middle, x="", y="error, swapped\ngenre / own genre")
    below.plot(places, [point["cost"] for point in curve], "-o", color=TASK_COLOUR)
    below.axhline(1, color=INK, lw=0.8)
    label_axes(
        below, x="weight of the penalty on what the code tells of the genre", y="error / error of\nthe plain VAE"
    )
    below.set_xticks(list(places), [f"{weight:g}" for weight in weights])
    return figure


def _figure(record: Record, title: str, *, note: str, height: float, legend: Any = ()) -> Figure:
    corpus = "demo corpus (synthetic)" if record["corpus"] == "demo" else f"{plain(record['corpus'])} corpus"
    subtitle = f"{plain(record['task'], limit=40)} · {corpus} · {record['tracks']} tracks"
    warning = suspicion(record)
    return new_figure(
        Heading(title, subtitle, warning[:110]), height=height + 0.4 * bool(warning), note=note, legend=legend
    )


def difference_axes(axes: Axes, names: list[str], label: str) -> None:
    """Label axes of differences: a row a name from above, and a line where there is none."""
    axes.axvline(0, color=INK, lw=1)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.margins(x=0.2)
    axes.grid(axis="x", color="#e5e5e5")
    axes.set_axisbelow(True)
    label_axes(axes, x=label, y="")
