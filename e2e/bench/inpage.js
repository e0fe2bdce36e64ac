// What runs inside the page that is measured; each function stands alone, for it is sent there as text.

/**
 * Notes, in ms since the navigation, when the first image is there as the server drew it, when the viewer has drawn
 * it, and when the whole of its series is there.
 */
export function noteTimes() {
  window.noted = {};
  const look = () => {
    const pictures = document.querySelectorAll("#first-picture, .arriving-picture"); // of an exam that is still coming, too
    if ([...pictures].some(({ complete }) => complete)) window.noted.picture ??= performance.now();
    const pane = document.querySelector('section.pane[data-pane="0"]');
    if (pane?.dataset.frameState === "ready") window.noted.first ??= performance.now();
    const series = `button.series[data-series-index="${pane?.dataset.seriesIndex}"]`;
    const complete = document.querySelector(`${series} [data-complete="true"]`);
    if (complete && window.noted.first) window.noted.all ??= performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/**
 * Goes to an image that is not here by one key, and answers after how many ms something of it is on the screen, and when
 * all of it is.
 */
export async function jump(key) {
  const pane = document.querySelector('section.pane[data-pane="0"]');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const { wantedIndex } = pane.dataset;
  const start = performance.now();
  const until = async (isSo) => {
    while (!isSo(pane.dataset)) {
      if (performance.now() - start > 20_000) throw new Error(`${key}: stuck`);
      await frame();
    }
    return performance.now() - start;
  };
  pane.focus();
  for (const type of ["keydown", "keyup"]) pane.dispatchEvent(new KeyboardEvent(type, { key, code: key, bubbles: true, cancelable: true }));
  await until((now) => now.wantedIndex !== wantedIndex);
  const isThere = (now) => now.imageIndex === now.wantedIndex;
  const some = await until((now) => now.frameState === "preview" || (now.frameState === "ready" && isThere(now)));
  return { some, all: await until((now) => now.frameState === "ready" && isThere(now)) };
}

/**
 * Asks for the next image in every frame of the screen, from the first to the last, and counts the
 * different images those frames really held. A slow machine stops after `limitMs`, before the last.
 */
export async function scrollThrough({ images, limitMs }) {
  const pane = document.querySelector('section.pane[data-pane="0"]');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const press = (key) => {
    const what = { key, code: key, bubbles: true, cancelable: true };
    pane.dispatchEvent(new KeyboardEvent("keydown", what));
    pane.dispatchEvent(new KeyboardEvent("keyup", what));
  };
  const total = Number(pane.dataset.imageCount);
  if (total !== images) throw new Error(`the first pane has ${total} images, not ${images}`);
  const position = () => Number(pane.dataset.imageIndex);
  const failIfStuckSince = (since) => {
    if (performance.now() - since > 20_000) throw new Error(`stuck at image ${position() + 1} of ${total}`);
  };
  pane.focus();
  press("Home");
  const asked = performance.now();
  while (position() !== 0) {
    failIfStuckSince(asked);
    await frame();
  }

  const gaps = [];
  const began = await frame();
  let before = began;
  let last = 0;
  while (last !== total - 1 && before - began < limitMs) {
    failIfStuckSince(before);
    if (Number(pane.dataset.wantedIndex) < total - 1) press("ArrowDown");
    const now = await frame();
    if (position() === last) continue;
    last = position();
    gaps.push(now - before);
    before = now;
  }
  gaps.sort((a, b) => a - b);
  const perSecond = (gaps.length / (before - began)) * 1000;
  return { perSecond, p95: gaps[Math.floor(gaps.length * 0.95)], shown: gaps.length + 1, reached: last + 1 };
}
