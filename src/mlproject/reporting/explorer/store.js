// What the page knows and what is shown; everything from files gets into the page as text, never as markup.

const find = (id) => document.getElementById(id);
const page = JSON.parse(find("data").textContent);
const { tracks } = page;
const clips = new Set(page.clips);

// Tracks are numbers into the shared list; a run's columns are in an order of its own.
const state = { run: page.runs[0], projection: "umap", colour: "cluster", chosen: null, track: null };

const UNKNOWN = "unknown";
const NOISE = -1;

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

function fill(id, ...children) {
  find(id).replaceChildren(...children);
}

// Where the columns of the run have a track; undefined where the run has it not.
function placeOf(track) {
  state.run.places ??= new Map(state.run.track.map((one, place) => [one, place]));
  return state.run.places.get(track);
}

function clusterRecord(cluster) {
  return state.run.clusters.find((one) => one.cluster === cluster);
}

function clusterLabel(cluster) {
  if (cluster === NOISE) return "noise (in no cluster)";
  const record = clusterRecord(cluster);
  return record?.name ? `${cluster} · ${record.name}` : `${cluster}`;
}

function members(cluster) {
  return state.run.track.filter((_, place) => state.run.cluster[place] === cluster);
}

function clustersPresent() {
  return [...new Set(state.run.cluster)].sort((a, b) => (a === NOISE) - (b === NOISE) || a - b);
}

function clusterMark(cluster) {
  return cluster === NOISE ? page.noise : page.marks[cluster % page.marks.length];
}

function plural(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function short(text, limit = 30) {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function number(value, digits = 3) {
  return value === null || value === undefined ? "–" : value.toFixed(digits);
}

function signed(value, digits = 3) {
  return value === null ? "–" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}

function facts(track) {
  return ["genre", "artist"].flatMap((kind) => (tracks[kind] ? [[kind, tracks[kind][track] ?? UNKNOWN]] : []));
}
