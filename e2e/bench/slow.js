// The whole series over a slow network: `cargo xtask bench slow`. Beside the time stands what the bytes that came
// take at least, and what the samples as they are stored would. Then, the series still on its way, images that are not here.
import { chromium } from "@playwright/test";
import config from "../playwright.config.js";
import { passDoor } from "./door.js";
import { jump, noteTimes } from "./inpage.js";
import { median } from "./median.js";
import { slowDown } from "./slowdown.js";

const door = JSON.parse(process.env.NEGATOSCOPE_DOOR);
const MBIT_S = Number(process.env.NEGATOSCOPE_MBIT_S);
const LATENCY_MS = Number(process.env.NEGATOSCOPE_LATENCY_MS);
const STORED_BYTES = 512 * 512 * 2;
const LIMIT_MS = 600_000;
/** Between two jumps: less than brings the images to the next one. */
const REST_MS = 300;

const bytesPerSecond = (MBIT_S * 1e6) / 8;
const network = {
  offline: false,
  latency: LATENCY_MS,
  downloadThroughput: bytesPerSecond,
  uploadThroughput: bytesPerSecond,
};

/** Opens the exam in a browser of its own; answers what `work` makes of its page and the count of what came. */
async function inPage({ name, use: { launchOptions, viewport } }, { address, storageState }, work) {
  const browser = await chromium.launch(launchOptions);
  try {
    const context = await browser.newContext({ viewport, storageState, locale: "fr-FR" });
    const page = await context.newPage();
    const count = await slowDown(page, network);
    await page.addInitScript(noteTimes);
    await page.goto(`${address}?gpu=${name}`);
    return await work(page, count);
  } finally {
    await browser.close();
  }
}

const noted = (page, what) => page.waitForFunction((name) => Boolean(window.noted?.[name]), what, { timeout: LIMIT_MS });

async function load(page, count) {
  await noted(page, "all");
  return { ...(await page.evaluate(() => window.noted)), bytes: count.bytes };
}

/** To the end, and back in steps, each to an image that nobody has asked for yet. */
const KEYS = ["End", "PageUp", "PageUp", "PageUp", "PageUp"];

async function jumps(page) {
  await noted(page, "first");
  const times = [];
  for (const key of KEYS) {
    times.push(await page.evaluate(jump, key));
    await page.waitForTimeout(REST_MS);
  }
  return times;
}

const seconds = (bytes) => bytes / bytesPerSecond + (4 * LATENCY_MS) / 1000;
console.log(`${door.images} images of 512², ${MBIT_S} Mbit/s, ${LATENCY_MS} ms, software GPU\n`);
console.log("| back end | picture s | first image s | all s | MB | all / what these bytes take | / what stored samples take | jump: something ms | all of it ms | its share of the whole series, and the latency ms |");
console.log("| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
for (const project of config.projects.filter(({ name }) => ["webgpu", "webgl", "canvas"].includes(name))) {
  const open = async (work) => inPage(project, await passDoor(project.use, door), work);
  const { picture, first, all, bytes } = await open(load);
  const ratios = [seconds(bytes), seconds(door.images * STORED_BYTES)].map((floor) => (all / 1000 / floor).toFixed(2));
  const times = [picture, first, all].map((ms) => (ms / 1000).toFixed(2));
  const jumped = await open(jumps);
  const share = LATENCY_MS + all / door.images;
  const seen = [median(jumped.map(({ some }) => some)), median(jumped.map((one) => one.all)), share].map(Math.round);
  console.log(`| ${[project.name, ...times, (bytes / 1e6).toFixed(1), ...ratios, ...seen].join(" | ")} |`);
}
