from dataclasses import replace

import numpy as np
import pytest

from mlproject.config.models import AutoencoderConfig, CvaeConfig, PrincipalComponentsConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.evaluation.label_leakage import Finding
from mlproject.experiment.design_matrix import TextVectors, build_design
from mlproject.experiment.fit import fit_model
from mlproject.experiment.label_audit import Audit, find_design_leaks, label_use_of, labels_change_latent

NETWORK = AutoencoderConfig(latent_dim=4, hidden=(8,), epochs=3, lyrics_dim=3)
PCA = PrincipalComponentsConfig(latent_dim=5, lyrics_dim=3)
CVAE = CvaeConfig(latent_dim=3, hidden=(8,), epochs=5, warm_up=2, lyrics_dim=3, n_conditions=4)
AUDIO, LYRICS = BlocksConfig(), BlocksConfig(lyrics="embedding")
GENRE, ALL = BlocksConfig(genre="one_hot"), BlocksConfig(lyrics="embedding", genre="one_hot")
RED, GREEN = Finding("lyrics", "identical rows", 1.0, True), Finding("audio", "identical rows", 0.0, False)


def by_genre(inputs):
    """One text a genre, declared so."""
    rows = {genre: row for row, genre in enumerate(np.unique(inputs.genres))}
    return replace(inputs, texts=TextVectors(inputs.texts.vectors[:4], row_by_genre=rows))


def as_a_file(inputs):
    """The same texts, given as if each were a track's own."""
    code = np.unique(inputs.genres, return_inverse=True)[1]
    return replace(inputs, texts=TextVectors(inputs.texts.vectors[:4], row_by_track=code))


@pytest.fixture
def songs(small_inputs, rng):
    """Words that have nothing to do with the genre."""
    return replace(small_inputs, texts=replace(small_inputs.texts, vectors=rng.normal(size=(60, 24)).astype("f")))


@pytest.fixture
def audit(small_evaluation):
    def of(task, inputs):
        rows = np.arange(60)
        design = build_design(task.blocks, inputs, rows)

        def vectors_of(design):
            return fit_model(task, small_evaluation, design)[1]

        changed = labels_change_latent(task, small_evaluation, inputs, rows, vectors_of(design), vectors_of)
        found = find_design_leaks(design, inputs.genres, small_evaluation)
        return Audit(design.matrix.label_derived, changed, found)

    return of


class TestStructure:
    @pytest.mark.parametrize(("model", "blocks"), [(PCA, AUDIO), (NETWORK, AUDIO), (NETWORK, LYRICS), (CVAE, LYRICS)])
    def test_vectors_of_audio_and_words_are_bit_identical_under_other_labels(self, audit, songs, model, blocks):
        found = audit(TaskConfig(model=model, blocks=blocks), songs)
        assert found.labels_change_latent is False
        assert found.label_use == "label-free"

    @pytest.mark.parametrize(("model", "blocks"), [(PCA, GENRE), (NETWORK, GENRE), (NETWORK, ALL), (CVAE, GENRE)])
    def test_condition_changes_them(self, audit, small_inputs, model, blocks):
        found = audit(TaskConfig(model=model, blocks=blocks), small_inputs)
        assert found.labels_change_latent is True
        assert found.label_derived == ("genre",)
        assert found.label_use == "label-informed"

    def test_texts_of_genres_change_them(self, audit, small_inputs):
        found = audit(TaskConfig(model=NETWORK, blocks=LYRICS), by_genre(small_inputs))
        assert found.labels_change_latent is True
        assert found.label_derived == ("lyrics",)
        assert found.label_use == "label-informed"

    def test_one_bit_is_enough(self, small_inputs, small_evaluation):
        task, rows, vectors = TaskConfig(model=PCA), np.arange(60), np.ones((60, 2), dtype=np.float32)
        other = vectors.copy()
        other[7, 1] = np.nextafter(np.float32(1), np.float32(2))
        for again, changed in ((vectors.copy(), False), (other, True)):
            found = labels_change_latent(task, small_evaluation, small_inputs, rows, vectors, lambda _, v=again: v)
            assert found is changed

    def test_labels_are_permuted_and_nothing_else(self, small_inputs, small_evaluation):
        task, rows, seen = TaskConfig(model=PCA, blocks=ALL), np.arange(0, 60, 2), []
        own = build_design(task.blocks, small_inputs, rows)

        def vectors_of(design):
            seen.append(design.matrix)
            return design.matrix.values

        assert labels_change_latent(task, small_evaluation, small_inputs, rows, own.matrix.values, vectors_of)
        changed = (seen[0].values != own.matrix.values).any(axis=0)
        assert not changed[: -len(np.unique(small_inputs.genres))].any()
        assert changed[-len(np.unique(small_inputs.genres)) :].all()

    def test_without_labels_there_is_nothing_to_permute(self, audit, small_inputs):
        found = audit(TaskConfig(model=PCA), replace(small_inputs, genres=None))
        assert found == Audit((), None, ())
        assert found.label_use == "label-free"


class TestValues:
    def test_texts_that_are_the_genre_given_as_a_file_are_suspect(self, audit, small_inputs):
        found = audit(TaskConfig(model=NETWORK, blocks=LYRICS), as_a_file(small_inputs))
        assert found.labels_change_latent is False
        assert found.label_derived == ()
        assert {finding.block for finding in found.findings if finding.red} == {"lyrics"}
        assert found.label_use == "label-suspect"

    def test_genre_in_a_column_of_the_statistics_is_suspect(self, audit, small_inputs):
        code = np.unique(small_inputs.genres, return_inverse=True)[1].astype(np.float32)
        leaky = replace(small_inputs, statistics=np.column_stack([small_inputs.statistics, code]))
        found = audit(TaskConfig(model=NETWORK, blocks=BlocksConfig(audio="statistics")), leaky)
        assert found.label_use == "label-suspect"

    def test_declared_blocks_are_not_looked_at(self, audit, small_inputs):
        found = audit(TaskConfig(model=NETWORK, blocks=ALL), by_genre(small_inputs))
        assert {finding.block for finding in found.findings} == {"audio"}
        found = audit(TaskConfig(model=NETWORK, blocks=LYRICS), small_inputs)
        assert {finding.block for finding in found.findings} == {"audio", "lyrics"}

    def test_clusters_of_words_are_looked_at_and_clusters_of_sound_are_not(self, audit, small_inputs):
        checks = [(one.block, one.check) for one in audit(TaskConfig(model=PCA, blocks=LYRICS), small_inputs).findings]
        assert ("lyrics", "k-means alone") in checks
        assert ("audio", "k-means alone") not in checks

    def test_one_genre_alone_cannot_leak(self, small_inputs, small_evaluation):
        design = build_design(AUDIO, small_inputs, np.arange(60))
        assert find_design_leaks(design, np.full(60, "jazz"), small_evaluation) == ()

    def test_same_every_time(self, small_inputs, small_evaluation):
        design = build_design(LYRICS, small_inputs, np.arange(60))
        first, again = (find_design_leaks(design, small_inputs.genres, small_evaluation) for _ in range(2))
        assert first == again


@pytest.mark.parametrize(
    ("label_derived", "changed", "findings", "expected"),
    [
        ((), False, (GREEN,), "label-free"),
        ((), False, (GREEN, RED), "label-suspect"),
        (("genre",), False, (GREEN,), "label-informed"),  # declared, though it has no effect
        (("genre",), True, (RED,), "label-informed"),
        ((), True, (), "label-informed"),  # not declared, but proven
        ((), None, (RED,), "label-suspect"),
    ],
)
def test_worst_that_is_known_is_said(label_derived, changed, findings, expected):
    assert Audit(label_derived, changed, findings).label_use == expected
    if not changed:
        assert label_use_of(label_derived, findings) == expected
