// Objects without pictures on each drawing back end: key images, reports, PDF, saved presentations.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { largestDifference, paneOnScreen, referencePicture } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, dragMouse, expectImage, expectReady, openExam, pane, showSeries } from "../../support/visitor.js";

const KEY_SLICES = [1, 4, 6];
const SLICE = 4;

/** Positions, from 1, of slices of the CT by their burnt-in numbers. */
async function positionsOf(page, slices) {
  const uids = await page.evaluate(async () => {
    const exam = await (await fetch(`/api/examen/${document.getElementById("app").dataset.visit}`)).json();
    return exam.series[0].images.map((image) => image.sop_instance_uid);
  });
  const { sop_instance_uids: all } = seriesOf(stand.documents, "Ct");
  return slices.map((slice) => uids.indexOf(all[slice]) + 1).sort((one, other) => one - other);
}

async function open(page) {
  await openExam(page, stand.documents);
  await expect(page.locator(".documents-strip")).toBeVisible();
}

async function openList(page) {
  await page.keyboard.press("j");
  const dialog = page.locator("dialog[open]");
  await expect(dialog.getByRole("heading", { name: "Documents et images clés" })).toBeVisible();
  return dialog;
}

const note = (page) => pane(page).locator(".documents-note");

test("scrolling goes from key image to key image, says so, and all images come back", ONCE, async ({ page }, testInfo) => {
  await open(page);
  const keys = await positionsOf(page, KEY_SLICES);
  await expect(pane(page).locator(".key-marks path")).toHaveCount(1);
  await expect(page.locator(".series-keys").first()).toContainText("★ 3");
  await page.keyboard.press("Home");
  await expectImage(pane(page), 1);
  await page.keyboard.press("k");
  await expect(page.locator('[data-test="documents-said"]')).toHaveText("Images clés seulement : 3");
  await expectImage(pane(page), keys[0]);
  await expect(note(page)).toHaveText(/★ Image clé 1\/3 · À regarder : Nodule du lobe supérieur droit · filtre : images clés seulement/);
  await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), keys[1]);
  await page.screenshot({ path: testInfo.outputPath("filter.png") });
  await page.keyboard.press("PageDown");
  await expectImage(pane(page), keys[2]);
  await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), keys[2]);
  await page.keyboard.press("ArrowUp");
  await expectImage(pane(page), keys[1]);
  await page.keyboard.press("Home");
  await expectImage(pane(page), keys[0]);
  await page.mouse.move(...(await middle(page)));
  await page.mouse.wheel(0, 120);
  await expectImage(pane(page), keys[1]);
  await page.keyboard.press("k");
  await expect(page.locator('[data-test="documents-said"]')).toHaveText("Toutes les images");
  await expect(note(page)).toHaveText(/^★ Image clé · À regarder/);
  await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), keys[1] + 1);
});

async function middle(page) {
  const box = await pane(page).boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

test("the list names every document, and the filter is a choice in it", ONCE, async ({ page }, testInfo) => {
  await open(page);
  const dialog = await openList(page);
  for (const name of ["Images clés", "Comptes rendus et documents", "Présentations enregistrées"]) {
    await expect(dialog.getByRole("heading", { name, exact: true })).toBeVisible();
  }
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("list.png") });
  await dialog.getByLabel("Images clés seulement").check();
  const [first, second] = await positionsOf(page, KEY_SLICES);
  await dialog.getByRole("button", { name: new RegExp(`, image ${second}$`) }).click();
  await expectImage(pane(page), second);
  await page.keyboard.press("ArrowUp");
  await expectImage(pane(page), first);
});

test("a structured report is read as text, and leads to its image", ONCE, async ({ page }, testInfo) => {
  await open(page);
  const list = await openList(page);
  await list.getByRole("button", { name: "Lire : Diagnostic imaging report" }).click();
  const report = page.locator("dialog[open]");
  await expect(report.getByRole("heading", { name: "Findings" })).toBeVisible();
  await expect(report).toContainText("Nodule pulmonaire <b>du lobe supérieur</b> droit.");
  await expect(report.locator('[data-kind="number"]')).toHaveText("Length12,5 mm");
  await expect(report.locator(".report-facts")).toHaveText("04/11/2026 09:41 · Complet · Non validé");
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("report.png") });
  const [position] = await positionsOf(page, [SLICE]);
  await report.getByRole("button", { name: `Série 1, image ${position}` }).click();
  await expectImage(pane(page), position);
});

test("a PDF opens in a tab of its own as nothing but a PDF", ONCE, async ({ page }) => {
  await open(page);
  const link = (await openList(page)).getByRole("link", { name: /Ouvrir le PDF : Compte rendu de scanner/ });
  await expect(link).toHaveAttribute("target", "_blank");
  const [status, headers, beginning] = await page.evaluate(async (address) => {
    const answer = await fetch(address);
    return [answer.status, Object.fromEntries(answer.headers), (await answer.text()).slice(0, 5)];
  }, await link.getAttribute("href"));
  expect([status, headers["content-type"], beginning]).toEqual([200, "application/pdf", "%PDF-"]);
  expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'unsafe-inline'; object-src 'self'/);
  expect(headers["x-content-type-options"]).toBe("nosniff");
});

test("a saved presentation is applied, drawn and taken off again", ONCE, async ({ page }, testInfo) => {
  await open(page);
  const [position] = await positionsOf(page, [SLICE]);
  const before = await pane(page).locator('[data-test="window"]').textContent();
  await (await openList(page)).getByRole("button", { name: "Appliquer : Nodule entouré" }).click();
  await expectImage(pane(page), position);
  await expect(note(page)).toContainText("Présentation : Nodule entouré");
  await expect(pane(page).locator('[data-test="window"]')).toHaveText(/350.*50/);
  const lines = pane(page).locator(".documents-lines");
  await expect(lines.locator('[data-kind="circle"]')).toHaveCount(1);
  await expect(lines.locator("text")).toHaveText("Nodule 12,5 mm");
  await expect(lines.locator(".shutter")).toHaveCount(1);
  // The line in the display's own units lies where it was put on the screen: from a tenth to three tenths, at nine tenths.
  const [area, line] = await geometry(page);
  expect(Math.abs(line.x0 - (area.left + 0.1 * area.size))).toBeLessThan(1);
  expect(Math.abs(line.x1 - (area.left + 0.3 * area.size))).toBeLessThan(1);
  expect(Math.abs(line.y - (area.top + 0.9 * area.size))).toBeLessThan(1);
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("presentation.png") });
  await page.keyboard.press("r");
  await expect(note(page)).toContainText("réglages modifiés depuis");
  await page.keyboard.press("ArrowDown");
  await expect(note(page)).toContainText("ne concerne pas cette image");
  await expect(pane(page).locator(".documents-lines")).toHaveCount(0);
  await (await openList(page)).getByRole("button", { name: "Retirer : Nodule entouré" }).click();
  await expect(pane(page).locator('[data-test="window"]')).toHaveText(before);
  await expectReady(pane(page));
});

/** The pane is what the reference renderer makes of a frame (from 1) of a file, with options. */
async function expectPicture(page, testInfo, name, [file, frame], options) {
  const actual = await paneOnScreen(page, pane(page));
  mkdirSync(testInfo.outputDir, { recursive: true });
  const expected = referencePicture(file, frame, actual, join(testInfo.outputDir, `${name}.png`), options);
  const found = largestDifference(actual, expected);
  expect(found.difference, `${name}: ${JSON.stringify(found)}`).toBeLessThanOrEqual(1);
  expect(found.values, "a picture, not a flat surface").toBeGreaterThan(50);
}

test("curves of a presentation are drawn as its steps make them, on each of its images", async ({ page }, testInfo) => {
  await open(page);
  const { files } = seriesOf(stand.documents, "Ct");
  const [state] = seriesOf(stand.documents, "Curves").files;
  const [[table], [sigmoid]] = await Promise.all([4, 5].map((slice) => positionsOf(page, [slice])));
  const applied = "Présentation : Courbes de contraste";
  await (await openList(page)).getByRole("button", { name: "Appliquer : Courbes de contraste" }).click();
  // It is about two slices: the first that it names is shown, by its table.
  await expectImage(pane(page), table);
  await expect(note(page)).toContainText(applied);
  await expect(note(page)).not.toContainText("non appliqué");
  await expect(page.locator(".documents-strip")).toBeVisible();
  await expectPicture(page, testInfo, "table", [files[4], 1], ["--state", state]);
  await page.screenshot({ path: testInfo.outputPath("curves.png") });
  const [there, back] = sigmoid > table ? ["ArrowDown", "ArrowUp"] : ["ArrowUp", "ArrowDown"];
  await pane(page).focus();
  await page.keyboard.press(there);
  await expectImage(pane(page), sigmoid);
  await expect(note(page)).toContainText(applied);
  await expectPicture(page, testInfo, "function", [files[5], 1], ["--state", state]);
  await page.keyboard.press(back);
  await expectImage(pane(page), table);
  await expectPicture(page, testInfo, "table again", [files[4], 1], ["--state", state]);
  await expect(note(page)).not.toContainText("réglages modifiés depuis");
  await (await openList(page)).getByRole("button", { name: "Retirer : Courbes de contraste" }).click();
  await expect(note(page)).not.toContainText(applied);
  await expectReady(pane(page));
  await expectPicture(page, testInfo, "without", [files[4], 1], []);
});

test("a curve of a presentation is not taken for the window of its image, and undoing brings it back", ONCE, async ({ page }, testInfo) => {
  await open(page);
  const { files } = seriesOf(stand.documents, "Ct");
  const [state] = seriesOf(stand.documents, "Curves").files;
  const [table] = await positionsOf(page, [4]);
  await (await openList(page)).getByRole("button", { name: "Appliquer : Courbes de contraste" }).click();
  await expectImage(pane(page), table);
  await pane(page).focus();
  await page.keyboard.press("2");
  await page.keyboard.press("0");
  await expect(note(page)).toContainText("réglages modifiés depuis");
  await expectReady(pane(page));
  await expectPicture(page, testInfo, "default", [files[4], 1], []);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect(note(page)).not.toContainText("réglages modifiés depuis");
  await expectPicture(page, testInfo, "undone", [files[4], 1], ["--state", state]);
});

test("a presentation of colours is turned, covered and drawn, and its colours stay", async ({ page }, testInfo) => {
  await open(page);
  const us = seriesOf(stand.documents, "Us");
  const [state] = seriesOf(stand.documents, "ColourPresentation").files;
  await showSeries(page, us.description);
  await (await openList(page)).getByRole("button", { name: "Appliquer : Doppler entouré" }).click();
  await expectImage(pane(page), 3);
  await expect(note(page)).toHaveText("Présentation : Doppler entouré");
  const lines = pane(page).locator(".documents-lines");
  await expect(lines.locator('[data-kind="circle"]')).toHaveCount(1);
  // CIELab 50, −50, 50 in sRGB.
  const [red, green, blue] = (await lines.locator(".shutter").getAttribute("fill")).match(/\d+/g).map(Number);
  expect(red).toBeLessThan(30);
  expect(Math.abs(green - 139)).toBeLessThan(6);
  expect(blue).toBeLessThan(40);
  await expectPicture(page, testInfo, "colours", [us.files[0], 3], ["--state", state]);
  await page.screenshot({ path: testInfo.outputPath("colours.png") });
  await pane(page).focus();
  await page.keyboard.press("ArrowDown");
  await expect(note(page)).toContainText("ne concerne pas cette image");
});

test("undoing an applied presentation takes its drawing off, too", ONCE, async ({ page }) => {
  await open(page);
  const [position] = await positionsOf(page, [SLICE]);
  await (await openList(page)).getByRole("button", { name: "Appliquer : Nodule entouré" }).click();
  await expectImage(pane(page), position);
  await expect(pane(page).locator(".documents-lines")).toHaveCount(1);
  await pane(page).focus();
  await page.keyboard.press("Control+z");
  await expect(pane(page).locator(".documents-lines")).toHaveCount(0);
  await expect(note(page)).not.toContainText("Présentation : Nodule entouré");
});

/** The square that the displayed area fills on the screen, and the line drawn in fractions of it. */
async function geometry(page) {
  return page.evaluate(() => {
    const section = document.querySelector('.pane[data-pane="0"]');
    const { width, height } = section.getBoundingClientRect();
    const size = Math.min(width, height);
    const path = section.querySelector('.documents-lines [data-kind="polyline"]');
    const map = path.getCTM();
    const at = (length) => path.getPointAtLength(length).matrixTransform(map);
    const [one, other] = [at(0), at(path.getTotalLength())];
    const line = { x0: one.x, x1: other.x, y: one.y };
    return [{ left: (width - size) / 2, top: (height - size) / 2, size }, line];
  });
}

test("annotations of a series leave as a presentation state", ONCE, async ({ page }, testInfo) => {
  await open(page);
  await page.getByRole("button", { name: "Mesurer", exact: true }).click();
  await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
  const [x, y] = (await middle(page)).map(Math.round);
  await dragMouse(page, [x - 60, y], [x + 60, y + 40]);
  await expect(pane(page).locator("[data-measure]")).toHaveCount(1);
  await page.getByRole("button", { name: /^Liste \(1\)/ }).click();
  // The page writes its view down a moment after a change.
  await page.waitForFunction(() => Object.keys(sessionStorage).some((name) => name.startsWith("negatoscope.view.")));
  const came = page.waitForEvent("download");
  await page.getByRole("button", { name: "Télécharger les annotations de la série (DICOM GSPS)" }).click();
  const file = await came;
  expect(file.suggestedFilename()).toBe("annotations.dcm");
  mkdirSync(testInfo.outputDir, { recursive: true });
  const path = join(testInfo.outputDir, "annotations.dcm");
  await file.saveAs(path);
  const bytes = readFileSync(path).toString("latin1");
  expect(bytes.slice(128, 132)).toBe("DICM");
  for (const part of ["1.2.840.10008.5.1.4.1.1.11.1", "POLYLINE", stand.documents.study_instance_uid]) expect(bytes).toContain(part);
});
