"""The invented words: short, repeatable, one text a track, and no function of the genre."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlproject.corpus.demo import lyrics as demo_lyrics
from mlproject.corpus.demo.audio import DEMO_GENRES
from mlproject.corpus.demo.lyrics import PREFERENCES, TOPICS, Topic, write_lyrics

TRACKS_PER_GENRE = 60


def lyric(genre: str, seed: int) -> str:
    return write_lyrics(genre, rng=np.random.default_rng(seed))


def phrases(topic: Topic) -> list[str]:
    return [phrase.lower() for phrase in (*topic.things, *topic.acts, *topic.places)]


def main_topic(text: str) -> str:
    """Return the topic with most of its phrases in a text."""
    sung = text.lower()
    return max(TOPICS, key=lambda name: sum(phrase in sung for phrase in phrases(TOPICS[name])))


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[str]]:
    return {
        genre: [lyric(genre, 1000 * row + number) for number in range(TRACKS_PER_GENRE)]
        for row, genre in enumerate(DEMO_GENRES)
    }


def test_public_names_exist() -> None:
    for name in demo_lyrics.__all__:
        assert hasattr(demo_lyrics, name)


def test_every_genre_prefers_known_topics() -> None:
    assert tuple(PREFERENCES) == DEMO_GENRES
    for liked in PREFERENCES.values():
        assert set(liked) < set(TOPICS)


@pytest.mark.parametrize("name", TOPICS)
def test_topics_have_distinct_phrases_to_choose_from(name: str) -> None:
    topic = TOPICS[name]
    for words in (topic.things, topic.acts, topic.places):
        assert len(set(words)) == len(words) >= 5


@settings(deadline=None)
@given(genre=st.sampled_from(DEMO_GENRES), seed=st.integers(0, 2**32 - 1))
def test_a_lyric_is_a_few_short_distinct_lines(genre: str, seed: int) -> None:
    text = lyric(genre, seed)
    lines = text.split("\n")
    assert 4 <= len(lines) <= 12
    assert len(set(lines)) == len(lines)
    assert 25 <= len(text.split()) <= 60
    assert all(line == line.strip() and line[0].isupper() for line in lines)
    assert not re.search(r"[{}/]", text)


@pytest.mark.parametrize("genre", DEMO_GENRES)
def test_the_generator_decides_every_word(genre: str) -> None:
    assert lyric(genre, 3) == lyric(genre, 3)
    assert lyric(genre, 3) != lyric(genre, 4)


def test_every_track_has_its_own_text(corpus: dict[str, list[str]]) -> None:
    texts = [text for written in corpus.values() for text in written]
    assert len(set(texts)) == len(texts)


def test_no_phrase_can_name_a_genre() -> None:
    pools = [phrase for topic in TOPICS.values() for phrase in phrases(topic)]
    sung = "\n".join([*pools, *demo_lyrics.FRAMES]).lower()
    for name in (*DEMO_GENRES, "hip hop", "hip-hop"):
        assert name not in sung


@pytest.mark.parametrize("genre", DEMO_GENRES)
def test_a_genre_sings_about_many_topics(genre: str, corpus: dict[str, list[str]]) -> None:
    assert len({main_topic(text) for text in corpus[genre]}) >= 5


def test_every_topic_is_shared_by_several_genres(corpus: dict[str, list[str]]) -> None:
    heard = {genre: {main_topic(text) for text in texts} for genre, texts in corpus.items()}
    for topic in TOPICS:
        assert sum(topic in topics for topics in heard.values()) >= 3


def test_genres_only_lean_towards_their_topics(corpus: dict[str, list[str]]) -> None:
    liked = []
    for genre, texts in corpus.items():
        liked += [main_topic(text) in PREFERENCES[genre] for text in texts]
    # Chance alone would hit two topics of twelve.
    assert 0.35 < np.mean(liked) < 0.8
