// Watches the canvas of the page frame by frame and reads the number that the phantom has burnt into
// each image (see xtask/phantom/src/barcode.rs), together with the label shown at that moment.

/**
 * Installs `window.burntWatch` in the page: `start(pane, columns, rows)`, and `stop()` which gives what
 * was seen: `[{ label, burnt, at }]`, one entry a drawn animation frame, `at` its time in milliseconds.
 */
export async function installBurntWatch(page) {
  await page.addInitScript(() => {
    const CELLS = 20;
    const BITS = 16;

    /** Grey levels of the cells of a whole image that fits into the pane. */
    function cells(pane, columns, rows) {
      const canvas = document.querySelector("canvas");
      const stage = canvas.parentElement.getBoundingClientRect();
      const rect = pane.getBoundingClientRect();
      const { left: from = 0, top: above = 0, stageWidth = canvas.width } = canvas.dataset;
      const ratio = stageWidth / stage.width;
      const [width, height] = [rect.width * ratio, rect.height * ratio];
      const scale = Math.min(width / columns, height / rows);
      const left = (rect.left - stage.left) * ratio + (width - columns * scale) / 2;
      const top = (rect.top - stage.top) * ratio + (height - rows * scale) / 2;
      const unit = Math.floor(columns / 64) * scale;
      const strip = new OffscreenCanvas(Math.ceil(unit * (CELLS + 2)), 1);
      const context = strip.getContext("2d", { willReadFrequently: true });
      const row = Math.floor(top + unit * 1.5);
      context.drawImage(canvas, left - from, row - above, strip.width, 1, 0, 0, strip.width, 1);
      const { data } = context.getImageData(0, 0, strip.width, 1);
      return Array.from({ length: CELLS }, (_, cell) => data[4 * Math.floor(unit * (cell + 1.5))]);
    }

    /** The number, or null where the cells are none (for example a frame that was not drawn). */
    function number(levels) {
      const [white, black] = levels;
      const lit = (level) => Math.abs(level - black) > Math.abs(level - white);
      if (Math.abs(white - black) < 64 || !lit(levels[CELLS - 1])) return null;
      const bits = levels.slice(2, 2 + BITS).map(lit);
      const ones = bits.filter(Boolean).length;
      if (lit(levels[2 + BITS]) !== (ones % 2 === 1)) return null;
      return bits.reduce((value, bit) => value * 2 + Number(bit), 0);
    }

    let watched = null;
    let seen = [];

    function look(at) {
      if (!watched) return;
      const { pane, columns, rows } = watched;
      const burnt = number(cells(pane, columns, rows));
      const label = pane.querySelector('[data-test="image-number"]')?.textContent.trim();
      if (burnt !== null) seen.push({ label, burnt, at });
    }

    // A canvas holds its picture only until the end of the frame it was drawn in: look after each
    // callback of the page's own, once what it set in motion (microtasks) has settled.
    const settled = async () => {
      for (let tick = 0; tick < 50; tick += 1) await null;
    };
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) =>
      request((time) => {
        callback(time);
        settled().then(() => look(time));
      });

    window.burntWatch = {
      start(pane, columns, rows) {
        watched = { pane, columns, rows };
        seen = [];
      },
      stop() {
        watched = null;
        return seen;
      },
    };
  });
}
