// The ways in by identity providers and by code, in both languages: Pro Santé Connect for professionals,
// FranceConnect for patients. The pages are kept as pictures beside the results, to be looked at.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { originOf, stand } from "../../support/stand.js";
import { expectReady, openLink, pane } from "../../support/visitor.js";

const LANGUAGES = {
  "fr-FR": {
    psc: "S’identifier avec Pro Santé Connect",
    franceconnect: "S’identifier avec FranceConnect",
    situation: "Situation d’exercice",
    see: "Voir l’examen",
    tools: "Plus d’outils",
    leave: "Se déconnecter",
    left: "Vous êtes déconnecté",
    leavePsc: "Se déconnecter aussi de Pro Santé Connect",
    refused: "L’accès n’a pas pu être accordé",
    back: "Revenir au choix de la connexion",
    cancelled: "Vous n’avez pas terminé la connexion",
  },
  "en-GB": {
    psc: "Log in with Pro Santé Connect",
    franceconnect: "Log in with FranceConnect",
    situation: "Situation of practice",
    see: "View the exam",
    tools: "More tools",
    leave: "Sign out",
    left: "You are logged out",
    leavePsc: "Log out of Pro Santé Connect as well",
    refused: "Access could not be granted",
    back: "Back to the ways to log in",
    cancelled: "You did not finish logging in",
  },
};

/** From the card to the provider's page, and back as `person`. */
async function logIn(page, button, person) {
  await page.getByRole("link", { name: button, exact: true }).click();
  await page.getByLabel("Person").selectOption(person);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Keeps a picture; axe finds nothing, and nothing sticks out of the window. */
async function expectGood(page, name) {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`), fullPage: true });
  await expectNoViolation(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(overflow).toBe(false);
}

for (const [locale, words] of Object.entries(LANGUAGES)) {
  test.describe(locale, () => {
    test.use({ locale });

    test("a professional with two situations chooses one, sees the exam and logs out at both", async ({ page, isMobile }) => {
      await openLink(page, stand.identified);
      await expectGood(page, "card");
      await logIn(page, words.psc, "professional");
      await expect(page.getByRole("heading", { name: words.situation })).toBeVisible();
      await expectGood(page, "situation");
      await page.getByLabel("MAISON DE SANTE DES LICES").check();
      await page.getByRole("button", { name: words.see }).click();
      await expectReady(pane(page));
      await expectGood(page, "exam");
      // Tokens stay on the server.
      const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
      expect(kept).not.toContain("eyJ");
      expect(page.url()).toBe(`${originOf(stand.identified)}/examen/1`);
      if (isMobile) await page.getByRole("button", { name: words.tools }).click();
      await page.getByRole("button", { name: words.leave }).click();
      await expect(page.getByRole("heading", { name: words.left })).toBeVisible();
      await expectGood(page, "goodbye");
      await page.getByRole("link", { name: words.leavePsc }).click();
      await page.waitForURL(/\/protocol\/openid-connect\/logout/);
    });

    test("a patient comes in by FranceConnect", async ({ page }) => {
      await openLink(page, stand.identified);
      await logIn(page, words.franceconnect, "elise");
      await expectReady(pane(page));
      expect(page.url()).toBe(`${originOf(stand.identified)}/examen/1`);
    });

    test("a patient comes in by the code, beside the other ways", async ({ page }) => {
      await openLink(page, stand.identified);
      const { code, birth_date: born } = stand.identified;
      await page.locator("#code").fill(code);
      await page.locator("#jour").fill(born.slice(6, 8));
      await page.locator("#mois").fill(born.slice(4, 6));
      await page.locator("#annee").fill(born.slice(0, 4));
      await page.getByRole("button", { name: words.see }).click();
      await expectReady(pane(page));
    });

    test("somebody who is not the patient stays outside and reads what to do", async ({ page }) => {
      await openLink(page, stand.identified);
      await logIn(page, words.franceconnect, "twin");
      await expect(page.getByRole("heading", { name: words.refused })).toBeVisible();
      await expect(page.locator("#app")).toHaveCount(0);
      await expectGood(page, "refused");
      await page.getByRole("link", { name: words.back }).click();
      await expect(page.locator("#code")).toBeVisible();
    });

    test("giving up at the provider leads back to the card", async ({ page }) => {
      await openLink(page, stand.identified);
      await page.getByRole("link", { name: words.psc, exact: true }).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await expect(page.getByRole("status")).toContainText(words.cancelled);
      await expectGood(page, "cancelled");
    });
  });
}
