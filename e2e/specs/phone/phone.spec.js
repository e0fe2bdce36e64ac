// The same exam on a phone, by touch.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { seriesOf, stand } from "../../support/stand.js";
import { drag } from "../../support/touch.js";
import { expectReady, label, openExam, openLink, pane } from "../../support/visitor.js";

test("the card fits the screen and axe finds nothing", async ({ page }) => {
  await openLink(page, stand.exam);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(overflow).toBe(false);
  await expectNoViolation(page);
});

test("first image, a finger scrolls, axe finds nothing", async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  const images = seriesOf(stand.exam, "Ct").sop_instance_uids.length;
  expect(await label(shown)).toBe(`1/${images}`);
  await expectNoViolation(page);
  await drag(page, shown.locator(".picture"), [0, 200]);
  await expect.poll(() => label(shown)).not.toBe(`1/${images}`);
  await expectReady(shown);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(overflow).toBe(false);
});

test("tools behind the drawer, logging out", async ({ page }) => {
  await openExam(page, stand.exam);
  await page.getByRole("button", { name: "Plus d’outils" }).tap();
  await expect(page.locator(".menu")).toBeVisible();
  await expectNoViolation(page);
  await page.getByRole("button", { name: "Se déconnecter" }).tap();
  await expect(page.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
});

test("a finger draws a length, two fingers still enlarge", async ({ page }) => {
  await openExam(page, stand.exam);
  await page.getByRole("button", { name: "Plus d’outils" }).tap();
  await page.getByRole("button", { name: "Mesurer", exact: true }).tap();
  await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
  const shown = pane(page);
  const box = await shown.boundingBox();
  await drag(page, shown.locator(".picture"), [100, 60]);
  const length = shown.locator("[data-measure]");
  await expect(length).toHaveCount(1);
  const told = await length.getAttribute("aria-label");
  const millimetres = Number(/([\d,]+) mm/.exec(told)[1].replace(",", "."));
  // The phantom's CT is 400 mm wide and fills the smaller side of the pane.
  const expected = (Math.hypot(100, 60) / Math.min(box.width, box.height)) * 400;
  expect(Math.abs(millimetres - expected)).toBeLessThanOrEqual(0.1);
  await expectNoViolation(page);
  const line = length.locator("path.light");
  const path = await line.getAttribute("d");
  await pinch(page, shown.locator(".picture"));
  await expect(line).not.toHaveAttribute("d", path);
  await expect(length).toHaveCount(1);
  await expect(length).toHaveAttribute("aria-label", told);
});

/** Two fingers that move apart, the second a moment after the first. */
async function pinch(page, element) {
  const box = await element.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const session = await page.context().newCDPSession(page);
  const touch = (type, ...touchPoints) => session.send("Input.dispatchTouchEvent", { type, touchPoints });
  const finger = (id, away) => ({ id, x: x + away, y: y + away / 2 });
  await touch("touchStart", finger(0, -30));
  await touch("touchStart", finger(0, -30), finger(1, 30));
  for (let step = 1; step <= 6; step += 1) {
    await touch("touchMove", finger(0, -30 - step * 8), finger(1, 30 + step * 8));
  }
  await touch("touchEnd", finger(0, -78));
  await touch("touchEnd");
  await session.detach();
}
