// What lies over the picture (overlays, shutter), and frames that the file has in no order.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { installBurntWatch } from "../../support/burnt.js";
import { largestDifference, paneOnScreen, referencePicture } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { expectImage, label, openExam, pane, showSeries } from "../../support/visitor.js";

const series = seriesOf(stand.exam, "MultiFrame");

/** Opens the enhanced MR and waits until everything that lies over its first image is drawn. */
async function openMultiFrame(page) {
  await openExam(page, stand.exam);
  await showSeries(page, series.description);
  const shown = pane(page);
  await shown.focus();
  await expect(shown).toHaveAttribute("data-cover-state", "whole");
  return shown;
}

/** Number of the file's frame as the corner of the pane says it. */
async function fileFrame(shown) {
  return Number((await shown.locator('[data-test="file-frame"]').innerText()).replace(/\D/g, ""));
}

async function expectReference(page, shown, testInfo, name, options) {
  const actual = await paneOnScreen(page, shown);
  mkdirSync(testInfo.outputDir, { recursive: true });
  const out = join(testInfo.outputDir, `${name}.png`);
  const expected = referencePicture(series.files[0], await fileFrame(shown), actual, out, options);
  const found = largestDifference(actual, expected);
  expect(found.difference, `${name}: ${JSON.stringify(found)}`).toBeLessThanOrEqual(1);
  return actual;
}

test("overlays and shutter are drawn, taken off and put back", async ({ page }, testInfo) => {
  const shown = await openMultiFrame(page);
  const note = shown.locator('[data-test="cover"]');
  await expect(note).toHaveText("");
  const whole = await expectReference(page, shown, testInfo, "all", []);
  const yellow = [255, 200, 0].join();
  const colours = (picture) => {
    const found = new Set();
    for (let at = 0; at < picture.data.length; at += 4) found.add(picture.data.slice(at, at + 3).join());
    return found;
  };
  expect(colours(whole).has(yellow)).toBe(true);

  await page.keyboard.press("o");
  await expect(note).toHaveText("Surimpressions masquées");
  const bare = await expectReference(page, shown, testInfo, "without overlays", ["--overlays-off"]);
  expect(colours(bare).has(yellow)).toBe(false);

  await page.keyboard.press("c");
  await expect(note).toHaveText("Surimpressions masquées · Sans cache");
  await expectReference(page, shown, testInfo, "bare", ["--overlays-off", "--shutter-off"]);

  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect(note).toHaveText("");
  await expectReference(page, shown, testInfo, "undone", []);
});

test("frames are scrolled by position, and each is the one its label says", async ({ page }, testInfo) => {
  await installBurntWatch(page);
  const shown = await openMultiFrame(page);
  const handle = await shown.elementHandle();
  const files = [];
  for (let position = 1; position <= series.frames; position += 1) {
    await expectImage(shown, position);
    await expect(shown).toHaveAttribute("data-cover-state", "whole");
    expect(await label(shown)).toBe(`${position}/${series.frames}`);
    files.push(await fileFrame(shown));
    if (position === 3) await expectReference(page, shown, testInfo, "image 3", []);
    if (position === series.frames) break;
    await page.evaluate((element) => window.burntWatch.start(element, 256, 256), handle);
    await page.keyboard.press("ArrowDown");
    await expectImage(shown, position + 1);
    const seen = await page.evaluate(() => window.burntWatch.stop());
    for (const { label: said, burnt } of seen) expect(said).toBe(`${burnt}/${series.frames}`);
    expect(seen.some(({ burnt }) => burnt === position + 1)).toBe(true);
  }
  const inFileOrder = files.map((_, index) => index + 1);
  expect([...files].sort((a, b) => a - b)).toEqual(inFileOrder);
  expect(files, "the file has them in another order").not.toEqual(inFileOrder);
});
