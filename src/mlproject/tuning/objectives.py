"""What a study may optimise, which way, and whether it saw a genre.

A label-free objective is computed from the latent, the partition and a space that is the same for all trials; a genre
is not among its arguments. An oracle objective is a score against the genres: what it finds is label-informed.
"""

from typing import Literal, NamedTuple

from mlproject.config.study import StudyConfig

__all__ = ["CRITERIA", "OBJECTIVES", "ObjectiveInfo", "criteria_taken", "directions", "is_oracle"]

Direction = Literal["maximize", "minimize"]


class ObjectiveInfo(NamedTuple):
    """One thing that a study may optimise."""

    direction: Direction
    oracle: bool  # whether it is a score against the genres
    meaning: str


CRITERIA: dict[str, ObjectiveInfo] = {
    "neighbours": ObjectiveInfo("maximize", False, "near tracks of the baseline's space in one cluster, over chance"),
    "common_silhouette": ObjectiveInfo(
        "maximize", False, "silhouette in the baseline's space over that of permuted clusters"
    ),
    "silhouette": ObjectiveInfo("maximize", False, "in the model's own space; prefers small latent spaces"),
    "reconstruction": ObjectiveInfo("minimize", False, "last loss of the training"),
    "latent_size": ObjectiveInfo("minimize", False, "columns of the clustered latent; only beside another objective"),
}
OBJECTIVES: dict[str, ObjectiveInfo] = CRITERIA | {
    name: ObjectiveInfo(
        "maximize", True, f"{name.upper() if len(name) < 4 else name} with the genres of half the tracks"
    )
    for name in ("ami", "ari", "nmi", "purity", "accuracy")
}
CHEAP = frozenset({"neighbours", "reconstruction", "latent_size"})


def criteria_taken(config: StudyConfig) -> frozenset[str]:
    """Name the criteria that each trial takes: those that the study optimises, and those that cost next to nothing."""
    return CHEAP | (frozenset(config.objective) & frozenset(CRITERIA))


def directions(config: StudyConfig) -> list[Direction]:
    """Return which way each objective of a study goes."""
    return [config.direction or OBJECTIVES[name].direction for name in config.objective]


def is_oracle(config: StudyConfig) -> bool:
    """Whether a study sees the genres."""
    return any(OBJECTIVES[name].oracle for name in config.objective)
