// From the packed library to a page that answers.

async function unpackPlotly() {
  const packed = atob(find("plotly").textContent);
  const bytes = new Uint8Array(packed.length);
  // A plain loop: ten times as fast here as Uint8Array.from.
  for (let place = 0; place < packed.length; place += 1) bytes[place] = packed.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  document.head.append(make("script", { textContent: await new Response(stream).text() }));
}

function offer(id, options, change) {
  const select = find(id);
  select.append(...options.map(([value, text]) => make("option", { value, textContent: text })));
  select.addEventListener("change", () => change(select.value));
}

function colours() {
  const purity = page.runs.some((run) => run.clusters.some((one) => one.purity !== null));
  const known = { genre: tracks.genre, purity, artist: tracks.artist };
  return ["cluster", ...Object.keys(known).filter((name) => known[name])];
}

function showAll() {
  showRun();
  renderTrack();
  renderChosen();
  showCards();
  renderTable();
  return drawCharts();
}

function drawCharts() {
  return Promise.all([drawMap(), drawContingency()]);
}

function startControls() {
  offer("run", page.runs.map((run, index) => [index, run.name]), (index) => {
    state.run = page.runs[index];
    if (find("search").value) search();
    else choose(null);
    showAll();
  });
  offer("projection", Object.entries(METHODS), (name) => {
    state.projection = name;
    renderTable();
    drawMap();
  });
  offer("colour", colours().map((name) => [name, name]), (name) => {
    state.colour = name;
    drawMap();
  });
  find("search").addEventListener("input", search);
  find("clear").addEventListener("click", clearChosen);
  find("table-details").addEventListener("toggle", renderTable);
  const kinds = ["track", ...["genre", "artist"].filter((kind) => tracks[kind])];
  find("search").placeholder = kinds.join(", ").replace(/, (?=[^,]*$)/, " or ");
}

function listen(chart) {
  chart.on("plotly_click", ({ points }) => {
    if (points[0].customdata !== undefined) showTrack(points[0].customdata);
  });
  chart.on("plotly_selected", (event) => {
    // Redrawing clears outlines, which also arrives here.
    if (!event?.selections?.length) return;
    find("search").value = "";
    const found = event.points.map((point) => point.customdata).filter((track) => track !== undefined);
    choose({ title: "Selected on the projection", tracks: new Set(found) });
  });
  chart.on("plotly_deselect", () => choose(null));
}

async function start() {
  find("projection-note").textContent =
    "Hover over a point to see its track, click on it for details, drag around points to list them. The projection is a " +
    "picture, not what was clustered: clusters were found in the full space of the vectors, and distances between " +
    "groups on a projection mean nothing.";
  startPlayer();
  startControls();
  // The words first: charts wait for their library, about a second.
  showAll();
  await unpackPlotly();
  const [chart] = await drawCharts();
  listen(chart);
  narrow.addEventListener("change", drawCharts);
  document.body.dataset.ready = "true";
  performance.mark("explorer-ready");
}

if ("DecompressionStream" in window) start();
else find("outdated").hidden = false;
