"""What the records of a task and of its evaluation share, and how a record is read from its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar
from zipfile import BadZipFile

from pydantic import BaseModel, ConfigDict, ValidationError

from mlproject.errors import DamagedFileError, OutdatedResultError, ResultError
from mlproject.experiment.label_audit import LabelUse
from mlproject.files import read_json

__all__ = [
    "SCHEMA_VERSION",
    "ChanceLevel",
    "LeakFinding",
    "NotApplicable",
    "Part",
    "Record",
    "read_file",
    "read_record",
]

SCHEMA_VERSION: Literal[1] = 1
MEND = "run the task again, or dvc repro"

Scores = dict[str, float | None]
Content = TypeVar("Content")
Finished = TypeVar("Finished", bound="Record")


class Part(BaseModel):
    """Plain values that do not change; a field more or less is an error."""

    # Attributes, so that results of `experiment` are taken as they are.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, from_attributes=True)


class ChanceLevel(Part):
    """Mean and 97.5th percentile of a score of random partitions."""

    mean: float
    upper: float


class LeakFinding(Part):
    """The AMI with the genre that one look at a block reaches; `red` where it is above the limit."""

    block: str
    check: str
    ami: float
    red: bool


class NotApplicable(Part):
    """Stands where a result would be if the corpus had the inputs for it."""

    schema_version: Literal[1] = SCHEMA_VERSION
    status: Literal["not applicable"] = "not applicable"
    task: str
    corpus: str
    reason: str


class Record(Part):
    """What a task's own record and that of its evaluation both say."""

    schema_version: Literal[1] = SCHEMA_VERSION
    status: Literal["finished"] = "finished"
    task: str  # name of the task, one line on it, kind of corpus
    description: str
    corpus: str
    n_tracks: int
    clusterer: str  # the primary one, whose partition counts
    label_use: LabelUse
    label_derived: tuple[str, ...]  # how labels reached the vectors
    findings: tuple[LeakFinding, ...]  # what the values of blocks that are declared label-free give away
    baseline: Scores  # scores of PCA + K-Means; undefined ones are None
    chance: dict[str, ChanceLevel]  # by metric against the genres; empty without genres

    @property
    def is_demo(self) -> bool:
        """Whether the tracks are rendered clips, whose scores say nothing about music."""
        return self.corpus == "demo"

    @property
    def label_warning(self) -> str:
        """What is wrong with a comparison of vectors that are not label-free; empty where they are."""
        if self.label_use == "label-informed":
            blocks = ", ".join(self.label_derived) or "none declared"
            return f"label-informed (blocks: {blocks}): the genre reached the vectors, so the difference proves nothing"
        if self.label_use == "label-suspect":
            # Red findings have the highest AMI, whatever the block.
            worst = max(self.findings, key=lambda finding: finding.ami)
            return (
                f"label-suspect: the block {worst.block!r} alone tells the genre "
                f"({worst.check}: AMI {worst.ami:.2f}), so the difference proves nothing"
            )
        return ""


def read_record(path: Path, kind: type[Finished]) -> Finished | NotApplicable:
    """Read scores.json or evaluation.json.

    A file that is missing, broken or has other fields raises `ResultError`, an old one `OutdatedResultError`.
    """
    content = read_file(path, read_json)
    # First: an old file has wrong fields too, and "outdated" says more.
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        written = "an earlier version" if version is None else f"another version (schema {version})"
        raise OutdatedResultError(f"{path} was written by {written} of this project; {MEND}")
    model = NotApplicable if content.get("status") == "not applicable" else kind
    # Validation fails as a broken file does, in one line.
    return read_file(path, lambda _: model.model_validate(content))


def read_file(path: Path, read: Callable[[Path], Content]) -> Content:
    """Read one file of a result; whatever is wrong with it becomes a `ResultError` that names the file and the mend."""
    try:
        return read(path)
    except FileNotFoundError as error:
        raise ResultError(f"{path} is missing; {MEND}") from error
    except ValidationError as error:  # a ValueError too, so it comes before those
        first = error.errors()[0]
        where = f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
        raise ResultError(f"{path} has other fields than it should ({where}); {MEND}") from error
    except DamagedFileError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise ResultError(f"{path} is missing; {MEND}") from error
        raise ResultError(f"{path} is no whole JSON file ({error.__cause__ or error}); {MEND}") from error
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:  # of numpy, pandas and zipfile
        raise ResultError(f"{path} does not read ({str(error).splitlines()[0]}); {MEND}") from error
