"""Rendered music for the demo corpus: ten synthetic genres that overlap on purpose.

``recipes.yaml`` says what each genre is made of: a groove (drums and tempo), a harmony (who plays which notes when) and
a timbre (how a note sounds). `render_clip` varies a recipe, sometimes swaps one of the three for a neighbour's, writes
it down as drum hits and notes on a grid of sixteenths, and mixes it. Every random choice comes from its generator.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import TypeAdapter

__all__ = ["DEMO_GENRES", "RECIPES", "Groove", "Harmony", "Recipe", "Timbre", "render_clip"]

Signal = npt.NDArray[np.float32]

_BAR = 16  # sixteenths
_TAIL_SECONDS = 2.0  # room for sounds that ring past the end
_NOTE_SECONDS = 1.5  # longest note
_TABLE_SIZE = 4096  # samples of one cycle
_PEAK = 0.9
_BORROW = 0.45  # chance that an ingredient is another genre's
_NOISE_FLOOR = 0.01
# Standard deviation of the logarithm of each factor.
_JITTER = {"roll_off": 0.12, "decay": 0.2, "drive": 0.3, "noise": 0.4, "cut_off": 0.15}


@dataclass(frozen=True)
class Groove:
    """Drums and time; a pattern gives the chance of a hit on each sixteenth of a bar in tenths (``.`` is never)."""

    tempo: tuple[float, float]  # range, beats per minute
    swing: float  # delay of every second sixteenth, in sixteenths
    kick: str
    snare: str
    hat: str
    level: float  # loudness of the drums beside the notes


@dataclass(frozen=True)
class Harmony:
    """Notes and when they fall."""

    scale: tuple[int, ...]  # semitones above the key
    progressions: tuple[str, ...]  # chord roots as scale degrees from 0, one per bar
    chord_size: int  # stacked thirds
    bass: str  # degree above the root, from 1, on each sixteenth; ``.`` rests
    comp: str  # chance of a chord on each sixteenth, in tenths
    density: float  # chance of a melody note on each eighth


@dataclass(frozen=True)
class Timbre:
    """The sound of a note and of the mix."""

    n_harmonics: int
    roll_off: float  # partial k has amplitude k ** -roll_off
    attack: float  # s
    decay: float  # s
    drive: float  # gain into a tanh; 0 is clean
    noise: float  # hiss beside the peak
    cut_off: float  # corner of the final low-pass, Hz
    tilt: float  # slope of the mix, dB per octave
    loudness: float  # usual peak, in (0, 1]


@dataclass(frozen=True)
class Recipe:
    """What a genre is made of."""

    groove: Groove
    harmony: Harmony
    timbre: Timbre


@dataclass(frozen=True)
class _Grid:
    """Sixteenths of one clip."""

    starts: npt.NDArray[np.int64]  # (n_steps,): first sample of each
    n_samples: int
    sr: int


_CONTENT = files("mlproject.corpus.demo").joinpath("recipes.yaml").read_text(encoding="utf-8")
RECIPES = TypeAdapter(dict[str, Recipe]).validate_python(yaml.safe_load(_CONTENT))
DEMO_GENRES: tuple[str, ...] = tuple(RECIPES)


def render_clip(genre: str, *, rng: np.random.Generator, sr: int = 22050, seconds: float = 10.0) -> Signal:
    """Render one clip of a genre of `DEMO_GENRES`; the same state of `rng` gives the same samples, bit for bit.

    Returns
    -------
    ndarray of shape (round(sr * seconds),), float32
        Mono samples in [-0.9, 0.9].
    """
    recipe = _vary(_borrow(genre, rng=rng), rng=rng)
    grid = _lay_grid(recipe.groove, n_samples=round(sr * seconds), sr=sr, rng=rng)
    notes = _render_notes(recipe, grid, rng=rng)
    drums = _render_drums(recipe.groove, grid, rng=rng)
    return _master(notes + recipe.groove.level * drums, recipe, sr=sr, rng=rng)


def _borrow(genre: str, *, rng: np.random.Generator) -> Recipe:
    """Return the genre's recipe, at times with one ingredient of another genre."""
    recipe = RECIPES[genre]
    neighbour = RECIPES[str(rng.choice([name for name in DEMO_GENRES if name != genre]))]
    ingredient = str(rng.choice(("groove", "harmony", "timbre")))
    if rng.random() >= _BORROW:
        return recipe
    return replace(recipe, **{ingredient: getattr(neighbour, ingredient)})


def _vary(recipe: Recipe, *, rng: np.random.Generator) -> Recipe:
    """Jitter levels and timbre by log-normal factors, as players and studios differ."""
    level = recipe.groove.level * float(np.exp(rng.normal(scale=0.25)))
    factors = np.exp(rng.normal(scale=tuple(_JITTER.values()))).tolist()
    varied = {name: getattr(recipe.timbre, name) * factor for name, factor in zip(_JITTER, factors, strict=True)}
    return replace(recipe, groove=replace(recipe.groove, level=level), timbre=replace(recipe.timbre, **varied))


def _lay_grid(groove: Groove, *, n_samples: int, sr: int, rng: np.random.Generator) -> _Grid:
    step = 60.0 / rng.uniform(*groove.tempo) / 4.0 * sr  # samples per sixteenth
    numbers = np.arange(np.ceil(n_samples / step))
    starts = np.rint((numbers + groove.swing * (numbers % 2)) * step).astype(np.int64)
    return _Grid(starts, n_samples, sr)


def _hits(pattern: str, n_steps: int, *, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Draw the steps on which a pattern of chances in tenths sounds."""
    chances = np.array([int(mark) for mark in pattern.replace(".", "0")]) / 10.0
    return np.flatnonzero(rng.random(n_steps) < np.resize(chances, n_steps))


def _blank(grid: _Grid) -> Signal:
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
    noise = rng.standard_normal((2, t.size), dtype=np.float32)  # (snare and hat, n_samples)
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


def _score(harmony: Harmony, n_steps: int, *, rng: np.random.Generator) -> Iterator[tuple[int, int, float]]:
    """Yield every note as (step, MIDI pitch, gain): the bass, the chords, then the melody."""
    key = 48 + int(rng.integers(-5, 7))  # MIDI pitch, around C3
    progression = str(rng.choice(harmony.progressions))
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
