"""Rendered music for the demo corpus: ten synthetic genres that overlap on purpose.

`RECIPES` says what each genre is made of: a groove (drums and tempo), a harmony (who plays which
notes when) and a timbre (how a note sounds). `render_clip` varies a recipe, sometimes swaps one of
the three for a neighbour's, writes it down as drum hits and notes on a grid of sixteenths, and
mixes it. Every random choice comes from the generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlproject.errors import ConfigError

__all__ = ["DEMO_GENRES", "RECIPES", "Groove", "Harmony", "Recipe", "Timbre", "render_clip"]

Signal = npt.NDArray[np.float32]
_Note = tuple[int, int, float]

_BAR = 16
_TAIL_SECONDS = 2.0
_NOTE_SECONDS = 1.5
_TABLE_SIZE = 4096
_PEAK = 0.9
_BORROW = 0.45
_NOISE_FLOOR = 0.01
_JITTER = {"roll_off": 0.12, "decay": 0.2, "drive": 0.3, "noise": 0.4, "cut_off": 0.15}

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)
_DORIAN = (0, 2, 3, 5, 7, 9, 10)
_MIXOLYDIAN = (0, 2, 4, 5, 7, 9, 10)
_PHRYGIAN = (0, 1, 3, 5, 7, 8, 10)


@dataclass(frozen=True)
class Groove:
    """Drums and time.

    ``tempo`` is a range in beats per minute and ``swing`` the delay of every second sixteenth, in
    sixteenths. ``kick``, ``snare`` and ``hat`` give the chance of a hit on each sixteenth of a bar
    in tenths (``.`` is never); ``level`` is the loudness of the drums beside the notes.
    """

    tempo: tuple[float, float]
    swing: float
    kick: str
    snare: str
    hat: str
    level: float


@dataclass(frozen=True)
class Harmony:
    """Notes and when they fall.

    ``scale`` is in semitones above the key. Each word of ``progressions`` lists chord roots as
    scale degrees from 0, one a bar; chords stack ``chord_size`` thirds. ``bass`` names a degree
    above the root, from 1, on each sixteenth (``.`` rests), ``comp`` the chance of a chord in
    tenths; ``density`` is the chance of a melody note on each eighth.
    """

    scale: tuple[int, ...]
    progressions: str
    chord_size: int
    bass: str
    comp: str
    density: float


@dataclass(frozen=True)
class Timbre:
    """The sound of a note and of the mix.

    Partial k of ``n_harmonics`` has amplitude ``k ** -roll_off``; ``attack`` and ``decay`` are
    seconds. ``drive`` is the gain into a tanh (0 is clean), ``noise`` the hiss beside the peak,
    ``cut_off`` the corner of the final low-pass in Hz, ``tilt`` the slope of the mix in dB per
    octave and ``loudness`` in (0, 1] the usual peak.
    """

    n_harmonics: int
    roll_off: float
    attack: float
    decay: float
    drive: float
    noise: float
    cut_off: float
    tilt: float
    loudness: float


@dataclass(frozen=True)
class Recipe:
    """What a genre is made of."""

    groove: Groove
    harmony: Harmony
    timbre: Timbre


@dataclass(frozen=True)
class _Grid:
    """Sixteenths of one clip: ``starts`` holds the first sample of each, shape (n_steps,)."""

    starts: npt.NDArray[np.int64]
    n_samples: int
    sr: int


RECIPES: dict[str, Recipe] = {
    "blues": Recipe(
        Groove((66, 104), 0.33, "9.....3.8.......", "....9.......9...", "7.7.7.7.7.7.7.7.", 0.5),
        Harmony(_MIXOLYDIAN, "0030 0304", 3, "1...3...5...6...", "9...4...6...4...", 0.45),
        Timbre(9, 1.2, 0.008, 0.35, 1.5, 0.002, 4500, -1.0, 0.7),
    ),
    "classical": Recipe(
        Groove((56, 120), 0.0, "." * 16, "." * 16, "." * 16, 0.0),
        Harmony(_MAJOR, "0340 0514", 3, "1.......5.......", "9.......7.......", 0.7),
        Timbre(8, 1.7, 0.06, 0.8, 0.0, 0.001, 5000, -0.5, 0.45),
    ),
    "country": Recipe(
        Groove((90, 130), 0.1, "9.......9.......", "....8.......8..2", "6.6.6.6.6.6.6.6.", 0.5),
        Harmony(_MAJOR, "0304 0430", 3, "1.......5.......", "..2.9...2...9...", 0.6),
        Timbre(10, 1.1, 0.003, 0.25, 0.4, 0.002, 6500, 2.0, 0.7),
    ),
    "disco": Recipe(
        Groove((112, 128), 0.0, "9...9...9...9...", "....9.......9...", "3.9.3.9.3.9.3.9.", 1.0),
        Harmony(_DORIAN, "0303 0656", 4, "1.8.1.8.1.8.1.8.", "..5..5..5..5..5.", 0.35),
        Timbre(10, 1.0, 0.01, 0.2, 0.5, 0.003, 8000, 0.5, 0.85),
    ),
    "hiphop": Recipe(
        Groove((78, 102), 0.2, "9..3..5...7.....", "....9.......9..1", "9.9.9.959.9.9.95", 1.3),
        Harmony(_MINOR, "0055 0006", 3, "1.....1...1.....", "6...............", 0.15),
        Timbre(5, 1.6, 0.01, 0.45, 0.8, 0.005, 5500, -1.5, 0.95),
    ),
    "jazz": Recipe(
        Groove((100, 180), 0.33, "2.......2.......", "......2.....3...", "8...8..68...8..6", 0.4),
        Harmony(_DORIAN, "1400 0514", 4, "1...3...5...7...", "3..4....3..4....", 0.65),
        Timbre(7, 1.5, 0.015, 0.3, 0.2, 0.003, 5000, -0.5, 0.55),
    ),
    "metal": Recipe(
        Groove((130, 190), 0.0, "9.8.9.8.9.8.9.8.", "....9.......9...", "9...9...9...9...", 0.9),
        Harmony(_PHRYGIAN, "0010 0560", 2, "1.1.1.1.1.1.1.1.", "9.9.9.7.9.9.7.9.", 0.2),
        Timbre(14, 0.7, 0.002, 0.5, 6.0, 0.006, 7500, 1.0, 0.95),
    ),
    "pop": Recipe(
        Groove((96, 128), 0.0, "9.....4.9.......", "....9.......9...", "7.7.7.7.7.7.7.7.", 0.9),
        Harmony(_MAJOR, "0453 5304", 3, "1.1.1.1.1.1.1.1.", "9.....6.....5...", 0.45),
        Timbre(9, 1.15, 0.012, 0.35, 0.6, 0.002, 9000, 1.5, 0.9),
    ),
    "reggae": Recipe(
        Groove((68, 96), 0.15, "2.......9.......", "........9......2", "6.6.6.6.6.6.6.6.", 0.7),
        Harmony(_MAJOR, "0303 0143", 3, "1..1..3.5.......", "....9.......9...", 0.2),
        Timbre(5, 1.5, 0.004, 0.16, 0.2, 0.002, 4500, -2.0, 0.75),
    ),
    "rock": Recipe(
        Groove((104, 150), 0.0, "9.....5.9.3.....", "....9.......9...", "8.8.8.8.8.8.8.8.", 0.9),
        Harmony(_MIXOLYDIAN, "0630 0343", 3, "1.1.1.1.1.1.1.1.", "8.3.8.3.8.3.8.3.", 0.3),
        Timbre(11, 0.9, 0.004, 0.4, 3.0, 0.004, 6500, 0.0, 0.85),
    ),
}

DEMO_GENRES: tuple[str, ...] = tuple(RECIPES)


def render_clip(
    genre: str,
    *,
    rng: np.random.Generator,
    sr: int = 22050,
    seconds: float = 10.0,
) -> Signal:
    """Render one clip of a genre.

    Parameters
    ----------
    genre : str
        One of `DEMO_GENRES`.
    rng : numpy.random.Generator
        Source of every choice; the same state gives the same samples, bit for bit.
    sr : int
        Sampling rate, Hz.
    seconds : float
        Length of the clip.

    Returns
    -------
    ndarray of shape (round(sr * seconds),), float32
        Mono samples in [-0.9, 0.9].

    Raises
    ------
    ConfigError
        If the genre has no recipe or the clip would hold no sample.
    """
    _check_request(genre, sr=sr, seconds=seconds)
    recipe = _vary(_borrow(genre, rng=rng), rng=rng)
    grid = _lay_grid(recipe.groove, n_samples=round(sr * seconds), sr=sr, rng=rng)
    notes = _render_notes(recipe, grid, rng=rng)
    drums = _render_drums(recipe.groove, grid, rng=rng)
    return _master(notes + recipe.groove.level * drums, recipe, sr=sr, rng=rng)


def _check_request(genre: str, *, sr: int, seconds: float) -> None:
    if genre not in RECIPES:
        raise ConfigError(f"{genre!r} is no demo genre; expected one of {', '.join(RECIPES)}")
    if sr <= 0 or not np.isfinite(seconds) or round(sr * seconds) < 1:
        raise ConfigError(f"sr={sr} and seconds={seconds} give no sample; raise either of them")


def _borrow(genre: str, *, rng: np.random.Generator) -> Recipe:
    """Return the genre's recipe, at times with one ingredient of another genre."""
    recipe = RECIPES[genre]
    neighbour = RECIPES[str(rng.choice([name for name in DEMO_GENRES if name != genre]))]
    ingredient = str(rng.choice(("groove", "harmony", "timbre")))
    if rng.random() >= _BORROW:
        return recipe
    borrowed: dict[str, Any] = {ingredient: getattr(neighbour, ingredient)}
    return replace(recipe, **borrowed)


def _vary(recipe: Recipe, *, rng: np.random.Generator) -> Recipe:
    """Jitter levels and timbre by log-normal factors, as players and studios differ."""
    level = recipe.groove.level * float(np.exp(rng.normal(scale=0.25)))
    factors = np.exp(rng.normal(scale=tuple(_JITTER.values()))).tolist()
    varied: dict[str, Any] = {}
    for name, factor in zip(_JITTER, factors, strict=True):
        varied[name] = getattr(recipe.timbre, name) * factor
    timbre = replace(recipe.timbre, **varied)
    return replace(recipe, groove=replace(recipe.groove, level=level), timbre=timbre)


def _lay_grid(groove: Groove, *, n_samples: int, sr: int, rng: np.random.Generator) -> _Grid:
    step = 60.0 / rng.uniform(*groove.tempo) / 4.0 * sr
    numbers = np.arange(np.ceil(n_samples / step))
    starts = np.rint((numbers + groove.swing * (numbers % 2)) * step).astype(np.int64)
    return _Grid(starts, n_samples, sr)


def _hits(pattern: str, n_steps: int, *, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Draw the steps on which a pattern of chances in tenths sounds."""
    chances = np.array([int(mark) for mark in pattern.replace(".", "0")]) / 10.0
    return np.flatnonzero(rng.random(n_steps) < np.resize(chances, n_steps))


def _blank(grid: _Grid) -> Signal:
    """Return silence with room for sounds that ring past the end."""
    return np.zeros(grid.n_samples + round(_TAIL_SECONDS * grid.sr) + 1, dtype=np.float32)


def _add(track: Signal, sound: Signal, start: int, gain: float) -> None:
    room = track[start : start + sound.size]
    room += np.float32(gain) * sound[: room.size]


def _render_drums(groove: Groove, grid: _Grid, *, rng: np.random.Generator) -> Signal:
    track = _blank(grid)
    patterns = (groove.kick, groove.snare, groove.hat)
    kit = _drum_kit(grid.sr, rng=rng)
    for pattern, sound, gain in zip(patterns, kit, (1.0, 0.6, 0.25), strict=True):
        steps = _hits(pattern, grid.starts.size, rng=rng)
        gains = gain * rng.uniform(0.6, 1.0, size=steps.size)
        for start, hit in zip(grid.starts[steps].tolist(), gains.tolist(), strict=True):
            _add(track, sound, start, hit)
    return track[: grid.n_samples]


def _drum_kit(sr: int, *, rng: np.random.Generator) -> tuple[Signal, Signal, Signal]:
    """Return the sounds of a kick, a snare and a hat."""
    t = np.arange(max(1, round(0.3 * sr)), dtype=np.float32) / sr
    noise = rng.standard_normal((2, t.size), dtype=np.float32)
    # Phase of a pitch that falls exponentially from 150 Hz to 50 Hz.
    phase = 2 * np.pi * (50.0 * t + 4.0 * (1.0 - np.exp(-t / 0.04)))
    kick = np.sin(phase) * np.exp(-t / 0.09)
    snare = (0.4 * noise[0] + 0.5 * np.sin(2 * np.pi * 190.0 * t)) * np.exp(-t / 0.06)
    hat = np.diff(noise[1], n=2, prepend=(0.0, 0.0)) * np.exp(-t / 0.025)
    return kick.astype(np.float32), snare.astype(np.float32), hat.astype(np.float32)


def _render_notes(recipe: Recipe, grid: _Grid, *, rng: np.random.Generator) -> Signal:
    track = _blank(grid)
    sounds: dict[int, Signal] = {}
    for step, pitch, gain in _score(recipe.harmony, grid.starts.size, rng=rng):
        if pitch not in sounds:
            sounds[pitch] = _note(pitch, recipe.timbre, sr=grid.sr)
        _add(track, sounds[pitch], int(grid.starts[step]), gain)
    clean = track[: grid.n_samples]
    return np.tanh(recipe.timbre.drive * clean) if recipe.timbre.drive > 0 else clean


def _score(harmony: Harmony, n_steps: int, *, rng: np.random.Generator) -> Iterator[_Note]:
    """Yield every note as (step, MIDI pitch, gain): the bass, the chords, then the melody."""
    key = 48 + int(rng.integers(-5, 7))
    progression = str(rng.choice(harmony.progressions.split()))
    bass, comp, lead = (np.array((0.5, 0.22, 0.35)) * rng.uniform(0.6, 1.2, size=3)).tolist()
    roots = [int(progression[step // _BAR % len(progression)]) for step in range(n_steps)]
    for step, root in enumerate(roots):
        mark = harmony.bass[step % _BAR]
        if mark != ".":
            yield step, key - 12 + _semitone(harmony.scale, root + int(mark) - 1), bass
    for step in _hits(harmony.comp, n_steps, rng=rng).tolist():
        for third in range(harmony.chord_size):
            yield step, key + _semitone(harmony.scale, roots[step] + 2 * third), comp
    walk = np.cumsum(rng.integers(-2, 3, size=n_steps))
    for step in np.flatnonzero(rng.random(n_steps) < harmony.density).tolist():
        if step % 2 == 0:
            yield step, key + 12 + _semitone(harmony.scale, int(walk[step]) % 10), lead


def _semitone(scale: tuple[int, ...], degree: int) -> int:
    octave, position = divmod(degree, len(scale))
    return 12 * octave + scale[position]


def _note(pitch: int, timbre: Timbre, *, sr: int) -> Signal:
    """Read one cycle of the timbre at the pitch's speed, under its envelope."""
    frequency = 440.0 * 2.0 ** ((pitch - 69) / 12.0)
    n_partials = max(1, min(timbre.n_harmonics, int(0.49 * sr / frequency)))
    spectrum = np.zeros(_TABLE_SIZE // 2 + 1, dtype=np.complex128)
    # -i/2 per bin times the table's size is a sine of amplitude 1 after the inverse transform.
    amplitudes = np.arange(1, n_partials + 1) ** -timbre.roll_off
    spectrum[1 : n_partials + 1] = -0.5j * _TABLE_SIZE * amplitudes
    cycle = np.fft.irfft(spectrum).astype(np.float32)
    length = min(4.0 * timbre.decay, _NOTE_SECONDS)
    t = np.arange(max(1, round(length * sr)), dtype=np.float32) / sr
    position = (np.arange(t.size) * (frequency / sr * _TABLE_SIZE)).astype(np.int64)
    fade = np.linspace(1.0, 0.0, t.size, dtype=np.float32)
    envelope = (1.0 - np.exp(-t / timbre.attack)) * np.exp(-t / timbre.decay) * fade
    return np.asarray(cycle[position % _TABLE_SIZE] * envelope, dtype=np.float32)


def _master(mix: Signal, recipe: Recipe, *, sr: int, rng: np.random.Generator) -> Signal:
    """Add hiss, tilt and low-pass the spectrum, and set the peak."""
    hiss = (_NOISE_FLOOR + recipe.timbre.noise) * rng.standard_normal(mix.size, dtype=np.float32)
    noisy = mix + (np.abs(mix).max() + np.float32(1e-3)) * hiss
    # A power of two keeps the transform fast whatever the clip's length.
    n_fft = 1 << (mix.size - 1).bit_length()
    frequencies = np.fft.rfftfreq(n_fft, 1.0 / sr)
    slope = recipe.timbre.tilt + rng.normal(scale=1.0)
    tilt_db = slope * np.log2(np.maximum(frequencies, 40.0) / 1000.0)
    low_pass = 1.0 / np.sqrt(1.0 + (frequencies / recipe.timbre.cut_off) ** 4)
    spectrum = np.fft.rfft(noisy, n_fft) * (10.0 ** (tilt_db / 20.0) * low_pass)
    shaped = np.fft.irfft(spectrum, n_fft)[: mix.size]
    peak = _PEAK * min(1.0, recipe.timbre.loudness * float(np.exp(rng.normal(scale=0.2))))
    return np.asarray(peak / max(float(np.abs(shaped).max()), 1e-12) * shaped, dtype=np.float32)
