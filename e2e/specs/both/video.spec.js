// Videos: each frame under its own number, in its own colours, at its own rate; or words why not.
import { expect, test } from "@playwright/test";
import { installBurntWatch } from "../../support/burnt.js";
import { paneOnScreen } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, expectImage, expectReady, identify, label, openLink, pane } from "../../support/visitor.js";

const [COLUMNS, ROWS] = [256, 192];
/** Left to right, as xtask/phantom/streams/make.py paints them. */
const PATCHES = [
  [200, 40, 40],
  [40, 160, 60],
  [50, 70, 200],
  [128, 128, 128],
  [235, 200, 60],
];

test.beforeEach(async ({ page }) => installBurntWatch(page));

/** Opens the exam of videos and shows one of them. */
async function openVideo(page, description) {
  expect(stand.videos.series.map((series) => series.description)).toContain(description);
  await openLink(page, stand.videos);
  await identify(page, stand.videos);
  await expectReady(pane(page));
  if (description === seriesOf(stand.videos, "Video").description) return pane(page);
  const series = page.locator("button.series", { hasText: description });
  await series.click();
  const index = await series.getAttribute("data-series-index");
  await expect(pane(page)).toHaveAttribute("data-series-index", index);
  return pane(page);
}

async function watch(shown) {
  await shown.focus();
  await shown.evaluate((element, size) => window.burntWatch.start(element, ...size), [COLUMNS, ROWS]);
}

for (const description of ["H.264 MP4", "H.264 TS, fragments"]) {
  test(`video ${description}: the burnt-in number is the label's, forwards, backwards and across`, async ({ page }) => {
    const shown = await openVideo(page, description);
    await expectImage(shown, 1);
    await watch(shown);
    for (let frame = 2; frame <= 30; frame += 1) {
      await page.keyboard.press("ArrowDown");
      await expectImage(shown, frame);
    }
    for (let frame = 29; frame >= 18; frame -= 1) {
      await page.keyboard.press("ArrowUp");
      await expectImage(shown, frame);
    }
    await page.keyboard.press("Home");
    await expectImage(shown, 1);
    await page.keyboard.press("End");
    await expectImage(shown, 30);
    // One more frame has to be drawn while being watched.
    await page.waitForTimeout(500);
    const seen = await page.evaluate(() => window.burntWatch.stop());
    expect(seen.filter((frame) => frame.label !== `${frame.burnt}/30`)).toEqual([]);
    expect(new Set(seen.map((frame) => frame.burnt)).size).toBeGreaterThan(20);
    expect(await label(shown)).toBe("30/30");
  });
}

/** Presses the scroll bar of a pane where image `position` of `total` is. */
async function jumpTo(page, shown, position, total) {
  const MARGIN_PX = 8;
  const bar = await shown.getByRole("slider").boundingBox();
  const fraction = (position - 0.5) / total;
  const y = bar.y + MARGIN_PX + fraction * (bar.height - 2 * MARGIN_PX);
  await page.mouse.click(bar.x + bar.width / 2, y);
}

for (const [description, total] of [
  ["H.264 MP4", 30],
  ["H.264 TS, fragments", 30],
  ["H.264 full range", 6],
]) {
  test(`video ${description}: a jump lands on the very frame`, async ({ page }) => {
    const shown = await openVideo(page, description);
    await watch(shown);
    for (const position of [Math.ceil(total / 2), total, 1]) {
      await jumpTo(page, shown, position, total);
      await expectImage(shown, position);
    }
    await page.waitForTimeout(500);
    const seen = await page.evaluate(() => window.burntWatch.stop());
    expect(seen.filter((frame) => frame.label !== `${frame.burnt}/${total}`)).toEqual([]);
    const burnt = seen.map((frame) => frame.burnt);
    expect(burnt).toEqual(expect.arrayContaining([Math.ceil(total / 2), total, 1]));
  });
}

for (const description of ["H.264 MP4", "H.264 full range"]) {
  test(`video ${description}: colours as they were painted`, async ({ page }) => {
    const shown = await openVideo(page, description);
    await shown.focus();
    await page.keyboard.press("ArrowDown");
    await expectImage(shown, 2);
    const { width, height, data } = await paneOnScreen(page, shown);
    const scale = Math.min(width / COLUMNS, height / ROWS);
    const [left, top] = [(width - COLUMNS * scale) / 2, (height - ROWS * scale) / 2];
    const colourAt = (column, row) => {
      const at = 4 * (Math.floor(top + row * scale) * width + Math.floor(left + column * scale));
      return [...data.subarray(at, at + 3)];
    };
    PATCHES.forEach((painted, index) => {
      const found = colourAt(8 + 48 * index + 20, 96);
      const difference = Math.max(...found.map((level, channel) => Math.abs(level - painted[channel])));
      expect(difference, `patch ${index} is ${found}, painted ${painted}`).toBeLessThanOrEqual(4);
    });
    expect(Math.max(...colourAt(6, 6)), "white cell").toBeGreaterThanOrEqual(250);
    expect(Math.max(...colourAt(10, 6)), "black cell").toBeLessThanOrEqual(6);
  });
}

test("video: the loop runs at the rate of the file", ONCE, async ({ page }) => {
  const shown = await openVideo(page, "H.264 MP4");
  await expectImage(shown, 1);
  // Everything decoded first: this machine's speed is not under test.
  await page.keyboard.press("End");
  await expectImage(shown, 30);
  await page.waitForTimeout(3000);
  await watch(shown);
  await page.getByRole("button", { name: "Lire" }).click();
  await page.waitForTimeout(3000);
  const seen = await page.evaluate(() => window.burntWatch.stop());
  expect(seen.filter((frame) => frame.label !== `${frame.burnt}/30`)).toEqual([]);
  const steps = seen.slice(1).map((frame, index) => (frame.burnt - seen[index].burnt + 30) % 30);
  const shownFrames = steps.reduce((sum, step) => sum + step, 0);
  // 25 frames a second, by the times of the page's animation frames. A busy machine may be late, which the
  // session's own tests judge; it is never early, and it does go on.
  const seconds = (seen.at(-1).at - seen[0].at) / 1000;
  expect(shownFrames).toBeGreaterThan(5);
  expect(shownFrames).toBeLessThanOrEqual(25 * seconds + 3);
});

test("video: a header that announces other frames than the stream has", ONCE, async ({ page }) => {
  const shown = await openVideo(page, "H.264 wrong count");
  await expectImage(shown, 1);
  await expect(shown).toContainText("Flux vidéo de 30 images");
  await shown.focus();
  await page.keyboard.press("End");
  await expect(shown).toHaveAttribute("data-frame-state", "failed");
  await expect(shown.getByRole("alert")).toContainText("incomplet");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expectImage(shown, 30);
  await watch(shown);
  await page.keyboard.press("ArrowUp");
  await expectImage(shown, 29);
  await page.waitForTimeout(500);
  const seen = await page.evaluate(() => window.burntWatch.stop());
  expect(seen.at(-1)).toMatchObject({ label: "29/32", burnt: 29 });
});

test("video: MPEG-2 says that no browser plays it, beside a neutral picture", ONCE, async ({ page }) => {
  const shown = await openVideo(page, "MPEG-2");
  await expect(shown).toHaveAttribute("data-frame-state", "failed");
  await expect(shown.getByRole("alert")).toContainText("MPEG-2");
  await expect(shown.getByRole("alert")).toContainText("aucun navigateur");
  const thumbnail = page.locator("button.series", { hasText: "MPEG-2" }).locator("img");
  await expect.poll(() => thumbnail.evaluate((picture) => picture.naturalWidth)).toBeGreaterThan(0);
});

test("video: H.265 plays, or the browser is said not to play it", ONCE, async ({ page }) => {
  const shown = await openVideo(page, "H.265 MP4");
  const config = { codec: "hvc1.1.6.L60.90", codedWidth: COLUMNS, codedHeight: ROWS };
  const { supported } = await page.evaluate((asked) => VideoDecoder.isConfigSupported(asked), config);
  if (supported) {
    await expectImage(shown, 1);
  } else {
    await expect(shown).toHaveAttribute("data-frame-state", "failed");
    await expect(shown.getByRole("alert")).toContainText("Ce navigateur ne sait pas lire cette vidéo");
  }
});
