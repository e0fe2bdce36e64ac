// The way to the first image, and what happens when an answer breaks off.
import { expect, test } from "@playwright/test";
import { PNG } from "pngjs";
import { holdBackAll } from "../../support/arriving.js";
import { paneOnScreen } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, expectImage, expectReady, identify, openExam, openLink, pane, showSeries } from "../../support/visitor.js";

/** Mean difference of the red channels of two pictures of one size. */
function meanDifference(a, b) {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let sum = 0;
  for (let at = 0; at < a.data.length; at += 4) sum += Math.abs(a.data[at] - b.data[at]);
  return (4 * sum) / a.data.length;
}

test("the first image is shown before the viewer is there, where the viewer then draws it", async ({ page }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/ui-[a-z]+_bg-/, async (route) => {
    await held;
    await route.continue();
  });
  await openLink(page, stand.exam);
  await identify(page, stand.exam);
  const picture = page.locator("#first-picture");
  await expect(picture).toBeVisible();
  await expect(page.getByText("Visionneuse non destinée au diagnostic")).toBeVisible();
  await expect(page.locator(".banner-patient strong")).not.toBeEmpty();
  const box = await page.locator(".stage").boundingBox();
  const before = PNG.sync.read(await page.screenshot({ clip: box }));

  release();
  await expectReady(pane(page));
  await expect(picture).toHaveCount(0);
  const after = await paneOnScreen(page, pane(page));
  // Browser and viewer enlarge differently; another image, or one in another place, is far more off.
  expect(meanDifference(before, after)).toBeLessThan(4);
});

test("an answer that breaks off loses nothing", ONCE, async ({ page }) => {
  let broken = 0;
  await page.route(/\/frames\?frames=/, async (route) => {
    if (broken > 1) return route.continue();
    broken += 1;
    // Only browsers know that every name under localhost is this machine.
    const { host, port } = new URL(route.request().url());
    const url = route.request().url().replace(host, `127.0.0.1:${port}`);
    const response = await route.fetch({ url, headers: { ...(await route.request().allHeaders()), host } });
    const body = await response.body();
    return route.fulfill({ response, body: body.subarray(0, body.length >> 1) });
  });
  await openExam(page, stand.exam);
  const index = await pane(page).getAttribute("data-series-index");
  const complete = page.locator(`button.series[data-series-index="${index}"] [data-complete="true"]`);
  await expect(complete).toHaveCount(1);
  expect(broken, "the test broke nothing").toBeGreaterThan(0);
});

test("what decodes a frame is brought while the frame is on its way", ONCE, async ({ page }) => {
  const us = seriesOf(stand.exam, "Us");
  const isOfUs = ({ href }) => href.includes(us.series_instance_uid) && href.includes("/frames");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(isOfUs, async (route) => {
    await held;
    await route.continue();
  });
  const decoder = page.waitForRequest(/decode-common_bg-/);
  await openExam(page, stand.exam);
  await page.locator("button.series", { hasText: us.description }).click();
  await decoder;
  release();
  await expectReady(pane(page));
});

test("a large first image is asked for before the viewer is ready, and once", ONCE, async ({ page }) => {
  const us = seriesOf(stand.exam, "Us");
  // The exam that stands in the page begins with it.
  await page.addInitScript((uid) => {
    document.addEventListener("readystatechange", () => {
      const inlined = document.getElementById("negatoscope-exam");
      if (!inlined) return;
      const exam = JSON.parse(inlined.textContent);
      exam.series.sort((a, b) => (b.series_instance_uid === uid) - (a.series_instance_uid === uid));
      inlined.textContent = JSON.stringify(exam);
      document.querySelector('meta[name="negatoscope-first-picture"]').remove();
    }, { once: true });
  }, us.series_instance_uid);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/decode_bg-/, async (route) => {
    await held;
    await route.continue();
  });
  const isFirst = (request) => request.url().includes(us.series_instance_uid) && /\/frames\/1$/.test(request.url());
  const asked = [];
  page.on("request", (request) => isFirst(request) && asked.push(request.url()));
  const early = page.waitForRequest(isFirst);
  await openLink(page, stand.exam);
  await identify(page, stand.exam);
  await early; // The viewer asks for nothing before it has a decoder.
  release();
  await expectReady(pane(page));
  await expect(pane(page)).toHaveAttribute("data-series-index", "0");
  expect(asked, "requests for the frame").toHaveLength(1);
});

test("the first picture is gone once another image is asked for", async ({ page }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/frames(\?frames=|\/\d+$)/, async (route) => {
    await held;
    await route.continue();
  });
  const previews = [];
  page.on("request", (request) => /viewport=192,192/.test(request.url()) && previews.push(request.url()));
  await openLink(page, stand.exam);
  await identify(page, stand.exam);
  const shown = pane(page);
  await expect(shown).toHaveAttribute("data-frame-state", "loading");
  const picture = page.locator("#first-picture");
  await expect(picture).toBeVisible();
  // Longer than a reader rests until a preview is asked for.
  await page.waitForTimeout(300);
  expect(previews, "previews of an image that is there as a picture").toHaveLength(0);
  await shown.focus();
  await page.keyboard.press("ArrowDown");
  await expect(picture).toHaveCount(0);
  await expect(shown).not.toHaveAttribute("data-frame-state", "ready");
  release();
  await expectImage(shown, 2);
});

test("compact frames are decoded whatever was decoded before them", ONCE, async ({ page }) => {
  // As a browser says that is to save data, on a machine with one processor: one worker decodes one after the other.
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "connection", { value: { saveData: true } });
    Object.defineProperty(navigator, "hardwareConcurrency", { value: 1 });
  });
  const answers = [];
  page.on("response", (response) => {
    if (/\/frames[/?]/.test(response.url())) answers.push(response.body().catch(() => Buffer.of()));
  });
  await openExam(page, stand.exam);
  const shown = pane(page);
  for (const kind of ["Us", "Ct", "Us", "Mr"]) {
    await showSeries(page, seriesOf(stand.exam, kind).description);
    await shown.focus();
    await page.keyboard.press("ArrowDown");
    await expectImage(shown, 2);
  }
  const compact = (await Promise.all(answers)).filter((body) => body.includes("transfer-syntax=2.25.845"));
  expect(compact.length, "answers with compact frames").toBeGreaterThan(1);
});

test("an image that is on its way is shown small and marked, where and as it will be", async ({ page }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let passed = 0;
  // The first answer only: frames that the reader goes to are on a slow way.
  await page.route(/\/frames(\?frames=|\/\d+$)/, async (route) => {
    passed += 1;
    if (passed > 1) await held;
    await route.continue();
  });
  await openExam(page, stand.exam);
  const shown = pane(page);
  const total = Number(await shown.getAttribute("data-image-count"));
  await shown.focus();
  await page.keyboard.press("v"); // Not as it lies in the file: mirrored.
  await page.keyboard.press("2"); // Nor in its own window.
  await page.keyboard.press("End");
  await expect(shown).toHaveAttribute("data-frame-state", "preview");
  await expect(shown.getByText(`Image ${total} : aperçu`)).toBeVisible();
  await expect(shown.locator('[data-test="image-number"]')).toHaveText(`${total}/${total}`);
  const box = await shown.boundingBox();
  const photograph = async () => {
    await page.evaluate(() => {
      // Without annotations, which are the same but for the mark.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(".pane > :not(.preview) { visibility: hidden !important }");
      document.adoptedStyleSheets = [sheet];
    });
    const picture = PNG.sync.read(await page.screenshot({ clip: box }));
    await page.evaluate(() => (document.adoptedStyleSheets = []));
    return picture;
  };
  const preview = await photograph();

  release();
  await expect(shown).toHaveAttribute("data-frame-state", "ready");
  await expect(shown.locator(".preview")).toHaveCount(0);
  // Fewer pixels, but of the same place in the same window.
  expect(meanDifference(preview, await photograph())).toBeLessThan(8);
});

test("while an image is on its way, the nearest to it that has come is shown, as itself", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  const last = await page.evaluate(async () => {
    const exam = await (await fetch(`/api/examen/${document.getElementById("app").dataset.visit}`)).json();
    return exam.series[0].images.at(-1).sop_instance_uid;
  });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  // Nothing of the last image comes, small or whole, nor what is asked for with it.
  await page.route((url) => url.href.includes(last), async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  const shown = pane(page);
  await expectReady(shown);
  const total = Number(await shown.getAttribute("data-image-count"));
  const index = await shown.getAttribute("data-series-index");
  const progress = page.locator(`button.series[data-series-index="${index}"] .series-progress + .spoken`);
  await expect.poll(async () => parseInt(await progress.textContent(), 10), { timeout: 60_000 }).toBeGreaterThan(0.6 * total);
  await shown.focus();
  await page.keyboard.press("Home");
  await expectImage(shown, 1);
  await page.keyboard.press("End");
  await expect.poll(async () => Number(await shown.getAttribute("data-image-index"))).toBeGreaterThan(total / 2);
  await expect(shown).toHaveAttribute("data-frame-state", "loading");
  const near = Number(await shown.getAttribute("data-image-index")) + 1;
  expect(near).toBeLessThan(total);
  await expect(shown.locator('[data-test="image-number"]')).toHaveText(`${near}/${total}`);
  release();
  await expectImage(shown, total);
});

test("where an archive is waited for, the viewer comes meanwhile", async ({ page }) => {
  const { release } = await holdBackAll(page);
  const viewer = page.waitForResponse(/\/ui-[a-z]+_bg-/);
  await openLink(page, stand.exam);
  await identify(page, stand.exam);
  await (await viewer).finished();
  await expect(page.getByRole("status")).toContainText("Chargement de l’examen");
  await expect(page.locator(".pane")).toHaveCount(0);

  await release();
  await expectReady(pane(page));
});
