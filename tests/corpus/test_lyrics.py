import numpy as np
import pytest

from mlproject.corpus.lyrics import THEMES, transcribe
from mlproject.errors import TextSourceError

GTZAN_GENRES = ["blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"]


def test_themes_have_a_text_of_its_own_for_each_genre_of_gtzan():
    assert sorted(THEMES) == GTZAN_GENRES
    assert len(set(THEMES.values())) == 10


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
