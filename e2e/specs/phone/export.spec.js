// What leaves the viewer, on a phone.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { PNG } from "pngjs";
import { expectNoViolation } from "../../support/axe.js";
import { stand } from "../../support/stand.js";
import { openExam, openPanel } from "../../support/visitor.js";

async function expectFit(page) {
  const wide = await page.evaluate(() =>
    [document.documentElement, document.querySelector("dialog[open]")].some((one) => one.scrollWidth > one.clientWidth),
  );
  expect(wide).toBe(false);
  await expectNoViolation(page);
}

test("panels fit a phone, and the picture is saved with every pixel of the canvas", async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  const dialog = await openPanel(page, "Enregistrer, imprimer, télécharger…");
  await expect(dialog.locator('[data-test="copy"]')).toBeVisible();
  await expectFit(page);
  const came = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Enregistrer en PNG" }).tap();
  mkdirSync(testInfo.outputDir, { recursive: true });
  const path = join(testInfo.outputDir, "phone.png");
  await (await came).saveAs(path);
  const { width, height } = PNG.sync.read(readFileSync(path));
  const drawn = await page.locator(".stage > canvas").evaluate((canvas) => [canvas.width, canvas.height]);
  expect([width, height]).toEqual(drawn);
  await page.screenshot({ path: join(testInfo.outputDir, "dialog.png") });
  await page.keyboard.press("Escape");
  const tags = await openPanel(page, "Informations DICOM…");
  await expect(tags.getByRole("option").first()).toBeVisible();
  await expectFit(page);
  await page.screenshot({ path: join(testInfo.outputDir, "tags.png") });
  await page.keyboard.press("Escape");
  await openPanel(page, "Enregistrer, imprimer, télécharger…");
  await page.getByRole("button", { name: "Film ou images de la série…" }).tap();
  const film = page.getByRole("dialog", { name: "Film ou images de la série" });
  await expect(film.getByRole("button", { name: "Enregistrer" })).toBeVisible();
  await expectFit(page);
  await page.screenshot({ path: join(testInfo.outputDir, "film.png") });
});
