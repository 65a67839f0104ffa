import hashlib

import numpy as np
import pytest

from mlproject.config.data import DataConfig
from mlproject.corpus.opening import open_corpus
from mlproject.corpus.sampling import sample
from mlproject.corpus.subset import collect_subset
from mlproject.corpus.track_clips import TrackClip
from mlproject.errors import CorpusNotFoundError


@pytest.fixture
def music(tmp_path, write_tone):
    root = tmp_path / "music"
    for number in range(4):
        write_tone(root / "folk" / f"good{number}.wav", 3.0, frequency=200 + 100 * number)
    write_tone(root / "folk" / "long.flac", 5.0, channels=2)
    return root


def collect(root, folder, *, clip_seconds=30.0, **options):
    corpus = open_corpus(DataConfig(corpus="folder", root=str(root), labels="folder"))
    chosen = sample(corpus.tracks(), per_genre=None, seed=0)
    return chosen, collect_subset(corpus, chosen, folder, clip_seconds=clip_seconds, **options)


def test_files_are_named_by_their_content_and_rows_keep_the_order_of_the_sample(music, tmp_path):
    chosen, subset = collect(music, tmp_path / "out")
    assert [row.track_id for row in subset.tracks] == [track.track_id for track in chosen.tracks]
    for row, track in zip(subset.tracks, chosen.tracks, strict=True):
        content = (music / track.name).read_bytes()
        assert (tmp_path / "out" / row.file).read_bytes() == content
        assert row.sha256 == hashlib.sha256(content).hexdigest()
        assert row.file == row.sha256[:16] + track.suffix
    assert subset.rejected == []


def test_clips_get_one_length_from_the_middle_of_longer_tracks(music, tmp_path):
    _, subset = collect(music, tmp_path / "out")
    rows = {row.track_id: row for row in subset.tracks}
    assert subset.facts == {"clip_seconds": 3.0, "clip_from": "middle"}
    long = rows["folk/long"]
    assert (long.seconds, long.sample_rate, long.start, long.complete) == (5.0, 22050, 1.0, True)
    assert rows["folk/good0"].start == 0


def test_corrupt_track_is_rejected_with_its_reason_and_the_rest_goes_on(music, tmp_path):
    (music / "folk" / "broken.wav").write_bytes(b"no audio" * 100)
    _, subset = collect(music, tmp_path / "out")
    assert len(subset.tracks) == 5
    (rejection,) = subset.rejected
    assert (rejection.track_id, rejection.used_for) == ("folk/broken", "nothing")
    assert "does not decode" in rejection.reason
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_track_that_is_too_short_for_frames_is_kept_for_statistics(music, tmp_path, write_tone):
    write_tone(music / "folk" / "short.wav", 2.5)
    _, subset = collect(music, tmp_path / "out")
    (short,) = (row for row in subset.tracks if row.track_id == "folk/short")
    assert not short.complete
    (rejection,) = subset.rejected
    assert rejection == ("folk/short", "statistics", "2.50 s long, too short for MFCC frames of 3 s")


def test_unusable_track_is_listed_and_not_read(music, tmp_path, write_tone):
    write_tone(music / "loose.wav", 3.0)
    _, subset = collect(music, tmp_path / "out")
    assert subset.rejected == [("loose", "nothing", "lies in no sub-folder, so it has no genre")]
    assert len(subset.tracks) == 5


def test_no_usable_track_at_all_is_an_error_with_the_first_reason(tmp_path):
    (tmp_path / "music" / "folk").mkdir(parents=True)
    for number in range(2):
        (tmp_path / "music" / "folk" / f"{number}.wav").touch()
    with pytest.raises(
        CorpusNotFoundError, match=r"none of the 2 tracks can be used; the first: folk/\d: the file is empty"
    ):
        collect(tmp_path / "music", tmp_path / "out")


def test_two_tracks_of_equal_content_share_a_file(music, tmp_path):
    (music / "folk" / "copy.wav").write_bytes((music / "folk" / "good0.wav").read_bytes())
    _, subset = collect(music, tmp_path / "out")
    rows = {row.track_id: row for row in subset.tracks}
    assert rows["folk/copy"].file == rows["folk/good0"].file
    assert len(subset.tracks) == 6


def test_progress_sees_every_track(music, tmp_path):
    seen = []

    def progress(tracks):
        for track, content in tracks:
            seen.append(track.track_id)
            yield track, content

    chosen, _ = collect(music, tmp_path / "out", progress=progress)
    assert sorted(seen) == sorted(track.track_id for track in chosen.tracks)


def test_clip_reads_its_part_of_the_file(music, tone):
    clip = TrackClip(music / "folk" / "long.flac", start=1.0, seconds=2.0, sr=22050, complete=True)
    np.testing.assert_allclose(clip.read(), 0.75 * tone(5.0)[22050 : 3 * 22050], atol=1e-3)
