from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.config.data import AudioConfig
from mlproject.features.audio import mfcc_frames
from mlproject.features.caching import code_hash, content_key, fill_missing, versions
from mlproject.features.extraction import audio_key, extract_audio

CONFIG = AudioConfig(n_mfcc=5, n_fft=512, hop_length=512, n_mels=32)
KEYS = st.lists(st.text("abcdef", min_size=1, max_size=1), max_size=12)


@dataclass
class Noise:
    """A clip that is drawn from its seed."""

    seed: int
    complete: bool = True

    def read(self):
        return np.random.default_rng(self.seed).uniform(-1, 1, 22050).astype(np.float32)


def extract(clips, **options):
    return extract_audio(clips, sr=22050, n_frames=44, config=CONFIG, **options)


@given(KEYS, st.sets(st.sampled_from("abcdef")))
def test_only_what_is_missing_is_computed_and_equal_keys_once(keys, there):
    asked = []

    def compute(positions):
        asked.extend(keys[i] for i in positions)
        return [keys[i].upper() for i in positions]

    known = {key: f"known {key}" for key in there}
    rows = fill_missing(keys, known, compute)
    assert rows == [known.get(key, key.upper()) for key in keys]
    assert sorted(asked) == sorted(set(keys) - there)


def test_nothing_is_asked_for_where_all_is_known():
    assert fill_missing(["a", "a"], {"a": 1}, compute=pytest.fail) == [1, 1]


def test_too_few_computed_rows_are_an_error():
    with pytest.raises(ValueError, match="shorter"):
        fill_missing(["a", "b"], {}, lambda positions: positions[:1])


def test_content_key_depends_on_each_part_and_on_their_borders():
    keys = {content_key("a", "b"), content_key("b", "a"), content_key("ab"), content_key("a", "b", None)}
    assert len(keys) == 4
    assert content_key("a", 1) == content_key("a", 1)


def test_audio_key_changes_with_all_that_the_features_depend_on(monkeypatch):
    base = {"start": 0.0, "seconds": 30.0, "sr": 22050, "config": CONFIG}
    keys = [audio_key("sum", **base), audio_key("other", **base)]
    for change in ({"start": 1.0}, {"seconds": 10.0}, {"sr": 16000}, {"config": AudioConfig()}):
        keys.append(audio_key("sum", **base | change))
    monkeypatch.setattr("mlproject.features.extraction.versions", lambda *libraries: [f"{one} 99" for one in libraries])
    keys.append(audio_key("sum", **base))
    assert len(set(keys)) == 7


def test_rows_keep_the_order_of_the_clips_and_incomplete_ones_have_no_frames():
    rows = extract([Noise(2), Noise(1, complete=False)], n_jobs=1)
    assert rows[0].mfcc.shape == (5, 44)
    assert rows[1].mfcc is None
    np.testing.assert_array_equal(rows[1].statistics, extract([Noise(1)])[0].statistics)


def test_frames_alone_can_be_computed():
    (mfcc,) = extract([Noise(1)], compute=mfcc_frames)
    np.testing.assert_array_equal(mfcc, extract([Noise(1)])[0].mfcc)


def test_progress_wraps_the_clips():
    seen = []
    extract([Noise(1), Noise(2)], progress=lambda clips: [seen.append(clip.seed) or clip for clip in clips])
    assert seen == [1, 2]


@pytest.mark.slow
def test_processes_give_what_one_alone_gives():
    clips = [Noise(seed, complete=seed % 7 > 0) for seed in range(20)]
    for alone, together in zip(extract(clips, n_jobs=1), extract(clips, n_jobs=2), strict=True):
        np.testing.assert_array_equal(alone.statistics, together.statistics)
        assert (alone.mfcc is None) == (together.mfcc is None)
        if alone.mfcc is not None:
            np.testing.assert_array_equal(alone.mfcc, together.mfcc)


def test_changed_code_gives_another_hash(tmp_path):
    source = tmp_path / "formula.py"
    source.write_text("a = 1")
    before = code_hash(str(source))
    source.write_text("a = 2")
    code_hash.cache_clear()
    assert code_hash(str(source)) != before


def test_how_a_library_was_built_makes_no_other_key(monkeypatch):
    monkeypatch.setattr("mlproject.features.caching.version", lambda _: "2.13.0+cpu")
    assert versions("torch") == ("2.13.0",)
