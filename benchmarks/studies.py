"""Studies: how fast they are, how well label-free criteria track AMI, and what tuning gains; docs/studies.md shows it.

GTZAN_ROOT=... python -m benchmarks.studies speed
python -m benchmarks.studies measure --table features_30_sec.csv --artists artists.csv
python -m benchmarks.studies write            # the tables of docs/studies.md from docs/studies/*.json
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

import pipelines  # noqa: F401 - finds the package of this checkout
from benchmarks.main_job import configure as configure_sections
from benchmarks.results import OURS, configure, first_difference
from benchmarks.studies_page import PARTS, page_with_tables
from benchmarks.tracks import gtzan_root, write_shifted
from mlproject.files import read_json, write_json, write_text

ROOT = Path(__file__).resolve().parent.parent
RECORDS, PAGE = ROOT / "docs" / "studies", ROOT / "docs" / "studies.md"
UMAP_SPACE = {
    "model.latent_dim": {"int": [8, 64], "log": True},
    "model.n_neighbors": {"int": [5, 100], "log": True},
    "model.n_embeddings": {"int": [1, 4]},
}
# Every criterion is an objective of these studies, so that each trial takes all of them.
TRAINED = ["neighbours", "reconstruction", "common_silhouette", "latent_size", "silhouette"]
UNTRAINED = [name for name in TRAINED if name != "reconstruction"]
RANDOM = {"sampler": "random", "trials": 60, "verdict": False, "objective": TRAINED}
# Part of the page -> corpus, task, what is changed of conf/study.yaml.
STUDIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "random_table_vae": ("table", "vae", RANDOM),
    "random_table_umap": ("table", "umap", RANDOM | {"trials": 40, "space": UMAP_SPACE, "objective": UNTRAINED}),
    "random_demo_easy": ("demo", "easy", RANDOM),
    "random_demo_medium": ("demo", "medium", RANDOM),
    "random_demo_vae": ("demo", "vae", RANDOM),
    "tuned_vae": ("table", "vae", {}),
    "tuned_umap": ("table", "umap", {"trials": 40, "space": UMAP_SPACE}),
    "oracle_vae": ("table", "vae", {"objective": "ami", "verdict": False}),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the sub-command."""
    kind: Any = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies", description=__doc__, formatter_class=kind)
    commands = parser.add_subparsers(required=True, metavar="speed | measure | write")
    one = commands.add_parser("speed", help="some minutes: 100 trials on 400 tracks; one worker against two")
    one.set_defaults(run=speed)
    two = commands.add_parser("measure", help="half an hour: the studies of the page, in fresh clones")
    two.add_argument("--table", type=Path, required=True, metavar="FILE", help="GTZAN's features_30_sec.csv")
    two.add_argument("--artists", type=Path, metavar="FILE", help="CSV of track_id and artist or artist_group")
    two.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"of: {', '.join(PARTS)}")
    two.set_defaults(run=measure)
    three = commands.add_parser("write", help="a second: the tables of the page")
    three.add_argument("--check", action="store_true", help="write nothing; status 1 if the page is not up to date")
    three.set_defaults(run=write)
    options = parser.parse_args(arguments)
    options.run(options)


def write(options: argparse.Namespace) -> None:
    """Write the page's tables, or with ``--check`` end with status 1 if they are not what the records give."""
    text = page_with_tables(PAGE.read_text(), {part: read_json(RECORDS / f"{part}.json") for part in PARTS})
    if not options.check:
        write_text(PAGE, text)
    elif drift := first_difference(text, PAGE.read_bytes()):
        sys.exit(
            f"docs/studies.md is not what docs/studies/*.json give ({drift}); run: python -m benchmarks.studies write"
        )


def measure(options: argparse.Namespace) -> None:
    """Run the studies, each corpus in one clone of what is committed."""
    variables = {"MLPROJECT_CORPUS": "table", "MLPROJECT_ROOT": str(options.table.resolve())}
    variables |= {"MLPROJECT_ARTISTS": str(options.artists.resolve())} if options.artists else {}
    with tempfile.TemporaryDirectory() as temporary:
        for corpus in ("table", "demo"):
            clone = make_clone(Path(temporary) / corpus)
            configure(clone / "conf" / "data.yaml", tracks_per_genre=None)
            for part in options.only:
                of_corpus, task, changes = STUDIES[part]
                if of_corpus == corpus:
                    run_study(clone, part, task, changes, variables if corpus == "table" else {})
                    summary = read_json(clone / "artifacts" / "studies" / part / "summary.json")
                    write_json(RECORDS / f"{part}.json", {"corpus": corpus, **summary, "fingerprint": "measured"})
                    print(f"written: docs/studies/{part}.json", flush=True)


def speed(_: argparse.Namespace) -> None:
    """Print what 100 trials of `medium` on 400 tracks take, what a trial costs, and one worker against two."""
    with tempfile.TemporaryDirectory() as temporary:
        tracks, clone = Path(temporary) / "tracks", make_clone(Path(temporary) / "clone")
        print(f"{write_shifted(gtzan_root(), tracks)} tracks, {os.cpu_count()} cores")
        configure(clone / "conf" / "data.yaml", corpus="folder", root=str(tracks))
        configure_sections(clone / "conf" / "features.yaml", lyrics={"source": "themes"})
        run_study(
            clone, "first", "medium", {"trials": 2, "verdict": False}, {}
        )  # data, features, baseline, compiled code
        print("\n| study | workers | all in, s | trials, s | trials a second | trial, s | of it criteria | overhead |")
        print("|" + " --- |" * 8)
        rates = {}
        for name, workers, changes in (
            ("100 trials", 2, {"verdict": False}),
            ("40 trials", 1, {"trials": 40, "verdict": False}),
            ("40 trials", 2, {"trials": 40, "verdict": False}),
        ):
            start, part = time.perf_counter(), f"{name.replace(' ', '-')}-{workers}"
            run_study(clone, part, "medium", changes, {}, workers=workers)
            whole = time.perf_counter() - start
            row, rate = timing(clone / "artifacts" / "studies" / part)
            rates[name, workers] = rate
            print(f"| {name} | {workers} | {whole:.1f} | {row}", flush=True)
        print(
            f"\ntwo workers against one: {rates['40 trials', 2] / rates['40 trials', 1]:.2f} times the trials a second"
        )


def timing(folder: Path) -> tuple[str, float]:
    """Read from a study's storage how long its trials took; return a row's end, and the trials a second."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = JournalStorage(JournalFileBackend(str(folder / "journal.log")))
    trials = optuna.load_study(study_name=folder.name, storage=storage).get_trials()
    frame = pd.DataFrame([yaml.safe_load(trial.user_attrs["result"])["seconds"] for trial in trials])
    times = pd.DataFrame({"start": [t.datetime_start for t in trials], "end": [t.datetime_complete for t in trials]})
    length = (times.end - times.start).dt.total_seconds()
    span = (times.end.max() - times.start.min()).total_seconds()
    bare, mean = (frame.train + frame.cluster).mean(), length.mean()
    rate, criteria = len(trials) / span, frame.criteria.mean() / bare
    return f"{span:.1f} | {rate:.2f} | {mean:.2f} | {criteria:.1%} | {mean / bare - 1:.1%} |", rate


def make_clone(folder: Path) -> Path:
    """Clone what is committed, without figures."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    configure(folder / "conf" / "evaluation.yaml", figures=False)
    return folder


def run_study(
    clone: Path, name: str, task: str, changes: dict[str, Any], variables: dict[str, str], *, workers: int = 2
) -> None:
    """Run one study in a clone, with what is changed of its conf/study.yaml."""
    subprocess.run(["git", "checkout", "-q", "conf/study.yaml"], cwd=clone, check=True)
    configure(clone / "conf" / "study.yaml", **changes)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(OURS) and key != "PYTHONPATH"}
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    command = [sys.executable, "-m", "pipelines.study", f"task={task}", f"study_name={name}", f"workers={workers}"]
    done = subprocess.run(command, cwd=clone, env=kept | variables, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stderr[-3000:]}the study {name} failed; above is what it said last")


if __name__ == "__main__":
    main()
