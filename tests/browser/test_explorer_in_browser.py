"""What a reader does with the explorer, by mouse and by keyboard."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from mlproject.reporting.explorer.page import explorer_page
from tests.reporting.explorer.explored_runs import (
    MARKUP,
    explored_run,
    explored_tracks,
    hostile_run,
    task_scores,
)
from tests.results.records import evaluation_record

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]

# Where the projection has its points on the screen, with the tracks that they stand for.
POINTS = """() => {
  const chart = document.getElementById("chart");
  const { x, y } = chart.getBoundingClientRect();
  const { xaxis, yaxis } = chart._fullLayout;
  const place = (trace, index) => [
    trace.customdata[index],
    x + xaxis._offset + xaxis.l2p(trace.x[index]),
    y + yaxis._offset + yaxis.l2p(trace.y[index]),
  ];
  const traces = chart.data.filter((trace) => trace.customdata);
  return traces.flatMap((trace) => [...trace.x.keys()].map((index) => place(trace, index)));
}"""
# Tracks that are not dimmed.
BRIGHT = """() => document.getElementById("chart").data.filter((trace) => trace.customdata).flatMap(
  (trace) => (trace.selectedpoints ?? [...trace.customdata.keys()]).map((index) => trace.customdata[index])
).sort((a, b) => a - b)"""
LEGEND = "#chart .legendtext"


@cache
def _clip() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, 0.1 * np.sin(np.arange(3 * 22050) / 10), 22050, format="MP3")
    return file.getvalue()


def _document(**changes: Any) -> str:
    return explorer_page([explored_run(**changes)], title="Clusters", clips={"track.00004": _clip()})


def _points(page: Page) -> dict[int, tuple[float, float]]:
    return {track: (x, y) for track, x, y in page.evaluate(POINTS)}


def _click(page: Page, track: int) -> None:
    page.evaluate("scrollTo(0, 0)")
    # Hovering first, as a hand does: plotly clicks on what it hovers, and that may still be the point before.
    page.mouse.move(1, 1)
    expect(page.locator("#chart .hovertext")).to_have_count(0)
    page.mouse.move(*_points(page)[track])
    page.wait_for_selector("#chart .hovertext")
    page.mouse.down()
    page.mouse.up()


def _listed(page: Page) -> list[str]:
    return page.locator("#chosen button").all_inner_texts()


def _names(tracks: list[int]) -> list[str]:
    return [f"track.{track:05d}" for track in tracks]


def test_a_click_on_a_point_shows_its_track(open_page: Opener):
    page = open_page(_document())
    for track in (4, 8):
        _click(page, track)
        expect(page.locator("#track .name")).to_have_text(f"track.{track:05d}")
    details = page.locator("#track")
    expect(details).to_contain_text("genre 2")
    expect(details).to_contain_text("artist 3")
    expect(details).to_contain_text("of 4, nearest first")
    expect(details).to_contain_text("no clip in this report")
    expect(details.get_by_role("link")).to_have_attribute("href", "#cluster-2")
    assert page.locator("#cluster-2").count() == 1


def test_hovering_names_track_cluster_genre_and_artist(open_page: Opener):
    page = open_page(_document())
    page.mouse.move(*_points(page)[5])
    expect(page.locator("#chart .hovertext")).to_contain_text(
        "track.00005cluster: 2 · loud, bright 2genre: genre 2artist"
    )


def test_a_clip_plays_and_stops(open_page: Opener):
    page = open_page(_document())
    _click(page, 4)
    page.get_by_role("button", name="Play track.00004").first.click()
    page.wait_for_function("document.getElementById('audio').currentTime > 0")
    expect(page.locator("#player")).to_contain_text("track.00004")
    page.locator("#track").get_by_role("button", name="Pause track.00004").click()
    page.wait_for_function("document.getElementById('audio').paused")


def test_a_clip_that_cannot_be_played_says_so(open_page: Opener):
    page = open_page(explorer_page([explored_run()], title="t", clips={"track.00004": b"no sound"}))
    _click(page, 4)
    page.locator("#track").get_by_role("button").click()
    expect(page.locator("#player")).to_contain_text("cannot play the clip of track.00004")


@pytest.mark.parametrize(
    ("query", "found"),
    [("00007", [7]), (" GENRE 1 ", [1, 3, 4, 10]), ("artist 4", [4, 9]), ("nowhere", [])],
)
def test_search_lists_and_highlights_what_it_finds(open_page: Opener, query: str, found: list[int]):
    page = open_page(_document())
    page.get_by_label("Find").fill(query)
    expect(page.get_by_role("status").first).to_contain_text(f"{len(found)} track")
    assert sorted(_listed(page)) == _names(found)
    assert page.evaluate(BRIGHT) == found
    page.get_by_role("button", name="Clear").click()
    assert len(page.evaluate(BRIGHT)) == 12
    assert _listed(page) == []


def _drag(page: Page, tool: str, corners: list[tuple[float, float]]) -> None:
    page.locator(f"#chart .modebar-btn[data-val='{tool}']").click()
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=5)
    page.mouse.up()


@pytest.mark.parametrize("tool", ["lasso", "select"])
def test_dragging_around_points_lists_their_tracks(open_page: Opener, tool: str):
    page = open_page(_document())
    wanted = [0, 3, 6, 9]
    places = np.array([_points(page)[track] for track in wanted])
    (left, top), (right, bottom) = places.min(axis=0) - 12, places.max(axis=0) + 12
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    _drag(page, tool, corners if tool == "lasso" else [corners[0], corners[2]])
    expect(page.locator("#chosen-count")).to_have_text("Selected on the projection: 4 tracks")
    assert sorted(_listed(page)) == _names(wanted)
    # What was selected stays so under other colours and on the other projection.
    page.get_by_label("Colour by").select_option("genre")
    page.get_by_label("Projection", exact=True).select_option("tsne")
    expect(page.locator("#chart .xtitle")).to_contain_text("t-SNE")
    assert page.evaluate(BRIGHT) == wanted
    assert sorted(_listed(page)) == _names(wanted)


def test_a_card_highlights_its_cluster(open_page: Opener):
    run = explored_run()
    central = run.task.clusters[1].central[0]
    page = open_page(explorer_page([run], title="t", clips={central: _clip()}))
    page.locator("#cluster-1 h3").click()
    assert page.evaluate(BRIGHT) == [1, 4, 7, 10]
    page.get_by_role("button", name="Show cluster 2").press("Enter")
    assert page.evaluate(BRIGHT) == [2, 5, 8, 11]
    card = page.locator("#cluster-2")
    for text in ("loud, bright 2", "4 tracks, 75 % of them genre 2 (purity 0.75)", "louder (1.3)", "love, night"):
        expect(card).to_contain_text(text)
    page.locator("#cluster-1").get_by_role("button", name=f"Play {central}").click()
    page.wait_for_function("!document.getElementById('audio').paused")
    assert page.evaluate(BRIGHT) == [2, 5, 8, 11]


def test_switches_change_map_and_colours(open_page: Opener):
    page = open_page(_document())
    before = _points(page)
    page.get_by_label("Projection", exact=True).select_option("tsne")
    expect(page.locator("#chart .xtitle")).to_contain_text("t-SNE")
    assert _points(page) != before
    expect(page.locator(LEGEND)).to_have_count(3)
    page.get_by_label("Colour by").select_option("artist")
    expect(page.locator(LEGEND)).to_have_text([f"artist {index}" for index in range(5)])
    page.get_by_label("Colour by").select_option("purity")
    expect(page.locator("#chart .colorbar")).to_be_visible()


def test_more_names_than_colours_differ_in_shape_and_rare_ones_share_a_mark(open_page: Opener):
    tracks = explored_tracks(60, clusters=15)
    tracks["artist"] = [f"artist {max(0, row - 20):02d}" for row in range(60)]
    page = open_page(_document(tracks=tracks))
    marks = "() => document.getElementById('chart').data.map(({ marker }) => marker.color + marker.symbol)"
    assert len(set(page.evaluate(marks))) == 15
    page.get_by_label("Colour by").select_option("artist")
    expect(page.locator(LEGEND)).to_have_count(24)
    expect(page.locator(LEGEND).last).to_have_text("others")


def test_the_switch_between_runs_changes_everything(open_page: Opener):
    tracks, informed = explored_tracks(), task_scores("hard", explored_tracks(), "label-informed")
    other = tracks.assign(cluster=0).iloc[1:]
    runs = [
        explored_run("umap", evaluation=evaluation_record()),
        explored_run("hard", tracks=other, scores=informed),
    ]
    page = open_page(explorer_page(runs, title="t"))
    expect(page.locator("#corpus")).to_have_text("12 tracks of the demo corpus (synthetic, says nothing about music)")
    expect(page.locator("#claim")).to_contain_text("beats in AMI, ARI and purity")
    expect(page.locator("#scores")).to_contain_text("+0.100 (+0.050 to +0.150)")
    assert "alarm" not in page.locator("#leakage").get_attribute("class")
    _click(page, 0)
    page.get_by_label("Show the run").select_option("hard")
    expect(page.locator("#corpus")).to_contain_text("11 tracks")
    expect(page.locator("#leakage.alarm")).to_contain_text("label-informed (blocks: genre)")
    expect(page.locator("#cards article")).to_have_count(1)
    expect(page.locator(LEGEND)).to_have_count(1)
    expect(page.locator("#track")).to_contain_text("this run has not clustered the track")


def test_the_table_has_every_track_and_sorts(open_page: Opener):
    tracks = explored_tracks()
    page = open_page(_document(tracks=tracks))
    page.locator("summary").last.click()
    rows = page.locator("#table tbody tr")
    expect(rows).to_have_count(12)
    distance = page.get_by_role("button", name="distance")
    for falling in (False, True):
        distance.click()
        expected = tracks.sort_values("distance", ascending=not falling)["track_id"].tolist()
        assert rows.locator("th").all_inner_texts() == expected
    expect(page.locator("#table [aria-sort=descending]")).to_have_text("distance")
    rows.nth(2).get_by_role("button").click()
    expect(page.locator("#track .name")).to_have_text(expected[2])
    expect(page.locator("#track-heading")).to_be_focused()
    expect(page.locator("#track-heading")).to_be_in_viewport()


def test_the_heat_map_counts_genres_by_cluster(open_page: Opener):
    page = open_page(_document())
    counts = page.evaluate("document.getElementById('contingency').data[0].z")
    assert counts == [[3, 1, 0], [0, 3, 1], [1, 0, 3]]
    expect(page.locator("#contingency .ytick text")).to_have_text([f"{one} · loud, bright {one}" for one in range(3)])


def test_noise_has_a_mark_and_comes_last(open_page: Opener):
    tracks = explored_tracks()
    tracks.loc[[0, 1], "cluster"], tracks.loc[[0, 1], "distance"] = -1, np.nan
    page = open_page(_document(tracks=tracks))
    expect(page.locator(LEGEND).last).to_have_text("noise (in no cluster)")
    expect(page.locator("#cards h3").last).to_contain_text("noise (in no cluster)")
    _click(page, 1)
    expect(page.locator("#track dd")).to_have_text(["noise (in no cluster)", "genre 1", "artist 1"])
    page.get_by_label("Colour by").select_option("purity")
    expect(page.locator("#chart .colorbar")).to_be_visible()
    assert page.evaluate("document.getElementById('chart').data[0].customdata") == [0, 1]


def test_a_corpus_without_labels_speaks_of_none(open_page: Opener):
    page = open_page(_document(tracks=explored_tracks(labelled=False)))
    assert page.get_by_label("Colour by").locator("option").all_inner_texts() == ["cluster"]
    expect(page.locator("#contingency-section")).to_be_hidden()
    expect(page.locator("#search")).to_have_attribute("placeholder", "track")
    _click(page, 4)
    expect(page.locator("#track dt")).to_have_text(["cluster", "distance to its centre"])
    page.locator("summary").last.click()
    for place in ("#track", "#cards", "#table"):
        assert "genre" not in page.locator(place).inner_text().lower()


def test_names_with_markup_do_nothing_and_can_be_read(open_page: Opener):
    page = open_page(explorer_page([hostile_run()], title=MARKUP))
    page.locator("summary").last.click()
    for colour in ("genre", "artist", "purity", "cluster"):
        page.get_by_label("Colour by").select_option(colour)
        for track, name in ((0, MARKUP), (11, "<b>&amp;")):
            page.mouse.move(5, 5)
            _click(page, track)
            expect(page.locator("#track .name")).to_contain_text(name)
            expect(page.locator("#chart .hovertext")).to_contain_text(name)
    page.get_by_label("Find").fill("onerror")
    expect(page.locator("#chosen-count")).to_contain_text("6 tracks")
    expect(page.locator("h1")).to_have_text(MARKUP)
    assert page.locator("img, main b").count() == 0


def _focusable(page: Page) -> int:
    """Number what the page has to be reached, and return how much that is."""
    return page.evaluate("""() => {
      const kinds = "button, select, input, summary, a[href], audio";
      const shown = [...document.querySelectorAll(kinds)].filter((one) => one.checkVisibility());
      shown.forEach((one, index) => (one.dataset.stop = index));
      return shown.length;
    }""")


def test_everything_is_reached_with_the_tab_key(open_page: Opener):
    page = open_page(_document())
    _click(page, 4)
    page.get_by_label("Find").fill("genre")
    page.locator("#track").get_by_role("button").click()
    for summary in page.locator("summary").all():
        summary.click()
    wanted = set(map(str, range(_focusable(page))))
    page.evaluate("document.activeElement.blur(); document.getElementById('run').focus()")
    reached = set()
    for _ in range(3 * len(wanted)):
        reached.add(page.evaluate("document.activeElement.dataset.stop"))
        page.keyboard.press("Tab")
    assert wanted - reached == set()


def test_charts_and_controls_have_names(open_page: Opener):
    page = open_page(_document())
    expect(page.get_by_role("img", name="UMAP projection of 12 tracks, coloured by cluster")).to_be_visible()
    expect(page.get_by_role("img", name="Heat map")).to_be_visible()
    unnamed = page.evaluate("""() => [...document.querySelectorAll("button, select, input")].filter(
      (one) => !(one.textContent.trim() && one.matches("button")) && !one.ariaLabel && !one.labels?.length).length""")
    assert unnamed == 0
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("#chart a").count() == 0


def test_a_narrow_window_has_one_column(open_page: Opener):
    page = open_page(_document(), width=400)
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    boxes = [
        page.locator(f"section[aria-labelledby={name}-heading]").bounding_box() for name in ("projection", "track")
    ]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]


def test_a_browser_without_decompression_is_told_what_it_needs(open_page: Opener):
    script = "delete window.DecompressionStream"
    page = open_page(_document(), wait_for="#outdated:not([hidden])", script=script)
    expect(page.get_by_text("needs a browser of 2023 or later")).to_be_visible()


def test_the_page_says_when_it_answers(open_page: Opener):
    page = open_page(_document())
    assert page.evaluate("performance.getEntriesByName('explorer-ready').length") == 1
