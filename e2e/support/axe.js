// What an automatic check can find of obstacles.
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";

/** axe has nothing to object to in the page as it is now. */
export async function expectNoViolation(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.target.join(" ")) }))).toEqual([]);
}
