// A patient at home with a phone, by fingers alone: from the link of the report to leaving again.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { stand } from "../../support/stand.js";
import { expectLooks } from "../../support/story.js";
import { drag } from "../../support/touch.js";
import { expectReady, label, openLink, pane } from "../../support/visitor.js";

test.use({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });

async function typeByTouch(page, { code, birth_date: date }) {
  const fields = { code, jour: date.slice(6, 8), mois: date.slice(4, 6), annee: date.slice(0, 4) };
  for (const [name, text] of Object.entries(fields)) {
    await page.locator(`#${name}`).tap();
    await page.keyboard.type(text); // the one on the screen
  }
}

test("a patient on a phone: link, code, first image, scroll, what the image is not, whom to ask, leave", async ({ page }) => {
  await openLink(page, stand.exam, { tour: "done" });
  await expect(page.locator("main")).toMatchAriaSnapshot(`
    - heading "Consulter un examen d’imagerie" [level=1]
    - region "Je suis le patient":
      - paragraph:
        - textbox "Code d’accès"
      - group "Date de naissance":
        - paragraph:
          - textbox "Jour"
        - paragraph:
          - textbox "Mois"
        - paragraph:
          - textbox "Année"
      - paragraph:
        - button "Voir l’examen"
  `);
  await expectNoViolation(page);
  await typeByTouch(page, stand.exam);
  await page.getByRole("button", { name: "Voir l’examen" }).tap();

  const shown = pane(page);
  await expectReady(shown);
  await expect(page.locator(".viewer")).toHaveAttribute("data-role", "patient");
  await expect(page.getByRole("region", { name: "Outils" })).toMatchAriaSnapshot(`
    - region "Outils":
      - paragraph: Seul votre médecin peut interpréter ces images. Le compte rendu en donne la conclusion.
      - button "Luminosité"
      - button "Zoom"
      - button "Aide"
      - button "Tous les outils"
  `);
  await expectNoViolation(page);
  await expectLooks(page, "patient");

  const first = await label(shown);
  await drag(page, shown.locator(".picture"), [0, 160]);
  await expect.poll(() => label(shown)).not.toBe(first);
  await expectReady(shown);

  await page.getByRole("button", { name: "Aide", exact: true }).tap();
  const help = page.getByRole("dialog", { name: "Aide" });
  await expect(help.getByRole("region", { name: "À propos de ces images" })).toMatchAriaSnapshot(`
    - region "À propos de ces images":
      - paragraph: /images de votre examen/
      - paragraph: /Ce n’est pas un résultat/
      - paragraph: /compte rendu/
      - paragraph: /Centre d’imagerie de test.*01\\s99\\s00\\s12\\s34/
  `);
  await expectNoViolation(page);
  await expectLooks(page, "patient-help", help);
  await help.getByRole("button", { name: "Fermer" }).tap();
  await expect(help).toHaveCount(0);

  await page.getByRole("button", { name: "Tous les outils" }).tap();
  await expectNoViolation(page);
  await page.getByRole("button", { name: "Se déconnecter" }).tap();
  await expect(page.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
  await expectNoViolation(page);
});
