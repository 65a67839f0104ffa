"""New tracks find their clusters, one by one, whatever comes with them."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import numpy as np
import pytest
import soundfile

from mlproject.config.models import UmapConfig
from mlproject.config.tasks import TaskConfig
from mlproject.corpus.demo.audio import render_clip
from mlproject.errors import NotApplicableError
from mlproject.prediction.package import read_package, write_package
from mlproject.prediction.predictor import NewTrack, Predictor, predict_all
from mlproject.results.cluster_descriptions import TrackFacts, describe_clusters
from tests.prediction.trained_tasks import FRAMES, SECONDS, SOUND, SR, WORDS, Trained, rendered, some_texts, train

EMBEDDINGS = TaskConfig(blocks=SOUND.blocks, model=UmapConfig(latent_dim=8, n_embeddings=2, n_neighbors=5))
TASKS = {"statistics": SOUND, "mfcc": FRAMES, "umap": EMBEDDINGS, "lyrics": WORDS}
SCRATCH = TemporaryDirectory()


@pytest.fixture(scope="module", autouse=True)
def _tidy():
    yield
    SCRATCH.cleanup()


@cache
def trained(name: str = "statistics", primary: str = "kmeans") -> Trained:
    """Train once for all tests; nothing is written into the folder afterwards."""
    texts = some_texts() if name == "lyrics" else None
    return train(Path(mkdtemp(dir=SCRATCH.name)) / "task", TASKS[name], primary=primary, texts=texts)


def predictor(name: str = "statistics", primary: str = "kmeans") -> Predictor:
    return Predictor.load(trained(name, primary).package)


def known_tracks() -> list[NewTrack]:
    return [NewTrack(name, content) for name, content in rendered().items()]


def new_music(seed: int, *, seconds: float = SECONDS, suffix: str = ".wav") -> bytes:
    samples = render_clip("reggae", rng=np.random.default_rng(seed), sr=SR, seconds=seconds)
    file = io.BytesIO()
    soundfile.write(file, samples, SR, format={".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}[suffix])
    return file.getvalue()


def relabelled(folder: Path, labels: np.ndarray, *, clusterer: str = "kmeans") -> Predictor:
    """Write the package of `trained` anew with other clusters and load it."""
    recipe, known = read_package(trained().package)
    facts = TrackFacts(known.ids, np.zeros((20, 1)), ["tempo"])
    clusters = describe_clusters(known.vectors, labels, genres=None, facts=facts)
    for name in ("model.json", "arrays.npz"):
        (folder / name).write_bytes((trained().package / name).read_bytes())
    write_package(
        folder,
        recipe.model_copy(update={"clusterer": clusterer}),
        replace(known, labels=labels, clusters=clusters),
    )
    return Predictor.load(folder)


class TestKnownTracks:
    @pytest.mark.parametrize(
        ("name", "primary"),
        [
            ("statistics", "kmeans"),
            ("statistics", "agglomerative"),
            ("statistics", "dbscan"),
            ("mfcc", "kmeans"),
            ("mfcc", "agglomerative"),
            ("umap", "kmeans"),
        ],
    )
    def test_given_again_they_get_their_own_cluster_and_find_themselves(self, name, primary):
        task = trained(name, primary)
        found = list(predictor(name, primary).predict(known_tracks()))
        assert [one.cluster for one in found] == task.labels.tolist()
        assert [one.nearest.split("; ")[0] for one in found] == task.ids
        centres = {label: task.result.task.latent[task.labels == label].mean(axis=0) for label in set(task.labels)}
        expected = [
            np.linalg.norm(row - centres[label])
            for row, label in zip(task.result.task.latent, task.labels, strict=True)
        ]
        np.testing.assert_allclose([one.distance for one in found], expected, rtol=1e-3, atol=1e-3)

    def test_without_their_words_they_find_themselves_by_the_sound_alone(self):
        task = trained("lyrics")
        width = task.result.task.model.widths_["audio"]
        heard = task.result.task.latent[:, :width]
        centres = np.stack([heard[task.labels == label].mean(axis=0) for label in range(4)])
        distances = np.linalg.norm(heard[:, None] - centres, axis=2)
        found = list(predictor("lyrics").predict(known_tracks()))
        assert [one.nearest.split("; ")[0] for one in found] == task.ids
        assert [one.cluster for one in found] == distances.argmin(axis=1).tolist()
        np.testing.assert_allclose([one.distance for one in found], distances.min(axis=1), rtol=1e-3, atol=1e-4)
        assert {one.note for one in found} == {"no lyrics were given; placed by its sound alone"}
        # The words of these tracks were drawn by chance, so that they moved some of them.
        assert not np.array_equal(distances.argmin(axis=1), task.labels)


class TestCompany:
    def test_answers_do_not_depend_on_order_or_company(self):
        tracks = [NewTrack(f"new {seed}", new_music(seed)) for seed in range(4)] + known_tracks()[:3]
        model = predictor()
        together = list(model.predict(tracks))
        assert list(model.predict(tracks[::-1])) == together[::-1]
        assert [next(model.predict([track])) for track in tracks] == together

    def test_broken_files_among_good_ones_give_rows_with_their_reasons_and_the_rest_as_usual(self, tmp_path):
        quiet = io.BytesIO()
        soundfile.write(quiet, np.zeros(3 * SR), SR, format="WAV")
        (tmp_path / "empty.mp3").touch()
        broken = {
            "empty": (tmp_path / "empty.mp3", "0 bytes"),
            "nothing": (b"", "neither a path nor audio"),
            "noise": (b"no audio" * 5000, "does not decode"),
            "head": (new_music(1)[:60], "there is no sample in it|0.00 s long"),
            "silence": (quiet.getvalue(), "silent"),
            "snippet": (new_music(1, seconds=0.5), "at least 1 s"),
            "missing": (tmp_path / "missing.wav", "No such file"),
            "folder": (tmp_path, "is no regular file"),
        }
        good = known_tracks()[: len(broken)]
        mixed = [
            track
            for pair in zip((NewTrack(name, audio) for name, (audio, _) in broken.items()), good, strict=True)
            for track in pair
        ]
        found = list(predictor().predict(mixed))
        assert found[1::2] == list(predictor().predict(good))
        for row, (name, (_, reason)) in zip(found[::2], broken.items(), strict=True):
            assert row.track == name
            assert any(part in row.error for part in reason.split("|")), row.error
            assert set(row[1:-1]) == {None}

    @pytest.mark.parametrize("name", ["statistics", "mfcc"])
    def test_samples_too_large_to_square_do_not_stop_the_others(self, name):
        file, good = io.BytesIO(), known_tracks()[0]
        soundfile.write(file, np.full(3 * SR, 1e25), SR, format="WAV", subtype="FLOAT")
        broken, usual = predictor(name).predict([NewTrack("huge", file.getvalue()), good])
        assert broken.error
        assert usual.error is None

    def test_a_name_that_no_file_can_have_does_not_stop_the_others(self):
        broken, usual = predictor().predict([NewTrack("long", Path("x" * 5000)), known_tracks()[0]])
        assert broken.error
        assert usual.error is None

    @pytest.mark.slow
    def test_in_processes_the_answers_and_their_order_are_the_same(self):
        tracks = [NewTrack(f"new {seed}", new_music(seed, seconds=1 + seed / 20)) for seed in range(39)]
        tracks.insert(17, NewTrack("broken", b"no audio"))
        alone = list(predictor().predict(tracks))
        assert list(predict_all(predictor(), tracks, n_jobs=2)) == alone
        assert [row.track for row in alone if row.error] == ["broken"]

    def test_few_tracks_and_none_at_all_need_no_processes(self):
        assert list(predict_all(predictor(), known_tracks()[:2])) == list(predictor().predict(known_tracks()[:2]))
        assert list(predict_all(predictor(), [])) == []

    def test_tracks_are_taken_when_it_is_their_turn(self):
        taken = []

        def tracks():
            for track in known_tracks():
                taken.append(track.name)
                yield track

        found = predict_all(predictor(), tracks(), n_jobs=1)
        next(found)
        assert len(taken) == 20  # so few are looked at together, to see how many there are
        more = predict_all(predictor(), (track for _ in range(3) for track in tracks()), n_jobs=1)
        taken.clear()
        next(more)
        assert len(taken) == 32


class TestAudio:
    @pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
    def test_a_file_and_what_is_in_it_give_the_same(self, tmp_path, suffix):
        path = tmp_path / f"ümlaut 歌{suffix}"
        path.write_bytes(new_music(5, suffix=suffix))
        by_path, by_content = predictor().predict([NewTrack("new", path), NewTrack("new", path.read_bytes())])
        assert by_path.error is None
        assert by_path == by_content

    def test_a_track_that_is_too_short_for_frames_is_placed_by_statistics_alone(self):
        short = [NewTrack("short", new_music(5, seconds=2.5))]
        (refused,), (placed,) = predictor("mfcc").predict(short), predictor().predict(short)
        assert refused.error == "2.50 s long, too short for MFCC frames of 3 s"
        assert refused.cluster is None
        assert placed.error is None

    def test_one_percent_short_of_the_clip_is_not_too_short(self):
        (found,) = predictor("mfcc").predict([NewTrack("short", new_music(5, seconds=0.991 * SECONDS))])
        assert found.error is None

    def test_the_part_that_is_heard_is_that_of_the_training(self):
        name, content = next(iter(rendered().items()))
        samples, _ = soundfile.read(io.BytesIO(content), dtype="int16")
        other = np.random.default_rng(0).integers(-9000, 9000, size=3 * SR).astype(np.int16)
        before, after = np.concatenate([other, samples, other]), np.concatenate([samples, other, other])
        for heard, part in ((before, "middle"), (after, "start")):
            file, model = io.BytesIO(), predictor()
            soundfile.write(file, heard, SR, format="WAV", subtype="PCM_16")
            recipe = model.recipe.model_copy(update={"clip_from": part})
            (found,) = replace(model, recipe=recipe).predict([NewTrack(name, file.getvalue())])
            assert found == next(model.predict([NewTrack(name, content)]))


class TestConfidence:
    def test_it_follows_the_two_nearest_centres(self):
        task = trained()
        centres = np.stack([task.result.task.latent[task.labels == label].mean(axis=0) for label in range(4)])
        to_centres = np.linalg.norm(task.result.task.latent[:, None] - centres, axis=2)
        own, other = np.sort(to_centres, axis=1)[:, :2].T
        found = [one.confidence for one in predictor().predict(known_tracks())]
        np.testing.assert_allclose(found, 1 - own / other, atol=1e-4)

    @pytest.mark.parametrize(("name", "primary"), [("statistics", "agglomerative"), ("mfcc", "dbscan")])
    def test_it_is_between_0_and_1_where_another_centre_may_be_nearer(self, name, primary):
        tracks = [NewTrack(f"new {seed}", new_music(seed)) for seed in range(5)] + known_tracks()
        found = np.array([one.confidence for one in predictor(name, primary).predict(tracks)])
        assert ((found >= 0) & (found <= 1)).all()

    def test_nothing_competes_with_a_single_cluster(self, tmp_path):
        (found,) = relabelled(tmp_path, np.zeros(20, dtype=np.int32)).predict([NewTrack("new", new_music(3))])
        assert (found.cluster, found.confidence) == (0, 1.0)

    def test_noise_is_a_place_too_and_numbers_may_have_gaps(self, tmp_path):
        labels = np.where(np.arange(20) < 10, -1, 7).astype(np.int32)
        found = list(relabelled(tmp_path, labels, clusterer="dbscan").predict(known_tracks()))
        assert [one.cluster for one in found] == labels.tolist()
        assert {one.name for one in found[:10]} == {"noise"}


class TestWords:
    def test_the_answer_tells_the_clusters_name_and_the_shares_of_its_genres(self):
        clusters = {cluster.cluster: cluster for cluster in read_package(trained().package)[1].clusters}
        for found in predictor().predict(known_tracks()):
            cluster = clusters[found.cluster]
            assert found.name == cluster.name
            genre, count = next(iter(cluster.genres.items()))
            assert found.genres.split(", ")[0] == f"{genre} {count / cluster.size:.0%}"

    def test_a_model_without_lyrics_misses_none(self):
        assert {one.note for one in predictor().predict(known_tracks())} == {None}

    def test_without_labels_there_are_no_genres(self, tmp_path):
        labels = trained().labels
        (found,) = relabelled(tmp_path, labels).predict(known_tracks()[:1])
        assert (found.genres, found.cluster) == (None, labels[0])

    def test_a_refused_model_does_not_load_and_says_why(self, tmp_path):
        reason = "hard was trained with the genre (genre), which nobody knows of new music; take a label-free model"
        task = train(tmp_path / "task", refusal=reason)
        with pytest.raises(NotApplicableError) as error:
            Predictor.load(task.package)
        assert str(error.value) == reason


@pytest.fixture(scope="module")
def sung(tmp_path_factory):
    """A task that read lyrics; every fifth track has none."""
    from mlproject.corpus.demo.lyrics import write_lyrics
    from mlproject.experiment.design_matrix import TextVectors
    from mlproject.features.lyrics import encode_texts

    words = [
        None if row % 5 == 4 else write_lyrics(name.split(".")[0], rng=np.random.default_rng(row))
        for row, name in enumerate(rendered())
    ]
    said = [text for text in words if text]
    rows = np.full(20, -1)
    rows[[row for row, text in enumerate(words) if text]] = range(len(said))
    texts = TextVectors(encode_texts(said), row_by_track=rows)
    task = train(tmp_path_factory.mktemp("sung") / "task", WORDS, texts=texts, words=words)
    return task, words, Predictor.load(task.package)


@pytest.mark.slow
class TestLyrics:
    def test_known_tracks_with_their_words_get_their_own_cluster(self, sung):
        task, words, model = sung
        tracks = [track._replace(lyrics=text) for track, text in zip(known_tracks(), words, strict=True) if text]
        found = list(model.predict(tracks))
        has = np.array([text is not None for text in words])
        assert [one.cluster for one in found] == task.labels[has].tolist()
        assert [one.nearest.split("; ")[0] for one in found] == [track.name for track in tracks]
        assert {one.note for one in found} == {None}

    def test_words_count(self, sung):
        _, _, model = sung
        track = known_tracks()[0]
        one, other = model.predict([track._replace(lyrics="love " * 20), track._replace(lyrics="engines and steel")])
        assert one.distance != other.distance

    def test_no_words_and_empty_words_are_the_same(self, sung):
        _, _, model = sung
        none, empty = model.predict([NewTrack("new", new_music(2)), NewTrack("new", new_music(2), "")])
        assert none == empty
