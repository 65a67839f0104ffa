"""The numbers of docs/results.md: measured in fresh clones, condensed into docs/results/*.json, written as a page.

python -m benchmarks.results measure --help
python -m benchmarks.results write --help
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

import pipelines  # noqa: F401 - finds the package of this checkout
from benchmarks.results_page import PARTS, results_page
from mlproject.files import read_json, write_json, write_text
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = Path("docs/results"), Path("docs/results.md")
OURS = ("MLFLOW_", "MLPROJECT_", "GTZAN_ROOT", "DVC_")
LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "umap-learn", "librosa")
SOME_TASKS = ("statistics", "quantile", "zscores", "umap", "vae")  # of the two side parts
QUICK = {"seeds": 2, "subsamples": 8, "control_seeds": 1}

MEASURE = """\
Measure what docs/results.md shows. Each corpus gets a fresh clone of the commit that is checked out; changes that are
not committed are not measured. In the clone the whole pipeline runs (`dvc repro`: every task, its evaluation, the
comparison), and what the page shows of it is written to docs/results/:

  table.json     --table    all tasks on the feature table, known faults left out
  by_track.json  --table    a few tasks on the same table as if no artist were known
  full.json      --table    a few tasks on the same table with the faults in, scored with and without them
  sample.json    --sample   all tasks on a folder or archive of GTZAN audio
  original.json  --original the original study's stored arrays, beside what it claimed

Only parts whose input is given are measured. All of them take about half an hour on two cores. Then:
python -m benchmarks.results write"""
MEASURE_EXAMPLES = """\
examples:
  python -m benchmarks.results measure --table features_30_sec.csv --artists artists.csv
  python -m benchmarks.results measure --table features_30_sec.csv --artists artists.csv --only full
  python -m benchmarks.results measure --original results/
  python -m benchmarks.results measure --table small.csv --quick --into /tmp/results   # a try, not a measurement"""
WRITE = """\
Write docs/results.md from docs/results/*.json. The page is these files in other words: nothing is computed again, and
nothing in it is written by hand. To change what it says, change benchmarks/results_page.py; to change
its numbers, measure again."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the sub-command."""
    options = _parser().parse_args(arguments)
    options.run(options)


def write(options: argparse.Namespace) -> None:
    """Write the page, or with ``--check`` end with status 1 if it is not what the results give."""
    missing = [f"{part}.json" for part in PARTS if not (options.results / f"{part}.json").exists()]
    if missing:
        names = ", ".join(missing)
        sys.exit(f"{options.results} lacks {names}; measure first: python -m benchmarks.results measure --help")
    text = results_page({part: read_json(options.results / f"{part}.json") for part in PARTS})
    if not options.check:
        write_text(options.page, text)
        print(f"written: {options.page}")
    elif drift := first_difference(text, options.page.read_bytes() if options.page.exists() else None):
        results = f"{options.results}/*.json"
        sys.exit(f"{options.page} is not what {results} give ({drift}); run: python -m benchmarks.results write")


def first_difference(text: str, page: bytes | None) -> str:
    """Say where the bytes of a page differ from its text first; empty where they do not."""
    if page is None:
        return "it is not there"
    expected, actual = text.encode().split(b"\n"), page.split(b"\n")
    pairs = zip(expected, actual, strict=False)
    same = next((i for i, (line, written) in enumerate(pairs) if line != written), min(len(expected), len(actual)))
    return "" if expected == actual else f"line {same + 1} differs"


def measure(options: argparse.Namespace) -> None:
    """Measure each part whose input is given."""
    if options.quick and options.into.resolve() == RESULTS.resolve():
        sys.exit("--quick is a try, not a measurement; name another folder with --into")
    chosen = {part: job for part, job in _jobs(options).items() if not options.only or part in options.only}
    if not chosen:
        sys.exit("nothing to measure; give --table, --sample or --original, see --help")
    for path in (options.table, options.sample, options.artists, options.original):
        if path and not path.exists():
            sys.exit(f"{path} does not exist; expected a file or folder to measure, see --help")
    if subprocess.run(["git", "-C", ROOT, "status", "--porcelain"], capture_output=True, check=True).stdout:
        print("note: the working tree has changes; measured is the commit without them")
    for part, job in chosen.items():
        print(f"measuring {part}", flush=True)
        write_json(options.into / f"{part}.json", job())
        print(f"written: {options.into / part}.json", flush=True)


def _jobs(options: argparse.Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    jobs: dict[str, Callable[[], dict[str, Any]]] = {}
    if options.table:
        jobs["table"] = lambda: _measure_corpus("table", options.table, options)
        jobs["by_track"] = lambda: _measure_corpus("table", options.table, options, tasks=SOME_TASKS, artists=False)
        jobs["full"] = lambda: _measure_corpus("table", options.table, options, tasks=SOME_TASKS, faults=True)
    if options.sample:
        jobs["sample"] = lambda: _measure_corpus("gtzan", options.sample, options)
    if options.original:
        from benchmarks.original_study import measure_original

        jobs["original"] = lambda: measure_original(options.original)
    return jobs


def _measure_corpus(
    corpus: str,
    root: Path,
    options: argparse.Namespace,
    *,
    tasks: Sequence[str] = (),
    faults: bool = False,
    artists: bool = True,
) -> dict[str, Any]:
    """Run the pipeline on a corpus in a clone: all tasks or some, with the known faults in, or without the artists."""
    from benchmarks.results_records import condense

    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        configure(clone / "conf" / "data.yaml", tracks_per_genre=None, exclude_faults=not faults)
        configure(clone / "conf" / "evaluation.yaml", figures=False, **(QUICK if options.quick else {}))
        variables = {"MLPROJECT_CORPUS": corpus, "MLPROJECT_ROOT": str(root.resolve())}
        if options.artists and artists:
            variables["MLPROJECT_ARTISTS"] = str(options.artists.resolve())
        reproduce(clone, [f"evaluate@{task}" for task in tasks], variables)
        outputs = [TaskOutput(path) for path in sorted(clone.glob("artifacts/tasks/*"))]
        evaluated = [EvaluationOutput(path) for path in sorted(clone.glob("artifacts/evaluation/*"))]
        evaluations = [output.not_applicable or output.record for output in evaluated]
        evaluation = yaml.safe_load((clone / "conf" / "evaluation.yaml").read_text())
        ablation = () if tasks else evaluation["ablation"]
        finished = [output.record for output in outputs if output.finished]
        return {
            **_origin(clone),
            **facts(clone),
            **condense(finished, evaluations, ablation=ablation),
        }


def configure(path: Path, **changes: Any) -> None:
    """Change top-level keys of a conf file."""
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes, sort_keys=False))


def reproduce(clone: Path, stages: Sequence[str], variables: dict[str, str]) -> None:
    """Run `dvc repro`, saying which stage is at work; end with what it said last if it fails."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(OURS) and key != "PYTHONPATH"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    environment |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DVC_NO_ANALYTICS": "true"} | variables
    last_lines: deque[str] = deque(maxlen=40)
    command = [sys.executable, "-m", "dvc", "repro", *stages]
    with subprocess.Popen(
        command, cwd=clone, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last_lines.append(line)
            if line.startswith("Running stage"):
                print(f"  {line.split(chr(39))[1]}", flush=True)
    if process.returncode:
        sys.exit(f"{''.join(last_lines)}dvc repro failed with status {process.returncode}; above is what it said last")


def facts(clone: Path) -> dict[str, Any]:
    """Count genres, artists and known faults of the tracks that were used."""
    import pandas as pd

    labels = pd.read_parquet(clone / "data" / "labels.parquet")
    known = labels.artist.notna()
    counts = {"genres": labels.genre.nunique(), "artists": labels.artist.nunique(), "unknown_artists": (~known).sum()}
    return {name: int(count) for name, count in counts.items()} | {"faults": int(labels.fault.notna().sum())}


def _origin(clone: Path) -> dict[str, Any]:
    commit = ["git", "-C", str(clone), "rev-parse", "--short=12", "HEAD"]
    sha = subprocess.run(commit, capture_output=True, check=True, text=True).stdout.strip()
    return {"commit": sha, "versions": {name: version(name) for name in LIBRARIES}}


def _parser() -> argparse.ArgumentParser:
    kind: Any = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results", description=__doc__, formatter_class=kind)
    commands = parser.add_subparsers(required=True, metavar="measure | write")
    one = commands.add_parser(
        "measure", description=MEASURE, epilog=MEASURE_EXAMPLES, formatter_class=kind, help="half an hour: the numbers"
    )
    one.add_argument("--table", type=Path, metavar="FILE", help="feature table, such as GTZAN's features_30_sec.csv")
    one.add_argument("--sample", type=Path, metavar="FOLDER", help="folder or archive of GTZAN audio")
    one.add_argument("--artists", type=Path, metavar="FILE", help="CSV of track_id and artist or artist_group")
    one.add_argument("--original", type=Path, metavar="FOLDER", help="the original study's .npy arrays")
    one.add_argument("--only", nargs="+", choices=PARTS, default=[], metavar="PART", help=f"of: {', '.join(PARTS)}")
    one.add_argument("--into", type=Path, default=RESULTS, metavar="FOLDER", help="default: docs/results")
    few = ", ".join(f"{key}: {value}" for key, value in QUICK.items())
    one.add_argument("--quick", action="store_true", help=f"{few}; needs --into")
    one.set_defaults(run=measure)
    two = commands.add_parser("write", description=WRITE, formatter_class=kind, help="a second: the page")
    two.add_argument("--check", action="store_true", help="write nothing; status 1 if the page is not up to date")
    two.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="default: docs/results")
    two.add_argument("--page", type=Path, default=PAGE, metavar="FILE", help="default: docs/results.md")
    two.set_defaults(run=write)
    return parser


if __name__ == "__main__":
    main()
