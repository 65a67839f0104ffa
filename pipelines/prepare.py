"""Stage `prepare`: choose tracks, decode each once, and write the subset that DVC versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from mlproject.config import DataConfig
from mlproject.corpus import Track, open_corpus
from mlproject.corpus.sampling import sample
from mlproject.corpus.subset import Rejection, Subset, collect_subset
from mlproject.files import atomic_folder, write_json, write_table
from pipelines import _workspace as workspace
from pipelines._command import progress_bar, run_command, say


def main(_: list[str]) -> None:
    """Write data/subset/ and the tables beside it."""
    config = workspace.data_config()
    corpus = open_corpus(config, checksum_cache=workspace.CACHE / "files.json")
    everything = corpus.tracks()
    chosen = sample(
        everything,
        per_genre=config.tracks_per_genre,
        seed=config.sample_seed,
        exclude_faults=config.exclude_faults,
    )
    progress = progress_bar(f"reading the {config.corpus} corpus", len(chosen.tracks), unit=" tracks")
    with atomic_folder(workspace.SUBSET) as folder:
        subset = collect_subset(corpus, chosen, folder, clip_seconds=config.clip_seconds, progress=progress)
        by_id = {track.track_id: track for track in chosen.tracks}
        used = [by_id[row.track_id] for row in subset.tracks]
        texts = corpus.texts(used)
        write_table(workspace.TRACKS, pd.DataFrame(subset.tracks))
        write_table(workspace.LABELS, _labels(used))
        write_table(workspace.REJECTED, pd.DataFrame(subset.rejected, columns=Rejection._fields))
        write_table(workspace.TEXTS, pd.DataFrame(sorted(texts.items()), columns=["track_id", "text"], dtype="object"))
        facts = {"corpus": config.corpus, "holds": corpus.holds, "lyrics": corpus.lyrics} | dict(subset.facts)
        write_json(workspace.CORPUS, facts | {"sample_rate": config.sample_rate, "tracks": len(used)})
    _summarise(config, used, subset)
    _say_what_is_short(config, everything, used)


def _labels(used: Sequence[Track]) -> pd.DataFrame:
    """Tabulate what tasks may know of each track beside its features: its genre, its artist, its known fault."""
    table = pd.read_csv(workspace.ARTISTS, dtype=str, keep_default_na=False)
    artists = dict(zip(table.track_id, table.artist, strict=True))
    rows = [(track.track_id, track.genre, artists.get(track.track_id), track.fault) for track in used]
    if artists:
        known = sum(artist is not None for _, _, artist, _ in rows)
        example = f"; its first track_id is {min(artists)!r}, one here is {rows[0][0]!r}" if not known else ""
        say(f"artists: that of {known} of {len(rows)} tracks is known{example}")
    return pd.DataFrame(rows, columns=["track_id", "genre", "artist", "fault"], dtype="object")


def _summarise(config: DataConfig, used: Sequence[Track], subset: Subset) -> None:
    facts: Mapping = subset.facts
    each = f"{facts['columns']} columns" if "columns" in facts else f"{facts['clip_seconds']:g} s"
    say(f"{len(used)} tracks of the {config.corpus} corpus, {each} of each")
    for name, reason in facts.get("columns_left_out", {}).items():
        say(f"  column {name!r} left out: {reason}")
    if faulty := sum(track.fault is not None for track in used):
        say(f"{faulty} tracks with a known fault are in use (exclude_faults: false)")
    rejected = subset.rejected
    for row in rejected[:10]:
        what = "left out" if row.used_for == "nothing" else f"used for {row.used_for} alone"
        say(f"  {row.track_id}: {what}: {row.reason}")
    if rejected:
        say(f"{len(rejected)} tracks left out in all or in part; data/rejected.csv has the reasons")


def _say_what_is_short(config: DataConfig, everything: Sequence[Track], used: Sequence[Track]) -> None:
    count = Counter(track.genre for track in used)
    genres = sorted({track.genre for track in everything if track.genre})
    short = [f"{genre} {count[genre]}" for genre in genres if count[genre] < (config.tracks_per_genre or 0)]
    if short and config.corpus == "demo":
        say("the demo has ten tracks a genre, however many are asked for")
    elif short:
        say(f"fewer tracks than asked for: {', '.join(short)}")


if __name__ == "__main__":
    run_command(main)
