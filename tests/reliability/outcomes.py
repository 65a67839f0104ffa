"""What the project does with a hostile input, asked where a user would meet it: in a few words, and a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mlproject.config.data import DataConfig, FeaturesConfig
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.loading import load_config
from mlproject.config.overrides import apply
from mlproject.config.tasks import TaskConfig
from mlproject.corpus.decoding import inspect, place_clip, read_clip
from mlproject.corpus.opening import open_corpus
from mlproject.corpus.sampling import sample
from mlproject.corpus.subset import collect_subset
from mlproject.corpus.user_tables import ByTrack, read_artists, read_text_table
from mlproject.errors import MlprojectError, TrackDecodeError
from mlproject.prediction.predictor import Predictor

USED, ROW, LINE, SAID, ANEW = "used", "row of rejected.csv", "one line", "used, and said", "made anew"


class Outcome(NamedTuple):
    """What happens, and what the user sees."""

    happens: str
    sees: str


class Case(NamedTuple):
    """An input: its area, what it is in words, and what makes it in an empty folder and hands it to the project."""

    area: str
    what: str
    run: Callable[[Path], Outcome]


def seen(case: Case, folder: Path) -> Outcome:
    """Run a case; an error of the project's own is the one line that the user sees, any other error is a traceback."""
    try:
        outcome = case.run(folder)
    except MlprojectError as error:
        outcome = Outcome(LINE, str(error))
    assert "\n" not in outcome.sees, f"{case.what}: more than one line"
    return Outcome(outcome.happens, _without_places(outcome.sees, folder))


def _without_places(text: str, folder: Path) -> str:
    text = re.sub(r"\b[0-9a-f]{32}\b", "…", text)
    return re.sub(r"0x[0-9a-f]{6,}", "0x…", text.replace(f"{folder}/", "").replace(str(folder), "."))


def decoded(path: Path, *, clip: float = 3.0) -> Outcome:
    """Decode a file as a corpus does: a track with its length, or a row with its reason."""
    try:
        info = inspect(path)
        start = place_clip(info, clip, "middle")
        samples = read_clip(path, start=start, seconds=clip, sr=22050)
    except TrackDecodeError as error:
        return Outcome(ROW, str(error))
    assert len(samples) >= min(clip, info.seconds - start) * 22050 - 1
    return Outcome(USED, f"a track of {info.seconds:.1f} s; its clip begins at {start:.1f} s")


def listed(root: Path, folder: Path, **config: Any) -> Outcome:
    """Open a corpus, choose all of its tracks and copy them: how many were used, what was said of the others."""
    corpus = open_corpus(DataConfig(**{"corpus": "folder", "root": str(root), "labels": "folder"} | config))
    subset = collect_subset(corpus, sample(corpus.tracks(), per_genre=None, seed=0), folder / "out", clip_seconds=3)
    words = corpus.words([track for track in corpus.tracks() if track.unusable is None])
    genres = sorted({track.genre for track in corpus.tracks() if track.genre})
    said = [f"{row.track_id}: {row.reason}" for row in subset.rejected]
    said += [*words.refused.values(), *corpus.notes(), *words.notes]
    counts = f"{len(subset.tracks)} tracks" + (f" of {', '.join(genres)}" if genres else "")
    counts += f", {len(words.by_track)} with words" if words.by_track else ""
    happens = ROW if subset.rejected else SAID if said else USED
    return Outcome(happens, "; ".join([counts, *said]))


def configured(folder: Path, text: str | bytes, *, model: Any = FeaturesConfig, name: str = "features.yaml") -> Outcome:
    """Read a conf file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    load_config(model, path)
    return Outcome(USED, "read as it is")


def changed(**changes: str) -> Outcome:
    """Change keys of a task, as a command line does."""
    apply(TaskConfig.model_validate(_task()), EvaluationConfig(), changes)
    return Outcome(USED, "read as it is")


@cache
def _task() -> dict[str, Any]:
    import yaml

    conf = Path(__file__).parents[2] / "conf" / "tasks" / "easy.yaml"
    content: dict[str, Any] = yaml.safe_load(conf.read_text())
    return content


def table(folder: Path, content: str | bytes, *, name: str = "features.csv", **config: Any) -> Outcome:
    """Open a table of features."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    corpus = open_corpus(DataConfig(corpus="table", root=str(folder / name), **config))
    usable = [track for track in corpus.tracks() if track.unusable is None and track.fault is None]
    left = [f"{track.track_id}: {track.unusable or track.fault}" for track in corpus.tracks() if track not in usable]
    genres = sorted({track.genre for track in usable if track.genre})
    counts = f"{len(usable)} tracks" + (f" of {', '.join(genres)}" if genres else ", no genres")
    said = [*left, *corpus.notes(), *(f"column {name}: {why}" for name, why in corpus.columns_left_out.items())]
    return Outcome(ROW if left else SAID if said else USED, "; ".join([counts, *said]))


def words_of_table(folder: Path, content: str | bytes, *, name: str = "lyrics.csv") -> Outcome:
    """Read a user's own lyrics."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return _by_track(read_text_table(folder / name))


def artists(folder: Path, content: str) -> Outcome:
    """Read a user's table of artists."""
    (folder / "artists.csv").write_text(content)
    return _by_track(read_artists(folder / "artists.csv"))


def _by_track(found: ByTrack) -> Outcome:
    said = [*(f"{track}: {text}" for track, text in found.values.items()), *found.notes]
    return Outcome(SAID if found.notes else USED, "; ".join(said))


def loaded(package: Path) -> Outcome:
    """Load the package of a trained task."""
    Predictor.load(package)
    return Outcome(USED, "loaded")
