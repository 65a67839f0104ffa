"""What a study may optimise, which way, and whether it saw a genre.

A label-free objective is computed from the vectors, the partition and a space that is the same for all trials; a genre
is not among its arguments. An oracle objective is a score against the genres: what it finds is label-informed.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from mlproject.config import StudyConfig

__all__ = ["CRITERIA", "LABEL_FREE", "OBJECTIVES", "Objective", "directions", "is_oracle", "wanted"]

Direction = Literal["maximize", "minimize"]


class Objective(NamedTuple):
    """One thing that a study may optimise.

    Attributes
    ----------
    direction : {"maximize", "minimize"}
    oracle : bool
        Whether it is a score against the genres.
    meaning : str
    """

    direction: Direction
    oracle: bool
    meaning: str


CRITERIA: dict[str, Objective] = {
    "label_free": Objective(
        "maximize", False, "the criterion that tracks AMI best, now neighbours; see docs/studies.md"
    ),
    "stability": Objective("maximize", False, "ARI of the partitions of two subsamples where they overlap"),
    "agreement": Objective("maximize", False, "ARI of the primary clusterer with Ward's method on the same vectors"),
    "common_silhouette": Objective("maximize", False, "silhouette in the baseline's space over that of dealt labels"),
    "neighbours": Objective("maximize", False, "near tracks of the baseline's space in one cluster, over chance"),
    "silhouette": Objective("maximize", False, "in the model's own space; prefers small latent spaces"),
    "reconstruction": Objective("minimize", False, "last loss of the training"),
    "latent_size": Objective("minimize", False, "columns of the clustered vectors"),
}
OBJECTIVES: dict[str, Objective] = CRITERIA | {
    name: Objective("maximize", True, f"{name.upper() if len(name) < 4 else name} with the genres of half the tracks")
    for name in ("ami", "ari", "nmi", "purity", "accuracy")
}
CHEAP = frozenset({"label_free", "neighbours", "reconstruction", "latent_size"})
LABEL_FREE = "neighbours"  # what `label_free` is: of all criteria the one that tracks AMI best


def wanted(config: StudyConfig) -> frozenset[str]:
    """Name the criteria that each trial of a study takes: what it optimises, and what costs next to nothing."""
    if config.criteria == "all":
        return frozenset(CRITERIA)
    return CHEAP | (frozenset(config.objective) & frozenset(CRITERIA))


def directions(config: StudyConfig) -> list[Direction]:
    """Return which way each objective of a study goes."""
    return [config.direction or OBJECTIVES[name].direction for name in config.objective]


def is_oracle(config: StudyConfig) -> bool:
    """Whether a study sees the genres."""
    return any(OBJECTIVES[name].oracle for name in config.objective)
