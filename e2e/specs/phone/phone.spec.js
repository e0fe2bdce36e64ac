// The same exam on a phone, by touch.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { seriesOf, stand } from "../../support/stand.js";
import { expectReady, label, openExam, openLink, pane } from "../../support/visitor.js";

/**
 * Moves one finger over an element, in CSS pixels from its middle, within 160 ms by its own time stamps: on a
 * busy machine a finger that waits for each answer would be lying still, which is another gesture.
 */
async function drag(page, element, [x, y]) {
  const box = await element.boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const session = await page.context().newCDPSession(page);
  const began = Date.now() / 1000;
  const touch = (type, step, touchPoints) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints, timestamp: began + step * 0.016 });
  await touch("touchStart", 0, [middle]);
  for (let step = 1; step <= 10; step += 1) {
    await touch("touchMove", step, [{ x: middle.x + (x * step) / 10, y: middle.y + (y * step) / 10 }]);
  }
  await touch("touchEnd", 10, []);
  await session.detach();
}

async function expectNoViolation(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.target.join(" ")) }))).toEqual([]);
}

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
