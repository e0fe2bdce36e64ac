// The task of a physician, by script: the exam's address → first image → first length with its value. Ours beside OHIF's, on the same
// slices, in the same browser, in turns: `cargo xtask bench tasks`. No time to think is counted, only what the viewers take.
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import config from "../../playwright.config.js";
import { passDoor } from "../door.js";
import { median } from "../median.js";

const harness = process.env.NEGATOSCOPE_HARNESS;
const door = JSON.parse(process.env.NEGATOSCOPE_DOORS).raw;
const ROUNDS = Number(process.env.NEGATOSCOPE_ROUNDS);
const STUDY = "1.2.826.0.1.3680043.10.999.1.1";
const LIMIT_MS = 120_000;
const VIEWPORT = { width: 1640, height: 860 };
const { launchOptions } = config.projects.find(({ name }) => name === "webgl").use;

/** True when the middle of a canvas shows a picture that is not flat. */
function isPainted(selector) {
  window.taskProbe ??= Object.assign(document.createElement("canvas"), { width: 48, height: 48 }).getContext("2d", { willReadFrequently: true });
  return [...document.querySelectorAll(selector)].some((canvas) => {
    if (canvas.width < 200 || canvas.height < 200) return false;
    window.taskProbe.clearRect(0, 0, 48, 48);
    window.taskProbe.drawImage(canvas, canvas.width / 4, canvas.height * 0.3, canvas.width / 2, canvas.height * 0.4, 0, 0, 48, 48);
    const { data } = window.taskProbe.getImageData(0, 0, 48, 48);
    const greens = data.filter((_, index) => index % 4 === 1);
    const mean = greens.reduce((sum, value) => sum + value, 0) / greens.length;
    return mean > 8 && greens.reduce((sum, value) => sum + (value - mean) ** 2, 0) / greens.length > 60;
  });
}

/** Both viewers as a hand finds them: what to press before a length can be drawn, and where its value then stands. */
const VIEWERS = {
  ours: {
    open: () => passDoor({ launchOptions }, door),
    first: (page) => page.waitForSelector('section.pane[data-pane="0"][data-frame-state="ready"]', { timeout: LIMIT_MS }),
    tool: (page) => page.getByRole("button", { name: "Mesurer", exact: true }).click(),
    ready: (page) => page.getByRole("toolbar", { name: "Outils de mesure" }).waitFor(),
    picture: 'section.pane[data-pane="0"] .picture',
    value: (page) => page.locator(".measures text").filter({ hasText: /\d mm/ }).first().waitFor({ timeout: LIMIT_MS }),
  },
  ohif: {
    open: async () => ({ address: `http://127.0.0.1:8101/viewer?StudyInstanceUIDs=${STUDY}` }),
    before: (page) => page.addInitScript(() => localStorage.setItem("shownTours", JSON.stringify(["basicViewerTour"]))),
    first: (page) => page.waitForFunction(isPainted, ".cornerstone-canvas", { timeout: LIMIT_MS, polling: "raf" }),
    tool: (page) => page.locator('[data-cy="MeasurementTools-split-button-primary"], [data-cy="Length"]').first().click(),
    ready: async () => {},
    picture: ".cornerstone-canvas",
    value: (page) => page.locator(".cornerstone-viewport-element svg text, svg.svg-layer text").filter({ hasText: /\d mm/ }).first().waitFor({ timeout: LIMIT_MS }),
  },
};

async function perform({ before, first, tool, ready, picture, value }, { address, storageState }) {
  const browser = await chromium.launch(launchOptions);
  try {
    const context = await browser.newContext({ viewport: VIEWPORT, locale: "fr-FR", storageState });
    const page = await context.newPage();
    await before?.(page);
    await page.addInitScript(() => {
      // As a reader who has been here before.
      localStorage.setItem("negatoscope.tour", "done");
      localStorage.setItem("negatoscope.role", "physician");
    });
    const began = Date.now();
    await page.goto(address, { waitUntil: "commit" });
    await first(page);
    const firstMs = Date.now() - began;
    await tool(page);
    await ready(page);
    const { x, y, width, height } = await page.locator(picture).first().boundingBox();
    await page.mouse.move(x + width * 0.45, y + height * 0.5);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + height * 0.52);
    await page.mouse.move(x + width * 0.55, y + height * 0.54);
    await page.mouse.up();
    await value(page);
    return { first: firstMs, length: Date.now() - began };
  } finally {
    await browser.close();
  }
}

/** What OHIF needs: the slices in Orthanc, its files and a proxy on one port. */
function startPeer() {
  execFileSync("bash", [join(harness, "orthanc.sh"), "data/raw"], { cwd: harness, stdio: "inherit" });
  const server = spawn("node", ["server.mjs"], { cwd: harness, stdio: "ignore" });
  return () => {
    server.kill();
    execFileSync("bash", [join(harness, "orthanc.sh"), "--stop"], { cwd: harness });
  };
}

const stop = startPeer();
const found = { ours: [], ohif: [] };
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, viewer] of Object.entries(VIEWERS)) {
      found[name].push(await perform(viewer, await viewer.open()));
      console.error(`  round ${round + 1}, ${name}: ${JSON.stringify(found[name].at(-1))}`);
    }
  }
} finally {
  stop();
}
console.log(`\nFrom the exam's address, ms; 300 raw slices of 512², loopback, software GPU; medians of ${ROUNDS} rounds\n`);
console.log("| | ours | OHIF | ratio |\n| --- | --: | --: | --: |");
for (const [key, title] of [["first", "first image"], ["length", "first length with its value"]]) {
  const [ours, ohif] = ["ours", "ohif"].map((name) => median(found[name].map((one) => one[key])));
  console.log(`| ${title} | ${ours} | ${ohif} | ${(ours / ohif).toFixed(2)} |`);
}
