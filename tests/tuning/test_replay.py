"""The replay of a study finds what was changed in its storage."""

from __future__ import annotations

from copy import deepcopy

from mlproject.tuning.replay import replay


def test_every_decision_of_a_finished_study_holds(finished_study):
    assert replay(finished_study.spec, finished_study.trials()) == []


def test_a_changed_parameter_or_result_is_found(finished_study):
    trials = deepcopy(finished_study.trials())
    trials[9].params["model.latent_dim"] = 7 if trials[9].params["model.latent_dim"] != 7 else 6
    assert any("trial 9: proposed" in line for line in replay(finished_study.spec, trials))
    trials = deepcopy(finished_study.trials())
    trials[4].values = [99.0]  # the model of later batches would have learnt something else
    assert replay(finished_study.spec, trials) != []
