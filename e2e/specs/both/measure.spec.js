// Measuring on each drawing back end: lengths known from the phantom's geometry, by mouse, finger and keyboard.
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, dragMouse, expectImage, expectReady, openExam, pane, showSeries } from "../../support/visitor.js";

/** The phantom's CT: 512 columns of 400 mm. */
const CT = { columns: 512, fieldMm: 400 };
const SPACING_MM = CT.fieldMm / CT.columns;

async function measure(page) {
  await page.getByRole("button", { name: "Mesurer", exact: true }).click();
  await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
}

/** Millimetres of the measurement's label. */
async function value(measurement) {
  const name = await measurement.getAttribute("aria-label");
  const found = /([\d,]+) mm/.exec(name);
  expect(found, name).not.toBeNull();
  return Number(found[1].replace(",", "."));
}

const measures = (page) => pane(page).locator("[data-measure]");

/** CSS pixels per image column: the image fills the pane's smaller side. */
async function scale(shown) {
  const box = await shown.boundingBox();
  return Math.min(box.width, box.height) / CT.columns;
}

test("a length by mouse is that of the patient, turned, mirrored and zoomed", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  await measure(page);
  const box = await shown.boundingBox();
  const px = await scale(shown);
  const [x, y] = [Math.round(box.x + box.width / 2) - 100, Math.round(box.y + box.height / 2)];
  await dragMouse(page, [x, y], [x + 200, y + 50]);
  const first = measures(page).first();
  const expected = (Math.hypot(200, 50) / px) * SPACING_MM;
  expect(Math.abs((await value(first)) - expected)).toBeLessThanOrEqual(0.1);
  await expect(page.locator('[data-test="measure-said"]')).toContainText("Longueur 1");
  const told = await first.getAttribute("aria-label");
  await shown.focus();
  for (const key of ["r", "h", "+", "+"]) await page.keyboard.press(key);
  await expect(first).toHaveAttribute("aria-label", told);
  // Turned and enlarged by 1.25², a drag across is another direction of the patient.
  await dragMouse(page, [x, y + 60], [x + 200, y + 60]);
  const second = measures(page).nth(1);
  expect(Math.abs((await value(second)) - (200 / (px * 1.25 ** 2)) * SPACING_MM)).toBeLessThanOrEqual(0.1);
  // Its end is moved by 50 px; one step back it is as before.
  const before = await second.getAttribute("aria-label");
  await dragMouse(page, [x + 200, y + 60], [x + 250, y + 60]);
  expect(Math.abs((await value(second)) - (250 / (px * 1.25 ** 2)) * SPACING_MM)).toBeLessThanOrEqual(0.1);
  await page.keyboard.press("Control+z");
  await expect(second).toHaveAttribute("aria-label", before);
});

test("by keyboard alone: choose, place, move a point, delete, bring back", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  await shown.focus();
  await page.keyboard.press("d");
  await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
  await expect(page.locator('[data-test="measure-said"]')).toContainText("Longueur");
  // The tools are told what is drawn with the next picture.
  await expect(shown).toHaveAttribute("data-measures", "0");
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-test="measure-said"]')).toContainText("Viseur");
  await page.keyboard.press("Enter");
  for (let step = 0; step < 6; step += 1) await page.keyboard.press("Shift+ArrowRight");
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const only = measures(page).first();
  expect(Math.abs((await value(only)) - Math.hypot(60, 4) * SPACING_MM)).toBeLessThanOrEqual(0.1);
  await only.focus();
  await expect(only).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+ArrowRight");
  expect(Math.abs((await value(only)) - Math.hypot(70, 4) * SPACING_MM)).toBeLessThanOrEqual(0.1);
  await expect(only).toBeFocused();
  await page.keyboard.press("Delete");
  await expect(only).toHaveCount(0);
  await expect(page.locator('[data-test="measure-said"]')).toContainText("supprimée");
  await expect(shown).toBeFocused();
  await page.keyboard.press("Control+z");
  await expect(only).toHaveCount(1);
  // Escape leaves the tool: arrows scroll again.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeHidden();
  await page.keyboard.press("ArrowDown");
  await expectImage(shown, 2);
});

test("seen on its own slice, kept over a reload, gone with the session's end; without personal data", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  await measure(page);
  const box = await shown.boundingBox();
  const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
  await dragMouse(page, [x - 80, y], [x + 80, y]);
  const told = await measures(page).first().getAttribute("aria-label");
  await shown.focus();
  await page.keyboard.press("PageDown");
  await expectImage(shown, 11);
  await expect(measures(page)).toHaveCount(0);
  await page.keyboard.press("Home");
  await expectImage(shown, 1);
  await expect(measures(page)).toHaveCount(1);
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  expect(kept).toContain("negatoscope.measures");
  for (const secret of [stand.exam.study_instance_uid, ...seriesOf(stand.exam, "Ct").sop_instance_uids]) {
    expect(kept).not.toContain(secret);
  }
  // The view is written down a moment after its last change.
  await page.waitForTimeout(800);
  await page.reload();
  await expectReady(shown);
  await expect(measures(page).first()).toHaveAttribute("aria-label", told);
  await showSeries(page, seriesOf(stand.exam, "Mr").description);
  await expect(measures(page)).toHaveCount(0);
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await expect(page.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("measures");
});

test("an ellipse counts its pixels, the list tells them and goes back to the image", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  await measure(page);
  await page.getByRole("button", { name: "Ellipse", exact: true }).click();
  const box = await shown.boundingBox();
  const px = await scale(shown);
  const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
  await dragMouse(page, [x - 60, y - 40], [x + 60, y + 40]);
  const ellipse = measures(page).first();
  await expect(ellipse).toHaveAttribute("aria-label", /aire .*moyenne .*UH.*pixels/);
  const label = await ellipse.getAttribute("aria-label");
  const pixels = Number(/\(([\d]+) pixels\)/.exec(label)[1]);
  const expected = (Math.PI * 60 * 40) / px ** 2;
  expect(Math.abs(pixels - expected) / expected).toBeLessThan(0.02);
  await shown.focus();
  await page.keyboard.press("End");
  await page.getByRole("button", { name: /^Liste \(1\)/ }).click();
  const list = page.getByRole("region", { name: "Mesures" });
  await expect(list).toContainText("moyenne");
  await list.getByRole("button", { name: /^Ellipse 1/ }).click();
  await expectImage(shown, 1);
  await expect(list.getByRole("img", { name: /Répartition/ })).toBeVisible();
  await expectNoViolation(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    list.getByRole("button", { name: "Télécharger (DICOM SR)" }).click(),
  ]);
  const report = readFileSync(await download.path());
  expect(report.subarray(128, 132).toString()).toBe("DICM");
  expect(report.includes(seriesOf(stand.exam, "Ct").sop_instance_uids[0])).toBe(true);
  await list.getByRole("button", { name: "Supprimer Ellipse 1" }).click();
  await expect(measures(page)).toHaveCount(0);
});

test("a radiograph's lengths say that they are at the detector", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  await showSeries(page, seriesOf(stand.exam, "Cr").description);
  await measure(page);
  const box = await pane(page).boundingBox();
  const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
  await dragMouse(page, [x - 80, y], [x + 80, y]);
  await expect(measures(page).first()).toHaveAttribute("aria-label", /mm, au détecteur, pas dans le patient/);
});

test("the module of measuring is fetched when it is chosen and not before", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  const loaded = () =>
    page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => /\/(tools|measure)/.test(name)).length);
  expect(await loaded()).toBe(0);
  await measure(page);
  expect(await loaded()).toBeGreaterThan(2);
});
