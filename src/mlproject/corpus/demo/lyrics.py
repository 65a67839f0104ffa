"""Invented words for the demo corpus: short lyrics whose topic only leans towards a genre.

`TOPICS` holds what can be sung about, `PREFERENCES` what each genre likes to sing about.
`write_lyrics` draws a topic, often against the preference, and fills sung lines with its phrases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlproject.errors import ConfigError

__all__ = ["PREFERENCES", "TOPICS", "Topic", "write_lyrics"]

_UNIFORM = 0.5
_ASIDE = 0.12
_WORDS = (28, 45)
_MIN_LINES = 4

_FRAMES = (
    "{place} I {act}",
    "I {act} {place}",
    "we {act} and {other}",
    "oh, {thing}, {thing2}",
    "{thing} will never let me go",
    "{thing} was all I ever knew",
    "tell me, do you {act} {place}",
    "some of us {act}, some {other}",
    "give me {thing} and {thing2}",
    "{place}, {thing} is waiting",
    "and {thing} came back {place}",
    "I used to {act}, now I {other}",
    "let me {act} one more time",
    "nobody told me about {thing}",
    "so we {act} {place}",
    "all I have is {thing}",
)


@dataclass(frozen=True)
class Topic:
    """Phrases to sing about one thing, separated by `` / ``.

    ``things`` are noun phrases, ``acts`` verb phrases that follow *I* or *we*, ``places`` say where
    or when.
    """

    things: str
    acts: str
    places: str


TOPICS: dict[str, Topic] = {
    "love": Topic(
        "your hand in mine / a kiss that lingers / your tender heart / the sweetest promise"
        " / my darling's smile / a letter sealed with love",
        "hold you close / fall for you again / adore you / whisper that I need you"
        " / kiss you slowly / give you my heart",
        "in your arms / beside my sweetheart / under your gaze / in our embrace / when we are wed",
    ),
    "road": Topic(
        "the long white line / a tank of gasoline / the next mile marker / my dusty pickup"
        " / a suitcase by the door / the turning wheel",
        "drive until the map runs out / hitch another ride / keep on rolling / chase the highway"
        " / pass one more exit sign / leave this town behind",
        "on the open highway / past the last gas station / at the crossroads"
        " / a hundred miles from here / behind the wheel",
    ),
    "city": Topic(
        "the subway rumble / a taxi horn / the corner store / the tower block"
        " / a neon sign on Ninth / the crowded pavement",
        "walk the avenue / ride the last train downtown / hustle on the corner"
        " / climb the fire escape / know every block by name / cross against the light",
        "on the boulevard / under the skyscrapers / in my neighbourhood / down on the block"
        " / between the concrete walls",
    ),
    "dance": Topic(
        "the mirror ball / a heavy bassline / the dance floor / a pair of silver shoes"
        " / the beat inside my body / the spinning record",
        "dance till the speakers fade / move my hips / feel the rhythm / spin around"
        " / clap along in time / shake it to the left",
        "on the dance floor / in the middle of the club / under coloured lights"
        " / next to the speakers / with my hands in the air",
    ),
    "night": Topic(
        "the pale moon / a candle burning low / the midnight hour / one falling star"
        " / the dark behind the curtain / a lullaby",
        "lie awake / count the stars / wait for the dawn / dream with open eyes"
        " / listen to the silence / blow the candle out",
        "after midnight / in the moonlight / while the world is sleeping / beneath the stars"
        " / in the small hours / before the night is gone",
    ),
    "home": Topic(
        "my mother's kitchen / the front porch swing / a wooden gate / the old farm dog"
        " / bread in the oven / my father's chair",
        "come home for supper / sit beside the fire / sweep the yard / call my mama"
        " / paint the fence again / raise a family",
        "on the front porch / around the kitchen table / in the house where I was born"
        " / down on the farm / by the garden gate",
    ),
    "sea": Topic(
        "the rolling tide / a sail against the sun / the harbour light / salt on my skin"
        " / an island far away / the fisherman's net",
        "swim beyond the reef / drift with the current / watch the waves come in"
        " / sail for the island / walk barefoot in the sand / gather shells",
        "down by the ocean / on a sandy beach / out on the water / beneath the palm trees"
        " / along the shore / where the seagulls cry",
    ),
    "work": Topic(
        "the factory whistle / a dollar in my pocket / the rent that's due / my worn out boots"
        " / the foreman's voice / an empty pay cheque",
        "punch the clock / work a double shift / carry bricks all day / save every penny"
        " / pay what I owe / count my money twice",
        "on the assembly line / down at the mill / from nine to five / at the pawn shop"
        " / in the unemployment queue / for one more boss",
    ),
    "memory": Topic(
        "a faded photograph / the years gone by / a ghost of yesterday / my lonesome tears"
        " / the goodbye you never said / an old regret",
        "remember when you left / cry over the past / miss the days we had"
        " / read your old letters / mourn what we lost / wish I could forget",
        "a long time ago / since you went away / in my memory / on last year's calendar"
        " / where we were young / on our anniversary",
    ),
    "weather": Topic(
        "the first snow / a summer storm / thunder in the valley / the autumn wind"
        " / a field of rain / the frozen river",
        "stand out in the rain / watch the leaves turn / wait for spring / feel the cold wind"
        " / follow the swallows / shelter from the hail",
        "under a grey cloud / in the falling snow / on a windy hill / through the fog"
        " / when the blossoms open / in the month of May",
    ),
    "faith": Topic(
        "an angel's wing / the prayer I know / a holy river / the church bell"
        " / the grace of heaven / one love for all people",
        "pray for mercy / kneel and give thanks / sing hallelujah / ask the Lord for peace"
        " / lift my soul up high / believe in a better day",
        "at the altar / in the promised land / before the throne / on judgement morning"
        " / in the house of God / with folded hands",
    ),
    "rebellion": Topic(
        "a fist in the air / the burning flag / a crown of iron / the war machine"
        " / the scream inside my skull / a broken chain",
        "break these chains / fight the king / burn it to the ground / refuse to kneel"
        " / storm the palace gate / bleed for freedom",
        "on the battlefield / against the system / behind the barricade / in the line of fire"
        " / among the ruins / until the tyrant falls",
    ),
}

PREFERENCES: dict[str, tuple[str, ...]] = {
    "blues": ("memory", "work"),
    "classical": ("night", "weather"),
    "country": ("home", "road"),
    "disco": ("dance", "love"),
    "hiphop": ("city", "work"),
    "jazz": ("night", "city"),
    "metal": ("rebellion", "weather"),
    "pop": ("love", "dance"),
    "reggae": ("sea", "faith"),
    "rock": ("road", "rebellion"),
}


def write_lyrics(genre: str, *, rng: np.random.Generator) -> str:
    """Write one lyric; its topic leans towards the genre but does not follow from it.

    Parameters
    ----------
    genre : str
        A key of `PREFERENCES`.
    rng : numpy.random.Generator
        Source of every choice; the same state gives the same text.

    Returns
    -------
    str
        At least four lines, separated by newlines; 25 to 60 words in all.

    Raises
    ------
    ConfigError
        If nothing is known about the genre.
    """
    if genre not in PREFERENCES:
        raise ConfigError(f"{genre!r} is no demo genre; expected one of {', '.join(PREFERENCES)}")
    topic = _draw_topic(genre, rng=rng)
    target = int(rng.integers(*_WORDS))
    lines: list[str] = []
    while len(lines) < _MIN_LINES or sum(len(line.split()) for line in lines) < target:
        line = _line(_draw_topic(genre, rng=rng) if rng.random() < _ASIDE else topic, rng=rng)
        if line not in lines:
            lines.append(line)
    return "\n".join(lines)


def _draw_topic(genre: str, *, rng: np.random.Generator) -> Topic:
    liked = tuple(TOPICS) if rng.random() < _UNIFORM else PREFERENCES[genre]
    return TOPICS[str(rng.choice(liked))]


def _line(topic: Topic, *, rng: np.random.Generator) -> str:
    thing, thing2 = rng.permutation(topic.things.split(" / "))[:2].tolist()
    act, other = rng.permutation(topic.acts.split(" / "))[:2].tolist()
    place = str(rng.choice(topic.places.split(" / ")))
    frame = str(rng.choice(_FRAMES))
    line = frame.format(thing=thing, thing2=thing2, act=act, other=other, place=place)
    return line[0].upper() + line[1:]
