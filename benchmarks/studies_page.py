"""The measured part of docs/studies.md: tables and sentences, all made from docs/studies/*.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["PARTS", "page_with_tables"]

PARTS = (
    "random_table_vae",
    "random_table_umap",
    "random_demo_easy",
    "random_demo_medium",
    "random_demo_vae",
    "tuned_vae",
    "tuned_umap",
    "oracle_vae",
)
BEGIN, END = "<!-- measured: python -m benchmarks.studies write -->", "<!-- end of what is measured -->"
METRICS = ("ami", "ari", "purity")
NAMES = {"ami": "AMI", "ari": "ARI", "purity": "purity"}

Record = Mapping[str, Any]


def page_with_tables(page: str, records: Mapping[str, Record]) -> str:
    """Return the page with its measured part made anew.

    Parameters
    ----------
    page : str
        With the two marks that the part stands between.
    records : mapping of str to mapping
        Summaries of the studies, by part.
    """
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2]
    parts = [
        _criteria(records),
        _tuned(records["tuned_vae"]),
        _tuned(records["tuned_umap"]),
        _oracle(records["oracle_vae"]),
    ]
    return f"{head}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{tail}"


def _criteria(records: Mapping[str, Record]) -> str:
    shown = {part: record for part, record in records.items() if part.startswith("random_")}
    names = list(next(iter(shown.values()))["criteria"])
    means = {name: _mean([record["criteria"][name] for record in shown.values()]) for name in names}
    heads = [f"{record['corpus']}, `{record['task']}`" for record in shown.values()]
    lines = [
        "### How well each criterion tracks AMI",
        "",
        "Spearman's rank correlation over random points of the space:",
    ]
    lines += ["", f"| criterion | {' | '.join(heads)} | mean |", "|" + " --- |" * (len(heads) + 2)]
    for name in sorted(names, key=lambda one: -means[one]):
        values = [_number(record["criteria"][name]) for record in shown.values()]
        lines.append(f"| `{name}` | {' | '.join(values)} | {_number(means[name])} |")
    best = max(names, key=lambda one: means[one])
    counts = ", ".join(f"{record['trials']}" for record in shown.values())
    lines += [
        "",
        f"({counts} trials.) The highest mean is that of `{best}`: it is the default objective.",
    ]
    return "\n".join(lines)


def _tuned(record: Record) -> str:
    found = record["verdict"]
    lines = [f"### `{record['task']}` on the feature table, tuned by `{record['objective'][0]}`"]
    params = ", ".join(
        f"{path.removeprefix('model.')} {_param(value)}" for path, value in record["best"][0]["params"].items()
    )
    seeds = "by artist" if found["by_artist"] else "by track"
    number = record["best"][0]["trial"]
    lines += ["", f"{record['trials']} trials, sampler {record['sampler']}; trial {number} was chosen: {params}."]
    lines += ["", "| means over seeds | AMI | ARI | purity | NMI |", "|" + " --- |" * 5]
    for who, scores in found["scores"].items():
        lines.append(f"| {who} | " + " | ".join(f"{scores[name]:.3f}" for name in (*METRICS, "nmi")) + " |")
    lines += ["", f"| difference (subsamples {seeds}, Holm) | AMI | ARI | purity |", "|" + " --- |" * 4]
    cells = {(one["side"], one["against"], one["metric"]): one for one in found["differences"]}
    for side, other in dict.fromkeys((one["side"], one["against"]) for one in found["differences"]):
        row = [_difference(cells[side, other, metric]) for metric in METRICS]
        lines.append(f"| {side} against {other} | {' | '.join(row)} |")
    oracle = next(row for row in record["rows"] if row["who"] == "oracle")
    chosen = next(row for row in record["rows"] if row["who"] == "chosen")
    words = [f"{cells['chosen', 'default', metric]['verdict']} on {NAMES[metric]}" for metric in METRICS]
    lines += ["", f"The tuned task against the default: {', '.join(words)}."]
    genres = f"the one that the genres would have chosen, {oracle['ami']:.3f} (no claim)"
    lines += ["", f"One training each: the chosen trial has AMI {chosen['ami']:.3f}; {genres}."]
    return "\n".join(lines)


def _oracle(record: Record) -> str:
    found = record["optimism"]
    lines = [f"### The optimism of an oracle: `{record['task']}` tuned by AMI on half of the tracks"]
    lines += ["", "| | half that it saw | other half |", "| --- | --- | --- |"]
    lines += [
        f"| {who} | {found[who]['tuning']:.3f} | {found[who]['held_out']:.3f} |"
        for who in ("default", "chosen")
        if who in found
    ]
    gains = {half: found["chosen"][half] - found["default"][half] for half in ("tuning", "held_out")}
    lines += [
        "",
        f"It promises {gains['tuning']:+.3f} AMI where it looked, and keeps {gains['held_out']:+.3f} where it did not.",
    ]
    return "\n".join(lines)


def _mean(values: list[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))


def _difference(one: Record) -> str:
    return f"{one['estimate']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}] **{one['verdict']}**"


def _param(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"
