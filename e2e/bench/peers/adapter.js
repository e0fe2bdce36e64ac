// This viewer as the harness wants it. Functions that run in the page are sent there as text.

/** The first image: as the server drew it (whole up to 512 pixels, small of larger ones), or on the canvas. */
function firstPainted() {
  const picture = document.getElementById("first-picture");
  return picture?.complete || document.querySelector('section.pane[data-pane="0"]')?.dataset.frameState === "ready";
}

/** All or nothing: the page says when a series is complete, not how many images it has; before the first one
 * there is nothing to be complete. */
function loadedCount() {
  const pane = document.querySelector('section.pane[data-pane="0"]');
  if (pane?.dataset.frameState !== "ready") return 0;
  const series = `button.series[data-series-index="${pane?.dataset.seriesIndex}"]`;
  const complete = document.querySelector(`${series} [data-complete="true"]`);
  return complete ? Number(pane.dataset.imageCount) : 0;
}

/** Shows image `i` by the keyboard, one step at a time, as a reader does. */
async function scroll(i) {
  const pane = document.querySelector('section.pane[data-pane="0"]');
  const press = (key) => {
    const what = { key, code: key, bubbles: true, cancelable: true };
    pane.dispatchEvent(new KeyboardEvent("keydown", what));
    pane.dispatchEvent(new KeyboardEvent("keyup", what));
  };
  const shown = () => Number(pane.dataset.imageIndex);
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const wanted = () => Number(pane.dataset.wantedIndex);
  // The page says a little later what it was asked for: the next step only when it has said so.
  for (let before = NaN; shown() !== i || pane.dataset.frameState !== "ready"; await frame()) {
    const now = wanted();
    if (now === i || now === before) continue;
    before = now;
    press(now < i ? "ArrowDown" : "ArrowUp");
  }
}

/** Adapters of all back ends; `addresses` has the page of each data set. */
export function adapters(addresses) {
  const one = {
    data: Object.keys(addresses),
    url: ({ name }) => addresses[name],
    firstPainted: String(firstPainted),
    loadedCount: String(loadedCount),
    scroll: String(scroll),
    error: "() => null",
  };
  return ["webgpu", "webgl", "canvas"].map((gpu) => ({
    ...one,
    name: `negatoscope-${gpu}`,
    url: ({ name }) => `${addresses[name]}?gpu=${gpu}`,
  }));
}
