// The lens on a phone: a finger moves it, the picture below stays where it is.
import { expect, test } from "@playwright/test";
import { stand } from "../../support/stand.js";
import { label, openExam, pane } from "../../support/visitor.js";

test("lens: a finger moves it and nothing else, buttons change and close it", async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  await page.getByRole("button", { name: "Aide" }).tap();
  await page.getByRole("combobox", { name: "Que voulez-vous faire ?" }).fill("loupe");
  await page.getByRole("option").first().tap();
  const lens = page.locator(".lens");
  await expect(lens).toBeVisible();
  const shown = pane(page);
  const before = await label(shown);
  const box = await shown.boundingBox();
  const session = await page.context().newCDPSession(page);
  const touch = (type, touchPoints) => session.send("Input.dispatchTouchEvent", { type, touchPoints });
  const finger = { x: box.x + box.width * 0.5, y: box.y + box.height * 0.6 };
  await touch("touchStart", [finger]);
  const first = await lens.boundingBox();
  for (let step = 1; step <= 8; step += 1) await touch("touchMove", [{ x: finger.x + step * 5, y: finger.y + step * 5 }]);
  // The last move is drawn with the next frame of the browser.
  await expect.poll(async () => Math.abs((await lens.boundingBox()).x - first.x - 40)).toBeLessThanOrEqual(1);
  const second = await lens.boundingBox();
  expect(second.y + second.height, "not below the finger").toBeLessThan(finger.y + 40 - 10);
  await page.screenshot({ path: testInfo.outputPath("lens-phone.png") });
  await touch("touchEnd", []);
  expect(await label(shown), "the finger did not scroll").toBe(before);
  for (const name of ["Agrandir davantage", "Agrandir moins", "Fermer la loupe"]) {
    const { width, height } = await page.getByRole("button", { name }).boundingBox();
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
  }
  await page.getByRole("button", { name: "Agrandir davantage" }).tap();
  await expect(page.locator('[data-test="lens-factor"]')).toHaveText("× 3");
  await page.getByRole("button", { name: "Fermer la loupe" }).tap();
  await expect(lens).toHaveCount(0);
});
