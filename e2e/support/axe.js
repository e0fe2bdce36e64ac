// What an automatic check can find of obstacles.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "@playwright/test";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * axe has nothing to object to in the page as it is now. It is put into the page once and asked there: no page of
 * ours has frames, which is what its own binding for Playwright loads a second page for, at every call.
 */
export async function expectNoViolation(page) {
  expect(await page.locator("iframe, frame").count(), "frames, which would not be looked into").toBe(0);
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.target.join(" ")) }));
  });
  expect(violations).toEqual([]);
}
