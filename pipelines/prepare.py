"""Stage `prepare`: choose tracks, decode each once, and write the subset that DVC versions."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from mlproject.artifacts import building, write_json, write_table
from mlproject.corpus import open_corpus
from mlproject.corpus.sampling import sample
from mlproject.corpus.subset import Rejection, TrackRow, collect_subset
from pipelines import _workspace as workspace
from pipelines._command import progress_bar, run_command, say


def main(_: list[str]) -> None:
    """Write data/subset/ and the tables beside it."""
    config = workspace.data_config()
    corpus = open_corpus(config, checksum_cache=workspace.CACHE / "files.json")
    chosen = sample(
        corpus.tracks(),
        per_genre=config.tracks_per_genre,
        seed=config.sample_seed,
        exclude_faults=config.exclude_faults or config.corpus != "gtzan",  # elsewhere: a track without its genre
    )
    progress = progress_bar(f"reading the {config.corpus} corpus", len(chosen.tracks), unit=" tracks")
    with building(workspace.SUBSET) as folder:
        subset = collect_subset(corpus, chosen, folder, clip_seconds=config.clip_seconds, progress=progress)
        ids = [row.track_id for row in subset.tracks]
        genres = {track.track_id: track.genre for track in chosen.tracks}
        texts = corpus.texts([track for track in chosen.tracks if track.track_id in set(ids)])
        labels = pd.DataFrame({"track_id": ids, "genre": [genres[i] for i in ids]}, dtype="object")
        write_table(workspace.TRACKS, pd.DataFrame(subset.tracks, columns=TrackRow._fields))
        write_table(workspace.LABELS, labels)
        write_table(workspace.REJECTED, pd.DataFrame(subset.rejected, columns=Rejection._fields))
        write_table(workspace.TEXTS, pd.DataFrame(sorted(texts.items()), columns=["track_id", "text"], dtype="object"))
        facts = {"corpus": config.corpus, "lyrics": corpus.lyrics, "clip_seconds": subset.clip_seconds}
        write_json(workspace.CORPUS, facts | {"sample_rate": config.sample_rate, "tracks": len(ids)})
    used = Counter(genres[track_id] for track_id in ids)
    short = {genre: used[genre] for genre in sorted({track.genre for track in corpus.tracks() if track.genre})}
    short = {genre: count for genre, count in short.items() if count < (config.tracks_per_genre or 0)}
    _summarise(config.corpus, short, subset.rejected, len(ids), subset.clip_seconds)


def _summarise(kind: str, short: dict[str, int], rejected: list[Rejection], used: int, seconds: float) -> None:
    say(f"{used} tracks of the {kind} corpus, {seconds:g} s of each")
    if short and kind == "demo":
        say("the demo has ten tracks a genre, however many are asked for")
    elif short:
        say(f"fewer tracks than asked for: {', '.join(f'{genre} {count}' for genre, count in short.items())}")
    for row in rejected[:10]:
        what = "left out" if row.used_for == "nothing" else f"used for {row.used_for} alone"
        say(f"  {row.track_id}: {what}: {row.reason}")
    if rejected:
        say(f"{len(rejected)} tracks left out in all or in part; data/rejected.csv has the reasons")


if __name__ == "__main__":
    run_command(main)
