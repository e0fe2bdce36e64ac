// Drawn by the processor, the canvas lies only where pictures are: they have to be where other builds draw them.
import { expect, test } from "@playwright/test";
import { PNG } from "pngjs";
import { seriesOf, stand } from "../../support/stand.js";
import { expectReady, openExam, pane, showSeries } from "../../support/visitor.js";

async function photograph(page) {
  for (const number of [0, 1, 2, 3]) await expectReady(pane(page, number));
  await page.evaluate(() => {
    // What lies over the pictures says how much has been loaded, too.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".pane { visibility: hidden !important }");
    document.adoptedStyleSheets = [sheet];
  });
  const clip = await page.locator(".stage").boundingBox();
  const picture = PNG.sync.read(await page.screenshot({ clip }));
  await page.evaluate(() => (document.adoptedStyleSheets = []));
  return picture;
}

/** Share of the pixels that differ by more than rounding does. */
function different(one, other) {
  expect([other.width, other.height]).toEqual([one.width, one.height]);
  let count = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    if ([0, 1, 2].some((channel) => Math.abs(one.data[at + channel] - other.data[at + channel]) > 2)) count += 1;
  }
  return count / (one.width * one.height);
}

test("pictures in panes lie where the build for WebGL2 draws them", async ({ page }) => {
  await openExam(page, stand.exam);
  await page.getByRole("button", { name: "Disposition" }).click();
  await page.getByRole("button", { name: "Quatre images" }).click();
  await expect(page.locator("section.pane")).toHaveCount(4);
  for (const [number, kind, keys] of [[1, "Mr", ["+", "+", "+"]], [2, "Us", ["r"]], [3, "Cr", ["h", "i"]]]) {
    await pane(page, number).focus();
    await showSeries(page, seriesOf(stand.exam, kind).description);
    await expectReady(pane(page, number));
    for (const key of keys) await page.keyboard.press(key);
  }
  const own = await photograph(page);
  const isDrawn = own.data.filter((level, at) => at % 4 < 3 && level > 40).length;
  expect(isDrawn, "nothing is drawn").toBeGreaterThan(own.data.length / 20);
  await page.waitForTimeout(800); // The view is written down a moment after its last change.
  await page.evaluate(() => localStorage.setItem("negatoscope.gpu", "webgl"));
  await page.reload();
  await expect(page.locator("section.pane")).toHaveCount(4);
  const reference = await photograph(page);
  expect(different(own, reference)).toBeLessThan(0.001);
});

test("with the keyboard on a pane nothing as large as the picture is blended over it", async ({ page }) => {
  await openExam(page, stand.exam);
  await expectReady(pane(page, 0));
  const client = await page.context().newCDPSession(page);
  let layers = [];
  client.on("LayerTree.layerTreeDidChange", (change) => (layers = change.layers ?? layers));
  await client.send("DOM.enable");
  await client.send("LayerTree.enable");
  await page.keyboard.press("Tab");
  await pane(page, 0).focus();
  await page.keyboard.press("ArrowDown");
  await expect(pane(page, 0)).toHaveAttribute("data-image-index", "1");
  await expect(page.locator(".pane:focus-visible > .edges > i:visible")).toHaveCount(4);
  const { width, height } = await page.locator(".stage > canvas").boundingBox();
  const isLarge = (layer) => layer.drawsContent && layer.width * layer.height > (width * height) / 2;
  // The page itself and the canvas. A frame around the pane was a third: every step took twice as long where no GPU blends it.
  await expect.poll(() => layers.filter(isLarge).length).toBe(2);
});
