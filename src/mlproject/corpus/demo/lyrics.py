"""Invented words for the demo corpus: short lyrics whose topic only leans towards a genre.

``lyrics.yaml`` holds what can be sung about (`TOPICS`), what each genre likes to sing about (`PREFERENCES`), and sung
lines (`FRAMES`). `write_lyrics` draws a topic, often against the preference, and fills lines with its phrases.
"""

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import yaml
from pydantic import TypeAdapter

__all__ = ["FRAMES", "PREFERENCES", "TOPICS", "Topic", "write_lyrics"]

UNIFORM = 0.5  # chance that the topic is any of them
DIGRESSION = 0.12  # chance that a line is about another topic
N_WORDS = (28, 45)
MIN_LINES = 4


@dataclass(frozen=True)
class Topic:
    """Phrases to sing about one thing."""

    things: tuple[str, ...]  # noun phrases
    acts: tuple[str, ...]  # verb phrases that follow *I* or *we*
    places: tuple[str, ...]  # where or when


@dataclass(frozen=True)
class _Words:
    topics: dict[str, Topic]
    preferences: dict[str, tuple[str, ...]]
    frames: tuple[str, ...]  # lines with places for phrases


_CONTENT = files("mlproject.corpus.demo").joinpath("lyrics.yaml").read_text(encoding="utf-8")
_WORDS = TypeAdapter(_Words).validate_python(yaml.safe_load(_CONTENT))
TOPICS, PREFERENCES, FRAMES = _WORDS.topics, _WORDS.preferences, _WORDS.frames


def write_lyrics(genre: str, *, rng: np.random.Generator) -> str:
    """Write one lyric for a genre of `PREFERENCES`; its topic leans towards the genre but does not follow from it.

    Returns
    -------
    str
        At least four lines, 25 to 60 words in all; the same text for the same state of `rng`.
    """
    topic = _draw_topic(genre, rng=rng)
    target = int(rng.integers(*N_WORDS))
    lines: list[str] = []
    while len(lines) < MIN_LINES or sum(len(line.split()) for line in lines) < target:
        line = _line(_draw_topic(genre, rng=rng) if rng.random() < DIGRESSION else topic, rng=rng)
        if line not in lines:
            lines.append(line)
    return "\n".join(lines)


def _draw_topic(genre: str, *, rng: np.random.Generator) -> Topic:
    liked = tuple(TOPICS) if rng.random() < UNIFORM else PREFERENCES[genre]
    return TOPICS[str(rng.choice(liked))]


def _line(topic: Topic, *, rng: np.random.Generator) -> str:
    thing, thing2 = rng.permutation(topic.things)[:2].tolist()
    act, other = rng.permutation(topic.acts)[:2].tolist()
    place = str(rng.choice(topic.places))
    frame = str(rng.choice(FRAMES))
    line = frame.format(thing=thing, thing2=thing2, act=act, other=other, place=place)
    return line[0].upper() + line[1:]
