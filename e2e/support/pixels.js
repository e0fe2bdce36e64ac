// Reading the picture off the screen.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { PNG } from "pngjs";

/** Pixels of a pane as composited, without the annotations that lie on it. */
export async function paneOnScreen(page, pane) {
  await setOverlays(page, "hidden");
  try {
    const box = await pane.boundingBox();
    const clip = { x: box.x, y: box.y, width: box.width, height: box.height };
    for (const [side, length] of Object.entries(clip)) {
      if (!Number.isInteger(length)) throw new Error(`the pane's ${side} is ${length}`);
    }
    return PNG.sync.read(await page.screenshot({ clip, animations: "allow", caret: "initial" }));
  } finally {
    await setOverlays(page, "visible");
  }
}

/** Hides everything but the canvas; a constructed style sheet, for the page's policy forbids others. */
async function setOverlays(page, visibility) {
  await page.evaluate((value) => {
    window.testSheet ??= new CSSStyleSheet();
    document.adoptedStyleSheets = [window.testSheet];
    window.testSheet.replaceSync(
      value === "hidden"
        ? "body *, body *::before, body *::after { visibility: hidden !important } canvas { visibility: visible !important }"
        : "",
    );
  }, visibility);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/**
 * The reference renderer's picture of a frame (counted from 1) in a pane of this size; `options` as in
 * viewer-core/examples/render_reference.rs.
 */
export function referencePicture(file, frame, { width, height }, out, options = []) {
  execFileSync(process.env.NEGATOSCOPE_REFERENCE, [file, frame, width, height, out, ...options].map(String));
  return PNG.sync.read(readFileSync(out));
}

/** The largest difference of any channel of any pixel, where it is, and how many values there are. */
export function largestDifference(actual, expected) {
  if (actual.width !== expected.width || actual.height !== expected.height) {
    throw new Error(`${actual.width}×${actual.height} is not ${expected.width}×${expected.height}`);
  }
  let largest = { difference: 0, at: 0 };
  const values = new Set();
  for (let index = 0; index < expected.data.length; index += 1) {
    values.add(expected.data[index]);
    const difference = Math.abs(actual.data[index] - expected.data[index]);
    if (difference > largest.difference) largest = { difference, at: index >> 2 };
  }
  const { difference, at } = largest;
  return { difference, x: at % expected.width, y: Math.floor(at / expected.width), values: values.size };
}

/** Notes in `window.drawnText`, from now on, what the page writes on canvases. */
export async function watchDrawnText(page) {
  await page.evaluate(() => {
    window.drawnText = "";
    const original = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function fillText(text, ...rest) {
      window.drawnText += `${text}\n`;
      return original.call(this, text, ...rest);
    };
  });
}
