// Memory on a phone: a small screen of many pixels, worked by a finger, in a device that says it has little memory.
import { chromium } from "@playwright/test";
import { passDoor } from "./door.js";
import { noteTimes, scrollThrough } from "./inpage.js";
import { watchMemory } from "./memory.js";
import { openUnwatched } from "./page.js";

/** 350 MB. */
export const PHONE_TARGET_MIB = 334;
const SCREEN = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true };
const LOAD_LIMIT_MS = 180_000;
const SCROLL_LIMIT_MS = 60_000;
const EMPTY_MS = 3000;

/** A phone with 2 GiB, and what else is noted. */
const startAsPhone = `() => {
  Object.defineProperty(Navigator.prototype, "deviceMemory", { get: () => 2 });
  (${noteTimes})();
}`;

/** Such a device has no room for the whole exam: it has loaded when no image came for a while. */
async function untilNothingComes() {
  const QUIET_MS = 3000;
  const told = () => document.querySelector('button.series[data-series-index="0"]').textContent;
  for (let [last, since] = ["", 0]; performance.now() - since < QUIET_MS; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (told() !== last) [last, since] = [told(), performance.now()];
  }
}

/** What an empty page of the same size takes in the same browser. */
export async function measureEmpty({ launchOptions }) {
  const server = await chromium.launchServer(launchOptions);
  const memory = watchMemory(server.process().pid);
  const browser = await chromium.connect(server.wsEndpoint());
  try {
    const page = await (await browser.newContext(SCREEN)).newPage();
    await page.setContent("<body style='background: #000'>");
    await page.waitForTimeout(EMPTY_MS);
    return memory.peak;
  } finally {
    memory.stop();
    await browser.close();
    await server.close();
  }
}

/** Peaks while the series loads and is scrolled through. */
export async function measurePhone({ name, use: { launchOptions } }, door) {
  const { address, storageState } = await passDoor({ launchOptions }, door);
  const server = await chromium.launchServer(launchOptions);
  const memory = watchMemory(server.process().pid);
  const browser = await chromium.connect(server.wsEndpoint());
  try {
    const page = await openUnwatched(browser, { ...SCREEN, storageState });
    await page.goto(`${address}?gpu=${name}`, startAsPhone);
    await page.waitFor(() => Boolean(window.noted?.first), LOAD_LIMIT_MS);
    const isPhone = await page.evaluate(() => matchMedia("(pointer: coarse) and (max-width: 950px)").matches);
    if (!isPhone) throw new Error("the page does not take this for a phone");
    await page.evaluate(untilNothingComes);
    const { reached } = await page.evaluate(scrollThrough, { images: door.images, limitMs: SCROLL_LIMIT_MS });
    return { ...memory.peak, reached };
  } finally {
    memory.stop();
    await browser.close();
    await server.close();
  }
}
