"""The commands `lineage` and `reproduce`: where a result came from, and the same result again."""

from __future__ import annotations

import pytest
import yaml

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
LINEAGE = ("python", "-m", "pipelines.lineage")


def test_a_run_leads_back_to_the_data_and_on_to_its_version(finished):
    text = finished.run(*LINEAGE, "medium")
    before, after = text.split("made from it")
    for words in ("data/subset", "artifacts/features/lyrics", "data/source.csv", "commit "):
        assert words in before
    assert "version " in after
    assert "verified: every hash is as it was" in finished.run(*LINEAGE, "medium", "--verify")


def test_data_lead_on_to_everything_that_was_made_of_them(finished):
    text = finished.run(*LINEAGE, "data/tracks.parquet").split("made from it")[1]
    assert "artifacts/comparison" in text
    assert "(medium, task, finished" in text
    lock = yaml.safe_load((finished.folder / "dvc.lock").read_text())
    digest = next(out["md5"] for out in lock["stages"]["prepare"]["outs"] if out["path"] == "data/tracks.parquet")
    assert finished.run(*LINEAGE, digest[:10]).split("made from it")[1] == text


def test_what_changed_is_named(finished_copy):
    (finished_copy.folder / "data" / "labels.parquet").unlink()
    (finished_copy.folder / "data" / "corpus.json").unlink()
    (finished_copy.folder / "data" / "corpus.json").write_text("{}")
    output = finished_copy.run(*LINEAGE, "baseline", "--verify", status=2)
    assert "data/corpus.json is no longer" in output
    assert "data/labels.parquet is missing" in output
    assert "data/tracks.parquet" not in output.split("2 not as they were")[1]


@pytest.mark.parametrize("file", ["serving.py", "code/mlproject/seeding.py", "MLmodel", "requirements.txt"])
def test_an_alias_means_its_version_and_edited_code_in_it_is_found(finished_copy, file):
    command = (*LINEAGE, "models:/genre-clusters@baseline", "--verify")
    before = finished_copy.run(*command)
    assert "verified: every hash is as it was" in before
    version = next(line.split()[1] for line in before.splitlines() if line.startswith("version "))
    edited = list((finished_copy.folder / "mlruns").rglob(file))
    assert edited
    for path in edited:  # that of every version; this one's is found
        path.write_text(path.read_text() + "\n# edited\n")
    output = finished_copy.run(*command, status=2)
    assert f"the model of version {version}, or the code in it, is no longer" in output


def test_an_unknown_thing_is_one_line(finished):
    output = finished.run(*LINEAGE, "nothing", status=2)
    assert "'nothing' is nothing that is known here" in output
    assert len(output.strip().splitlines()) == 1


def test_a_run_of_changed_code_and_configuration_comes_out_the_same(finished_copy):
    finished_copy.configure("tasks/easy", description="changed and not committed")
    (finished_copy.folder / "src" / "mlproject" / "new_module.py").write_text('"""Not committed."""\n')
    finished_copy.run("python", "-m", "pipelines.task", "task=easy", "latent_dim=8", "seed=3")
    finished_copy.run("git", "stash", "--include-untracked")
    output = finished_copy.run("python", "-m", "pipelines.reproduce", "easy latent_dim=8 seed=3")
    assert "the same to the last bit" in output
    assert not (finished_copy.folder / "src" / "mlproject" / "new_module.py").exists()
    assert finished_copy.run("git", "worktree", "list").count("\n") == 1
