// What is on the screen against the reference renderer: at most 1/255 off, on every pixel.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { largestDifference, paneOnScreen, referencePicture } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { expectImage, openExam, pane, showSeries } from "../../support/visitor.js";

const CASES = [
  { kind: "Ct", what: "signed CT with rescale", image: 1, frame: 1 },
  { kind: "Ct", what: "signed CT with rescale, another slice", image: 120, frame: 1 },
  { kind: "SharpCt", what: "unsigned CT with other spacing", image: 1, frame: 1 },
  { kind: "Mr", what: "MR with negative values", image: 1, frame: 1 },
  { kind: "Cr", what: "MONOCHROME1 radiograph", image: 1, frame: 1 },
  { kind: "Us", what: "colour ultrasound", image: 1, frame: 7 },
];

for (const { kind, what, image, frame } of CASES) {
  test(`${what} (${kind}, image ${image}, frame ${frame})`, async ({ page }, testInfo) => {
    const series = seriesOf(stand.exam, kind);
    await openExam(page, stand.exam);
    await showSeries(page, series.description);
    const shown = pane(page);
    await shown.focus();
    const position = image + frame - 1;
    for (let step = 1; step < position; step += 1) await page.keyboard.press("ArrowDown");
    await expectImage(shown, position);
    const actual = await paneOnScreen(page, shown);
    mkdirSync(testInfo.outputDir, { recursive: true });
    const out = join(testInfo.outputDir, "reference.png");
    const expected = referencePicture(series.files[image - 1], frame, actual, out);
    const found = largestDifference(actual, expected);
    expect(found.difference, JSON.stringify(found)).toBeLessThanOrEqual(1);
    expect(found.values, "a picture, not a flat surface").toBeGreaterThan(50);
  });
}
