// The projection and the heat map. plotly reads a little HTML in its texts: names are escaped for it.

const INK = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
const MOST_GROUPS = 24;
const OTHERS = ["#d5d9dc", "circle"];
const FONT = { family: "system-ui, sans-serif", size: 13, color: INK };
const METHODS = { umap: "UMAP", tsne: "t-SNE" };
const narrow = window.matchMedia("(max-width: 800px)");
const touch = window.matchMedia("(pointer: coarse)");

function literal(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function groups() {
  if (state.colour !== "cluster") return namedGroups(tracks[state.colour]);
  return clustersPresent().map((one) => ({ name: clusterLabel(one), mark: clusterMark(one), tracks: members(one) }));
}

// The most frequent names of the whole page, so that a name keeps its mark when the run changes.
function frequentNames(names) {
  const counts = new Map();
  for (const name of names) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  const byCount = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
  return byCount.length > MOST_GROUPS ? byCount.slice(0, MOST_GROUPS - 1) : byCount.sort();
}

function namedGroups(names) {
  const frequent = frequentNames(names);
  const having = (wanted) => state.run.track.filter((track) => wanted(names[track]));
  const found = frequent.map((name, index) => ({
    name,
    mark: page.marks[index % page.marks.length],
    tracks: having((own) => own === name),
  }));
  found.push({ name: "others", mark: OTHERS, tracks: having((own) => own !== null && !frequent.includes(own)) });
  found.push({ name: UNKNOWN, mark: OTHERS, tracks: having((own) => own === null) });
  return found.filter((group) => group.tracks.length);
}

function hoverText(track) {
  const cluster = state.run.cluster[placeOf(track)];
  const named = facts(track).map(([kind, name]) => `${kind}: ${name}`);
  const lines = [tracks.id[track], `cluster: ${clusterLabel(cluster)}`, ...named];
  return lines.map((line) => literal(short(line, 60))).join("<br>");
}

function coordinates(list) {
  const [x, y] = state.run.projections[state.projection];
  const places = list.map(placeOf);
  return { x: places.map((place) => x[place]), y: places.map((place) => y[place]) };
}

function trace(group) {
  const [color, symbol] = group.mark;
  const found = {
    type: "scatter",
    mode: "markers",
    name: literal(short(group.name)),
    ...coordinates(group.tracks),
    customdata: group.tracks,
    text: group.tracks.map(hoverText),
    hoverinfo: "text",
    marker: { color, symbol, size: 9, line: { color: symbol.endsWith("open") ? color : "#444444", width: 0.6 } },
    unselected: { marker: { opacity: 0.12 } },
  };
  if (state.chosen) {
    found.selectedpoints = group.tracks.flatMap((track, index) => (state.chosen.tracks.has(track) ? [index] : []));
  }
  return found;
}

function purityOfCluster(cluster) {
  return cluster === NOISE ? null : (clusterRecord(cluster)?.purity ?? null);
}

function purityTraces() {
  const purityOf = (track) => purityOfCluster(state.run.cluster[placeOf(track)]);
  const [known, others] = [(track) => purityOf(track) !== null, (track) => purityOf(track) === null];
  const found = trace({ name: "purity", mark: [INK, "circle"], tracks: state.run.track.filter(known) });
  const colorbar = { title: { text: "purity of<br>the track's<br>cluster" }, thickness: 14, outlinewidth: 0 };
  const color = found.customdata.map(purityOf);
  Object.assign(found.marker, { color, cmin: 0, cmax: 1, colorscale: "Viridis", showscale: true, colorbar });
  const grey = trace({ name: "none", mark: OTHERS, tracks: state.run.track.filter(others) });
  return [grey, found].map((one) => ({ ...one, showlegend: false }));
}

function ring() {
  const marker = { symbol: "circle-open", size: 20, color: INK, line: { width: 3 } };
  const shared = { type: "scatter", mode: "markers", hoverinfo: "skip", showlegend: false, marker };
  return { ...shared, ...coordinates([state.track]), unselected: { marker: { opacity: 1 } } };
}

function mapTraces() {
  const traces = state.colour === "purity" ? purityTraces() : groups().map(trace);
  return placeOf(state.track) === undefined ? traces : [...traces, ring()];
}

function mapLayout() {
  const axis = { showgrid: false, zeroline: false, showticklabels: false, ticks: "", showline: true, mirror: true };
  const title = (nth) => ({ text: `${METHODS[state.projection]} ${nth} (no unit)`, font: { size: 12 } });
  const below = { orientation: "h", x: 0, y: -0.08, yanchor: "top" };
  return {
    font: FONT,
    margin: { l: 34, r: 8, t: 34, b: 34 },
    hovermode: "closest",
    // A finger that drags scrolls the page, until it has chosen another tool.
    dragmode: touch.matches ? false : "lasso",
    hoverlabel: { align: "left", bgcolor: "#ffffff", font: FONT },
    legend: { ...(narrow.matches ? below : {}), uirevision: state.colour, title: { text: state.colour } },
    showlegend: true,
    xaxis: { ...axis, title: title(1), linecolor: "#bbbbbb" },
    yaxis: { ...axis, title: title(2), linecolor: "#bbbbbb" },
    // What the reader has zoomed stays as long as the same points lie at the same places.
    uirevision: `${state.run.name} ${state.projection}`,
    modebar: { uirevision: "always", orientation: "h" },
    selectionrevision: Math.random(),
  };
}

const MAP_CONFIG = {
  displaylogo: false,
  displayModeBar: true,
  responsive: true,
  modeBarButtons: [["lasso2d", "select2d", "pan2d", "zoom2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]],
};

async function drawMap() {
  if (!window.Plotly) return null;
  // With an outline still drawn, plotly would select anew, and nothing.
  if (find("chart").layout?.selections?.length) await Plotly.relayout(find("chart"), { selections: [] });
  const chart = await Plotly.react(find("chart"), mapTraces(), mapLayout(), MAP_CONFIG);
  const subject = `${METHODS[state.projection]} projection of ${plural(state.run.track.length, "track")}`;
  describe(chart, `${subject}, coloured by ${state.colour}; also as the table of all tracks.`);
  return chart;
}

// The drawing is an image to a screen reader; the buttons above it are buttons.
function describe(chart, label) {
  const [drawing, ...others] = chart.querySelectorAll(".main-svg");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", label);
  others.forEach((layer) => layer.setAttribute("aria-hidden", "true"));
}

function contingency() {
  const genres = [...new Set(state.run.track.map((track) => tracks.genre[track] ?? UNKNOWN))].sort();
  const rows = clustersPresent().map((cluster) => {
    const own = members(cluster).map((track) => tracks.genre[track] ?? UNKNOWN);
    const counts = genres.map((genre) => own.filter((name) => name === genre).length);
    return { cluster, counts, first: counts.indexOf(Math.max(...counts)) };
  });
  // Clusters in the order of their most common genre: what agrees lies along the diagonal.
  return { genres, rows: rows.sort((a, b) => a.first - b.first || a.cluster - b.cluster) };
}

function heatMap({ genres, rows }) {
  const label = ({ cluster, counts }, nth) =>
    literal(`cluster ${clusterLabel(cluster)}: ${counts[nth]} of ${short(genres[nth])}`);
  return {
    type: "heatmap",
    z: rows.map((row) => row.counts),
    text: rows.map((row) => row.counts.map((count) => count || "")),
    texttemplate: "%{text}",
    hovertext: rows.map((row) => row.counts.map((_, nth) => label(row, nth))),
    hoverinfo: "text",
    textfont: { color: INK },
    colorscale: [[0, "#ffffff"], [1, page.marks[0][0]]],
    showscale: false,
    xgap: 1,
    ygap: 1,
  };
}

// Ticks at numbers: two names that are cut to the same text stay two.
function namedAxis(names, limit) {
  const ticktext = names.map((name) => literal(short(name, limit)));
  const bare = { automargin: true, showgrid: false, zeroline: false, fixedrange: true };
  return { tickvals: [...names.keys()], ticktext, ...bare };
}

async function drawContingency() {
  find("contingency-section").hidden = !tracks.genre;
  if (!tracks.genre || !window.Plotly) return;
  const table = contingency();
  const labels = table.rows.map((row) => clusterLabel(row.cluster));
  const layout = {
    font: FONT,
    height: 130 + 30 * table.rows.length,
    margin: { l: 10, r: 10, t: 10, b: 10 },
    dragmode: false,
    plot_bgcolor: "#dddddd",
    xaxis: namedAxis(table.genres, 18),
    yaxis: { ...namedAxis(labels, narrow.matches ? 14 : 40), autorange: "reversed" },
  };
  const config = { displaylogo: false, responsive: true, modeBarButtons: [["toImage"]] };
  const chart = await Plotly.react(find("contingency"), [heatMap(table)], layout, config);
  describe(chart, "Heat map: how many tracks of each genre each cluster has; also in the cards of the clusters.");
}
