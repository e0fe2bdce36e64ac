// The shown series as a film and as pictures: what is in the file is what the pane shows, image by image.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, expect, test } from "@playwright/test";
import { PNG } from "pngjs";
import { expectNoViolation } from "../../support/axe.js";
import { largestDifference, paneOnScreen, watchDrawnText } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, expectImage, openExam, pane, showSeries } from "../../support/visitor.js";

// Encoded by the processor: smaller pictures are enough.
test.slow();
test.use({ viewport: { width: 820, height: 560 } });

/** The browser that films are played in, once there is one to play. */
let player;
test.afterAll(() => player?.close());

async function openFilm(page) {
  await pane(page).focus();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Que voulez-vous faire ?" })).toBeFocused();
  await page.keyboard.type("film");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Film ou images de la série" });
  await expect(dialog).toBeVisible();
  return dialog;
}

async function record(page, dialog, testInfo) {
  const came = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  const file = await came;
  mkdirSync(testInfo.outputDir, { recursive: true });
  const path = join(testInfo.outputDir, file.suggestedFilename());
  await file.saveAs(path);
  return { path, name: file.suggestedFilename() };
}

/**
 * Plays a film where no policy of ours forbids it: its length, size, and one picture of it. In a browser of its own, since one that
 * composites by a software Vulkan gives black pictures of some videos.
 */
async function played(path, type, rate, index) {
  player ??= await chromium.launch({ executablePath: process.env.NEGATOSCOPE_CHROMIUM });
  const blank = await player.newPage();
  const source = `data:${type};base64,${readFileSync(path).toString("base64")}`;
  const found = await blank.evaluate(
    async ([address, perSecond, picture]) => {
      const video = document.createElement("video");
      const failed = new Promise((_, reject) => (video.onerror = () => reject(new Error(video.error.message))));
      video.muted = true;
      video.src = address;
      document.body.append(video);
      await Promise.race([failed, new Promise((done) => video.addEventListener("loadeddata", done, { once: true }))]);
      // It is there when it is presented, which can be after "seeked".
      const presented = new Promise((done) => {
        const look = (_, { mediaTime }) => {
          if (Math.round(mediaTime * perSecond) === picture) done();
          else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      });
      video.currentTime = (picture + 0.5) / perSecond;
      await Promise.race([failed, presented]);
      const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
      canvas.getContext("2d").drawImage(video, 0, 0);
      const png = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      return { duration: video.duration, png: Array.from(png, (byte) => String.fromCharCode(byte)).join("") };
    },
    [source, rate, index],
  );
  await blank.close();
  return { duration: found.duration, ...PNG.sync.read(Buffer.from(found.png, "latin1")) };
}

/** The mean difference of pixels in the middle of two pictures, where nothing is written. */
function meanDifference(a, b) {
  let [sum, count] = [0, 0];
  for (let y = Math.round(a.height * 0.3); y < a.height * 0.6; y += 1) {
    for (let x = Math.round(a.width * 0.35); x < a.width * 0.65; x += 1) {
      const [one, other] = [a, b].map(({ width, data }) => data[(y * width + x) * 4 + 1]);
      sum += Math.abs(one - other);
      count += 1;
    }
  }
  return sum / count;
}

/** The picture of a film is this image and not another one, as far as compression lets it be. */
function expectNearest(film, image, other) {
  const [own, foreign] = [image, other].map((one) => meanDifference(one, film));
  expect(own).toBeLessThan(8);
  expect(own).toBeLessThan(foreign * 0.75);
}

async function imageOnScreen(page, position) {
  await pane(page).focus();
  await page.keyboard.press("Home");
  for (let at = 1; at < position; at += 1) await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), position);
  return paneOnScreen(page, pane(page));
}

test("film: a loop at its own rate, with identity and marks, picture by picture", async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  await showSeries(page, seriesOf(stand.exam, "Us").description);
  const shown = pane(page);
  const count = Number(await shown.getAttribute("data-image-count"));
  const [third, last] = [await imageOnScreen(page, 3), await imageOnScreen(page, count)];
  await imageOnScreen(page, 2);
  await watchDrawnText(page);
  const dialog = await openFilm(page);
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("film.png") });
  const rate = Number(await dialog.getByRole("spinbutton").inputValue());
  const { path, name } = await record(page, dialog, testInfo);
  expect(name).toMatch(/^serie-\d+\.webm$/);
  await expect(dialog.getByRole("status")).toHaveText(`Enregistré : ${count} images.`);
  const birthName = (await shown.locator(".note-patient strong").textContent()).trim().split(/\s+/)[0];
  const drawn = await page.evaluate(() => window.drawnText);
  for (const words of [birthName, "non destinée au diagnostic", "Film : compression avec pertes"]) {
    expect(drawn.split(words).length - 1, words).toBeGreaterThanOrEqual(count);
  }
  const film = await played(path, "video/webm", rate, 2);
  expect(film.duration).toBeCloseTo(count / rate, 1);
  expect([third.width - film.width, third.height - film.height].every((cut) => cut === 0 || cut === 1)).toBe(true);
  expectNearest(film, third, last);
  expectNearest(await played(path, "video/webm", rate, count - 1), last, third);
  // Afterwards the pane is where it was.
  await page.keyboard.press("Escape");
  await expectImage(shown, 2);
});

test("film: an MP4 by H.264, where the browser encodes it", ONCE, async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  await showSeries(page, seriesOf(stand.exam, "Us").description);
  const count = Number(await pane(page).getAttribute("data-image-count"));
  const [third, last] = [await imageOnScreen(page, 3), await imageOnScreen(page, count)];
  const dialog = await openFilm(page);
  const choice = dialog.getByRole("combobox");
  const offers = await choice.locator("option").allInnerTexts();
  test.skip(!offers.some((offer) => offer.includes("MP4")), "this browser encodes no H.264");
  await choice.selectOption("mp4");
  await dialog.getByRole("spinbutton").fill("5");
  const { path, name } = await record(page, dialog, testInfo);
  expect(name).toMatch(/\.mp4$/);
  const film = await played(path, "video/mp4", 5, 2);
  expect(film.duration).toBeCloseTo(count / 5, 1);
  expectNearest(film, third, last);
});

test("film: every image as a PNG in a ZIP, and stopped in the middle", ONCE, async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  await showSeries(page, seriesOf(stand.exam, "Us").description);
  const count = Number(await pane(page).getAttribute("data-image-count"));
  const second = await imageOnScreen(page, 2);
  // A film goes as fast as the loop does, also where that was chosen.
  await page.getByRole("button", { name: "Vitesse" }).click();
  await page.getByRole("slider", { name: "Vitesse" }).fill("9");
  const dialog = await openFilm(page);
  await expect(dialog.getByRole("spinbutton")).toHaveValue("9");
  await dialog.getByRole("combobox").selectOption("zip");
  const { path, name } = await record(page, dialog, testInfo);
  expect(name).toMatch(/^serie-\d+\.zip$/);
  const script =
    "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint('\\n'.join(z.namelist()))\nz.extract('image-0002.png', sys.argv[2])";
  const names = execFileSync("python3", ["-c", script, path, testInfo.outputDir]).toString().trim().split("\n");
  expect(names).toEqual(Array.from({ length: count }, (_, index) => `image-${String(index + 1).padStart(4, "0")}.png`));
  const saved = PNG.sync.read(readFileSync(join(testInfo.outputDir, "image-0002.png")));
  const middle = ({ width, height, data }) => {
    const [left, top, wide, high] = [0.35, 0.3, 0.3, 0.15].map((part, axis) => Math.round((axis % 2 ? height : width) * part));
    const rows = Array.from({ length: high }, (_, row) => data.subarray(((top + row) * width + left) * 4, ((top + row) * width + left + wide) * 4));
    return { width: wide, height: high, data: Buffer.concat(rows) };
  };
  expect(largestDifference(middle(saved), middle(second)).difference).toBe(0);
  await page.keyboard.press("Escape");
  // The CT has hundreds of images: time to stop.
  await showSeries(page, seriesOf(stand.exam, "Ct").description);
  const again = await openFilm(page);
  await again.getByRole("button", { name: "Enregistrer" }).click();
  await expect(again.getByRole("status")).toHaveText(/^Image \d+ sur \d+$/);
  await again.getByRole("button", { name: "Arrêter" }).click();
  await expect(again.getByRole("status")).toHaveText("Arrêté, rien n’est enregistré.");
  await page.keyboard.press("Escape");
  await expectImage(pane(page), 1);
});
