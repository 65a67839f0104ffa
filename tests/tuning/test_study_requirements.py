"""What can be known before the first trial is said before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlproject.config import PrincipalComponentsConfig
from mlproject.errors import ConfigError, NotApplicableError, TooFewTracksError
from mlproject.tuning.requirements import check_study
from tests.tuning.small_study import EVALUATION, TASK, small_inputs, small_plan

PCA = TASK.model_copy(update={"model": PrincipalComponentsConfig(latent_dim=8, lyrics_dim=4)})


def test_a_study_that_can_be_carried_out_passes():
    check_study(small_plan(), small_inputs())


def test_an_oracle_needs_genres():
    with pytest.raises(NotApplicableError, match="objective=ami is a score against genres"):
        check_study(small_plan(objective=("ami",)), replace(small_inputs(), genres=None))
    check_study(small_plan(), replace(small_inputs(), genres=None))


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"objective": ("reconstruction",)}, "objective=reconstruction"), ({"pruner": "median"}, "pruner=")],
)
def test_a_loss_needs_a_model_that_has_one(changes, words):
    with pytest.raises(ConfigError, match=words):
        check_study(replace(small_plan(**changes), task=PCA), small_inputs())


def test_a_verdict_that_cannot_be_given_is_found_out_before_the_trials():
    plan = replace(small_plan(), evaluation=EVALUATION.model_copy(update={"n_clusters": 50}))
    with pytest.raises(TooFewTracksError, match="subsamples"):
        check_study(plan, small_inputs())
    check_study(replace(plan, study=plan.study.model_copy(update={"verdict": False})), small_inputs())
