// axe finds nothing to object to, on any page, in light and dark.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { originOf, stand } from "../../support/stand.js";
import { identify, openExam, openLink } from "../../support/visitor.js";

for (const colorScheme of ["light", "dark"]) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("the card, also after a refusal", async ({ page }) => {
      await openLink(page, stand.exam);
      await expectNoViolation(page);
      await identify(page, { ...stand.exam, code: stand.revoked_code });
      await expect(page.getByRole("alert")).toBeVisible();
      await expectNoViolation(page);
    });

    test("the exam, its menus and its help", async ({ page }) => {
      await openExam(page, stand.exam);
      await expectNoViolation(page);
      for (const opener of ["Choisir une fenêtre", "Disposition", "Plus d’outils"]) {
        await page.getByRole("button", { name: opener }).click();
        await expect(page.locator(".menu")).toBeVisible();
        await expectNoViolation(page);
        await page.getByRole("button", { name: opener }).click();
      }
      await page.getByRole("button", { name: "Aide" }).first().click();
      await expectNoViolation(page);
    });

    test("the pages around it", async ({ page }) => {
      for (const path of ["/", "/aide", "/accessibilite", "/donnees-personnelles", "/au-revoir", "/IHEInvokeImageDisplay"]) {
        await page.goto(originOf(stand.exam) + path);
        await expectNoViolation(page);
      }
    });

    test("an image that cannot be shown", async ({ page }) => {
      await openExam(page, stand.damaged);
      const shown = page.locator('section.pane[data-pane="0"]');
      await shown.focus();
      for (let step = 0; step < 2; step += 1) await page.keyboard.press("ArrowDown");
      await expect(shown).toHaveAttribute("data-frame-state", "failed");
      await expectNoViolation(page);
    });
  });
}
