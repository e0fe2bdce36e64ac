// The whole series over a slow network: `cargo xtask bench slow`. Beside the time stands what the bytes that came
// take at least, and what the samples as they are stored would.
import { chromium } from "@playwright/test";
import config from "../playwright.config.js";
import { passDoor } from "./door.js";
import { noteTimes } from "./inpage.js";
import { slowDown } from "./slowdown.js";

const door = JSON.parse(process.env.NEGATOSCOPE_DOOR);
const MBIT_S = Number(process.env.NEGATOSCOPE_MBIT_S);
const LATENCY_MS = Number(process.env.NEGATOSCOPE_LATENCY_MS);
const STORED_BYTES = 512 * 512 * 2;
const LIMIT_MS = 600_000;

const bytesPerSecond = (MBIT_S * 1e6) / 8;
const network = {
  offline: false,
  latency: LATENCY_MS,
  downloadThroughput: bytesPerSecond,
  uploadThroughput: bytesPerSecond,
};

async function load({ name, use: { launchOptions, viewport } }, { address, storageState }) {
  const browser = await chromium.launch(launchOptions);
  try {
    const context = await browser.newContext({ viewport, storageState, locale: "fr-FR" });
    const page = await context.newPage();
    const count = await slowDown(page, network);
    await page.addInitScript(noteTimes);
    await page.goto(`${address}?gpu=${name}`);
    await page.waitForFunction(() => Boolean(window.noted?.all), null, { timeout: LIMIT_MS });
    return { ...(await page.evaluate(() => window.noted)), bytes: count.bytes };
  } finally {
    await browser.close();
  }
}

const seconds = (bytes) => bytes / bytesPerSecond + (4 * LATENCY_MS) / 1000;
console.log(`${door.images} images of 512², ${MBIT_S} Mbit/s, ${LATENCY_MS} ms, software GPU\n`);
console.log("| back end | picture s | first image s | all s | MB | all / what these bytes take | / what stored samples take |");
console.log("| --- | --: | --: | --: | --: | --: | --: |");
for (const project of config.projects.filter(({ name }) => ["webgpu", "webgl", "canvas"].includes(name))) {
  const { picture, first, all, bytes } = await load(project, await passDoor(project.use, door));
  const ratios = [seconds(bytes), seconds(door.images * STORED_BYTES)].map((floor) => (all / 1000 / floor).toFixed(2));
  const times = [picture, first, all].map((ms) => (ms / 1000).toFixed(2));
  console.log(`| ${[project.name, ...times, (bytes / 1e6).toFixed(1), ...ratios].join(" | ")} |`);
}
