// One player for all clips.

const audio = find("audio");
const player = { track: null };

function play(track) {
  if (player.track === track && !audio.paused) {
    audio.pause();
    return;
  }
  if (player.track !== track) load(track);
  // A clip that cannot be played also reports an error, which says so.
  audio.play().catch(() => {});
}

function load(track) {
  player.track = track;
  audio.src = `data:audio/mpeg;base64,${find(`clip-${track}`).textContent}`;
  find("player").hidden = false;
  find("player-text").textContent = `Clip of ${tracks.id[track]}`;
}

function playButton(track) {
  const button = make("button", { type: "button", className: "play", onclick: () => play(track) });
  button.dataset.plays = track;
  showPlaying(button);
  return button;
}

function showPlaying(button) {
  const track = Number(button.dataset.plays);
  const playing = track === player.track && !audio.paused;
  button.textContent = playing ? "❚❚ Pause" : "▶ Play";
  button.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${tracks.id[track]}`);
}

function clipOf(track, missing) {
  return clips.has(track) ? playButton(track) : make("span", { className: "note", textContent: missing });
}

function startPlayer() {
  for (const event of ["play", "pause", "ended", "emptied"]) {
    audio.addEventListener(event, () => document.querySelectorAll("[data-plays]").forEach(showPlaying));
  }
  audio.addEventListener("error", () => {
    find("player-text").textContent = `This browser cannot play the clip of ${tracks.id[player.track]}.`;
  });
}
