// One large image over a slow network: when something of it is on the screen, when all of it is, and how long a page that
// does nothing else waits for its bytes: a browser that is slowed down does not reach the pace it is given.
// node wide.mjs ADAPTER OUT, from the harness' folder, into which `run.js` copies this.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { adapters, datasets } from "./adapters.mjs";
import { FLAGS } from "./flags.mjs";
import { slowDown } from "./slowdown.mjs";

const { chromium } = createRequire(new URL("./web/package.json", import.meta.url))("playwright-core");
const [MBIT_S, LATENCY_MS] = [30, 10];
const BYTES_PER_SECOND = (MBIT_S * 1e6) / 8;
const NETWORK = {
  offline: false,
  latency: LATENCY_MS,
  downloadThroughput: BYTES_PER_SECOND,
  uploadThroughput: BYTES_PER_SECOND,
};
const LIMIT_MS = 30_000;
/** The browser has been open for so long: what starts with it would be most of the time to the first picture, ms. */
const OPEN_MS = 1500;

/** Notes when the first image and when all images are there; runs in the page. */
const watch = ({ firstPainted, loadedCount }, count) => `(() => {
  const [painted, loaded] = [${firstPainted}, ${loadedCount}];
  const is = (condition) => { try { return condition(); } catch { return false; } };
  const look = () => {
    if (is(painted)) window.__first ??= performance.now();
    if (window.__first && is(() => loaded() >= ${count})) window.__all = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;

/** How long a request alone takes; runs in the page. */
const ask = async (url) => {
  const start = performance.now();
  const accept = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';
  await (await fetch(url, { headers: { accept } })).arrayBuffer();
  return performance.now() - start;
};

async function open(adapter, set) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: FLAGS });
  try {
    const page = await (await browser.newContext({ viewport: { width: 1640, height: 860 } })).newPage();
    await slowDown(page, NETWORK);
    let address;
    page.on("request", (request) => {
      if (request.url().endsWith("/frames/1")) address = request.url();
    });
    if (adapter.init) await page.addInitScript(adapter.init);
    await page.addInitScript(watch(adapter, set.n));
    await page.waitForTimeout(OPEN_MS);
    await page.goto(adapter.url(set), { waitUntil: "commit" });
    await page.waitForFunction(() => window.__all, null, { timeout: LIMIT_MS, polling: 50 });
    const times = await page.evaluate(() => ({ first: window.__first, all: window.__all }));
    return { ...times, alone: address && (await page.evaluate(ask, address)) };
  } finally {
    await browser.close();
  }
}

const [name, out] = process.argv.slice(2);
const adapter = adapters.find((one) => one.name === name);
const runs = existsSync(out) ? JSON.parse(readFileSync(out, "utf8")).runs : [];
const bytes = JSON.parse(readFileSync("data/large.json", "utf8"));
for (const data of ["wide-j2k", "wide-htj2k"].filter((one) => adapter.data.includes(one))) {
  const result = await open(adapter, datasets[data]).catch((error) => ({ fail: String(error) }));
  runs.push({ adapter: name, data: `${data}, ${MBIT_S} Mbit/s ${LATENCY_MS} ms`, throttle: false, ...result });
  const floor = (bytes[data] / BYTES_PER_SECOND) * 1000 + 4 * LATENCY_MS;
  const over = (time) => (result.all / time).toFixed(2);
  const times = `first ${result.first | 0} all ${result.all | 0} ms, ${over(floor)} of what its bytes take, ${over(result.alone)} of a request for them alone`;
  console.log(name, data, result.fail ?? times);
}
writeFileSync(out, JSON.stringify({ runs }, null, 1));
