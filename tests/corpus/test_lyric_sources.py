import numpy as np
import pandas as pd
import pytest

from mlproject.corpus.lyrics import THEMES, read_text_table, transcribe
from mlproject.errors import TextSourceError

GTZAN_GENRES = ["blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"]


@pytest.fixture(params=["csv", "parquet"])
def write_words(request, tmp_path):
    def write(**columns):
        path = tmp_path / f"words.{request.param}"
        frame = pd.DataFrame(columns)
        frame.to_csv(path, index=False) if request.param == "csv" else frame.to_parquet(path, index=False)
        return path

    return write


def test_themes_have_a_text_of_its_own_for_each_genre_of_gtzan():
    assert sorted(THEMES) == GTZAN_GENRES
    assert len(set(THEMES.values())) == 10


def test_table_gives_a_text_for_each_track_and_leaves_out_blank_ones(write_words):
    path = write_words(track_id=["a", "b", "c", "d"], text=[" words ", None, "  ", "more, words"], year=[1, 2, 3, 4])
    assert read_text_table(path) == {"a": "words", "d": "more, words"}


def test_numbers_may_be_ids_and_texts(write_words):
    assert read_text_table(write_words(track_id=[1, 2], text=[10, 20])) == {"1": "10", "2": "20"}


def test_ids_and_texts_stay_as_they_are_written(write_words):
    path = write_words(track_id=["000002", "1.0"], text=["words", "1999"])
    assert read_text_table(path) == {"000002": "words", "1.0": "1999"}


def test_missing_column_is_named(write_words):
    with pytest.raises(TextSourceError, match=r"has the columns id, text; it lacks track_id"):
        read_text_table(write_words(id=["a"], text=["x"]))


def test_track_that_comes_twice_is_named(write_words):
    with pytest.raises(TextSourceError, match="has 'b' twice; keep one text per track"):
        read_text_table(write_words(track_id=["a", "b", "b"], text=["x", "y", "z"]))


def test_missing_file_says_what_to_correct(tmp_path):
    with pytest.raises(TextSourceError, match=r"words.csv' cannot be read .*correct lyrics.file"):
        read_text_table(tmp_path / "words.csv")


@pytest.mark.parametrize(
    ("name", "content"), [("words.csv", b""), ("words.csv", b'a,b\n"'), ("words.parquet", b"PAR1")]
)
def test_damaged_file_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TextSourceError, match=r"lyrics.file="):
        read_text_table(tmp_path / name)


def test_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(TextSourceError, match=r"expected a file that ends in .csv or .parquet"):
        read_text_table(tmp_path / "words.json")


@pytest.fixture(scope="module")
def tiny_whisper(tmp_path_factory):
    """Make Whisper models of a few units, each of which hears one word, whatever is sung."""
    import torch
    from transformers import (
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperProcessor,
        WhisperTokenizer,
    )

    special = ["<|endoftext|>", "<|startoftranscript|>", "<|notimestamps|>"]
    vocabulary = {word: i for i, word in enumerate(["la", "do", *special])}  # ids after the last are time stamps

    def make(word):
        folder = tmp_path_factory.mktemp("whisper")
        size = dict.fromkeys(["d_model", "encoder_ffn_dim", "decoder_ffn_dim", "num_mel_bins"], 8)
        size |= {f"{part}_{what}": 1 for part in ("encoder", "decoder") for what in ("layers", "attention_heads")}
        ids = dict.fromkeys(["pad_token_id", "bos_token_id", "eos_token_id"], vocabulary["<|endoftext|>"])
        config = WhisperConfig(
            vocab_size=len(vocabulary),
            max_source_positions=50,
            max_target_positions=16,
            suppress_tokens=[],
            begin_suppress_tokens=[],
            decoder_start_token_id=vocabulary["<|startoftranscript|>"],
            **size,
            **ids,
        )
        model = WhisperForConditionalGeneration(config)
        model.generation_config.max_new_tokens = 4
        with torch.no_grad():  # the last layer is constant, and nearest to the embedding of the word
            final, embedding = model.model.decoder.layer_norm, model.model.decoder.embed_tokens
            final.weight.zero_()
            final.bias.fill_(1.0)
            embedding.weight[vocabulary[word]] = 10.0
        model.save_pretrained(folder)
        tokenizer = WhisperTokenizer(vocab=vocabulary, merges=[], additional_special_tokens=special[1:])
        WhisperProcessor(WhisperFeatureExtractor(feature_size=8, chunk_length=1), tokenizer).save_pretrained(folder)
        return str(folder)

    return make


@pytest.fixture
def heard(monkeypatch):
    """Samples of each clip as the model's feature extractor gets them."""
    from transformers import WhisperFeatureExtractor

    clips, extract = [], WhisperFeatureExtractor.__call__

    def spy(self, samples, *args, **kwargs):
        clips.append(np.asarray(samples))
        return extract(self, samples, *args, **kwargs)

    monkeypatch.setattr(WhisperFeatureExtractor, "__call__", spy)
    return clips


@pytest.mark.slow
@pytest.mark.parametrize("sr", [16000, 22050, 44100])
def test_model_writes_down_each_clip_at_its_own_sampling_rate(tiny_whisper, heard, tone, sr):
    clips = [tone(1.0, sr=sr, frequency=frequency) for frequency in (300, 600)]
    assert transcribe(iter(clips), sr=sr, model=tiny_whisper("la")) == ["lalalala", "lalalala"]
    assert [len(clip) for clip in heard] == [16000, 16000]
    assert [np.abs(np.fft.rfft(clip)).argmax() for clip in heard] == [300, 600]


@pytest.mark.slow
def test_clip_in_which_nothing_is_heard_has_an_empty_text(tiny_whisper, tone):
    assert transcribe([tone(1.0, sr=16000)], sr=16000, model=tiny_whisper("<|endoftext|>")) == [""]


@pytest.mark.slow
def test_progress_wraps_the_clips(tiny_whisper, tone):
    seen = []

    def progress(clips):
        for clip in clips:
            seen.append(len(clip))
            yield clip

    assert (
        transcribe([tone(0.5, sr=16000)] * 2, sr=16000, model=tiny_whisper("do"), progress=progress) == ["dodododo"] * 2
    )
    assert seen == [8000, 8000]


@pytest.mark.slow
def test_model_that_is_not_there_says_what_to_give(tmp_path):
    with pytest.raises(
        TextSourceError, match=r"lyrics.asr_model=.*nowhere' cannot be loaded .*a name on the hub or a folder"
    ):
        transcribe([], sr=16000, model=str(tmp_path / "nowhere"))


@pytest.mark.slow
def test_folder_without_a_model_says_what_to_give(tmp_path):
    with pytest.raises(TextSourceError, match="cannot be loaded"):
        transcribe([], sr=16000, model=str(tmp_path))
