// Hours in minutes: random scrolling, layouts, series, windows and reloads on one exam, with the memory of the page's
// and the GPU's process, workers, listeners and elements counted on the way: `cargo xtask bench soak`. What leaks grows.
import { chromium } from "@playwright/test";
import config from "../playwright.config.js";
import { passDoor } from "./door.js";
import { memoryNow } from "./memory.js";
import { openUnwatched } from "./page.js";

const door = JSON.parse(process.env.NEGATOSCOPE_DOOR);
const MINUTES = Number(process.env.NEGATOSCOPE_MINUTES);
const BACK_ENDS = process.env.NEGATOSCOPE_BACK_ENDS.split(",");
const ROUND_S = 30;
/** After so many of them the exam is opened again. */
const ROUNDS_OPEN = 10;
/** Sessions end after an hour: somebody who stays logs in again. */
const LOGIN_MS = 40 * 60_000;
/** Until caches are full: ten minutes, or a quarter of what is shorter. */
const WARM_ROUNDS = 20;
const WARM_SHARE = 0.25;

/** Runs in the page before its own scripts: how many workers there are. */
const countWorkers = () => {
  if (window.workersNow) return;
  const all = (window.workersNow = new Set());
  window.Worker = class extends Worker {
    constructor(...what) {
      super(...what);
      all.add(this);
    }
    terminate() {
      all.delete(this);
      super.terminate();
    }
  };
};

/** Half a minute of a restless reader; answers what the page holds afterwards. */
async function wander({ seconds, seed }) {
  let state = seed;
  const random = (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const press = (key, times = 1) => {
    const pane = document.querySelector('section.pane[data-active="true"]');
    for (let i = 0; i < times; i += 1) {
      const what = { key, code: key, bubbles: true, cancelable: true };
      pane?.dispatchEvent(new KeyboardEvent("keydown", what));
      pane?.dispatchEvent(new KeyboardEvent("keyup", what));
    }
  };
  const click = (selector) => {
    const found = [...document.querySelectorAll(selector)];
    found[random(found.length)]?.click();
  };
  const changeLayout = async () => {
    [...document.querySelectorAll("button")].find((button) => /^(Disposition|Layout)$/.test(button.textContent.trim()))?.click();
    for (let i = 0; i < 3; i += 1) await frame();
    click(".menu:has(.compare-menu) > button, .compare-grid button");
  };
  const acts = [
    () => press("ArrowDown", 1 + random(12)),
    () => press("ArrowUp", 1 + random(12)),
    () => press("PageDown"),
    () => press(random(2) ? "Home" : "End"),
    () => press(String(1 + random(5))),
    () => press(["h", "v", "i", "r", "0"][random(5)]),
    () => click("button.series"),
    () => document.querySelectorAll("section.pane")[random(4)]?.focus(),
    changeLayout,
  ];
  let failed = 0;
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    await acts[random(acts.length)]();
    for (let i = random(6); i >= 0; i -= 1) await frame();
    failed += document.querySelectorAll('section.pane[data-frame-state="failed"]').length;
  }
  return {
    failed,
    elements: document.getElementsByTagName("*").length,
    canvases: document.querySelectorAll("canvas").length,
    workers: window.workersNow.size,
    panes: document.querySelectorAll("section.pane").length,
  };
}

async function soak({ name, use }) {
  const { launchOptions, viewport } = use;
  let { address, storageState } = await passDoor(use, door);
  let loggedIn = Date.now();
  const server = await chromium.launchServer(launchOptions);
  const browser = await chromium.connect(server.wsEndpoint());
  const pid = server.process().pid;
  const samples = [];
  try {
    const page = await openUnwatched(browser, { viewport, storageState });
    await page.send("Performance.enable");
    const open = async () => {
      if (Date.now() - loggedIn > LOGIN_MS) {
        ({ address, storageState } = await passDoor(use, door));
        await page.admit(storageState);
        loggedIn = Date.now();
      }
      await page.goto(`${address}?gpu=${name}`, countWorkers);
      // A tab that comes back to a view of its own may begin with any image.
      await page.waitFor(() => Boolean(document.querySelector('section.pane[data-frame-state="ready"]')), 180_000);
    };
    await open();
    const rounds = Math.max(4, Math.round((MINUTES * 60) / ROUND_S));
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0 && round % ROUNDS_OPEN === 0) await open();
      const held = await page.evaluate(wander, { seconds: ROUND_S, seed: 1 + round * 7919 });
      const { metrics } = await page.send("Performance.getMetrics");
      const listeners = metrics.find((metric) => metric.name === "JSEventListeners").value;
      samples.push({ ...memoryNow(pid), ...held, listeners });
      const { renderer, gpu, elements, workers, panes } = samples.at(-1);
      const memory = `${renderer.toFixed(0)} + ${gpu.toFixed(0)} MiB`;
      console.error(`  ${name} ${round + 1}/${rounds}: ${memory}, ${panes} panes, ${elements} elements, ${workers} workers, ${listeners} listeners`);
    }
  } finally {
    await browser.close();
    await server.close();
  }
  return samples;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Means of the first and the last quarter after warming up. */
function drift(samples, key) {
  const warm = samples.slice(Math.min(WARM_ROUNDS, Math.floor(samples.length * WARM_SHARE))).map((sample) => sample[key]);
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  return [mean(warm.slice(0, quarter)), mean(warm.slice(-quarter))];
}

console.log(`${MINUTES} minutes of random use, ${door.images} slices and the phantom's other series, loopback, software GPU: early → late\n`);
console.log("| back end | renderer MiB | GPU process MiB | elements | canvases | workers | listeners | images that failed |");
console.log("| --- | --: | --: | --: | --: | --: | --: | --: |");
for (const project of config.projects.filter(({ name }) => BACK_ENDS.includes(name))) {
  const samples = await soak(project);
  const cells = ["renderer", "gpu", "elements", "canvases", "workers", "listeners"].map((key) =>
    drift(samples, key).map((value) => value.toFixed(0)).join(" → "),
  );
  const failed = samples.reduce((sum, sample) => sum + sample.failed, 0);
  console.log(`| ${[project.name, ...cells, failed].join(" | ")} |`);
}
