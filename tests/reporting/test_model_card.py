"""A model's card says what went in, how it scored and how surely, and what it cannot do."""

from __future__ import annotations

import numpy as np
import pytest

from mlproject.evaluation.significance import Verdict
from mlproject.prediction.package import ClusterDescription, KnownTracks, Recipe
from mlproject.reporting.model_card import model_card, run_note
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from tests.reporting.comparison.compared_runs import compared_run, with_projections
from tests.results.records import evaluation_record

GENRES = {"a": 12, "b": 9, "c": 5, "d": 4}
NOISE = ClusterDescription(cluster=-1, name="noise", size=3, genres={"pop": 3}, purity=1.0)
LOUD = ClusterDescription(cluster=0, name="loud, fast: ночь", size=30, genres=GENRES, purity=0.4)


@pytest.fixture
def output(tmp_path):
    return compared_run(tmp_path, "easy").task


def card(output, *, refusal=None, clusters=(NOISE, LOUD), evaluation=None, verdicts=None, **changes):
    record = output.record.model_copy(update={"description": "An autoencoder."} | changes)
    shown = TaskOutput(output.folder, record)
    nothing = np.empty(0)
    package = Recipe(task="easy", refusal=refusal), KnownTracks([], nothing, nothing, nothing, clusters)
    vars(shown).update(package=package)
    evaluated = None if evaluation is None else EvaluationOutput(output.folder, evaluation)
    run = ComparedRun(record.task, shown, evaluated)
    return model_card(run, address="models:/genre-clusters/3", verdicts=verdicts or {})


def test_it_says_what_went_in_and_how_it_scored(output):
    text = card(output)
    assert text.startswith("easy: An autoencoder.\n")  # plain: lists show the first line as it is
    assert "24 tracks of the demo corpus; label-free." in text
    ami, baseline = output.record.primary_scores["ami"], output.record.baseline["ami"]
    assert f"| ami | {ami:.3f} | {baseline:.3f} | 0.060 |" in text
    assert "| nmi |" in text
    assert "Not evaluated: the scores are of one training; no interval, no verdict." in text


def test_scores_that_are_undefined_are_dashes(tmp_path):
    text = card(compared_run(tmp_path, "vae", labelled=False).task)
    assert "| ami | – | – | – |" in text
    assert "None" not in text
    assert "nan" not in text


def test_an_evaluation_brings_intervals_and_verdicts(output):
    text = card(output, evaluation=evaluation_record())
    assert "Over 2 seeds and 4 subsamples:" in text
    assert "- ami: +0.100 against PCA + K-Means (+0.040 to +0.160): **beats**" in text
    assert "Not evaluated" not in text
    assert "| kmeans | mean of 2 seeds | PCA + K-Means | chance, up to | this model |" in text


def test_verdicts_of_a_whole_table_take_the_place_of_those_of_the_task_alone(output):
    text = card(output, evaluation=evaluation_record(), verdicts={"ami": Verdict("ties", -0.02, 0.22, 0.2)})
    assert "- ami: +0.100 against PCA + K-Means (-0.020 to +0.220): **ties**" in text
    assert "- ari: +0.100 against PCA + K-Means (+0.040 to +0.160): **beats**" in text


def test_the_note_of_a_run_links_its_report_where_it_has_one(output):
    run = ComparedRun("easy", output)
    assert "report" not in run_note(run, report="#/report.html", verdicts={})
    drawn = with_projections(ComparedRun("easy", TaskOutput(output.folder)))
    assert "[Open the report](#/report.html)" in run_note(drawn, report="#/report.html", verdicts={})


@pytest.mark.parametrize("by_artist", [True, False])
def test_unknown_artists_are_a_limit(output, by_artist):
    text = card(output, evaluation=evaluation_record(by_artist=by_artist))
    assert ("Artists are not known" in text) == (not by_artist)


def test_clusters_are_named_with_their_most_frequent_genres(output):
    text = card(output)
    assert "- 0: loud, fast: ночь (30 tracks: a 12, b 9, c 5)" in text
    assert "- -1: noise (3 tracks: pop 3)" in text
    bare = card(output, clusters=[LOUD.model_copy(update={"genres": None})])
    assert "- 0: loud, fast: ночь (30 tracks)\n" in bare


def test_it_says_how_to_load_it(output):
    text = card(output)
    assert 'mlflow.pyfunc.load_model("models:/genre-clusters/3")' in text
    assert "-P model=models:/genre-clusters/3" in text


def test_a_model_that_places_no_new_music_says_why_and_not_how(output):
    reason = "hard was trained with the genre (genre), which nobody knows of new music; take a label-free model"
    text = card(output, refusal=reason)
    assert f"- {reason}" in text
    assert "load_model" not in text


@pytest.mark.parametrize("coverage", [None, 0.5])
def test_missing_words_are_a_limit_of_what_reads_words(output, coverage):
    assert ("without lyrics" in card(output, lyrics_coverage=coverage)) == (coverage is not None)


@pytest.mark.parametrize("corpus", ["demo", "gtzan"])
def test_the_demo_says_nothing_about_music(output, corpus):
    assert ("say nothing about music" in card(output, corpus=corpus)) == (corpus == "demo")


@pytest.mark.parametrize("kind", ["label-free", "label-suspect", "label-informed"])
def test_what_saw_a_label_is_warned_of(tmp_path, kind):
    assert ("proves nothing" in card(compared_run(tmp_path, "hard", kind).task)) == (kind != "label-free")
