"""The document: template, style, scripts, data, plotly and clips in one string that asks nothing of any network."""

import base64
import gzip
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from string import Template

from mlproject.reporting.explorer.page_data import page_record
from mlproject.reporting.style import ALARM, INK, TASK_COLOUR
from mlproject.results.compared_run import ComparedRun

__all__ = ["explorable", "explorer_page"]

SCRIPTS = ("store", "player", "chart", "clusters", "tracks", "page")
# What could end a script element. Line separators are escaped too: json.dumps writes ASCII.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def explorable(runs: Iterable[ComparedRun]) -> list[ComparedRun]:
    """Return the runs that a page can show: those with a result and projections of it."""
    return [run for run in runs if run.finished and run.task.projections is not None]


def explorer_page(runs: Sequence[ComparedRun], *, title: str, clips: Mapping[str, bytes] = {}) -> str:
    """Return an HTML document that shows the clusters of each run, with projection, cards, search and players.

    The same runs, title and clips give the same document. All runs are `explorable` and of one corpus, the one that is
    shown first at the head; without any it is a `ValueError`. `clips` are MP3 by track_id, those of tracks that no run
    has are left out.
    """
    if not runs:
        raise ValueError("no run to explore: a page needs one at least")
    record = page_record(runs)
    # Clips of tracks that no run shows are dropped, and one without sound is none.
    places = {track: place for place, track in enumerate(record["tracks"]["id"]) if clips.get(track)}
    return Template(_asset("page.html")).substitute(
        title=_without_addresses(html.escape(title), "&#104;"),
        style=f":root {{ --ink: {INK}; --accent: {TASK_COLOUR}; --alarm: {ALARM}; }}\n{_asset('page.css')}",
        data=_json(record | {"clips": list(places.values())}),
        clips="\n".join(_packed(f"clip-{place}", clips[track]) for track, place in places.items()),
        plotly=_packed("plotly", _plotly()),
        script="\n".join(_asset(f"{name}.js") for name in SCRIPTS),
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _json(record: object) -> str:
    """Return JSON that can stand in a script element."""
    text = json.dumps(record, allow_nan=False, separators=(",", ":"))
    return _without_addresses(re.sub("[<>&]", lambda match: _ESCAPES[match[0]], text), "\\u0068")


def _without_addresses(text: str, letter: str) -> str:
    """Spell the first letter of a scheme in another way that reads the same."""
    return text.replace("http", f"{letter}ttp")


def _packed(name: str, content: bytes) -> str:
    """Return a script element of base64; a line break, which decoding skips, splits what looks like an address."""
    text = base64.b64encode(content).decode("ascii").replace("http", "ht\ntp")
    return f'<script type="text/plain" id="{name}">{text}</script>'


@lru_cache(maxsize=1)
def _plotly() -> bytes:
    """Return plotly's library, compressed: plain, it has addresses in it and is three times as long."""
    from plotly.offline import get_plotlyjs

    return gzip.compress(get_plotlyjs().encode("utf-8"), mtime=0)
