// Out of the viewer on each drawing back end: the picture as a file and on paper, the exam as DICOM, its attributes.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { PNG } from "pngjs";
import { expectNoViolation } from "../../support/axe.js";
import { largestDifference, paneOnScreen, watchDrawnText } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, dragMouse, openExam, openPanel, pane, showSeries } from "../../support/visitor.js";

const EXPORT = "Enregistrer, imprimer, télécharger…";
const TAGS = "Informations DICOM…";

/** The first word of who is written on the picture. */
async function birthNameOf(page) {
  const name = await pane(page).locator(".note-patient strong").textContent();
  return name.trim().split(/\s+/)[0];
}

async function download(page, button, testInfo) {
  const came = page.waitForEvent("download");
  await button.click();
  const file = await came;
  mkdirSync(testInfo.outputDir, { recursive: true });
  const path = join(testInfo.outputDir, file.suggestedFilename());
  await file.saveAs(path);
  return { path, name: file.suggestedFilename() };
}

test("the saved picture is the one on the screen, with what is written over it", async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  await page.getByRole("button", { name: "Mesurer", exact: true }).click();
  await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
  const box = await pane(page).boundingBox();
  const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
  await dragMouse(page, [x - 60, y], [x + 60, y + 40]);
  await expect(pane(page).locator("[data-measure]")).toHaveCount(1);
  const screen = await paneOnScreen(page, pane(page));
  const dialog = await openPanel(page, EXPORT);
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("dialog.png") });
  const { path, name } = await download(page, dialog.getByRole("button", { name: "Enregistrer en PNG" }), testInfo);
  expect(name).toMatch(/^image-serie-\d+-1\.png$/);
  await expect(dialog.getByRole("status")).toHaveText("L’image est enregistrée.");
  const saved = PNG.sync.read(readFileSync(path));
  expect([saved.width, saved.height]).toEqual([screen.width, screen.height]);
  // Between the corners and above the measurement nothing is written: there every pixel is that of the screen.
  const free = [Math.round(saved.width * 0.35), Math.round(saved.height * 0.3), Math.round(saved.width * 0.3), Math.round(saved.height * 0.15)];
  const [inSaved, onScreen] = [saved, screen].map((png) => part(png, free));
  const found = largestDifference(inSaved, onScreen);
  expect(found.difference, JSON.stringify(found)).toBe(0);
  expect(found.values, "a picture, not a flat surface").toBeGreaterThan(20);
  // Identity, measurement and scale are drawn: those parts are another picture.
  for (const place of [[0, 0, 200, 60], [x - box.x - 60, y - box.y - 5, 120, 50], [saved.width / 2 - 60, saved.height - 70, 120, 40]]) {
    const [a, b] = [saved, screen].map((png) => part(png, place.map(Math.round)));
    expect(largestDifference(a, b).difference).toBeGreaterThan(100);
  }
});

/** A rectangle of a picture. */
function part({ width: across, data }, [left, top, width, height]) {
  const rows = Array.from({ length: height }, (_, row) => {
    const start = ((top + row) * across + left) * 4;
    return data.subarray(start, start + width * 4);
  });
  return { width, height, data: Buffer.concat(rows) };
}

test("without identity nothing of it is on the picture; a JPEG is one", ONCE, async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  const dialog = await openPanel(page, EXPORT);
  const drawn = () => page.evaluate(() => window.drawnText);
  await watchDrawnText(page);
  const { path, name } = await download(page, dialog.getByRole("button", { name: "Enregistrer en JPEG" }), testInfo);
  expect(name).toMatch(/\.jpg$/);
  expect([...readFileSync(path).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  const birthName = await birthNameOf(page);
  expect(await drawn()).toContain(birthName);
  expect(await drawn()).toContain("non destinée au diagnostic");
  await dialog.getByLabel("Écrire le nom du patient").uncheck();
  await page.evaluate(() => (window.drawnText = ""));
  await download(page, dialog.getByRole("button", { name: "Enregistrer en PNG" }), testInfo);
  expect(await drawn()).toContain("Identité masquée");
  expect(await drawn()).not.toContain(birthName);
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog[open]")).toHaveCount(0);
});

test("one image a page goes to the printer, with identity and marks", ONCE, async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  await page.evaluate(() => (window.print = () => (window.printed = true)));
  const dialog = await openPanel(page, EXPORT);
  await dialog.getByRole("button", { name: "Imprimer…" }).click();
  await page.waitForFunction(() => window.printed);
  const sheet = page.locator(".print-sheet");
  await expect(sheet.locator(".print-page")).toHaveCount(1);
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("#app")).toBeHidden();
  await expect(sheet).toContainText(await birthNameOf(page));
  await expect(sheet).toContainText("non destinée au diagnostic");
  mkdirSync(testInfo.outputDir, { recursive: true });
  const pdf = await page.pdf({ path: join(testInfo.outputDir, "print.pdf"), format: "A4" });
  expect((pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length).toBe(1);
  await page.emulateMedia({ media: null });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await expect(sheet).toHaveCount(0);
});

test("the exam is downloaded as DICOM, and without identity", ONCE, async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  const dialog = await openPanel(page, EXPORT);
  const link = dialog.locator('[data-test="copy"]');
  const { path, name } = await download(page, link, testInfo);
  expect(name).toBe("examen-dicom.zip");
  const files = stand.exam.series.reduce((count, { files: own }) => count + own.length, 0);
  expect(names(path).filter((entry) => entry.startsWith("DICOM/"))).toHaveLength(files);
  expect(names(path)).toContain("DICOMDIR");
  await dialog.getByLabel("Copie sans identité").check();
  await expectNoViolation(page);
  await expect(link).toHaveAttribute("href", /anonyme=true&pixels=false$/);
  const anonymous = await download(page, link, testInfo);
  const bytes = readFileSync(anonymous.path);
  for (const trace of [stand.exam.study_instance_uid, stand.exam.birth_date, await birthNameOf(page)]) {
    expect(bytes.includes(trace)).toBe(false);
  }
});

/** Names in a ZIP, which is tested on the way. */
function names(path) {
  const script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint('\\n'.join(z.namelist()))";
  return execFileSync("python3", ["-c", script, path]).toString().trim().split("\n");
}

test("attributes are found, hidden and copied by keyboard", ONCE, async ({ page, context }, testInfo) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openExam(page, stand.exam);
  await showSeries(page, seriesOf(stand.exam, "Mr").description);
  const dialog = await openPanel(page, TAGS);
  const list = dialog.getByRole("listbox", { name: "Attributs" });
  await expect(list).toContainText("SOP Class UID");
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("tags.png") });
  const search = dialog.getByRole("searchbox");
  await search.fill("patient name");
  const row = list.getByRole("option");
  const birthName = await birthNameOf(page);
  await expect(row.first()).toContainText(birthName);
  await dialog.getByLabel("Masquer les données personnelles").check();
  await expect(list).not.toContainText(birthName);
  await dialog.getByRole("button", { name: "Copier tout" }).click();
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  expect(await clipboard()).toContain("(0010,0010)\tPatient Name\tPN\t(masqué)");
  await search.fill("");
  await list.focus();
  await page.keyboard.press("End");
  await expect(list.locator('[aria-selected="true"]')).toContainText("(7FE0,0010)");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Control+c");
  await expect.poll(clipboard).toMatch(/^\(0008,\w{4}\)\t/);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("a file of hundreds of attributes keeps few rows in the page", ONCE, async ({ page }) => {
  await openExam(page, stand.exam);
  await showSeries(page, seriesOf(stand.exam, "MultiFrame").description);
  const dialog = await openPanel(page, TAGS);
  const list = dialog.getByRole("listbox", { name: "Attributs" });
  const option = list.getByRole("option").first();
  await expect(option).toBeVisible();
  expect(Number(await option.getAttribute("aria-setsize"))).toBeGreaterThan(300);
  expect(await list.getByRole("option").count()).toBeLessThan(80);
  await dialog.getByRole("searchbox").fill("image position");
  await expect(list.getByRole("option").first()).toContainText("Image Position");
});
