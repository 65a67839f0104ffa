"""Finished tasks as versions: what they say of themselves, and how they are found."""

from __future__ import annotations

import pytest

from mlproject.config.overrides import flatten
from mlproject.errors import ConfigError
from mlproject.results.hashes import config_hash, result_hash
from mlproject.tracking.registry import versions as registry
from mlproject.tracking.registry.packaging import served_hash
from mlproject.tracking.store import ensure_store, open_experiment
from tests.prediction.trained_tasks import EVALUATION, SOUND, train
from tests.tracking.registry.stored_versions import DATA, MARKS, OTHER_DATA, PCA, REASON, add_version, track

pytestmark = MARKS


class TestVersions:
    def test_a_version_says_what_it_is_and_where_it_came_from(self, store):
        version = registry.find_version(store.run.run_id)
        assert version.tags == {
            "task": "baseline",
            "baseline": "true",
            "corpus": "demo",
            "label_use": "label-free",
            "data_hash": DATA,
            "baseline_hash": PCA,
            "model_hash": served_hash(registry.address(version.version)),
            "verdict": "not evaluated",
        }
        assert version.description.startswith("baseline: PCA of statistics.")
        assert f'load_model("models:/genre-clusters/{version.version}")' in version.description

    def test_a_run_that_is_logged_again_keeps_its_version(self, store):
        again = track(store.uri, store.task, name="baseline", baseline=True, run_id=store.run.run_id)
        assert again.run_id == store.run.run_id
        assert [one.version for one in registry.versions()] == [2, 1]

    @pytest.mark.usefixtures("store")
    def test_the_card_of_a_refused_one_says_why(self):
        refused = registry.find_version("hard")
        assert REASON in refused.description
        assert "baseline" not in refused.tags

    def test_versions_are_listed_the_newest_first(self, store):
        add_version(store)
        assert [one.version for one in registry.versions()] == [3, 2, 1]

    def test_equal_results_have_one_hash_and_others_another(self, tmp_path, store):
        same, other = train(tmp_path / "same", name="baseline"), train(tmp_path / "other", primary="agglomerative")
        assert (
            result_hash(same.output.folder) == result_hash(store.task.output.folder) != result_hash(other.output.folder)
        )

    def test_a_configuration_is_known_by_all_but_seeds_and_figures(self):
        task, evaluation = flatten(SOUND), flatten(EVALUATION)
        same = config_hash(task, evaluation, came_from=("d", "f"))
        seeds = evaluation | {"seed": 7, "clustering_seed": 8, "seeds": 3, "figures": True}
        assert config_hash(task, seeds, came_from=("d", "f")) == same
        others = [
            config_hash(task | {"model.latent_dim": 5}, evaluation, came_from=("d", "f")),
            config_hash(task, evaluation | {"n_clusters": 5}, came_from=("d", "f")),
            config_hash(task, evaluation, came_from=("e", "f")),
            config_hash(task, evaluation, came_from=("d", "g")),
        ]
        assert len({same, *others}) == 5


class TestFinding:
    def test_a_version_is_found_by_number_alias_address_run_and_task(self, store):
        for reference in ("1", "baseline", "models:/genre-clusters/1", "models:/genre-clusters@baseline"):
            assert registry.find_version(reference).version == 1
        assert registry.find_version("hard").version == 2
        # The newest of a run and of a task.
        newer = add_version(store, task="hard")
        assert registry.find_version("hard").version == newer.version
        assert registry.find_version(store.run.run_id).version == newer.version

    @pytest.mark.parametrize("reference", ["7", "chamption", "models:/genre-clusters/9", "models:/other/1", "", "0"])
    @pytest.mark.usefixtures("store")
    def test_anything_else_says_what_there_is(self, reference):
        with pytest.raises(ConfigError) as error:
            registry.find_version(reference)
        assert str(error.value) == (
            f"{reference!r} is no version, alias, run or task of genre-clusters; versions: 2, 1"
        )

    def test_a_store_without_versions_says_what_to_do_first(self, tmp_path, monkeypatch):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        monkeypatch.chdir(tmp_path)
        open_experiment(ensure_store(tmp_path))
        assert registry.version_at("baseline") is None
        assert registry.versions() == []
        with pytest.raises(ConfigError, match="versions: none; run a task first"):
            registry.find_version("1")


class TestBaseline:
    def test_it_points_to_the_pca_run_on_the_data(self, store):
        assert registry.version_at("baseline").run_id == store.run.run_id
        assert registry.point_baseline(store.uri, DATA, PCA)
        assert not registry.point_baseline(store.uri, OTHER_DATA, PCA)
        assert registry.version_at("baseline").version == 1

    def test_another_configuration_of_pca_needs_a_run_of_its_own(self, store):
        assert not registry.point_baseline(store.uri, DATA, "q" * 32)

    def test_it_follows_the_data_there_and_back(self, store):
        other = add_version(store, task="baseline", baseline="true", data_hash=OTHER_DATA)
        add_version(store, data_hash=OTHER_DATA)
        assert registry.point_baseline(store.uri, OTHER_DATA, PCA)
        assert registry.version_at("baseline").version == other.version
        assert registry.point_baseline(store.uri, DATA, PCA)
        assert registry.version_at("baseline").version == 1
