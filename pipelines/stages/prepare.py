"""Stage `prepare`: choose tracks, decode each once, and write the subset that DVC versions."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from mlproject.config.data import DataConfig
from mlproject.corpus.opening import open_corpus
from mlproject.corpus.sampling import sample_of
from mlproject.corpus.subset import Rejection, Subset, collect_subset
from mlproject.corpus.texts import by_name
from mlproject.corpus.tracks import Track
from mlproject.files import atomic_folder, write_table
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.facts import CorpusFacts, write_corpus_facts
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import data_config
from pipelines._cli import run_command


def main(_: list[str], workspace: Workspace) -> None:
    """Write data/subset/ and the tables beside it."""
    config = data_config(workspace)
    corpus = open_corpus(config, checksum_cache=workspace.cache / "files.json")
    everything = corpus.tracks()
    chosen = sample_of(config, everything)
    progress = progress_bar(f"reading the {config.corpus} corpus", len(chosen.tracks), unit=" tracks")
    with atomic_folder(workspace.subset) as folder:
        subset = collect_subset(corpus, chosen, folder, clip_seconds=config.clip_seconds, progress=progress)
        by_id = {track.track_id: track for track in chosen.tracks}
        used = [by_id[row.track_id] for row in subset.tracks]
        words = corpus.words(used)
        subset.rejected.extend(Rejection(track_id, "audio", why) for track_id, why in sorted(words.refused.items()))
        write_table(workspace.tracks, pd.DataFrame(subset.tracks))
        write_table(workspace.labels, _labels(used, pd.read_csv(workspace.artists, dtype=str, keep_default_na=False)))
        write_table(workspace.rejected, pd.DataFrame(subset.rejected, columns=Rejection._fields))
        texts = pd.DataFrame(sorted(words.by_track.items()), columns=["track_id", "text"], dtype="object")
        write_table(workspace.texts, texts)
        facts = CorpusFacts(
            corpus=config.corpus,
            holds=corpus.holds,
            lyrics=corpus.lyrics,
            sample_rate=config.sample_rate,
            tracks=len(used),
            **subset.facts,
        )
        write_corpus_facts(workspace, facts)
    for note in [*corpus.notes(), *words.notes]:
        log(note)
    _summarise(facts, used, subset)
    _log_shortage(config, everything, used)


def _labels(used: Sequence[Track], table: pd.DataFrame) -> pd.DataFrame:
    """Tabulate what tasks may know of each track beside its features: its genre, its artist, its known fault."""
    given = dict(zip(table.track_id, table.artist, strict=True))
    artists = by_name(given, [track.track_id for track in used])
    rows = [(track.track_id, track.genre, artists.get(track.track_id), track.fault) for track in used]
    if given:
        example = f"; its first track_id is {min(given)!r}, one here is {rows[0][0]!r}" if not artists else ""
        log(f"artists: that of {len(artists)} of {len(rows)} tracks is known{example}")
    return pd.DataFrame(rows, columns=["track_id", "genre", "artist", "fault"], dtype="object")


def _summarise(facts: CorpusFacts, used: Sequence[Track], subset: Subset) -> None:
    size = f"{facts.clip_seconds:g} s" if facts.columns is None else f"{facts.columns} columns"
    log(f"{len(used)} tracks of the {facts.corpus} corpus, {size} of each")
    for name, reason in facts.columns_left_out.items():
        log(f"  column {name!r} left out: {reason}")
    if faulty := sum(track.fault is not None for track in used):
        log(f"{faulty} tracks with a known fault are in use (exclude_faults: false)")
    for row in subset.rejected[:10]:
        use = "left out" if row.used_for == "nothing" else f"used for {row.used_for} alone"
        log(f"  {row.track_id}: {use}: {row.reason}")
    if subset.rejected:
        log(f"{len(subset.rejected)} tracks left out in all or in part; data/rejected.csv has the reasons")


def _log_shortage(config: DataConfig, everything: Sequence[Track], used: Sequence[Track]) -> None:
    counts = Counter(track.genre for track in used)
    genres = sorted({track.genre for track in everything if track.genre})
    short = [f"{genre} {counts[genre]}" for genre in genres if counts[genre] < (config.tracks_per_genre or 0)]
    if short and config.corpus == "demo":
        log("the demo has ten tracks of each genre, however many are asked for")
    elif short:
        log(f"fewer tracks than asked for: {', '.join(short)}")


if __name__ == "__main__":
    run_command(main)
