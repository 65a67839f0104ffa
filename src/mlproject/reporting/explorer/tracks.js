// Tracks one by one: the one that is shown, those that were found or selected, and the table of all.

const MOST_LISTED = 100;
const sorting = { column: "track", falling: false };

function trackButton(track, { jump = false } = {}) {
  const button = make("button", { type: "button", className: "track", textContent: tracks.id[track] });
  button.addEventListener("click", () => showTrack(track, { jump }));
  return button;
}

function showTrack(track, { jump = false } = {}) {
  state.track = track;
  renderTrack();
  drawMap();
  if (jump) {
    find("track-heading").focus({ preventScroll: true });
    find("projection-heading").scrollIntoView({ block: "nearest" });
    find("track-heading").scrollIntoView({ block: "nearest" });
  }
}

function renderTrack() {
  const { track } = state;
  if (track === null) {
    const hint = "Click on a point of the projection, or on a track anywhere.";
    fill("track", make("p", { className: "note", textContent: hint }));
    return;
  }
  const name = make("p", { className: "name", textContent: tracks.id[track] });
  const place = placeOf(track);
  const absent = [["cluster", "this run has not clustered the track"]];
  const rows = [...(place === undefined ? absent : clusterFacts(place)), ...facts(track)];
  const list = rows.flatMap(([term, value]) => [make("dt", { textContent: term }), make("dd", {}, value)]);
  fill("track", name, make("dl", {}, ...list), clipOf(track, "no clip in this report"));
}

function clusterFacts(place) {
  const cluster = state.run.cluster[place];
  const label = clusterLabel(cluster);
  const link = clusterRecord(cluster) ? make("a", { href: `#cluster-${cluster}`, textContent: label }) : label;
  const distance = state.run.distance[place] === null ? [] : [["distance to its centre", distanceText(place)]];
  return [["cluster", link], ...distance];
}

function distanceText(place) {
  const own = state.run.distance[place];
  const others = members(state.run.cluster[place]).map((track) => state.run.distance[placeOf(track)]);
  const nearer = others.filter((distance) => distance !== null && distance < own).length;
  return `${Number(own.toPrecision(3))} (number ${nearer + 1} of ${others.length}, nearest first)`;
}

function choose(chosen) {
  state.chosen = chosen;
  renderChosen();
}

function renderChosen() {
  const { chosen } = state;
  find("clear").hidden = !chosen;
  if (!chosen) {
    find("chosen-count").textContent = "";
    const hint = "Search, drag around points of the projection, or click on a cluster's card: the tracks are listed here.";
    fill("chosen", make("li", { className: "note", textContent: hint }));
    return;
  }
  const list = [...chosen.tracks];
  find("chosen-count").textContent = `${chosen.title}: ${plural(list.length, "track")}`;
  const rest = list.length - MOST_LISTED;
  const more = rest > 0 ? [make("li", { className: "note", textContent: `and ${rest} more` })] : [];
  fill("chosen", ...list.slice(0, MOST_LISTED).map(listed), ...more);
}

function listed(track) {
  const cluster = state.run.cluster[placeOf(track)];
  const parts = [cluster === NOISE ? "noise" : `cluster ${cluster}`, ...facts(track).map(([, name]) => name)];
  return make("li", {}, trackButton(track), make("span", { className: "note", textContent: ` ${parts.join(", ")}` }));
}

function clearChosen() {
  find("search").value = "";
  choose(null);
  drawMap();
  find("search").focus();
}

function chooseCluster(cluster) {
  find("search").value = "";
  choose({ title: `Cluster ${clusterLabel(cluster)}`, tracks: new Set(members(cluster)) });
  drawMap();
  find("projection-heading").scrollIntoView({ block: "nearest" });
}

function search() {
  const wanted = find("search").value.trim().toLowerCase();
  const texts = (track) => [tracks.id[track], tracks.genre?.[track] ?? "", tracks.artist?.[track] ?? ""];
  const matches = (track) => texts(track).some((text) => text.toLowerCase().includes(wanted));
  choose(wanted ? { title: `“${wanted}”`, tracks: new Set(state.run.track.filter(matches)) } : null);
  drawMap();
}

function columns() {
  const known = ["genre", "artist"].filter((kind) => tracks[kind]);
  const [x, y] = state.run.projections[state.projection];
  return {
    track: (place) => tracks.id[state.run.track[place]],
    cluster: (place) => state.run.cluster[place],
    ...Object.fromEntries(known.map((kind) => [kind, (place) => tracks[kind][state.run.track[place]] ?? UNKNOWN])),
    distance: (place) => state.run.distance[place],
    [`${METHODS[state.projection]} 1`]: (place) => x[place],
    [`${METHODS[state.projection]} 2`]: (place) => y[place],
  };
}

function renderTable() {
  const details = find("table-details");
  details.querySelector("summary").textContent = `${plural(state.run.track.length, "track")} of the projection as a table`;
  if (!details.open) return;
  const shown = columns();
  const value = shown[sorting.column] ?? shown.track;
  const places = state.run.track.map((_, place) => place).sort((a, b) => compare(value(a), value(b)));
  if (sorting.falling) places.reverse();
  const head = make("tr", {}, ...Object.keys(shown).map(columnHead));
  const row = (place) => Object.entries(shown).map(([name, read]) => cell(name, read(place), place));
  const body = places.map((place) => make("tr", {}, ...row(place)));
  const caption = make("caption", { textContent: `Tracks of the run ${state.run.name}` });
  fill("table", caption, make("thead", {}, head), make("tbody", {}, ...body));
}

function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}

function columnHead(name) {
  const sorted = sorting.column === name;
  const button = make("button", { type: "button", textContent: name });
  button.addEventListener("click", () => {
    Object.assign(sorting, { column: name, falling: sorted && !sorting.falling });
    renderTable();
    [...find("table").querySelectorAll("thead button")].find((one) => one.textContent === name).focus();
  });
  const head = make("th", { scope: "col" }, button);
  if (sorted) head.setAttribute("aria-sort", sorting.falling ? "descending" : "ascending");
  return head;
}

function cell(name, value, place) {
  if (name === "track") return make("th", { scope: "row" }, trackButton(state.run.track[place], { jump: true }));
  if (name === "cluster") return make("td", { textContent: clusterLabel(value) });
  return make("td", { textContent: value === null ? "–" : `${value}` });
}
