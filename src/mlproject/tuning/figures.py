"""Optuna's own figures of a study, interactive and as pictures."""

import warnings
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import optuna
from optuna.distributions import CategoricalDistribution
from optuna.importance import FanovaImportanceEvaluator
from optuna.trial import FrozenTrial, TrialState

from mlproject.reporting.study.pictures import drawing, save_picture
from mlproject.tuning.objectives import directions
from mlproject.tuning.proposals import quiet
from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.space import values_of

__all__ = ["Plot", "draw_pictures", "interactive_figures"]


class Plot(NamedTuple):
    """One figure of Optuna's: its name there, what it shows, and whether it is of one objective."""

    name: str
    title: str
    meaning: str


PLOTS = (
    Plot("optimization_history", "History", "The objective of each trial in their order, and the best so far."),
    Plot("param_importances", "Importances", "How much of the objective's variation each parameter explains (fANOVA)."),
    Plot("slice", "Slices", "The objective over each parameter by itself."),
    Plot("contour", "Contours", "The objective over each pair of parameters."),
    Plot("parallel_coordinate", "Parallel coordinates", "One line per trial through its parameters to its objective."),
)
FRONT = Plot("pareto_front", "Pareto front", "Trials that no other one beats on all objectives.")
TIMELINE = Plot("timeline", "Time line", "When each trial ran; the colour is how it ended.")
LEAST = 2  # finished trials that a figure needs


def interactive_figures(shared: SharedStudy) -> Iterator[tuple[str, str, Any]]:
    """Yield title, meaning and plotly figure of all that the study can show."""
    for title, meaning, _, drawn in _figures(shared, optuna.visualization):
        yield title, meaning, drawn


def draw_pictures(shared: SharedStudy, folder: Path) -> list[Path]:
    """Write the same figures as .png files and return them."""
    written = []
    with drawing(), warnings.catch_warnings():
        warnings.simplefilter("ignore", category=optuna.exceptions.ExperimentalWarning)
        warnings.simplefilter("ignore", category=UserWarning)
        for _, _, name, drawn in _figures(shared, optuna.visualization.matplotlib):
            save_picture(folder / f"{name}.png", drawn)
            written.append(folder / f"{name}.png")
    return written


def _figures(shared: SharedStudy, library: ModuleType) -> Iterator[tuple[str, str, str, Any]]:
    """Yield title, meaning, name and what `library` draws."""
    study, objectives = _shown(shared), shared.spec.study.objective

    def draw(plot: Plot, **arguments: Any) -> Any:
        with quiet():
            return getattr(library, f"plot_{plot.name}")(study, **arguments)

    done = [trial for trial in shared.trials() if trial.state == TrialState.COMPLETE]
    if len(done) < LEAST:
        return
    for number, objective in enumerate(objectives):
        for plot in PLOTS:
            if plot.name == "contour" and len(shared.spec.study.space) < LEAST:
                continue
            if plot.name == "param_importances" and _is_flat(done, number):
                continue
            drawn = draw(plot, **_arguments(plot, objective, number, several=len(objectives) > 1))
            suffix = f", {objective}" if len(objectives) > 1 else ""
            name = f"{plot.name}_{objective}" if len(objectives) > 1 else plot.name
            yield plot.title + suffix, plot.meaning, name, drawn
    if len(objectives) in (2, 3):
        yield FRONT.title, FRONT.meaning, FRONT.name, draw(FRONT, target_names=list(objectives))
    yield TIMELINE.title, TIMELINE.meaning, TIMELINE.name, draw(TIMELINE)


def _shown(shared: SharedStudy) -> optuna.Study:
    """Return the study in memory, with lists among its parameters written as a task file does."""
    with quiet():
        study = optuna.create_study(study_name=shared.spec.name, directions=directions(shared.spec.study))
        # Optuna draws categories by their text; a list would be drawn as the internal mark that stands for it.
        for trial in deepcopy(shared.trials()):
            for path, distribution in trial.distributions.items():
                if isinstance(distribution, CategoricalDistribution):
                    texts = tuple(map(_legible, distribution.choices))
                    trial.params = {**trial.params, path: _legible(trial.params[path])}
                    trial.distributions = {**trial.distributions, path: CategoricalDistribution(texts)}
            study.add_trial(trial)
    return study


def _legible(choice: object) -> Any:
    value = values_of({"": choice})[""]
    return str(value) if isinstance(value, list) else value


def _arguments(plot: Plot, objective: str, number: int, *, several: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {"target_name": objective}
    if several:
        arguments |= {"target": lambda trial: trial.values[number]}
    if plot.name == "param_importances":
        arguments |= {"evaluator": FanovaImportanceEvaluator(seed=0)}
    return arguments


def _is_flat(trials: list[FrozenTrial], number: int) -> bool:
    """Whether an objective does not vary, so that nothing explains it."""
    return len({trial.values[number] for trial in trials}) < LEAST
