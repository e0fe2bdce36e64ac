// The main job: from the report's link to reading the exam, on each drawing back end.
import { expect, test } from "@playwright/test";
import { installBurntWatch } from "../../support/burnt.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, expectImage, expectReady, label, openExam, pane, showSeries } from "../../support/visitor.js";

const CT_COLUMNS = 512;

test.beforeEach(async ({ page }) => installBurntWatch(page));

test("the back end under test is the one that draws", async ({ page }, { project }) => {
  await openExam(page, stand.exam);
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  const modules = loaded.filter((name) => /\/ui-[a-z]+_bg-/.test(name));
  expect(modules).toHaveLength(1);
  expect(modules[0]).toContain(`/ui-${project.name}_bg-`);
});

test("link, code, birth date, first image; no identifier is left in the address", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  for (const secret of [stand.exam.study_instance_uid, stand.exam.accession_number, stand.exam.code]) {
    expect(page.url()).not.toContain(secret);
    expect(await page.evaluate(() => document.referrer)).not.toContain(secret);
  }
  await expect(page.locator('[data-test="patient-name"]')).toContainText("É");
  await expect(page.getByText("Visionneuse non destinée au diagnostic").first()).toBeVisible();
  const images = seriesOf(stand.exam, "Ct").sop_instance_uids.length;
  expect(await label(pane(page))).toBe(`1/${images}`);
});

test("scrolling to the last slice: the burnt-in number is the label's, in every frame drawn", async ({ page }) => {
  await openExam(page, stand.long);
  const shown = pane(page);
  const images = seriesOf(stand.long, "Ct").sop_instance_uids.length;
  await shown.focus();
  await shown.evaluate((element, columns) => window.burntWatch.start(element, columns, columns), CT_COLUMNS);
  for (let step = 0; step < 20; step += 1) await page.keyboard.press("ArrowDown");
  await expectImage(shown, 21);
  const box = await shown.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let step = 0; step < 30; step += 1) await page.mouse.wheel(0, 100);
  await expect.poll(async () => Number(await shown.getAttribute("data-image-index"))).toBeGreaterThan(21);
  await page.keyboard.press("End");
  await expectImage(shown, images);
  for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowUp");
  await expectImage(shown, images - 5);
  await page.keyboard.press("End");
  await expectImage(shown, images);
  // One more image has to be drawn while being watched.
  await page.waitForTimeout(500);
  const seen = await page.evaluate(() => window.burntWatch.stop());
  const wrong = seen.filter((frame) => frame.label !== `${frame.burnt}/${images}`);
  expect(wrong).toEqual([]);
  expect(new Set(seen.map((frame) => frame.burnt)).size).toBeGreaterThan(10);
  expect(seen.map((frame) => frame.burnt)).toContain(images);
  expect(await label(shown)).toBe(`${images}/${images}`);
});

test("window by key, by preset and by dragging; reset", async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  const window = shown.locator('[data-test="window"]');
  const fromFile = await window.innerText();
  expect(fromFile).toMatch(/^W \d+ L -?\d+$/);
  await page.getByRole("button", { name: "Choisir une fenêtre" }).click();
  await page.getByRole("button", { name: /^Poumon / }).click();
  await expect(window).not.toHaveText(fromFile);
  await page.getByRole("button", { name: "Fenêtre", exact: true }).click();
  const preset = await window.innerText();
  const box = await shown.boundingBox();
  await page.mouse.move(box.x + 300, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 360, box.y + 340, { steps: 6 });
  await page.mouse.up();
  await expect(window).not.toHaveText(preset);
  await shown.focus();
  await page.keyboard.press("Backspace");
  await expect(window).toHaveText(fromFile);
});

test("layouts: two and four panes, each with its own series", async ({ page }) => {
  await openExam(page, stand.exam);
  await page.getByRole("button", { name: "Disposition" }).click();
  await page.getByRole("button", { name: "Quatre images" }).click();
  await expect(page.locator("section.pane")).toHaveCount(4);
  await pane(page, 1).focus();
  await expect(pane(page, 1)).toHaveAttribute("data-active", "true");
  await showSeries(page, seriesOf(stand.exam, "Mr").description);
  await pane(page, 2).focus();
  await showSeries(page, seriesOf(stand.exam, "Us").description);
  for (const number of [0, 1, 2]) await expectReady(pane(page, number));
  const series = await Promise.all([0, 1, 2].map((number) => pane(page, number).getAttribute("data-series-index")));
  expect(new Set(series).size).toBe(3);
  await page.getByRole("button", { name: "Disposition" }).click();
  await page.getByRole("button", { name: "Deux images côte à côte" }).click();
  await expect(page.locator("section.pane")).toHaveCount(2);
});

test("logging out ends the session, and going back shows nothing", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  const name = await page.locator('[data-test="patient-name"]').innerText();
  const exam = await page.evaluate(() => document.getElementById("app").dataset.visit);
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await expect(page.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
  await page.goBack();
  await page.waitForLoadState("networkidle");
  await expect(page.locator("canvas")).toHaveCount(0);
  await expect(page.getByText(name.split(" ")[0])).toHaveCount(0);
  const status = await page.evaluate(async (visit) => (await fetch(`/api/examen/${visit}`)).status, exam);
  expect(status).toBe(401);
});

test("the cine loop of the ultrasound runs through its frames", async ({ page }) => {
  await openExam(page, stand.exam);
  await showSeries(page, seriesOf(stand.exam, "Us").description);
  const shown = pane(page);
  const first = await label(shown);
  await page.getByRole("button", { name: "Lire" }).click();
  await expect.poll(() => label(shown)).not.toBe(first);
  await expect(shown.locator('[data-test="lossy"]')).toContainText("Compression avec perte");
});

test("a damaged image is told on the image, its neighbours are fine", ONCE, async ({ page }) => {
  await openExam(page, stand.damaged);
  const shown = pane(page);
  await shown.focus();
  for (let step = 0; step < 2; step += 1) await page.keyboard.press("ArrowDown");
  await expect(shown).toHaveAttribute("data-frame-state", "failed");
  await expect(shown.getByRole("alert")).toContainText("n’a pas pu être lue");
  await page.keyboard.press("ArrowDown");
  await expectImage(shown, 4);
  await page.keyboard.press("Home");
  await expectImage(shown, 1);
});
