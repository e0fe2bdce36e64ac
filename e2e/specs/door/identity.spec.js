// The ways in by identity providers: Pro Santé Connect for professionals, FranceConnect for patients.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { originOf, stand } from "../../support/stand.js";
import { expectReady, openLink, pane } from "../../support/visitor.js";

const PSC = "S’identifier avec Pro Santé Connect";
const FRANCECONNECT = "S’identifier avec FranceConnect";

/** From the card to the provider's page, and back as `person`. */
async function logIn(page, button, person) {
  await page.getByRole("link", { name: button, exact: true }).click();
  await page.getByLabel("Person").selectOption(person);
  await page.getByRole("button", { name: "Log in" }).click();
}

async function expectNoViolation(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, help }) => ({ id, help }))).toEqual([]);
}

test("a professional with two situations chooses one, sees the exam and logs out at both", async ({ page }) => {
  await openLink(page, stand.identified);
  await expectNoViolation(page);
  await logIn(page, PSC, "professional");
  await expect(page.getByRole("heading", { name: "Situation d’exercice" })).toBeVisible();
  await expectNoViolation(page);
  await page.getByLabel("MAISON DE SANTE DES LICES").check();
  await page.getByRole("button", { name: "Voir l’examen" }).click();
  await expectReady(pane(page));
  // Tokens stay on the server.
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  expect(kept).not.toContain("eyJ");
  expect(page.url()).toBe(`${originOf(stand.identified)}/examen/1`);
  await page.locator('form[action="/deconnexion"] button').click();
  await page.getByRole("link", { name: "Se déconnecter aussi de Pro Santé Connect" }).click();
  await page.waitForURL(/\/protocol\/openid-connect\/logout/);
});

test("a patient comes in by FranceConnect", async ({ page }) => {
  await openLink(page, stand.identified);
  await logIn(page, FRANCECONNECT, "elise");
  await expectReady(pane(page));
});

test("somebody who is not the patient stays outside and reads what to do", async ({ page }) => {
  await openLink(page, stand.identified);
  await logIn(page, FRANCECONNECT, "twin");
  await expect(page.getByRole("heading", { name: "L’accès n’a pas pu être accordé" })).toBeVisible();
  await expect(page.locator("#app")).toHaveCount(0);
  await expectNoViolation(page);
  await page.getByRole("link", { name: "Revenir au choix de la connexion" }).click();
  await expect(page.locator("#code")).toBeVisible();
});

test("giving up at the provider leads back to the card", async ({ page }) => {
  await openLink(page, stand.identified);
  await page.getByRole("link", { name: PSC, exact: true }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("status")).toContainText("Vous n’avez pas terminé la connexion");
});
