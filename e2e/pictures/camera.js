// Takes pictures of a page as WebP, which is small, and knows in which device, language and colours.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { speaking } from "../support/words.js";

const QUALITY = 34;
const folder = process.env.NEGATOSCOPE_PICTURES;

/** What the project under way is about. */
export function look() {
  const { metadata, name } = test.info().project;
  return { ...metadata, name, isPhone: metadata.device === "phone", say: speaking(metadata.language) };
}

/** What this device remembers of an earlier visit. */
export const remembered = (role) => ({ tour: "done", theme: look().theme, ...(role && { role }) });

/** Clicks, or taps where there is a finger. */
export async function press(locator) {
  await (look().isPhone ? locator.tap() : locator.click());
}

/** Keeps a picture of the window, or of the whole page. */
export async function shoot(page, screen, { isWhole = false } = {}) {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  await page.mouse.move(0, 0);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const session = await page.context().newCDPSession(page);
  const { cssContentSize: content } = await session.send("Page.getLayoutMetrics");
  const clip = { x: 0, y: 0, width: content.width, height: content.height, scale: 1 };
  const what = isWhole ? { captureBeyondViewport: true, clip } : {};
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY, ...what });
  await session.detach();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${screen}-${look().name}.webp`), Buffer.from(data, "base64"));
}
