// What is on the screen against the reference renderer: at most 1/255 off, on every pixel.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { largestDifference, paneOnScreen, referencePicture } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { expectImage, openExam, pane, showSeries } from "../../support/visitor.js";

const CASES = [
  { kind: "Ct", what: "signed CT with rescale", image: 1, frame: 1 },
  { kind: "Ct", what: "signed CT with rescale, another slice", image: 24, frame: 1 },
  { kind: "SharpCt", what: "unsigned CT with other spacing", image: 1, frame: 1 },
  { kind: "Mr", what: "MR with negative values", image: 1, frame: 1 },
  { kind: "Cr", what: "MONOCHROME1 radiograph", image: 1, frame: 1 },
  { kind: "Us", what: "colour ultrasound", image: 1, frame: 7 },
];

/** Goes to an image, counted from 1, by as few keys as that takes. */
async function goTo(page, shown, position) {
  await shown.focus();
  await page.keyboard.press("Home");
  for (let step = 0; step < Math.floor((position - 1) / 10); step += 1) await page.keyboard.press("PageDown");
  for (let step = 0; step < (position - 1) % 10; step += 1) await page.keyboard.press("ArrowDown");
  await expectImage(shown, position);
}

/** Shows the image of a case, and what is on the screen is what the reference renderer makes of it. */
async function expectPicture(page, testInfo, { kind, image, frame }) {
  const series = seriesOf(stand.exam, kind);
  await showSeries(page, series.description);
  const shown = pane(page);
  await goTo(page, shown, image + frame - 1);
  const actual = await paneOnScreen(page, shown);
  mkdirSync(testInfo.outputDir, { recursive: true });
  const out = join(testInfo.outputDir, `reference-${kind}-${image}.png`);
  const expected = referencePicture(series.files[image - 1], frame, actual, out);
  const found = largestDifference(actual, expected);
  expect(found.difference, JSON.stringify(found)).toBeLessThanOrEqual(1);
  expect(found.values, "a picture, not a flat surface").toBeGreaterThan(50);
}

/** Has the browser ask for few bytes; the sizes of the answers with frames, as they come. */
async function saveBytes(page) {
  await page.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
  const sizes = [];
  page.on("response", async (response) => {
    if (/\/frames\/\d+$/.test(response.url())) sizes.push(Number(response.headers()["content-length"]));
  });
  return sizes;
}

// One page for all: the exam is opened once, and what was drawn before must not matter.
test("every kind of image is drawn as the reference renderer draws it", async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  for (const one of CASES) {
    const title = `${one.what} (${one.kind}, image ${one.image}, frame ${one.frame})`;
    await test.step(title, () => expectPicture(page, testInfo, one));
  }
});

test("where bytes are to be saved frames are sent in fewer, and are the same picture", async ({ page }, testInfo) => {
  const sizes = await saveBytes(page);
  await openExam(page, stand.exam);
  await expectPicture(page, testInfo, { kind: "Ct", image: 2, frame: 1 });
  // Native cells of 512² in 16 bits.
  expect(sizes.length).toBeGreaterThan(0);
  expect(Math.max(...sizes)).toBeLessThan(512 * 512);
});
