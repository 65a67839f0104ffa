"""What a study shows at its end: tables for the terminal, the same as Markdown, and a page of figures."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["study_markdown", "study_page", "study_tables"]

METRICS = ("ami", "ari", "nmi", "purity")
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "td,th{border-bottom:1px solid #ccc;padding:.3rem .8rem;text-align:right}"
    "td:first-child,th:first-child{text-align:left}caption{text-align:left;font-weight:600}"
    "section{margin:2.5rem 0}.warning{background:#fdecea;padding:.6rem 1rem;border-left:4px solid #a3260b}"
)

Table = tuple[str, list[str], list[list[str]], str]


def study_tables(summary: Mapping[str, Any]) -> list[Any]:
    """Return rich tables: what was compared, the verdict, how well each criterion tracked AMI."""
    from rich.table import Table as RichTable

    shown = []
    for title, head, rows, note in _tables(summary):
        table = RichTable(title=title, title_justify="left", caption=note or None, caption_justify="left")
        for number, column in enumerate(head):
            table.add_column(column, justify="left" if number == 0 else "right")
        for row in rows:
            table.add_row(*row)
        shown.append(table)
    return shown


def study_markdown(summary: Mapping[str, Any]) -> str:
    """Return the same as Markdown."""
    parts = [f"Study **{summary['study']}**: {_headline(summary)}"]
    if warning := _warning(summary):
        parts += ["", f"**{warning}**"]
    for title, head, rows, note in _tables(summary):
        parts += ["", f"### {title}", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
        parts += ["| " + " | ".join(row) + " |" for row in rows]
        parts += ["", note] if note else []
    return "\n".join(parts)


def study_page(summary: Mapping[str, Any], figures: Iterable[tuple[str, str, Any]]) -> str:
    """Return one self-contained HTML page.

    Parameters
    ----------
    summary : mapping
        What summary.json holds.
    figures : iterable of (str, str, plotly figure)
        Title, what it shows, and the figure.
    """
    warning = _warning(summary)
    parts = [f"<h1>Study {html.escape(summary['study'])}</h1>", f"<p>{html.escape(_headline(summary))}</p>"]
    parts += [f'<p class="warning">{html.escape(warning)}</p>'] if warning else []
    parts += [_html_table(*table) for table in _tables(summary)]
    for number, (title, meaning, figure) in enumerate(figures):
        drawn = figure.to_html(full_html=False, include_plotlyjs=number == 0, config={"displaylogo": False})
        parts.append(f"<section><h2>{html.escape(title)}</h2><p>{html.escape(meaning)}</p>{drawn}</section>")
    title = f"Study {html.escape(summary['study'])}"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _headline(summary: Mapping[str, Any]) -> str:
    states = ", ".join(f"{count} {state}" for state, count in summary["states"].items())
    text = f"{summary['trials']} trials ({states}) of {summary['task']} by {', '.join(summary['objective'])}, "
    text += f"sampler {summary['sampler']}, {summary['representation']}"
    if summary["stopped"]:
        text += f"; stopped: {summary['stopped']}"
    return text


def _warning(summary: Mapping[str, Any]) -> str:
    if summary["representation"] == "label-free":
        return ""
    why = "the objective is a score against the genres" if summary["oracle"] else "a label reaches the vectors"
    return f"{summary['representation']}: {why}. Nothing here is a claim, and nothing of it is promoted."


def _tables(summary: Mapping[str, Any]) -> list[Table]:
    return [
        table
        for table in (_compared(summary), _front(summary), _verdict(summary), _optimism(summary), _criteria(summary))
        if table[2]
    ]


def _compared(summary: Mapping[str, Any]) -> Table:
    rows = [
        [row["who"], "–" if row["trial"] is None else str(row["trial"]), *(_number(row[name]) for name in METRICS)]
        for row in summary["rows"]
    ]
    oracle = any(row["who"] == "oracle" for row in summary["rows"])
    note = "oracle: the trial that the genres would have chosen, label-informed, no claim" if oracle else ""
    return "One training each", ["", "trial", *METRICS], rows, note


def _front(summary: Mapping[str, Any]) -> Table:
    names = summary["objective"]
    rows = [
        [str(one["trial"]), *(f"{one['values'][name]:.4g}" for name in names), _params(one["params"])]
        for one in summary["best"]
    ]
    title = "The Pareto front" if len(names) > 1 else "The best trial"
    return title, ["trial", *names, "parameters"], rows, ""


def _verdict(summary: Mapping[str, Any]) -> Table:
    found = summary["verdict"]
    if found is None:
        return "", [], [], ""
    sides = list(dict.fromkeys((one["side"], one["against"]) for one in found["differences"]))
    metrics = list(dict.fromkeys(one["metric"] for one in found["differences"]))
    cells = {(one["side"], one["against"], one["metric"]): _difference(one) for one in found["differences"]}
    rows = [
        [f"{side} against {other}", *(cells.get((side, other, name), "–") for name in metrics)] for side, other in sides
    ]
    drawn = "by artist" if found["by_artist"] else "by track"
    note = f"means over seeds; subsamples drawn {drawn}; intervals and verdicts corrected together (Holm)"
    return "Over seeds and subsamples", ["", *metrics], rows, note


def _optimism(summary: Mapping[str, Any]) -> Table:
    found = summary["optimism"]
    if found is None:
        return "", [], [], ""
    rows = [
        [who, _number(found[who]["tuning"]), _number(found[who]["held_out"])]
        for who in ("default", "chosen")
        if who in found
    ]
    note = "tuned on one half of the tracks, scored on the other: what the first promises and the second does not keep"
    return f"Optimism of an oracle ({found['metric']})", ["", "half that it saw", "other half"], rows, note


def _criteria(summary: Mapping[str, Any]) -> Table:
    rows = [[name, _number(value, "+")] for name, value in summary["criteria"].items() if value is not None]
    note = "Spearman's rank correlation over the trials; the genres are looked at for this table alone"
    return "How each criterion tracked AMI", ["criterion", "rank correlation"], rows, note


def _html_table(title: str, head: list[str], rows: list[list[str]], note: str) -> str:
    top = "".join(f'<th scope="col">{html.escape(one)}</th>' for one in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    below = f"<p>{html.escape(note)}</p>" if note else ""
    caption = f"<caption>{html.escape(title)}</caption>"
    return f"<table>{caption}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>{below}"


def _params(params: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{path.removeprefix('model.')}={value:.4g}"
        if isinstance(value, float)
        else f"{path.removeprefix('model.')}={value}"
        for path, value in params.items()
    )


def _difference(one: Mapping[str, Any]) -> str:
    return f"{one['estimate']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}] {one['verdict']}"


def _number(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.3f}"
