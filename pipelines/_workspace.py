"""Where things lie in this checkout, and how data and features are brought up to date."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

from mlproject.config import (
    BlocksConfig,
    DataConfig,
    EvaluationConfig,
    FeaturesConfig,
    StudyConfig,
    TaskConfig,
    load_config,
    parse_config,
)
from mlproject.config.overrides import flatten
from mlproject.corpus import open_corpus
from mlproject.errors import ConfigError, StageError, did_you_mean
from mlproject.files import locked, read_json
from mlproject.tracking.provenance import Commit, read_commit, stage_hash
from mlproject.tracking.runs import Origin, isolated_environment
from pipelines._command import say

ROOT = Path(__file__).resolve().parent.parent
CONF = ROOT / "conf"
DATA = ROOT / "data"
SOURCE, LYRICS_TABLE, TEXT_MODELS = DATA / "source.csv", DATA / "lyrics.csv", DATA / "text_models.json"
ARTISTS = DATA / "artists.csv"
SUBSET, TRACKS, LABELS = DATA / "subset", DATA / "tracks.parquet", DATA / "labels.parquet"
REJECTED, TEXTS, CORPUS = DATA / "rejected.csv", DATA / "texts.parquet", DATA / "corpus.json"
ARTIFACTS = ROOT / "artifacts"
AUDIO, LYRICS = ARTIFACTS / "features" / "audio", ARTIFACTS / "features" / "lyrics"
TASKS, EVALUATIONS, COMPARISON = ARTIFACTS / "tasks", ARTIFACTS / "evaluation", ARTIFACTS / "comparison"
STUDIES = ARTIFACTS / "studies"
CACHE, LOCK = ROOT / ".cache", ROOT / "dvc.lock"


@cache
def data_config() -> DataConfig:
    """Read conf/data.yaml; MLPROJECT_CORPUS, MLPROJECT_ROOT and MLPROJECT_ARTISTS take the place of keys."""
    config = load_config(DataConfig, CONF / "data.yaml").model_dump()
    given = {key: f"MLPROJECT_{key.upper()}" for key in ("corpus", "root", "artists")}
    given = {key: variable for key, variable in given.items() if os.environ.get(variable)}
    config |= {key: os.environ[variable] for key, variable in given.items()}
    for key in ("root", "artists"):
        if config[key] and (key == "artists" or config["corpus"] != "demo"):  # a root of the demo is refused as it came
            config[key] = str(ROOT / Path(config[key]).expanduser())
    return parse_config(DataConfig, config, where=" with ".join(["data.yaml", *given.values()]))


def features_config() -> FeaturesConfig:
    """Read conf/features.yaml."""
    return load_config(FeaturesConfig, CONF / "features.yaml")


def evaluation_config() -> EvaluationConfig:
    """Read conf/evaluation.yaml."""
    return load_config(EvaluationConfig, CONF / "evaluation.yaml")


def study_config() -> StudyConfig:
    """Read conf/study.yaml."""
    return load_config(StudyConfig, CONF / "study.yaml")


def task_names() -> list[str]:
    """Name every task there is: the files of conf/tasks."""
    return sorted(path.stem for path in (CONF / "tasks").glob("*.yaml"))


def task_config(name: str) -> TaskConfig:
    """Read conf/tasks/<name>.yaml."""
    if name not in task_names():
        raise ConfigError(f"task={name!r} is unknown; {did_you_mean(name, task_names())}")
    return load_config(TaskConfig, CONF / "tasks" / f"{name}.yaml")


def check_all_configs() -> None:
    """Read every conf file, so that a mistake in one is reported before anything is computed."""
    data_config(), features_config(), evaluation_config(), study_config()
    for name in task_names():
        task_config(name)
    for name in evaluation_config().ablation:
        if name not in task_names():
            raise ConfigError(f"evaluation.yaml: ablation names {name!r}; {did_you_mean(name, task_names())}")


def check_source() -> None:
    """Look for the corpus, so that a wrong root is reported before DVC says it in its own way."""
    open_corpus(data_config(), checksum_cache=CACHE / "files.json").tracks()


def has_features() -> bool:
    """Whether this checkout has features that a task can be run on."""
    return (AUDIO / "index.parquet").exists()


def corpus_facts() -> dict[str, Any]:
    """Return what `prepare` found out about the corpus as a whole.

    Its kind, whether it holds audio or statistics, the length (s) and sampling rate (Hz) of its clips.
    """
    return read_json(CORPUS)


def frame_seconds() -> float:
    """Return the time between two MFCC frames, s."""
    return float(features_config().audio.hop_length / corpus_facts()["sample_rate"])


def rejected_count() -> int:
    """Count the tracks that were left out in all or in part."""
    return len(REJECTED.read_text().splitlines()) - 1 if REJECTED.exists() else 0


def rejected_table() -> list[Path]:
    """Return the table of tracks that were left out, if there are any."""
    return [REJECTED] if rejected_count() else []


def tracking_uri() -> str:
    """Make sure that there is a tracking store and return its address."""
    from mlproject.tracking.store import ensure_store

    return ensure_store(ROOT, say=say)


def own_store() -> str:
    """Return the address of the store at this checkout's root, which `make ui` shows."""
    from mlproject.tracking.store import database_uri

    return database_uri(ROOT)


def experiment_name() -> str:
    """Name the experiment that all runs are in."""
    from mlproject.tracking.store import EXPERIMENT

    return EXPERIMENT


def commit() -> Commit:
    """Read the commit of this checkout."""
    return read_commit(ROOT)


def feature_stages(blocks: BlocksConfig) -> list[str]:
    """Name the stages whose features a task reads."""
    return ["audio_features", "lyrics_features"] if blocks.lyrics else ["audio_features"]


def data_hash() -> str:
    """Return DVC's hash of the present data."""
    return stage_hash(LOCK, "prepare")


def reference_hash(evaluation: EvaluationConfig) -> str:
    """Hash how PCA + K-Means, which all is compared with, is configured."""
    from mlproject.tracking.registry.register import setting_hash

    return setting_hash(flatten(task_config("baseline")), flatten(evaluation))


def changed_stages(*stages: str) -> set[str]:
    """Name those of some stages whose outputs are not of the present data, configuration and code, as DVC sees it."""
    command = [sys.executable, "-m", "dvc", "status", "--json", *stages]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise StageError(f"dvc status failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return set(json.loads(done.stdout))


def run_params(name: str, task: TaskConfig, evaluation: EvaluationConfig) -> dict[str, Any]:
    """Flatten all that a run was configured by, but the user's own paths and the line that describes it."""
    params = {"task": name, **flatten(task), **flatten(evaluation, "evaluation.")}
    params |= flatten(data_config(), "data.") | flatten(features_config(), "features.")
    return {key: value for key, value in params.items() if key not in ("data.root", "data.artists", "description")}


def origin(code: Commit, task: TaskConfig, evaluation: EvaluationConfig, result: Path | None = None) -> Origin:
    """Put together what a run came from; `result` is the folder of a task's output."""
    from mlproject.tracking.registry.register import result_hash, setting_hash

    data, features = data_hash(), stage_hash(LOCK, *feature_stages(task.blocks))
    reference = reference_hash(evaluation)
    setting = setting_hash(flatten(task), flatten(evaluation), came_from=(data, features, reference))
    sections = {"task": task, "evaluation": evaluation, "features": features_config()}
    return Origin(
        corpus_facts()["corpus"],
        rejected_count(),
        data,
        features,
        code,
        setting,
        result_hash(result) if result else "none",
        reference,
        LOCK.read_text() if LOCK.exists() else "",
        json.dumps({name: section.model_dump(mode="json") for name, section in sections.items()}, indent=2),
    )


def bring_up_to_date(*stages: str, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Let DVC bring stages up to date, one caller at a time.

    Parameters
    ----------
    *stages : str
    meanwhile : callable, optional
        What this process gets ready while DVC, a process of its own, is at work; done when this returns. An error in
        it is passed over: what fails there fails again, with its reason, where it is needed.

    Raises
    ------
    StageError
        If a stage did not end; its own message is on stderr by then.
    """
    helper = Thread(target=_passing_over_errors, args=(meanwhile,), daemon=True)
    helper.start()
    with locked(CACHE / "dvc repro", say=say):
        for attempt in range(60):
            status, said = _dvc("repro", "--quiet", *stages)
            if status == 0:
                helper.join()
                return
            if "is busy" not in said and "acquire lock" not in said:
                break
            if attempt == 0:
                say("another dvc command is at work; waiting for it to finish")
            time.sleep(2)
    reasons = [line.removeprefix("error: ") for line in said.splitlines() if line.startswith("error: ")]
    raise StageError(reasons[-1] if reasons else f"dvc repro {' '.join(stages)} failed; run it to see why")


def _passing_over_errors(action: Callable[[], object]) -> None:
    with suppress(Exception):
        action()


def _dvc(*arguments: str) -> tuple[int, str]:
    """Run DVC with its stderr passed on; return its status and what it said."""
    environment = isolated_environment()
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    command = [sys.executable, "-m", "dvc", *arguments]
    said = bytearray()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while chunk := os.read(process.stderr.fileno(), 4096):
            said += chunk
            sys.stderr.write(chunk.decode(errors="replace"))
            sys.stderr.flush()
    return process.returncode, said[-4000:].decode(errors="replace")
