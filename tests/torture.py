"""Kill the commands of a small checkout at random, hundreds of times; what they leave is that of undisturbed work.

python -m tests.torture kills=200 folder=~/torture      # the same folder continues where it was stopped; make torture

Kill number n is a function of n: which command, when, which signal, whether it reaches what the command has started.
After all kills each command runs once to its end. Then nothing may differ from a checkout that nobody disturbed: no
artifact, no answer, no trial; no run is open, none is there twice, and nobody has repaired anything by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.pipelines.conftest import Clone

TASKS = ("baseline", "easy", "zscores")
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
STUDY = ("study", "task=easy", "trials=3", "workers=1", "study_name=tortured")
COMMANDS = {
    "repro": ("sh", "-c", "python -m pipelines._setup && exec dvc repro"),  # make experiment
    "task": ("python", "-m", "pipelines.task", "task=easy"),
    "compare": ("python", "-m", "pipelines.compare"),
    "study": ("python", "-m", f"pipelines.{STUDY[0]}", *STUDY[1:]),
    "predict": ("python", "-m", "pipelines.predict", "input=data/subset", "output=answers.csv", "model=baseline"),
}
TOO_LATE = "ended before"
COMPARED = ("data", *(f"artifacts/{name}" for name in ("features", "tasks", "evaluation", "metrics", "loss")))
SINGLE = ("answers.csv", "dvc.lock", "artifacts/comparison/leaderboard.csv", "artifacts/studies/tortured/trials.csv")


def main(arguments: list[str]) -> int:
    """Kill as often as asked, compare, and return the number of differences."""
    given = dict(word.split("=", 1) for word in arguments)
    folder = Path(given.get("folder") or tempfile.mkdtemp(prefix="torture-")).expanduser().resolve()
    seconds, quiet = undisturbed(folder)
    victim, done = checkout(folder / "tortured"), folder / "done.json"
    counted = Counter(json.loads(done.read_text())) if done.exists() else Counter[str]()
    while (kills := counted.total() - counted[TOO_LATE]) < int(given.get("kills", 200)):
        counted[kill(victim, counted.total(), seconds)] += 1
        done.write_text(json.dumps(counted))
        print(f"after {kills} kills: {dict(counted)}", flush=True)
    run_all(victim)
    found = [*differences(quiet, victim), *open_or_double(victim)]
    print(f"{kills} kills: {dict(counted)}\n{len(found)} differences", *found, sep="\n")
    return len(found)


def checkout(folder: Path) -> Clone:
    """Return a checkout with 20 tracks and three tasks, making it if need be."""
    if folder.exists():
        return Clone.at(folder)
    made = Clone(folder)
    made.configure("data", tracks_per_genre=2)
    made.keep_tasks(*TASKS)
    made.configure("evaluation", ablation=["baseline", "easy"], figures=False, seeds=2, subsamples=4, control_seeds=1)
    made.configure("evaluation", n_neighbors=5)
    for task in ("baseline", "easy"):
        made.configure(f"tasks/{task}", model__latent_dim=8)
    made.configure("tasks/easy", model__epochs=20)
    return made


def undisturbed(folder: Path) -> tuple[dict[str, float], Clone]:
    """Run everything once in a checkout of its own; return how long each command takes there, and the checkout."""
    kept, quiet = folder / "seconds.json", checkout(folder / "undisturbed")
    if not kept.exists():
        kept.write_text(json.dumps(run_all(quiet)))
    return json.loads(kept.read_text()), quiet


def run_all(clone: Clone) -> dict[str, float]:
    """Run each command to its end; return how long each one takes, s."""
    seconds = {}
    for name, command in COMMANDS.items():
        started = time.monotonic()
        clone.run(*command)
        seconds[name] = time.monotonic() - started
    return seconds


def kill(clone: Clone, number: int, seconds: dict[str, float]) -> str:
    """Start a command and end it at a random moment; return which signal reached whom."""
    chance = random.Random(number)
    name, chosen = chance.choice(list(COMMANDS)), chance.choice(SIGNALS)
    whole, moment = chance.random() < 0.5, chance.uniform(0, seconds[name])
    environment = clone.environment()
    process = subprocess.Popen(
        COMMANDS[name],
        cwd=clone.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )
    try:
        process.wait(moment)
        return TOO_LATE
    except subprocess.TimeoutExpired:
        if whole:
            os.killpg(process.pid, chosen)
        else:
            process.send_signal(chosen)
        process.wait(120)
    return f"{chosen.name} {'all' if whole else 'alone'}"


def differences(quiet: Clone, victim: Clone) -> list[str]:
    """Name the files that two checkouts do not have alike."""
    one, other = (_hashes(clone.folder) for clone in (quiet, victim))
    return [f"differs: {name}" for name in sorted(one | other) if one.get(name) != other.get(name)]


def _hashes(root: Path) -> dict[str, str]:
    files = [path for folder in COMPARED for path in (root / folder).rglob("*") if path.is_file()]
    files += [root / name for name in SINGLE if (root / name).exists()]
    visible = [path for path in files if not (path.name.startswith(".") and path.name.endswith(".lock"))]
    return {path.relative_to(root).as_posix(): hashlib.sha256(_content(path, root)).hexdigest() for path in visible}


def _content(path: Path, root: Path) -> bytes:
    """Return a file's content without where the checkout lies, and of trials without when they ran."""
    content = path.read_bytes()
    if path.name == "trials.csv":
        import pandas as pd

        trials = pd.read_csv(path)
        return trials[[name for name in trials if "seconds" not in name]].to_csv().encode()
    return content.replace(str(root).encode(), b"")


def open_or_double(clone: Clone) -> list[str]:
    """Name runs that are still open, trials that have several runs, and leftovers of killed commands."""
    runs = [run for run in clone.runs() if run.get("mlflow.parentRunId") or run.get("kind")]
    found = [f"open: {run['name']}" for run in clone.runs() if run["status"] == "RUNNING"]
    trials = Counter(run["trial"] for run in runs if run.get("kind") == "trial")
    found += [f"{count} runs of trial {trial}" for trial, count in trials.items() if count > 1]
    found += [f"left: {path}" for path in clone.folder.rglob(".unfinished-*")]
    pending = clone.folder / "artifacts" / "pending"
    return found + [f"left: {path}" for path in (pending.iterdir() if pending.exists() else ())]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
