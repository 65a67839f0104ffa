"""What a study shows at its end: tables for the terminal, the same as Markdown, and a page of figures."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment
from rich.table import Table as RichTable

from mlproject.reporting.formatting import markdown_table, number, parameter, rich_table

__all__ = ["study_markdown", "study_page", "study_tables"]

METRICS = ("ami", "ari", "nmi", "purity")


class Table(NamedTuple):
    """A table in words: title, head, rows, and a note below it."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""


def study_tables(summary: Mapping[str, Any]) -> list[RichTable]:
    """Return rich tables: what was compared, the verdict, how well each criterion tracked AMI."""
    return [rich_table(title, note, head[:1], head[1:], rows) for title, head, rows, note in _tables(summary)]


def study_markdown(summary: Mapping[str, Any]) -> str:
    """Return the same as Markdown."""
    parts = [f"Study **{summary['study']}**: {_headline(summary)}"]
    if warning := _warning(summary):
        parts += ["", f"**{warning}**"]
    for title, head, rows, note in _tables(summary):
        parts += ["", f"### {title}", "", *markdown_table(head, rows)]
        parts += ["", note] if note else []
    return "\n".join(parts)


def study_page(summary: Mapping[str, Any], figures: Iterable[tuple[str, str, Any]]) -> str:
    """Return one self-contained HTML page of summary.json and figures: title, what it shows, and plotly's figure."""
    template = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    drawings = [
        # The library of the figures, megabytes of it, comes with the first one alone.
        (title, meaning, figure.to_html(full_html=False, include_plotlyjs=place == 0, config={"displaylogo": False}))
        for place, (title, meaning, figure) in enumerate(figures)
    ]
    # Names of studies and trials may hold markup.
    environment = Environment(autoescape=True, trim_blocks=True, keep_trailing_newline=True)
    return environment.from_string(template).render(
        study=summary["study"],
        headline=_headline(summary),
        warning=_warning(summary),
        tables=_tables(summary),
        figures=drawings,
    )


def _headline(summary: Mapping[str, Any]) -> str:
    states = ", ".join(f"{count} {state}" for state, count in summary["states"].items())
    text = f"{summary['trials']} trials ({states}) of {summary['task']} by {', '.join(summary['objective'])}, "
    text += f"sampler {summary['sampler']}, {summary['label_use']}"
    if summary["stopped"]:
        text += f"; stopped: {summary['stopped']}"
    return text


def _warning(summary: Mapping[str, Any]) -> str:
    if summary["label_use"] == "label-free":
        return ""
    why = "the objective is a score against the genres" if summary["oracle"] else "a label reaches the vectors"
    return f"{summary['label_use']}: {why}. Nothing here is a claim, and nothing of it is promoted."


def _tables(summary: Mapping[str, Any]) -> list[Table]:
    tables = (_compared(summary), _front(summary), _verdict(summary), _optimism(summary), _criteria(summary))
    return [table for table in tables if table.rows]


def _compared(summary: Mapping[str, Any]) -> Table:
    rows = [
        [row["who"], "–" if row["trial"] is None else str(row["trial"]), *(number(row[name]) for name in METRICS)]
        for row in summary["rows"]
    ]
    oracle = any(row["who"] == "oracle" for row in summary["rows"])
    note = "oracle: the trial that the genres would have chosen, label-informed, no verdict" if oracle else ""
    return Table("One training each", ["", "trial", *METRICS], rows, note)


def _front(summary: Mapping[str, Any]) -> Table:
    names = summary["objective"]
    rows = [
        [str(trial["trial"]), *(parameter(trial["values"][name]) for name in names), _params(trial["params"])]
        for trial in summary["best"]
    ]
    title = "The Pareto front" if len(names) > 1 else "The best trial"
    return Table(title, ["trial", *names, "parameters"], rows)


def _verdict(summary: Mapping[str, Any]) -> Table:
    verdict = summary["verdict"]
    differences = [] if verdict is None else verdict["differences"]
    pairs = dict.fromkeys((one["side"], one["against"]) for one in differences)
    metrics = list(dict.fromkeys(one["metric"] for one in differences))
    # Side, against, metric -> text.
    cells = {(one["side"], one["against"], one["metric"]): _difference(one) for one in differences}
    rows = [[" against ".join(pair), *(cells.get((*pair, name), "–") for name in metrics)] for pair in pairs]
    drawn = "by artist" if verdict and verdict["by_artist"] else "by track"
    note = f"means over seeds; subsamples drawn {drawn}; intervals and verdicts corrected together (Holm)"
    return Table("Over seeds and subsamples", ["", *metrics], rows, note)


def _optimism(summary: Mapping[str, Any]) -> Table:
    optimism = summary["optimism"] or {"metric": ""}
    known = [who for who in ("default", "chosen") if who in optimism]
    rows = [[who, number(optimism[who]["tuning"]), number(optimism[who]["held_out"])] for who in known]
    note = "tuned on one half of the tracks, scored on the other: what the first promises and the second does not keep"
    return Table(f"Optimism of an oracle ({optimism['metric']})", ["", "half that it saw", "other half"], rows, note)


def _criteria(summary: Mapping[str, Any]) -> Table:
    trials = summary.get("criteria_trials", {})  # a summary of before has none
    known = {name: value for name, value in summary["criteria"].items() if value is not None}
    rows = [[name, number(value, sign="+"), str(trials.get(name, "–"))] for name, value in known.items()]
    note = "Spearman's rank correlation over the trials; the genres are looked at for this table alone"
    return Table("How each criterion tracked AMI", ["criterion", "rank correlation", "trials"], rows, note)


def _params(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{path.removeprefix('model.')}={parameter(value)}" for path, value in params.items())


def _difference(difference: Mapping[str, Any]) -> str:
    low, high = (number(difference[end], sign="+") for end in ("low", "high"))
    return f"{number(difference['estimate'], sign='+')} [{low}, {high}] {difference['verdict']}"
