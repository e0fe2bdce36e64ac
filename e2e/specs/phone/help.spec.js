// Help on a phone: plain words first, gestures instead of keys, the tour beside the image.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { stand } from "../../support/stand.js";
import { expectReady, identify, openExam, openLink, pane } from "../../support/visitor.js";

async function expectNoOverflow(page) {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
}

test("a patient's first visit: the tour, then help in plain words", async ({ page }) => {
  await openLink(page, stand.exam, {});
  await identify(page, stand.exam);
  await expectReady(pane(page));
  const tour = page.getByRole("region", { name: "Visite guidée" });
  await expect(tour).toContainText("Voici les images de votre examen.");
  await expectNoOverflow(page);
  await expectNoViolation(page);
  await tour.getByRole("button", { name: "Suivant" }).tap();
  await expect(tour).toContainText("Glissez un doigt");
  await tour.getByRole("button", { name: "Passer la visite" }).tap();
  await expect(page.getByText("Seul votre médecin peut interpréter ces images.")).toBeVisible();
  await page.getByRole("button", { name: "Aide", exact: true }).tap();
  await expect(page.getByRole("dialog")).toContainText("Ce n’est pas un résultat");
  // No keyboard comes up over what is to be read.
  await expect(page.getByRole("heading", { name: "Aide" })).toBeFocused();
  await expectNoOverflow(page);
  await expectNoViolation(page);
  await page.getByRole("button", { name: "Gestes et touches" }).tap();
  await expect(page.getByRole("dialog")).toContainText("Deux doigts");
  await expect(page.getByText("Molette", { exact: true })).toBeHidden();
  await expectNoViolation(page);
  await page.getByRole("button", { name: "Toutes les commandes" }).tap();
  await page.getByRole("option", { name: /^Ajuster au cadre/ }).tap();
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("the measuring bar lies in the window, its tools as large as a finger", async ({ page }) => {
  await openExam(page, stand.exam);
  await page.getByRole("button", { name: "Plus d’outils" }).tap();
  await page.getByRole("button", { name: "Mesurer", exact: true }).tap();
  const bar = page.getByRole("toolbar", { name: "Outils de mesure" });
  await expect(bar).toBeVisible();
  const box = await bar.boundingBox();
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(390);
  for (const button of await bar.locator(".tool").all()) {
    expect((await button.boundingBox()).height).toBeGreaterThanOrEqual(44);
  }
  // Every tool can be brought into the window.
  for (const button of await bar.locator(".tool").all()) {
    await button.scrollIntoViewIfNeeded();
    const { x, width } = await button.boundingBox();
    expect(x + width / 2).toBeGreaterThan(box.x);
    expect(x + width / 2).toBeLessThan(box.x + box.width);
  }
});
