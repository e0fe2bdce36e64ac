// Pictures of the pages before and after the exam.
import { test } from "@playwright/test";
import { LOCAL, bringManifest, consult, typeIdentity } from "../support/consultation.js";
import { originOf, stand } from "../support/stand.js";
import { expectReady, identify, openLink, pane } from "../support/visitor.js";
import { look, press, shoot } from "./camera.js";

test("the way in", async ({ page }) => {
  const { say } = look();
  await openLink(page, stand.identified, {});
  await shoot(page, "card", { isWhole: true });
  await press(page.getByRole("link", { name: say("entry.oidc.psc"), exact: true }));
  await page.getByLabel("Person").selectOption("professional");
  await press(page.getByRole("button", { name: "Log in" }));
  await page.getByRole("heading", { name: say("entry.situation.title") }).waitFor();
  await shoot(page, "situation");
});

test("refusals", async ({ page }) => {
  await openLink(page, stand.elsewhere, {});
  await identify(page, { ...stand.elsewhere, birth_date: "19010101" });
  await page.getByRole("alert").waitFor();
  await shoot(page, "refused", { isWhole: true });
  await page.goto(`${originOf(stand.long)}/IHEInvokeImageDisplay?requestType=PATIENT`);
  await shoot(page, "link");
});

test("an exam of another centre", async ({ page }) => {
  const { say, theme } = look();
  await page.addInitScript((chosen) => Object.assign(localStorage, chosen), { "negatoscope.tour": "done", "negatoscope.theme": theme });
  await consult(page, say);
  await bringManifest(page, say);
  await shoot(page, "consultation", { isWhole: true });
  await press(page.getByRole("link", { name: say("consultation.view") }));
  await expectReady(pane(page));
  await press(page.getByRole("button", { name: say("viewer.more"), exact: true }));
  await press(page.locator(".menu").getByRole("button", { name: say("viewer.import"), exact: true }));
  const dialog = page.locator("dialog[open]");
  await typeIdentity(dialog, "import", LOCAL);
  await dialog.getByRole("heading", { name: say("import.title") }).focus();
  await shoot(page, "import");
  await press(dialog.getByRole("button", { name: say("import.plan"), exact: true }));
  await dialog.locator('[data-test="plan-count"]').waitFor();
  await shoot(page, "import-plan");
});

test("pages around the exam", async ({ page }) => {
  const pages = { "help-page": "aide", accessibility: "accessibilite", "personal-data": "donnees-personnelles", goodbye: "au-revoir" };
  for (const [screen, path] of Object.entries(pages)) {
    await page.goto(`${originOf(stand.long)}/${path}`);
    await shoot(page, screen, { isWhole: true });
  }
});
