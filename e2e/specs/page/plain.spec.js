// Where the viewer does not run: pictures of the server, or a sentence that says what to do. Never an empty page.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { seriesOf, stand } from "../../support/stand.js";
import { identify, openLink } from "../../support/visitor.js";

const refuse = (page, name) => page.route(name, (route) => route.abort());
const identifyAt = async (page) => {
  await openLink(page, stand.exam);
  await identify(page, stand.exam);
};

test("plain: a viewer that does not come leaves pictures, under name and notice", async ({ page }, testInfo) => {
  await refuse(page, /ui-\w+_bg-\w+\.wasm$/);
  await identifyAt(page);
  const main = page.locator("main.plain");
  await expect(main.getByRole("alert")).toContainText("La visionneuse n’a pas pu être chargée. Voici les images en lecture simple");
  await expect(main.getByRole("heading", { level: 1 })).toContainText("LEFÈVRE");
  await expect(main).toContainText("Visionneuse non destinée au diagnostic");
  const ct = main.locator("section", { hasText: seriesOf(stand.exam, "Ct").description }).first();
  const first = ct.getByRole("img", { name: /^Image 1 sur / });
  await first.scrollIntoViewIfNeeded();
  await expect.poll(() => first.evaluate((picture) => picture.naturalWidth)).toBeGreaterThan(0);
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("plain.png") });
});

test("plain: where not even these come, the page says what to do", async ({ page }) => {
  await refuse(page, /ui-\w+_bg-\w+\.wasm$/);
  await refuse(page, /plain-\w+\.js$/);
  await identifyAt(page);
  await expect(page.getByRole("alert")).toContainText("Vérifiez votre connexion puis rechargez la page.");
  await page.unrouteAll();
  await page.getByRole("button", { name: "Recharger la page" }).click();
  await expect(page.locator("section.pane").first()).toHaveAttribute("data-frame-state", "ready");
});
