// The lens over the image: what is in it is what the reference renderer makes of the frame there, and it is found, moved and closed by
// mouse and by keyboard alone.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { largestDifference, paneOnScreen, referencePicture } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, expectImage, openExam, pane, showSeries } from "../../support/visitor.js";

const GREY = 48;
const frameOf = (page) => page.locator(".lens");
const told = (page) => page.locator('[data-test="lens-factor"]');

async function openLens(page) {
  await pane(page).focus();
  await page.keyboard.press("g");
  await expect(page.getByRole("toolbar", { name: "Loupe" })).toBeVisible();
}

/** Where the lens is in its pane, whole device pixels. */
async function place(page) {
  const [lens, shown] = await Promise.all([frameOf(page).boundingBox(), pane(page).boundingBox()]);
  return [lens.x - shown.x, lens.y - shown.y, lens.width, lens.height].map(Math.round);
}

for (const kind of ["Ct", "Cr", "Us"]) {
  test(`lens: every pixel in it is drawn as the reference draws the frame there (${kind})`, async ({ page }, testInfo) => {
    const series = seriesOf(stand.exam, kind);
    await openExam(page, stand.exam);
    await showSeries(page, series.description);
    await openLens(page);
    const shown = pane(page);
    const box = await shown.boundingBox();
    // Near the edge of the image, so that what is beyond it is seen, too.
    const at = [Math.round(box.width * 0.32), Math.round(box.height * 0.4)];
    await page.mouse.move(box.x + at[0], box.y + at[1]);
    const [left, top, side] = await place(page);
    expect([left + side / 2, top + side / 2].map(Math.round)).toEqual(at);
    await page.screenshot({ path: testInfo.outputPath("lens.png") });
    const screen = await paneOnScreen(page, shown);
    const rows = Array.from({ length: side }, (_, row) => {
      const start = ((top + row) * screen.width + left) * 4;
      return screen.data.subarray(start, start + side * 4);
    });
    const actual = { width: side, height: side, data: Buffer.concat(rows) };
    mkdirSync(testInfo.outputDir, { recursive: true });
    const out = join(testInfo.outputDir, "reference.png");
    const lens = [...at, side, 2, GREY].join(",");
    const expected = referencePicture(series.files[0], 1, screen, out, ["--lens", lens]);
    const found = largestDifference(actual, expected);
    expect(found.difference, JSON.stringify(found)).toBeLessThanOrEqual(1);
    expect(found.values, "a picture, not a flat surface").toBeGreaterThan(50);
  });
}

test("lens: by keyboard alone, with its factor, and gone again", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  await openLens(page);
  const shown = pane(page);
  const said = page.locator('[data-test="lens-said"]');
  await expect(told(page)).toHaveText("× 2");
  await expect(said).toContainText("Loupe, agrandissement 2");
  await expectNoViolation(page);
  const before = await place(page);
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowUp");
  expect(await place(page)).toEqual([before[0] - 16, before[1] - 16, before[2], before[3]]);
  await page.keyboard.press("+");
  await expect(told(page)).toHaveText("× 3");
  await expect(said).toHaveText("Agrandissement 3");
  await page.keyboard.press("-");
  await page.keyboard.press("-");
  await expect(told(page)).toHaveText("× 1,5");
  // Images still go by under it, and it stays.
  await page.keyboard.press("ArrowDown");
  await expectImage(shown, 2);
  await expect(frameOf(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(frameOf(page)).toHaveCount(0);
  const [wide, high] = [await shown.boundingBox()].flatMap(({ width, height }) => [width, height]);
  const after = await paneOnScreen(page, shown);
  expect([after.width, after.height]).toEqual([wide, high]);
  // The same key opens and closes; held, it shows the lens as long as it is held.
  await page.keyboard.press("g");
  await expect(frameOf(page)).toBeVisible();
  await page.keyboard.press("g");
  await expect(frameOf(page)).toHaveCount(0);
  await page.keyboard.down("g");
  await page.keyboard.down("g");
  await expect(frameOf(page)).toBeVisible();
  await page.keyboard.down("g");
  await page.keyboard.up("g");
  await expect(frameOf(page)).toHaveCount(0);
});

test("lens: found in the palette, and never on a saved picture", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  await pane(page).focus();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Que voulez-vous faire ?" })).toBeFocused();
  await page.keyboard.type("loupe");
  await page.keyboard.press("Enter");
  await expect(frameOf(page)).toBeVisible();
  await page.getByRole("button", { name: "Plus d’outils" }).click();
  await page.locator(".menu").getByRole("button", { name: "Enregistrer, imprimer" }).click();
  await expect(page.locator("dialog[open]")).toBeVisible();
  await expect(frameOf(page)).toHaveCount(0);
});
