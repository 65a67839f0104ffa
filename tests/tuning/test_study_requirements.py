"""What can be known before the first trial is said before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlproject.config.models import PrincipalComponentsConfig
from mlproject.errors import ConfigError, NotApplicableError, TooFewTracksError
from mlproject.tuning.requirements import check_study
from tests.tuning.small_study import EVALUATION, TASK, small_inputs, small_spec

PCA = TASK.model_copy(update={"model": PrincipalComponentsConfig(latent_dim=8, lyrics_dim=4)})


def test_a_study_that_can_be_carried_out_passes():
    check_study(small_spec(), small_inputs())


def test_an_oracle_needs_genres():
    with pytest.raises(NotApplicableError, match="objective=ami is a score against genres"):
        check_study(small_spec(objective=("ami",)), replace(small_inputs(), genres=None))
    check_study(small_spec(), replace(small_inputs(), genres=None))


def test_a_loss_needs_a_model_that_has_one():
    with pytest.raises(ConfigError, match="objective=reconstruction"):
        check_study(replace(small_spec(objective=("reconstruction",)), task=PCA), small_inputs())


def test_a_verdict_that_cannot_be_given_is_found_out_before_the_trials():
    spec = replace(small_spec(), evaluation=EVALUATION.model_copy(update={"n_clusters": 50}))
    with pytest.raises(TooFewTracksError, match="subsamples"):
        check_study(spec, small_inputs())
    check_study(replace(spec, study=spec.study.model_copy(update={"verdict": False})), small_inputs())
