// A physician between two patients: link, first image, window, a length, paper, out again. By mouse, and by keyboard alone.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { stand } from "../../support/stand.js";
import { expectLooks, identifyByKeyboard, runByName, tabTo } from "../../support/story.js";
import { dragMouse, expectReady, identify, openLink, pane } from "../../support/visitor.js";

const measurement = (page) => pane(page).locator("[data-measure]");
const dialog = (page) => page.getByRole("dialog", { name: "Enregistrer, imprimer, télécharger" });

const byMouse = {
  enter: (page) => identify(page, stand.exam),
  async lungWindow(page) {
    await page.getByRole("button", { name: "Choisir une fenêtre" }).click();
    await expect(page.getByRole("group", { name: "Fenêtres" })).toMatchAriaSnapshot(`
      - group "Fenêtres":
        - heading "Enregistrées dans l’image"
        - heading "Usuelles"
        - button /^Poumon W 1500 L −600/
        - heading "Couleurs"
    `);
    await expectNoViolation(page);
    await page.getByRole("button", { name: /^Poumon / }).click();
  },
  async measure(page) {
    await page.getByRole("button", { name: "Mesurer", exact: true }).click();
    await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
    const box = await pane(page).boundingBox();
    const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
    await dragMouse(page, [x - 60, y], [x + 60, y + 40]);
  },
  async openExport(page) {
    await page.getByRole("button", { name: "Plus d’outils" }).click();
    await page.locator(".menu").getByRole("button", { name: "Enregistrer, imprimer, télécharger…" }).click();
  },
  do: (page, button) => button.click(),
};

const byKeyboard = {
  enter: (page) => identifyByKeyboard(page, stand.exam),
  async lungWindow(page) {
    await tabTo(page, pane(page));
    await page.keyboard.press("2");
  },
  async measure(page) {
    const said = page.locator('[data-test="measure-said"]');
    await page.keyboard.press("d");
    await expect(said).toContainText("Longueur");
    await expect(pane(page)).toHaveAttribute("data-measures", "0");
    await page.keyboard.press("Enter");
    await expect(said).toContainText("Viseur");
    await page.keyboard.press("Enter");
    for (let step = 0; step < 6; step += 1) await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Enter");
  },
  openExport: (page) => runByName(page, "Enregistrer, imprimer"),
  async do(page, button) {
    await tabTo(page, button);
    await page.keyboard.press("Enter");
  },
};

async function physician(page, hand, isPictured) {
  // The keyboard comes to the same states, which need to be looked at once.
  const check = async () => isPictured && expectNoViolation(page);
  await openLink(page, stand.exam);
  await hand.enter(page);
  const shown = pane(page);
  await expectReady(shown);
  await expect(page.getByRole("region", { name: "Outils" })).toMatchAriaSnapshot(`
    - region "Outils":
      - button "Fenêtre"
      - button "Choisir une fenêtre"
      - button "Déplacer"
      - button "Zoom"
      - button "Défiler" [pressed]
      - button "Mesurer"
      - button "Disposition"
      - button "Plus d’outils"
  `);
  await check();

  await hand.lungWindow(page);
  await expect(shown.locator('[data-test="window"]')).toHaveText("W 1500 L −600");

  await hand.measure(page);
  await expect(measurement(page)).toHaveCount(1);
  await expect(measurement(page)).toHaveAttribute("aria-label", /^Longueur 1.* mm/);
  await check();
  if (isPictured) await expectLooks(page, "physician-measured");

  await page.evaluate(() => (window.print = () => (window.printed = true)));
  await hand.openExport(page);
  await expect(dialog(page)).toMatchAriaSnapshot(`
    - dialog "Enregistrer, imprimer, télécharger":
      - heading "Enregistrer, imprimer, télécharger" [level=2]
      - button "Fermer"
      - checkbox [checked]
      - button "Enregistrer en PNG"
      - button "Enregistrer en JPEG"
      - button "Imprimer…"
      - link "Télécharger (ZIP)"
  `);
  await check();
  await hand.do(page, dialog(page).getByRole("button", { name: "Imprimer…" }));
  await page.waitForFunction(() => window.printed);
  await expect(page.locator(".print-page canvas")).toHaveCount(1);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));

  await hand.do(page, page.getByRole("button", { name: "Se déconnecter" }));
  await expect(page.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
  await check();
}

// A smaller window has smaller pictures of reference.
test.use({ viewport: { width: 1024, height: 640 } });

test("a physician by mouse: link, first image, window, length, paper, leave", async ({ page }) => {
  await physician(page, byMouse, true);
});

test("a physician by keyboard alone: link, first image, window, length, paper, leave", async ({ page }) => {
  await physician(page, byKeyboard, false);
});
