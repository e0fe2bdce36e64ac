// Pictures of the pages before and after the exam.
import { test } from "@playwright/test";
import { originOf, stand } from "../support/stand.js";
import { identify, openLink } from "../support/visitor.js";
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

test("pages around the exam", async ({ page }) => {
  const pages = { "help-page": "aide", accessibility: "accessibilite", "personal-data": "donnees-personnelles", goodbye: "au-revoir" };
  for (const [screen, path] of Object.entries(pages)) {
    await page.goto(`${originOf(stand.long)}/${path}`);
    await shoot(page, screen, { isWhole: true });
  }
});
