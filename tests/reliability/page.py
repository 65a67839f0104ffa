"""docs/reliability.md: every hostile input that is tried, what happens and what the user sees.

python -m tests.reliability.page   writes it; the tests hold it to what happens
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from mlproject.files import write_text
from mlproject.reporting.formatting import markdown_table
from tests.reliability import audio_cases, file_cases, state_cases, store_cases, table_cases
from tests.reliability.outcomes import Case, Outcome, seen

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEAD = ["input", "what happens", "what the user sees"]
LONGEST = 300  # letters of what the user sees
INTRODUCTION = """\
# What happens to files and machines as people have them

Each row is a test: `tests/reliability` makes the input, hands it to the project, and compares. `python -m
tests.reliability.page` writes this page from what happens. No input ends in a traceback, waits for ever, or is dropped
without a word. *used*: as a track, a table or a setting. *row*: left out, with its reason, and the rest goes on. *one
line*: the command ends with it and exit status 2. *made anew*: computed again.

`make fuzz` looks for more: five minutes each of altered music, tables, archives and conf files.
"""


def all_cases() -> list[Case]:
    """List every case, by area."""
    return [
        case for module in (audio_cases, file_cases, table_cases, state_cases, store_cases) for case in module.cases()
    ]


def row(case: Case, outcome: Outcome) -> tuple[str, str, str]:
    """Return a row of a table of the page."""
    sees = outcome.sees if len(outcome.sees) <= LONGEST else outcome.sees[: LONGEST - 1] + "…"
    return _cell(case.what), outcome.happens, _cell(sees)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;").replace("_", "\\_").replace("`", "'")


@cache
def table_rows() -> set[tuple[str, ...]]:
    """Read the rows of the page."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not line.startswith("| input")]
    cells = [tuple(cell.strip() for cell in line.strip("|").replace("\\|", "\0").split("|")) for line in lines]
    return {tuple(cell.replace("\0", "\\|") for cell in row) for row in cells if not set(row[0]) <= set("-: ")}


def main() -> None:
    """Try every case and write the page."""
    parts, areas = [INTRODUCTION], dict[str, list[tuple[str, str, str]]]()
    for case in all_cases():
        with tempfile.TemporaryDirectory() as folder:
            areas.setdefault(case.area, []).append(row(case, seen(case, Path(folder).resolve())))
    for area, rows in areas.items():
        parts.append("\n".join([f"## {area}", "", *markdown_table(HEAD, rows)]))
    write_text(PAGE, "\n\n".join(part.strip() for part in parts) + "\n")
    print(f"written: {PAGE}, {sum(map(len, areas.values()))} rows")


if __name__ == "__main__":
    main()
