"""What `prepare` found out about the corpus as a whole, and what the later stages need of it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from mlproject.files import read_json, write_json
from mlproject.workspace.paths import Workspace

__all__ = ["CorpusFacts", "corpus_facts", "write_corpus_facts"]


class CorpusFacts(BaseModel):
    """The corpus as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str  # kind of the corpus, as conf/data.yaml names it
    holds: Literal["audio", "statistics"]
    lyrics: str | None  # kind of the texts that the corpus itself has
    tracks: int
    sample_rate: int  # hz
    clip_seconds: float = 0.0  # length of the clips, s; 0 for a table of features
    clip_from: Literal["start", "middle"] = "middle"
    columns: int | None = None  # number of columns of a table of features
    columns_left_out: dict[str, str] = {}  # columns of the user's table that are not used, and why


def corpus_facts(workspace: Workspace) -> CorpusFacts:
    """Read what `prepare` wrote."""
    return CorpusFacts.model_validate(read_json(workspace.corpus))


def write_corpus_facts(workspace: Workspace, facts: CorpusFacts) -> None:
    """Write what later stages need to know."""
    write_json(workspace.corpus, facts.model_dump(mode="json"))
