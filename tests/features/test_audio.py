import librosa
import numpy as np
import pytest

from mlproject.config.data import AudioConfig, DataConfig
from mlproject.corpus.decoding import read_clip
from mlproject.features.audio import clip_features, frame_count, mfcc_frames, statistics_names

SR = 22050
CONFIG = AudioConfig()


def reference(samples, config=CONFIG):
    return librosa.feature.mfcc(
        y=samples, sr=SR, n_mfcc=config.n_mfcc, n_fft=config.n_fft, hop_length=config.hop_length, n_mels=config.n_mels
    )


def features(samples, n_frames=None, config=CONFIG):
    return clip_features(samples, sr=SR, n_frames=n_frames, config=config)


@pytest.fixture
def sounds(tone, rng):
    noise = rng.uniform(-0.5, 0.5, 2 * SR).astype(np.float32)
    return {"tone": tone(), "noise": noise, "near silence": noise * np.float32(4e-4), "mixture": tone() + noise / 10}


@pytest.mark.parametrize("config", [CONFIG, AudioConfig(n_mfcc=13, n_fft=1024, hop_length=256, n_mels=64)])
def test_mfcc_are_librosas(sounds, config):
    for name, samples in sounds.items():
        expected = reference(samples, config)
        found = features(samples, expected.shape[1], config).mfcc
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max(), err_msg=name)


def test_mfcc_of_a_real_track_are_librosas(gtzan_root):
    path = sorted(gtzan_root.glob("genres_original/jazz/*.wav"))[0]
    samples = read_clip(path, start=0.0, seconds=30.0, sr=SR)
    found = features(samples, 1292)
    expected = reference(samples)[:, :1292]
    np.testing.assert_allclose(found.mfcc[:, : expected.shape[1]], expected, atol=1e-4 * np.abs(expected).max())
    assert np.isfinite(found.statistics).all()


@pytest.mark.parametrize(("seconds", "frames"), [(30.0, 1292), (10.0, 431), (1.0, 44)])
def test_number_of_frames(seconds, frames, tone):
    assert frame_count(seconds, sr=SR, config=CONFIG) == frames
    assert reference(tone(seconds)).shape == (20, frames)


def test_last_frame_is_repeated_where_some_are_missing(sounds):
    own = reference(sounds["mixture"]).shape[1]
    mfcc = features(sounds["mixture"], own + 3).mfcc
    assert mfcc.shape == (20, own + 3)
    np.testing.assert_array_equal(mfcc[:, own:], np.repeat(mfcc[:, own - 1 : own], 3, axis=1))


def test_frames_beyond_the_wanted_number_are_cut(sounds):
    whole = features(sounds["mixture"], 87).mfcc
    np.testing.assert_array_equal(features(sounds["mixture"], 50).mfcc, whole[:, :50])


def test_track_that_is_too_short_has_statistics_alone(sounds):
    found = features(sounds["mixture"], None)
    assert found.mfcc is None
    np.testing.assert_array_equal(found.statistics, features(sounds["mixture"], 87).statistics)
    assert mfcc_frames(sounds["mixture"], sr=SR, n_frames=None, config=CONFIG) is None


def test_frames_alone_are_the_frames_of_all_features(sounds):
    alone = mfcc_frames(sounds["mixture"], sr=SR, n_frames=87, config=CONFIG)
    np.testing.assert_array_equal(alone, features(sounds["mixture"], 87).mfcc)


@pytest.mark.parametrize("config", [CONFIG, AudioConfig(n_mfcc=13, n_fft=1024, hop_length=256)])
def test_every_statistic_has_one_name_and_is_finite(sounds, config):
    names = statistics_names(config)
    assert len(set(names)) == len(names) == 4 * (3 * config.n_mfcc + 12 + 7 + 5) + 1
    for name, samples in sounds.items():
        statistics = features(samples, config=config).statistics
        assert statistics.dtype == np.float32
        assert statistics.shape == (len(names),)
        assert np.isfinite(statistics).all(), name


def test_there_may_be_as_many_mfcc_as_mel_bands(sounds):
    config = AudioConfig(n_mfcc=40, n_mels=40)
    assert len(features(sounds["noise"], config=config).statistics) == len(statistics_names(config))


def test_statistics_stand_under_their_names(sounds, tone):
    names = statistics_names(CONFIG)
    expected = reference(sounds["mixture"])
    found = dict(zip(names, features(sounds["mixture"]).statistics, strict=True))
    assert found["mfcc_1_mean"] == pytest.approx(expected[0].mean(), rel=1e-4)
    assert found["mfcc_20_sd"] == pytest.approx(expected[19].std(), rel=1e-3)
    assert found["mfcc_3_p10"] == pytest.approx(np.percentile(expected[2], 10), rel=1e-3)
    feature = librosa.feature
    for name, rows in {
        "mfcc_delta_1": feature.delta(expected)[:1],
        "mfcc_delta2_2": feature.delta(expected, order=2)[1:2],
        "contrast_7": feature.spectral_contrast(y=sounds["mixture"], sr=SR)[6:],
        "bandwidth": feature.spectral_bandwidth(y=sounds["mixture"], sr=SR),
        "rolloff": feature.spectral_rolloff(y=sounds["mixture"], sr=SR),
        "rms": feature.rms(S=np.abs(librosa.stft(sounds["mixture"]))),  # of windowed frames
    }.items():
        assert found[f"{name}_sd"] == pytest.approx(rows.std(), rel=1e-3), name
    steady = dict(zip(names, features(tone(frequency=880.0)).statistics, strict=True))
    assert steady["centroid_mean"] == pytest.approx(880, rel=0.15)
    assert steady["zero_crossing_rate_mean"] == pytest.approx(2 * 880 / SR, rel=0.1)
    assert steady["chroma_10_mean"] == max(steady[f"chroma_{i}_mean"] for i in range(1, 13))  # A is the tenth


def test_clip_of_one_second_is_long_enough_for_statistics(tone):
    config = AudioConfig(n_fft=2048, hop_length=4096)
    assert np.isfinite(features(tone(1.0), config=config).statistics).all()


LIMITS = DataConfig.model_fields["sample_rate"].metadata


@pytest.mark.parametrize("sr", [LIMITS[0].ge, 16000, 48000, LIMITS[1].le])
def test_every_sampling_rate_that_the_configuration_allows_gives_all_features(tone, sr):
    found = clip_features(tone(1.0, sr=sr), sr=sr, n_frames=20, config=CONFIG)
    assert found.mfcc.shape == (20, 20)
    assert found.statistics.shape == (len(statistics_names(CONFIG)),)
    assert np.isfinite(found.statistics).all()
