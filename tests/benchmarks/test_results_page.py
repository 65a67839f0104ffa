"""docs/results.md: what is never ranked, what is said and how, and that the page cannot drift from its records."""

from __future__ import annotations

import json

import pytest

from benchmarks import results
from benchmarks.results_page import findings, results_page
from benchmarks.results_records import condense, rounded
from mlproject.reporting.formatting import number
from mlproject.results.record import NotApplicable
from tests.results.records import VERDICT, evaluation_record, task_record

BASELINE = {"ami": 0.25, "ari": 0.15, "purity": 0.4, "nmi": 0.3, "silhouette": 0.1, "coverage": 1.0}
SURE = {"estimate": 0.1, "standard_error": 0.01, "degrees": 50.0, "p_value": 1e-9}
UNSURE = {"estimate": 0.01, "standard_error": 0.05, "degrees": 50.0, "p_value": 0.84}
WORSE = {"estimate": -0.2, "standard_error": 0.01, "degrees": 50.0, "p_value": 1e-12}
NONE = {"estimate": 0.0, "standard_error": 0.0, "degrees": 50.0, "p_value": 1.0}
MISSING = NotApplicable(task="easy", corpus="table", reason="a feature table has no frames")
TAUGHT = {
    "name": "supervised reference",
    "meaning": "was taught",
    "scores": BASELINE | {"ami": 0.5},
    "supervised": True,
}


def point(penalty, excess, ratio):
    values = {"excess": excess, "hsic": 0.1, "hsic_p": 0.2, "swap_ratio": ratio, "error": 0.8, "cost": 1.25}
    return {"penalty": penalty, **values, "active_units": 8.0, "probes": {}, "swapped_error": None}


def report(*separating):
    curve = [point(0.0, 0.3, 1.1), point(10.0, 0.04, 1.4), point(40.0, 0.12, 1.7)]
    facts = {"latent_dim": 8, "n_tracks": 900, "by_artist": True, "separating": list(separating)}
    limits = {"largest_excess": 0.05, "smallest_swap_ratio": 1.5}
    return {**facts, **limits, "unconditioned": point(None, 0.5, None), "curve": curve}


def evaluation(task, ami, difference, label_use="label-free", **changes):
    values = {
        "description": f"What {task} is",
        "corpus": "table",
        "n_tracks": 900,
        "n_clusters": 10,
        "seeds": 10,
        "subsamples": 100,
        "by_artist": True,
        "findings": [{"block": "audio", "check": "clusters", "ami": 0.9, "red": True}],
        "scores": BASELINE | {"ami": ami},
        "baseline": BASELINE,
        "chance": {name: {"mean": 0.111, "upper": 0.222} for name in ("ami", "ari", "purity", "nmi", "accuracy")},
        "differences": dict.fromkeys(("ami", "ari", "purity"), VERDICT | difference),
        "stability": {"task": 0.777, "baseline": 0.6},
        "controls": [TAUGHT],
        "silhouette_null": {"permuted": 0.05, "gaussian": None},
        "silhouettes": {
            name: {"this task": 0.123, "PCA": 0.0} for name in ("this task", "PCA + K-Means", "true genres")
        },
    }
    return evaluation_record(task, label_use, **values | changes)


def origin():
    counts = {"genres": 10, "artists": 300, "unknown_artists": 7, "faults": 14}
    return {"commit": "abc", "versions": {"numpy": "1.2.3"}, **counts}


EVALUATIONS = (
    evaluation("deep", 0.4123456789, SURE),
    evaluation("vae", 0.26, UNSURE),
    evaluation("poor", 0.05, WORSE),
    evaluation("statistics", 0.25, NONE),
    evaluation("hard", 0.99, SURE, "label-informed"),
    evaluation("odd", 0.98, SURE, "label-suspect"),
    MISSING,
)


def corpus(*evaluations, **options):
    return {**origin(), **condense([], evaluations or EVALUATIONS, **options)}


def original():
    scores = {"silhouette": 0.1, "nmi": 0.3, "ari": 0.2, "purity": 0.4}
    lower = {"silhouette": 0.2, "nmi": 0.2, "ari": 0.1, "purity": 0.3}
    row = {"clusterer": "kmeans", "printed": {"tracks": 399, **scores}, "claimed": scores | {"nmi": 0.12}}
    rows = [
        row | {"system": "PCA + K-Means", "task": "statistics", "label_derived": False, "measured": scores},
        row | {"system": "a VAE", "task": "vae", "label_derived": False, "measured": lower},
        row | {"system": "hard", "task": "hard", "label_derived": True, "measured": None},
    ]
    for one in rows[:2]:
        one["measured"] = {"tracks": 999, "silhouette_of_genres": -0.0305, **one["measured"]}
    chance = {name: {"mean": -0.00001, "upper": 0.02} for name in ("nmi", "ari", "purity")}
    return {"source": "A study", "tracks": 999, "chance": chance, "rows": rows}


@pytest.fixture
def records():
    faulty = {name: BASELINE | {"ami": 0.321} for name in ("without_faults", "baseline_without_faults")}
    full = corpus(evaluation("deep", 0.4, SURE, **faulty))
    by_track = corpus(evaluation("deep", 0.4, SURE, by_artist=False))
    return {"table": corpus(), "by_track": by_track, "full": full, "sample": corpus(), "original": original()}


def section(page, title):
    return page.split(f"### {title}\n", 1)[1].split("\n#", 1)[0]


def with_report(records, *separating):
    informed = evaluation("cvae", 0.1, SURE, "label-informed", conditioning=report(*separating))
    return records | {"table": corpus(*EVALUATIONS, informed)}


def test_label_free_tasks_alone_are_ranked_by_ami(records):
    ranked = section(results_page(records), "Label-free")
    tasks = [line.split("`")[1] for line in ranked.splitlines() if line.startswith("| `")]
    assert tasks == ["deep", "vae", "statistics", "poor"]


def test_tracks_drawn_singly_are_said_to_be(records):
    page = results_page(records)
    assert "| `deep` |" in section(page, "Tracks drawn singly")
    assert "- Drawn by track instead of by artist: `deep` **beats** PCA + K-Means" in page


@pytest.mark.parametrize(("kind", "task"), [("informed", "hard"), ("suspect", "odd")])
def test_what_is_not_label_free_stands_apart_with_its_reason_and_without_a_verdict(records, kind, task):
    apart = section(results_page(records), f"Label-{kind}: never ranked")
    assert f"| `{task}` |" in apart
    assert f"label-{kind}" in apart
    assert "**beats**" not in apart


def test_every_claim_has_its_interval_and_its_verdict(records):
    page = section(results_page(records), "Label-free")
    for word, estimate in (("beats", "+0.100"), ("ties", "+0.010"), ("loses", "-0.200")):
        (line,) = (line for line in page.splitlines() if f"**{word}**" in line)
        assert line.count(f"{estimate} [") == 3
    assert "| `statistics` (the reference itself) | 0.250 |" in page


def test_the_interval_is_that_of_the_whole_table():
    alone, together = (
        next(task for task in corpus(*some)["tasks"] if task["task"] == "vae")["differences"]["ami"]
        for some in ([EVALUATIONS[1]], [evaluation("other", 0.2, UNSURE), EVALUATIONS[1]])
    )
    assert together["low"] < alone["low"]


def test_the_reference_has_a_row_where_no_task_is_the_reference():
    parts = dict.fromkeys(("by_track", "full", "sample"), corpus())
    records = {"table": corpus(EVALUATIONS[0]), **parts, "original": original()}
    assert "| *PCA + K-Means, the reference* | 0.250 |" in section(results_page(records), "Label-free")


def test_what_does_not_apply_says_why(records):
    page = results_page(records)
    assert "- `easy`: a feature table has no frames" in section(page, "Not applicable")
    assert "| z-scored statistics + K-Means (`zscores`) | not applicable |" in page


def test_an_ablation_of_tasks_that_do_not_apply_says_so(records):
    ablation = section(results_page(records | {"table": corpus(ablation=["easy"])}), "Ablation by input")
    assert "None of its tasks applies here" in ablation


def test_chance_and_what_has_seen_genres_are_among_the_baselines(records):
    baselines = section(results_page(records), "Baselines")
    assert "| chance, mean | 0.111 |" in baselines
    assert "| chance, 97.5th percentile | 0.222 |" in baselines
    assert "| untrained encoder + K-Means | not applicable |" in baselines
    assert "| leaky oracle (`hard`): **has seen the genres** | 0.990 |" in baselines
    assert "| best supervised reference, on `deep`: **has seen the genres** | 0.500 |" in baselines


def test_a_reference_of_before_is_shown_and_named_so(records):
    assert "predecessor" not in results_page(records)
    before = TAUGHT | {"name": "supervised probe", "scores": BASELINE | {"ami": 0.7}}
    table = corpus(*EVALUATIONS, evaluation("net", 0.3, UNSURE, controls=[before]))
    page = results_page(records | {"table": table})
    assert "| best supervised reference, on `net`: **has seen the genres** | 0.700 |" in page
    assert "The supervised reference here is its predecessor's" in page


def test_an_untrained_encoder_is_that_of_the_best_label_free_task_that_has_one(records):
    control = {"name": "untrained encoder", "meaning": "", "scores": BASELINE | {"ami": 0.2}, "supervised": False}
    table = corpus(*EVALUATIONS, evaluation("net", 0.3, UNSURE, controls=[control]))
    baselines = section(results_page(records | {"table": table}), "Baselines")
    assert "| untrained encoder + K-Means (as `net`) | 0.200 |" in baselines


def test_scores_without_faulty_tracks_stand_beside_those_of_all(records):
    faults = section(results_page(records), "Full and fault-filtered")
    assert "| `deep` | 0.400 / 0.150 / 0.400 | 0.321 / 0.150 / 0.400 |" in faults


def test_a_silhouette_without_a_null_has_no_excess(records):
    assert "| `deep` | 0.123 | 0.050 | – | – |" in section(results_page(records), "Silhouettes")


def test_findings_follow_the_records(records):
    said = findings(records)
    assert "`deep` **beats** PCA + K-Means on AMI, ARI and purity (900 tracks, 10 seeds)." in said
    assert "`vae` **ties** with PCA + K-Means on AMI, ARI and purity (900 tracks, 10 seeds)." in said
    assert "`poor` **loses** to PCA + K-Means on AMI, ARI and purity (900 tracks, 10 seeds)." in said
    assert any(one.startswith("The highest mean AMI of a label-free task is that of `deep`") for one in said)
    assert not any("`hard` **" in one or "`odd` **" in one for one in said)


def test_mixed_verdicts_are_told_apart(records):
    sure, unsure = VERDICT | SURE, VERDICT | UNSURE
    mixed = evaluation("deep", 0.4, SURE, differences={"ami": sure, "ari": unsure, "purity": sure})
    said = findings(records | {"table": corpus(mixed)})
    assert "`deep` **beats** PCA + K-Means on AMI and purity and **ties** with PCA + K-Means on ARI" in said[0]


def test_findings_admit_that_nothing_is_better(records):
    said = findings(records | {"table": corpus(*EVALUATIONS[2:])})
    assert "No label-free task has a higher mean AMI than PCA + K-Means (0.250)." in said


def test_the_curve_says_that_no_weight_gives_both(records):
    page = results_page(with_report(records))
    assert "`cvae`: no weight of the penalty gave both" in page
    assert "the lowest excess is 0.040 (weight 10, error 1.40 times as large)" in page
    assert "the largest ratio 1.70 (weight 40, excess 0.120)" in page
    assert "| no condition | +0.500 |" in page


def test_the_curve_says_which_weights_give_both_at_what_cost(records):
    page = results_page(with_report(records, 10.0))
    assert "`cvae`: the penalty weight 10 gave both" in page
    assert "at 1.25 times the error" in page


def test_the_original_study_stands_row_under_row(records):
    page = results_page(records).split("## The original study\n")[1]
    assert "| **PCA + K-Means** | claimed (README) | – | 0.10 | 0.12 | 0.20 | 0.40 |" in page
    assert "|  | printed (its outputs) | 399 | 0.100 | 0.300 | 0.200 | 0.400 |" in page
    assert "|  | its stored arrays, scored here | 999 | 0.200 | 0.200 | 0.100 | 0.300 |" in page
    assert "`hard` here, mean of 10 seeds, **other tracks and words** (label-informed)" in page
    assert "Chance on 999 tracks: NMI 0.000" in page
    said = findings(records)
    assert "The original study: 3 of 12 values of its README are more than .01 off its own outputs." in said
    assert any("PCA + K-Means scores above a VAE on NMI, ARI and purity" in one for one in said)


def test_the_audio_supports_no_claim(records):
    assert "**No claim is made from these tracks.**" in results_page(records)


def test_condensing_rounds_and_keeps_no_verdict_of_what_saw_a_label():
    tasks = {task["task"]: task for task in corpus()["tasks"]}
    assert tasks["deep"]["scores"]["ami"] == 0.412346
    assert tasks["deep"]["differences"]["ami"]["verdict"] == "beats"
    assert tasks["hard"]["differences"] == {}
    assert tasks["statistics"]["differences"]["ami"] == {"estimate": 0.0, "verdict": None}
    assert tasks["easy"] == {"task": "easy", "status": "not applicable", "reason": "a feature table has no frames"}


def test_condensing_keeps_the_scores_of_each_clusterer():
    record = task_record("deep", scores={"dbscan": {"ami": 0.2, "coverage": 0.5}})
    task = condense([record], EVALUATIONS)["tasks"][0]
    assert task["clusterers"]["dbscan"]["ami"] == 0.2
    assert task["clusterers"]["dbscan"]["nmi"] is None
    assert "coverage" not in task["clusterers"]["dbscan"]


def test_rounding_reaches_every_float_and_has_no_minus_zero():
    value = rounded({"a": [0.1234567, (1 / 3,)], "b": {"c": None, "d": 3, "e": "0.1234567"}, "f": -1e-9})
    assert json.dumps(value) == '{"a": [0.123457, [0.333333]], "b": {"c": null, "d": 3, "e": "0.1234567"}, "f": 0.0}'


@pytest.mark.parametrize(
    ("value", "shown"), [(0.1235, "0.124"), (-0.0305, "-0.031"), (-0.0004, "0.000"), (1e-7, "0.000"), (None, "–")]
)
def test_numbers_are_rounded_once_and_away_from_zero(value, shown):
    assert number(value) == shown


@pytest.fixture
def command(tmp_path, records):
    """Write the page of the records into a folder, or check it there."""
    for part, record in records.items():
        (tmp_path / f"{part}.json").write_text(json.dumps(record))

    def run(*arguments):
        results.main(["write", "--results", str(tmp_path), "--page", str(tmp_path / "page.md"), *arguments])

    return run


def test_a_page_that_was_written_is_up_to_date(command, tmp_path):
    command()
    before = (tmp_path / "page.md").read_bytes()
    command("--check")
    assert (tmp_path / "page.md").read_bytes() == before


def test_a_changed_byte_is_drift(command, tmp_path):
    command()
    page = tmp_path / "page.md"
    lines = page.read_text().split("\n")
    page.write_text("\n".join([*lines[:4], lines[4] + " ", *lines[5:]]))
    with pytest.raises(SystemExit, match=r"line 5 differs\); run: python -m benchmarks.results write"):
        command("--check")


@pytest.mark.parametrize("change", [lambda page: page + b"\n", lambda page: page[:-1], lambda page: b"\xff" + page])
def test_a_byte_more_or_less_is_drift(command, tmp_path, change):
    command()
    page = tmp_path / "page.md"
    page.write_bytes(change(page.read_bytes()))
    with pytest.raises(SystemExit, match="differs"):
        command("--check")


def test_a_page_that_is_not_there_is_drift(command):
    with pytest.raises(SystemExit, match="it is not there"):
        command("--check")


def test_missing_results_are_named(command, tmp_path):
    (tmp_path / "full.json").unlink()
    with pytest.raises(SystemExit, match=r"lacks full.json; measure first"):
        command("--check")


def test_a_try_never_lands_among_the_results():
    with pytest.raises(SystemExit, match="name another folder with --into"):
        results.main(["measure", "--quick"])


@pytest.mark.parametrize(
    ("arguments", "message"), [([], "nothing to measure"), (["--table", "nowhere.csv"], "nowhere.csv does not exist")]
)
def test_a_measurement_needs_something_to_measure(arguments, message):
    with pytest.raises(SystemExit, match=message):
        results.main(["measure", *arguments])


def test_the_stored_arrays_give_the_originals_table(test_data):
    from benchmarks.original_study import measure_original

    rows = {row["system"]: row for row in measure_original(test_data / "original_results")["rows"]}
    assert round(rows["PCA + K-Means"]["measured"]["nmi"], 4) == 0.3156
    assert number(rows["easy (a VAE)"]["measured"]["silhouette_of_genres"]) == "-0.031"
    assert rows["medium"]["measured"] is None
