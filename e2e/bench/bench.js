// Figures of the viewer on the phantom CT (300 slices of 512², 16 bits) from loopback, on both drawing
// back ends: `cargo xtask bench`. Nothing passes or fails here; compare runs of one machine only.
import { readFileSync, readdirSync } from "node:fs";
import { chromium } from "@playwright/test";
import config from "../playwright.config.js";
import { expectReady, identify, openLink, pane } from "../support/visitor.js";

const door = JSON.parse(process.env.NEGATOSCOPE_DOOR);
const RUNS = Number(process.env.NEGATOSCOPE_RUNS ?? 3);
const SCROLL_LIMIT_MS = 12_000;
const MEMORY_TARGET_MIB = 600;

/** Peaks of private and shared memory of the renderer and GPU processes under a browser, MiB. */
function watchMemory(browserPid) {
  const peak = { renderer: 0, gpu: 0, both: 0 };
  const timer = setInterval(() => {
    const now = { renderer: 0, gpu: 0 };
    for (const pid of descendants(browserPid)) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
        const kind = /--type=(renderer|gpu-process)/.exec(command)?.[1].replace("-process", "");
        if (!kind) continue;
        const status = readFileSync(`/proc/${pid}/status`, "latin1");
        const kib = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
        now[kind] = Math.max(now[kind], (kib("RssAnon") + kib("RssShmem")) / 1024);
      } catch {
        // The process ended meanwhile.
      }
    }
    peak.renderer = Math.max(peak.renderer, now.renderer);
    peak.gpu = Math.max(peak.gpu, now.gpu);
    peak.both = Math.max(peak.both, now.renderer + now.gpu);
  }, 200);
  return { peak, stop: () => clearInterval(timer) };
}

function descendants(root) {
  const children = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    } catch {
      // The process ended meanwhile.
    }
  }
  const found = [];
  const queue = [String(root)];
  while (queue.length > 0) {
    const below = children.get(queue.pop()) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}

/** In the page: notes when the first image is drawn and when the first series is complete. */
function noteTimes() {
  window.noted = {};
  const look = () => {
    const first = document.querySelector('section.pane[data-frame-state="ready"]');
    if (first) window.noted.first ??= performance.now();
    const complete = document.querySelector('button.series[data-series-index="0"] [data-complete="true"]');
    if (complete) window.noted.all ??= performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** In the page: shows image after image, each when the one before is drawn. */
async function scrollThrough(limitMs) {
  const shown = document.querySelector('section.pane[data-pane="0"]');
  shown.focus();
  const total = Number(shown.dataset.imageCount);
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const took = [];
  const began = performance.now();
  let before = began;
  for (let position = 1; position < total && before - began < limitMs; position += 1) {
    const key = { key: "ArrowDown", code: "ArrowDown", bubbles: true, cancelable: true };
    shown.dispatchEvent(new KeyboardEvent("keydown", key));
    shown.dispatchEvent(new KeyboardEvent("keyup", key));
    while (shown.dataset.imageIndex !== String(position)) {
      await frame();
      if (performance.now() - before > 10_000) throw new Error(`stuck before image ${position + 1}`);
    }
    const now = performance.now();
    took.push(now - before);
    before = now;
  }
  took.sort((a, b) => a - b);
  return { perSecond: (took.length / (before - began)) * 1000, p95: took[Math.floor(took.length * 0.95)] };
}

async function measure(project) {
  const { launchOptions, viewport } = project.use;
  const server = await chromium.launchServer(launchOptions);
  const memory = watchMemory(server.process().pid);
  const browser = await chromium.connect(server.wsEndpoint());
  try {
    const context = await browser.newContext({ viewport, locale: "fr-FR" });
    const page = await context.newPage();
    await openLink(page, door);
    await identify(page, door);
    await expectReady(pane(page));
    const address = page.url();
    await page.goto("about:blank");
    const session = await context.newCDPSession(page);
    await session.send("Network.clearBrowserCache");
    await page.addInitScript(noteTimes);
    await page.goto(address, { waitUntil: "commit" });
    await page.waitForFunction(() => window.noted?.all, null, { timeout: 180_000 });
    const times = await page.evaluate(() => window.noted);
    const scroll = await page.evaluate(scrollThrough, SCROLL_LIMIT_MS);
    return { ...times, ...scroll, ...memory.peak };
  } finally {
    memory.stop();
    await browser.close();
    await server.close();
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const rows = [];
for (const project of config.projects.filter(({ name }) => name === "webgpu" || name === "webgl")) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measure(project));
  const of = (key) => median(runs.map((found) => found[key]));
  rows.push([
    project.name,
    (of("first") / 1000).toFixed(2),
    (of("all") / 1000).toFixed(2),
    of("perSecond").toFixed(1),
    of("p95").toFixed(0),
    of("renderer").toFixed(0),
    of("gpu").toFixed(0),
    of("both").toFixed(0),
  ]);
}

console.log(`Phantom CT, 300 × 512² × 16 bit, loopback, software GPU; medians of ${RUNS} runs`);
const head = ["back end", "first image s", "all loaded s", "scroll images/s", "p95 ms", "renderer MiB", "GPU MiB", "both MiB"];
console.log(`| ${head.join(" | ")} |\n|${"---|".repeat(head.length)}`);
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
for (const row of rows) {
  const [name, both] = [row[0], Number(row.at(-1))];
  console.log(`${name}: memory ${both <= MEMORY_TARGET_MIB ? "within" : "ABOVE"} the target of ${MEMORY_TARGET_MIB} MiB`);
}
