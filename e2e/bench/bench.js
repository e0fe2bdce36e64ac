// Figures of the viewer on the phantom CT (300 slices of 512², 16 bits) from loopback, on both drawing
// back ends: `cargo xtask bench`. Nothing passes or fails here; compare runs of one machine only.
import { chromium } from "@playwright/test";
import config from "../playwright.config.js";
import { passDoor } from "./door.js";
import { noteTimes, scrollThrough } from "./inpage.js";
import { watchMemory } from "./memory.js";
import { openUnwatched } from "./page.js";

const door = JSON.parse(process.env.NEGATOSCOPE_DOOR);
const RUNS = Number(process.env.NEGATOSCOPE_RUNS);
const AS_JSON = process.env.NEGATOSCOPE_JSON === "true";
const LOAD_LIMIT_MS = 180_000;
const SCROLL_LIMIT_MS = 60_000;
const MEMORY_TARGET_MIB = 600;

/** Figures in the order of the table: heading and decimals. */
const FIGURES = {
  first: ["first image s", 2],
  all: ["all loaded s", 2],
  perSecond: ["scroll images/s", 1],
  p95: ["95 % within ms", 0],
  shown: ["images seen on the way", 0],
  reached: [`scrolled to, of ${door.images}`, 0],
  renderer: ["renderer peak MiB", 0],
  gpu: ["GPU process peak MiB", 0],
  both: ["both at once MiB", 0],
};

async function measure({ launchOptions, viewport }, { address, storageState }) {
  const server = await chromium.launchServer(launchOptions);
  const memory = watchMemory(server.process().pid);
  const browser = await chromium.connect(server.wsEndpoint());
  try {
    const page = await openUnwatched(browser, { viewport, storageState });
    await page.goto(address, noteTimes);
    await page.waitFor(() => Boolean(window.noted?.all), LOAD_LIMIT_MS);
    const { first, all } = await page.evaluate(() => window.noted);
    const scroll = await page.evaluate(scrollThrough, { images: door.images, limitMs: SCROLL_LIMIT_MS });
    return { first: first / 1000, all: all / 1000, ...scroll, ...memory.peak };
  } finally {
    memory.stop();
    await browser.close();
    await server.close();
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function measureBackEnd({ name, use }) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    console.error(`  ${name}: run ${run + 1} of ${RUNS}`);
    runs.push(await measure(use, await passDoor(use, door)));
  }
  const medians = Object.keys(FIGURES).map((key) => [key, median(runs.map((run) => run[key]))]);
  return { backEnd: name, median: Object.fromEntries(medians), runs };
}

function printTable(found) {
  const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
  console.log(`Phantom CT, ${door.images} × 512² × 16 bit, loopback, software GPU; medians of ${RUNS} runs\n`);
  line(["", ...found.map(({ backEnd }) => backEnd)]);
  line(["---", ...found.map(() => "---:")]);
  for (const [key, [heading, decimals]] of Object.entries(FIGURES)) {
    line([heading, ...found.map((one) => one.median[key].toFixed(decimals))]);
  }
  const within = ({ median: { renderer } }) => (renderer <= MEMORY_TARGET_MIB ? "within" : "above");
  line([`page (renderer) target ≤ ${MEMORY_TARGET_MIB} MiB`, ...found.map(within)]);
}

const found = [];
for (const project of config.projects.filter(({ name }) => name === "webgpu" || name === "webgl")) {
  found.push(await measureBackEnd(project));
}
if (AS_JSON) console.log(JSON.stringify({ memoryTargetMib: MEMORY_TARGET_MIB, images: door.images, found }, null, 2));
else printTable(found);
