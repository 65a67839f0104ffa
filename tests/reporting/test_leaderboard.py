"""The leaderboard ranks label-free tasks alone."""

from __future__ import annotations

from mlproject.reporting.leaderboard import leaderboard_markdown, leaderboard_rows


def _scores(task: str, ami: float | None, representation: str = "label-free") -> dict:
    own = {"ami": ami, "ari": 0.1, "purity": 0.4}
    return {
        "status": "finished",
        "task": task,
        "corpus": "demo",
        "tracks": 100,
        "representation": representation,
        "primary_clusterer": "kmeans",
        "scores": {"kmeans": own},
        "delta": {"ami": 0.05},
    }


MISSING = {"status": "not applicable", "task": "medium", "corpus": "demo", "reason": "the corpus has no lyrics"}


def test_label_free_tasks_come_first_by_falling_ami_whatever_the_others_score():
    rows = leaderboard_rows([_scores("hard", 1.0, "label-informed"), _scores("a", 0.2), MISSING, _scores("b", 0.3)])
    assert [row["task"] for row in rows] == ["b", "a", "hard", "medium"]


def test_a_missing_score_stays_missing():
    row = leaderboard_rows([_scores("a", None)])[0]
    assert row["ami"] is None
    assert row["nmi"] is None
    assert "| a | kmeans | 100 | – |" in leaderboard_markdown([row])


def test_label_informed_tasks_stand_in_a_table_of_their_own():
    text = leaderboard_markdown(leaderboard_rows([_scores("hard", 1.0, "label-informed"), _scores("a", 0.2), MISSING]))
    free, informed = text.split("## Label-informed")
    assert "| a |" in free
    assert "| hard |" not in free
    assert "| hard |" in informed
    assert "- medium: the corpus has no lyrics" in text


def test_the_demo_is_called_synthetic():
    assert "synthetic" in leaderboard_markdown(leaderboard_rows([_scores("a", 0.2)]))
