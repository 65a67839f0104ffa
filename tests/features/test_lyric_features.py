import numpy as np
import pytest

from mlproject.errors import TextSourceError
from mlproject.features import lyrics as text
from mlproject.features.lyrics import PACKAGED_MODEL_SHA256, encode_texts, model_identity, text_key

pytestmark = pytest.mark.slow
TEXTS = [
    "a saxophone in a smoky club",
    "loud guitars",
    "a saxophone in a smoky club",
    "an electric guitar, played loud",
]


@pytest.fixture(scope="module")
def vectors():
    return encode_texts(TEXTS)


def test_packaged_model_gives_384_finite_columns(vectors):
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-3)
    np.testing.assert_array_equal(vectors, np.round(vectors, 4))  # so that processors agree


def test_equal_texts_have_equal_vectors_and_like_ones_are_near(vectors):
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert vectors[1] @ vectors[3] > vectors[1] @ vectors[0] + 0.2


def test_order_of_the_texts_is_kept(vectors):
    np.testing.assert_array_equal(encode_texts(TEXTS[::-1]), vectors[::-1])


def test_each_distinct_text_is_encoded_once(monkeypatch):
    from sentence_transformers import SentenceTransformer

    asked, encode = [], SentenceTransformer.encode

    def spy(self, texts, **options):
        asked.extend(texts)
        return encode(self, texts, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", spy)
    encode_texts(TEXTS)
    assert sorted(asked) == sorted(set(TEXTS))


@pytest.fixture
def nothing_loaded():
    text._encoder.cache_clear()
    yield
    text._encoder.cache_clear()


@pytest.mark.usefixtures("nothing_loaded")
def test_packaged_model_with_another_checksum_is_refused(monkeypatch):
    monkeypatch.setattr("mlproject.features.lyrics.PACKAGED_MODEL_SHA256", "0" * 64)
    with pytest.raises(TextSourceError, match=r"has SHA-256 53aa51172d14..., not the published 000000000000"):
        encode_texts(["x"])


def test_model_that_is_not_there_says_what_to_give(tmp_path):
    with pytest.raises(TextSourceError, match=r"nowhere' cannot be loaded .*give 'packaged', a folder or a name"):
        encode_texts(["x"], model=str(tmp_path / "nowhere"))


def test_packaged_model_is_known_by_its_checksum_and_others_by_their_name():
    assert model_identity("packaged") == PACKAGED_MODEL_SHA256
    assert model_identity("some/model") == "some/model"
    keys = {text_key(text, identity=identity) for text in ("one", "two") for identity in ("a", "b")}
    assert len(keys) == 4


def test_model_in_a_folder_is_known_by_its_files(tmp_path):
    (tmp_path / "weights").write_bytes(b"1")
    before = model_identity(str(tmp_path))
    (tmp_path / "other").write_bytes(b"2")
    assert model_identity(str(tmp_path)) != before
