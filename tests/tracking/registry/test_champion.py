"""Who may be champion, what each move leaves and how it is undone; the verdicts that decide it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from mlproject.config.evaluation import EvaluationConfig
from mlproject.errors import ConfigError
from mlproject.reporting.comparison.comparison import Comparison
from mlproject.reporting.comparison.leaderboard import Row
from mlproject.reporting.formatting import interval
from mlproject.results.compared_run import ComparedRun
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.registry import champion
from mlproject.tracking.registry import versions as registry
from mlproject.tracking.registry.verdicts import write_verdict
from tests.reporting.comparison.compared_runs import compared_run
from tests.tracking.registry.stored_versions import MARKS, OTHER_DATA, add_version, again

pytestmark = MARKS
CONFIG = EvaluationConfig(n_clusters=4)
WIN = {"ami": "beats", "ari": "beats", "purity": "ties"}


def promote(version: Any) -> bool:
    return champion.promote(version, why="beats PCA", evidence="run 1")


class TestChampion:
    @pytest.mark.parametrize(
        ("tags", "verdicts", "reason"),
        [
            ({"label_use": "label-informed"}, WIN, r"label-informed: what saw a label is never promoted"),
            ({"label_use": "label-suspect"}, WIN, r"label-suspect: what saw a label is never promoted"),
            ({}, WIN | {"ami": "ties"}, r"no win against PCA \+ K-Means \(ami ties, ari beats, purity ties\)"),
            ({}, WIN | {"purity": "loses"}, r"no win against PCA .*purity loses"),
            ({}, {}, r"no win against PCA \+ K-Means \(not evaluated\)"),
            ({"data_hash": OTHER_DATA}, WIN, r"its data are not those of the baseline: run `python -m pipelines.task"),
            ({"champion.undone": "by somebody at noon"}, WIN, r"a person took it back \(by somebody at noon\)"),
        ],
    )
    def test_what_may_not_be_champion_is_told_why(self, store, tags, verdicts, reason):
        said = champion.refusal(add_version(store, **tags), verdicts)
        assert re.match(reason, said), said

    def test_no_baseline_no_champion(self, store):
        from mlflow import MlflowClient

        MlflowClient().delete_registered_model_alias(registry.MODEL, "baseline")
        assert "not those of the baseline" in champion.refusal(add_version(store), WIN)

    @pytest.mark.parametrize(("margin", "moves"), [("0.0999", False), ("0.1", False), ("0.1001", True)])
    def test_another_has_to_win_by_more_than_the_champion(self, store, margin, moves):
        first, second = add_version(store), add_version(store, difference_ami=margin)
        promote(first)
        said = champion.refusal(second, WIN)
        assert (said is None) == moves
        assert moves or said == f"version {first.version} beats PCA + K-Means by as much or more"

    def test_a_champion_on_other_data_is_no_rival(self, store):
        old = add_version(store, data_hash=OTHER_DATA, difference_ami="0.9")
        promote(old)
        assert champion.refusal(add_version(store), WIN) is None

    def test_a_quick_look_is_not_enough(self, store):
        quick = add_version(store, evaluation_budget="3 seeds, 20 subsamples")
        assert "less than conf/evaluation.yaml asks for (3 seeds" in champion.refusal(quick, WIN, by_hand=True)

    def test_undo_survives_an_alias_that_was_moved_elsewhere_and_a_version_that_is_gone(self, store):
        from mlflow import MlflowClient

        first, second, third = (add_version(store, difference_ami=gain) for gain in ("0.1", "0.2", "0.3"))
        for version in (first, second):
            promote(version)
        MlflowClient().set_registered_model_alias(registry.MODEL, "champion", str(third.version))
        MlflowClient().delete_model_version(registry.MODEL, str(second.version))
        champion.undo()
        assert registry.version_at("champion").version == first.version

    def test_a_champion_that_no_longer_passes_loses_the_alias(self, store):
        version = add_version(store)
        promote(version)
        champion.withdraw(again(version), "no win")
        assert registry.version_at("champion") is None
        assert again(version).tags["champion.withdrawn"] == "no win"

    def test_the_champion_itself_stays_welcome_and_is_not_moved_again(self, store):
        version = add_version(store)
        assert promote(version)
        assert champion.refusal(again(version), WIN) is None
        assert not promote(again(version))
        assert again(version).tags["champion.previous"] == "none"

    def test_a_win_moves_it_and_leaves_who_why_and_what_was_before(self, store, monkeypatch):
        monkeypatch.setattr("getpass.getuser", lambda: "ada")
        first, second = add_version(store), add_version(store, difference_ami="0.2")
        assert champion.refusal(first, WIN) is None
        promote(first)
        assert champion.refusal(second, WIN) is None
        champion.promote(second, why="beats PCA by more", evidence="run 7")
        assert registry.version_at("champion").version == second.version
        tags = again(second).tags
        kept = {key: tags[f"champion.{key}"] for key in ("by", "why", "evidence", "previous")}
        expected = {"by": "ada", "why": "beats PCA by more", "evidence": "run 7", "previous": str(first.version)}
        assert kept == expected
        assert pd.Timestamp(tags["champion.at"]).tzinfo is not None

    def test_undo_gives_it_back_to_the_one_before_and_then_to_nobody(self, store):
        first, second = add_version(store), add_version(store, difference_ami="0.2")
        promote(first)
        promote(second)
        assert champion.undo() == f"champion is version {first.version} again, no longer {second.version}"
        assert registry.version_at("champion").version == first.version
        assert "no version was before it" in champion.undo()
        assert registry.version_at("champion") is None
        with pytest.raises(ConfigError, match="no champion to take back"):
            champion.undo()

    def test_what_was_taken_back_returns_by_hand_alone(self, store):
        version = add_version(store)
        promote(version)
        champion.undo()
        assert champion.refusal(again(version), WIN).startswith("a person took it back")
        assert champion.refusal(again(version), WIN, by_hand=True) is None

    def test_by_hand_the_gate_asks_for_the_same_but_not_for_more_than_the_champion(self, store):
        promote(add_version(store, difference_ami="0.3"))
        assert champion.refusal(add_version(store), WIN, by_hand=True) is None
        informed = add_version(store, label_use="label-informed")
        assert "never promoted" in champion.refusal(informed, WIN, by_hand=True)
        assert "no win" in champion.refusal(add_version(store), {"ami": "ties"}, by_hand=True)
        strange = add_version(store, data_hash=OTHER_DATA)
        assert "not those of the baseline" in champion.refusal(strange, WIN, by_hand=True)

    def test_what_returned_by_hand_is_no_longer_taken_back(self, store):
        version = add_version(store)
        promote(version)
        champion.undo()
        promote(again(version))
        assert champion.refusal(again(version), WIN) is None

    def test_undo_leads_back_through_every_move(self, store):
        first, second = add_version(store), add_version(store, difference_ami="0.2")
        for version in (first, second, first):
            promote(again(version))
        at = [registry.version_at("champion").version]
        for _ in range(2):
            champion.undo()
            at.append(registry.version_at("champion").version)
        champion.undo()
        assert at == [first.version, second.version, first.version]
        assert registry.version_at("champion") is None


class TestVerdicts:
    @pytest.fixture
    def compared(self, store, tmp_path):
        """The logged task as a comparison takes it, with an evaluation, and the comparison's row of it."""

        def make(**changes: Any) -> tuple[Row, ComparedRun]:
            output = TaskOutput(store.task.output.folder)
            vars(output)["_content"] = output.record.model_copy(
                update={"is_baseline": False}
            )  # the logged task is the baseline
            run = replace(compared_run(tmp_path, "deep", evaluation=changes), task=output)
            return Comparison([run], EvaluationConfig(n_clusters=4)).rows[0], run

        return make

    def test_they_become_tags_and_part_of_the_card(self, store, compared):
        version = add_version(store)
        row, run = compared()
        assert write_verdict(version, row, run, CONFIG) == dict.fromkeys(("ami", "ari", "purity"), "beats")
        tags, low, high = again(version).tags, row.verdicts["ami"].low, row.verdicts["ami"].high
        assert (tags["verdict"], tags["verdict_purity"], tags["difference_ami"]) == ("beats", "beats", "0.1000")
        card = again(version).description
        from mlflow import MlflowClient

        logged = MlflowClient().get_run(version.run_id).data
        assert "**beats**" in logged.tags["mlflow.note.content"]
        assert logged.metrics["mean/ami"] == run.evaluation.record.scores["ami"] == row.scores["ami"]
        assert f"- ami: +0.100 against PCA + K-Means ({interval(low, high)}): **beats**" in card
        assert card.startswith("baseline: PCA of statistics.")

    def test_without_an_evaluation_there_is_no_verdict(self, store, compared):
        version = add_version(store)
        _, run = compared()
        bare = replace(run, evaluation=None)
        assert write_verdict(version, Comparison([bare], EvaluationConfig(n_clusters=4)).rows[0], bare, CONFIG) == {}
        assert again(version).tags["verdict"] == "not evaluated"

    def test_a_verdict_that_no_longer_stands_leaves_nothing_to_promote_by(self, store, compared):
        version = add_version(store)
        write_verdict(version, *compared(), CONFIG)
        write_verdict(again(version), *compared(label_use="label-suspect"), CONFIG)
        tags = again(version).tags
        verdicts = {key.removeprefix("verdict_"): word for key, word in tags.items() if key.startswith("verdict_")}
        assert champion.refusal(again(version), verdicts, by_hand=True) is not None

    def test_what_only_the_evaluation_found_out_is_on_the_card(self, store, compared):
        version = add_version(store)
        row, run = compared(label_use="label-suspect")
        assert write_verdict(version, row, run, CONFIG) == {}
        assert again(version).tags["verdict"] == "none"
        assert "label-suspect" in again(version).description
