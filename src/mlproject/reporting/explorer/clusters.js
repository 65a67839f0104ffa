// The chosen run in words: what it is worth, and a card for each of its clusters.

const MOST_BARS = 6;
const MEANINGS = {
  AMI: "agreement of clusters and genres, 0 by chance, 1 if they are the same",
  ARI: "the same, counted in pairs of tracks",
  purity: "share of tracks that have their cluster's most common genre",
  NMI: "agreement without chance taken off",
  silhouette: "how well the clusters are separated in the run's own space, −1 to 1; different spaces do not compare",
};

function showCorpus() {
  const synthetic = page.corpus === "demo" ? " (synthetic, says nothing about music)" : "";
  find("corpus").textContent = `${plural(state.run.track.length, "track")} of the ${page.corpus} corpus${synthetic}`;
}

function showRun() {
  const { run } = state;
  showCorpus();
  fill("leakage", make("strong", { textContent: run.status }), run.leakage);
  find("leakage").className = run.status === "label-free" ? "" : "alarm";
  find("claim").textContent = run.claim;
  fill("scores", ...scoreTable(run));
  fill("scores-notes", ...scoreNotes(run).map((textContent) => make("li", { textContent })));
}

function scoreTable(run) {
  const judged = run.scores.some((row) => row.difference);
  const verdict = judged ? ["difference", "verdict"] : [];
  const heads = ["score", run.name, "PCA + K-Means", "chance, up to", ...verdict];
  const means = run.seeds ? `, means over ${plural(run.seeds, "seed")}` : "";
  const caption = make("caption", { textContent: `Scores of ${run.clusterer} clusters${means}` });
  const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col", textContent: text })));
  const body = run.scores.map((row) => make("tr", {}, ...scoreCells(row, judged)));
  return [caption, make("thead", {}, head), make("tbody", {}, ...body)];
}

function scoreCells(row, judged) {
  const cells = row.values.map((value, place) => make("td", {}, number(value), ...ownScore(row.own[place])));
  if (judged) {
    const [estimate, low, high] = row.difference ?? [null, null, null];
    const interval = row.difference ? `${signed(estimate)} (${signed(low)} to ${signed(high)})` : "–";
    cells.push(make("td", { textContent: interval }));
    cells.push(make("td", { textContent: row.verdict ?? "–", className: row.verdict ?? "" }));
  }
  return [make("th", { scope: "row", textContent: row.metric }), ...cells];
}

// The single training whose clusters are shown, beside the mean over seeds.
function ownScore(value) {
  return value === undefined ? [] : [make("small", { textContent: `this run: ${number(value)}` })];
}

function scoreNotes(run) {
  const notes = run.scores.map(({ metric }) => `${metric}: ${MEANINGS[metric]}.`);
  notes.push("PCA + K-Means: the plain method, on the same tracks, that a run has to beat.");
  notes.push("chance, up to: what 97.5 % of random clusterings stay below.");
  if (run.seeds) notes.push("this run: the one of these trainings whose clusters this page shows.");
  if (run.scores.some((row) => row.difference)) {
    notes.push(
      `difference: of the means; in brackets its interval at ${run.sure} % after Holm's ` +
        `correction of all ${plural(page.claims, "claim")} of this page.`,
    );
    notes.push("ties: the interval holds zero, so no difference is proven.");
  }
  return notes;
}

function swatch(cluster) {
  const shapes = {
    circle: "●", square: "■", "triangle-up": "▲", diamond: "◆", "triangle-down": "▼",
    cross: "✚", x: "✖", star: "★", "triangle-left": "◀", "triangle-right": "▶",
  };
  const [colour, symbol] = clusterMark(cluster);
  const found = make("span", { className: "swatch", textContent: shapes[symbol] ?? "×", "aria-hidden": "true" });
  found.style.color = colour;
  return found;
}

function showCards() {
  find("clusters-note").textContent =
    "Sets it apart: how far the cluster's mean lies from that of the other tracks, in standard deviations of all.";
  fill("cards", ...state.run.clusters.map(card));
}

function card(record) {
  const heading = make("h3", {}, swatch(record.cluster), ` ${clusterLabel(record.cluster)}`);
  const label = `Show cluster ${clusterLabel(record.cluster)} on the projection`;
  const button = make("button", { type: "button", textContent: "Show on the projection", "aria-label": label });
  const parts = [heading, sizeLine(record), button, genreBars(record), apart(record), words(record), central(record)];
  const found = make("article", { id: `cluster-${record.cluster}`, tabIndex: -1 }, ...parts.filter(Boolean));
  found.addEventListener("click", (event) => {
    const other = event.target.closest("button, a");
    if (!other || other === button) chooseCluster(record.cluster);
  });
  return found;
}

function sizeLine(record) {
  const purest = record.genres[0]?.[0];
  const purity = record.purity === null ? "" : ` (purity ${number(record.purity, 2)})`;
  const share = purity && purest ? `, ${Math.round(100 * record.purity)} % of them ${short(purest)}` : "";
  return make("p", { textContent: `${plural(record.size, "track")}${share}${purity}` });
}

function titled(title, ...content) {
  return make("div", {}, make("h4", { textContent: title }), ...content);
}

function genreBars(record) {
  if (!record.genres.length) return null;
  const rows = record.genres.slice(0, MOST_BARS).map(([name, count]) => {
    const bar = make("meter", { min: 0, max: record.size, value: count, "aria-hidden": "true" });
    const label = make("th", { scope: "row", textContent: name });
    return make("tr", {}, label, make("td", {}, bar), make("td", { textContent: count }));
  });
  const table = make("table", { className: "bars" }, make("tbody", {}, ...rows));
  const rest = record.genres.slice(MOST_BARS).map(([name, count]) => `${name} ${count}`);
  return titled("Genres", table, ...(rest.length ? [make("p", { textContent: `also ${rest.join(", ")}` })] : []));
}

function apart(record) {
  if (!record.apart.length) return null;
  const texts = record.apart.map(([phrase, difference]) => `${phrase} (${number(Math.abs(difference), 1)})`);
  const items = texts.map((textContent) => make("li", { textContent }));
  return titled("Sets it apart", make("ul", {}, ...items));
}

function words(record) {
  return record.words.length ? titled("Words", make("p", { textContent: record.words.join(", ") })) : null;
}

function central(record) {
  if (!record.central.length) return null;
  const item = (track) => make("li", {}, trackButton(track, { jump: true }), " ", clipOf(track, "no clip"));
  return titled("Most central tracks", make("ol", {}, ...record.central.map(item)));
}
