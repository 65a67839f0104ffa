"""How numbers and tables are written, everywhere: in the terminal, on cards, pages and figures."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from rich.box import SIMPLE_HEAD
from rich.table import Table

__all__ = [
    "clusterer_label",
    "interval",
    "markdown_table",
    "number",
    "parameter",
    "rich_table",
    "short_number",
    "shortened",
]

CLUSTERERS = {
    "kmeans": "K-Means",
    "agglomerative": "agglomerative",
    "spectral": "spectral",
    "gaussian_mixture": "Gaussian mixture",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
}


def clusterer_label(name: str) -> str:
    """Return what people call a clusterer."""
    return CLUSTERERS.get(name, name)


def number(value: float | None, digits: int = 3, *, sign: str = "", missing: str = "–") -> str:
    """Write a number; decimals are rounded half away from zero, minus zero is zero. `sign="+"` shows that of gains."""
    if value is None:
        return missing
    # The shortest decimal that is this float: 0.0305 rounds as written.
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{abs(exact) if exact.is_zero() else exact:{sign}f}"  # -0.000 is 0.000


def short_number(value: float | None) -> str:
    """Write a score as figures have room for it, n/a where it is undefined."""
    # Calinski-Harabasz has no bound.
    return number(value, 0 if value is not None and abs(value) >= 100 else 2, missing="n/a")


def interval(low: float, high: float, digits: int = 3) -> str:
    """Write an interval of differences."""
    return f"{number(low, digits, sign='+')} to {number(high, digits, sign='+')}"


def parameter(value: object) -> str:
    """Write the value of a parameter, a float with four significant digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def shortened(name: object, limit: int) -> str:
    """Return a name in at most `limit` characters, without its middle if need be: names differ at their ends."""
    text = str(name)
    return text if len(text) <= limit else f"{text[: limit // 2]}…{text[1 - limit // 2 :]}"


def rich_table(
    title: str, caption: str, words: Sequence[str], numbers: Sequence[str], rows: Iterable[Sequence[str]] = ()
) -> Table:
    """Return a table for a terminal of 80 columns: columns of words to the left, then columns of numbers."""
    table = Table(title=title or None, caption=caption or None, box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.title_justify = table.caption_justify = "left"
    for place, name in enumerate(words):
        table.add_column(name, no_wrap=place == 0)  # names are not broken
    for name in numbers:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table, none where there are no rows."""
    body = ["| " + " | ".join(row) + " |" for row in rows]
    return ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *body] if body else []
