// Figures of the viewer on the phantom CT (300 slices of 512², 16 bits) from loopback, on both drawing
// back ends and without them: `cargo xtask bench`. Nothing passes or fails here; compare runs of one machine only.
import { chromium } from "@playwright/test";
import config from "../playwright.config.js";
import { passDoor } from "./door.js";
import { LONG_TASK_MS, WORK_TARGET_MS, measureInput } from "./input.js";
import { noteTimes, scrollThrough } from "./inpage.js";
import { median } from "./median.js";
import { watchMemory } from "./memory.js";
import { openUnwatched } from "./page.js";
import { PHONE_TARGET_MIB, measureEmpty, measurePhone } from "./phone.js";

const door = JSON.parse(process.env.NEGATOSCOPE_DOOR);
const RUNS = Number(process.env.NEGATOSCOPE_RUNS);
const PARTS = process.env.NEGATOSCOPE_PARTS.split(",").filter(Boolean);
const AS_JSON = process.env.NEGATOSCOPE_JSON === "true";
const LOAD_LIMIT_MS = 180_000;
const SCROLL_LIMIT_MS = 60_000;
const MEMORY_TARGET_MIB = 600;

/** Figures in the order of the table: heading and decimals. */
const FIGURES = {
  picture: ["first image (server's picture) s", 2],
  first: ["first image drawn by the viewer s", 2],
  all: ["all loaded s", 2],
  perSecond: ["scroll images/s", 1],
  p95: ["95 % within ms", 0],
  shown: ["images seen on the way", 0],
  reached: [`scrolled to, of ${door.images}`, 0],
  renderer: ["renderer peak MiB", 0],
  gpu: ["GPU process peak MiB", 0],
  both: ["both at once MiB", 0],
};

async function measure({ name, use: { launchOptions, viewport } }, { address, storageState }) {
  const server = await chromium.launchServer(launchOptions);
  const memory = watchMemory(server.process().pid);
  const browser = await chromium.connect(server.wsEndpoint());
  try {
    const page = await openUnwatched(browser, { viewport, storageState });
    await page.goto(`${address}?gpu=${name}`, noteTimes);
    await page.waitFor(() => Boolean(window.noted?.all), LOAD_LIMIT_MS);
    const { picture, first, all } = await page.evaluate(() => window.noted);
    const scroll = await page.evaluate(scrollThrough, { images: door.images, limitMs: SCROLL_LIMIT_MS });
    return { picture: (picture ?? first) / 1000, first: first / 1000, all: all / 1000, ...scroll, ...memory.peak };
  } finally {
    memory.stop();
    await browser.close();
    await server.close();
  }
}

async function measureBackEnd(project) {
  const { name, use } = project;
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    console.error(`  ${name}: run ${run + 1} of ${RUNS}`);
    runs.push(await measure(project, await passDoor(use, door)));
  }
  const medians = Object.keys(FIGURES).map((key) => [key, median(runs.map((run) => run[key]))]);
  return { median: Object.fromEntries(medians), runs };
}

function printTable(found) {
  console.log(`Phantom CT, ${door.images} × 512² × 16 bit, loopback, software GPU; medians of ${RUNS} runs\n`);
  line(["", ...found.map(({ backEnd }) => backEnd)]);
  line(["---", ...found.map(() => "---:")]);
  for (const [key, [heading, decimals]] of Object.entries(FIGURES)) {
    line([heading, ...found.map((one) => one.median[key].toFixed(decimals))]);
  }
  const within = ({ median: { renderer } }) => (renderer <= MEMORY_TARGET_MIB ? "within" : "above");
  line([`page (renderer) target ≤ ${MEMORY_TARGET_MIB} MiB`, ...found.map(within)]);
}

function line(cells) {
  console.log(`| ${cells.join(" | ")} |`);
}

function printHeading(title, found) {
  console.log(`\n${title}\n`);
  line(["", ...found.map(({ backEnd }) => backEnd)]);
  line(["---", ...found.map(() => "---:")]);
}

function printInput(found) {
  printHeading("Main thread, one run under a performance trace; ms of the processor, waiting is not counted", found);
  const row = (heading, of) => line([heading, ...found.map(of)]);
  row("longest task while 300 slices load (with what it waited for)", ({ longest, waited }) => `${longest.toFixed(0)} (${waited.toFixed(0)})`);
  row(`tasks over ${LONG_TASK_MS} ms`, ({ long }) => long.length);
  row("frames from a move of the pointer to the changed window: median (most)", ({ frames, framesMost }) => `${frames} (${framesMost})`);
  row(`work for it: median, 95 % within (target ≤ ${WORK_TARGET_MS})`, ({ work, work95 }) => `${work.toFixed(1)}, ${work95.toFixed(1)}`);
  for (const { backEnd, long } of found) for (const told of long) console.log(`  ${backEnd}: ${told}`);
}

function printPhone(found) {
  printHeading(`Phone of 390×844 at 2 pixels a point with 2 GiB, peaks in MiB (target: both at once ≤ ${PHONE_TARGET_MIB})`, found);
  const rows = { ...FIGURES, once: ["both at once, what they share counted once", 0] };
  for (const key of ["renderer", "gpu", "both", "once"]) line([rows[key][0], ...found.map((one) => one[key].toFixed(0))]);
  line(["of it an empty page in the same browser", ...found.map(({ empty }) => empty.once.toFixed(0))]);
  line(["of the whole exam loaded and scrolled through, images", ...found.map(({ reached }) => reached)]);
}

async function ofEach(measureOne) {
  const found = [];
  for (const project of config.projects.filter(({ name }) => ["webgpu", "webgl", "canvas"].includes(name))) {
    console.error(`  ${project.name}: ${measureOne.name || "figures"}`);
    found.push({ backEnd: project.name, ...(await measureOne(project)) });
  }
  return found;
}

const wants = (part) => PARTS.length === 0 || PARTS.includes(part);
const all = {
  ...(wants("figures") && { figures: await ofEach(measureBackEnd) }),
  ...(wants("input") && { input: await ofEach(async function input(project) { return measureInput(project, door); }) }),
  ...(wants("phone") && { phone: await ofEach(async function phone(project) { return { ...(await measurePhone(project, door)), empty: await measureEmpty(project.use) }; }) }),
};
if (AS_JSON) {
  console.log(JSON.stringify({ memoryTargetMib: MEMORY_TARGET_MIB, images: door.images, ...all }, null, 2));
} else {
  if (all.figures) printTable(all.figures);
  if (all.input) printInput(all.input);
  if (all.phone) printPhone(all.phone);
}
