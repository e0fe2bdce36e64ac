// What viewers hold in a browser as visitors have it. A driver like Playwright turns on the developer tools' network
// panel, which keeps up to 200 MB of the bodies that came, in the page's own process. Here nobody drives: the browser
// starts with the address, and the servers' counts tell when all images have gone out.
// node memory.mjs ADAPTER DATA OUT, from the harness' folder, into which `run.js` copies this.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapters, datasets } from "./adapters.mjs";
import { FLAGS } from "./flags.mjs";

const POLL_MS = 200;
/** From the last byte on: what came is decoded and shown, and what is not needed any more could go. */
const REST_MS = 3000;
const LIMIT_MS = 120_000;

const [name, data, out] = process.argv.slice(2);
const adapter = adapters.find((one) => one.name === name);
if (!adapter.data.includes(data) || adapter.kick) process.exit(0);
const address = adapter.url(datasets[data]);
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
/** Of the bytes as they are stored: our server sends native frames in fewer, and fewest where the network seems slow. */
const LEAST_SHARE = data === "raw" && name.startsWith("negatoscope") ? 0.35 : 0.8;
const stored = data === "large" ? read("data/large.json").large : read("data/stats.json")[data].bytes;

/** Private and shared memory of a process in MiB, as the harness counts it. */
function held(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const kib = (field) => Number(status.match(new RegExp(`${field}:\\s+(\\d+)`))?.[1] ?? 0);
  return (kib("RssAnon") + kib("RssShmem")) / 1024;
}

/** What kinds of processes the browser with this profile has, and what each of them holds. */
function processes(profile) {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      if (!command.includes(profile)) return [];
      return [{ kind: command.match(/--type=(renderer|gpu)/)?.[1], mib: held(pid) }];
    } catch {
      return []; // It has ended meanwhile.
    }
  });
}

/** The largest page's process and the GPU's. */
function look(profile) {
  const found = { renderer: 0, gpu: 0 };
  for (const { kind, mib } of processes(profile)) if (kind) found[kind] = Math.max(found[kind], mib);
  return found;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));

async function measure() {
  const stats = async (query = "") => (await fetch(new URL(`/__stats${query}`, address))).json();
  await stats("?reset=1");
  const profile = mkdtempSync(join(tmpdir(), "memory-"));
  const own = ["--headless", "--window-size=1640,947", `--user-data-dir=${profile}`];
  const browser = spawn(process.env.CHROMIUM, [...FLAGS, ...own, address], { stdio: "ignore" });
  const peak = { renderer: 0, gpu: 0, both: 0 };
  const began = Date.now();
  try {
    for (let [bytes, changed] = [0, began]; Date.now() - changed < REST_MS || bytes < LEAST_SHARE * stored; ) {
      if (Date.now() - began > LIMIT_MS) throw new Error(`${bytes} of ${stored} bytes have gone out`);
      const { renderer, gpu } = look(profile);
      const both = renderer + gpu;
      for (const [key, value] of Object.entries({ renderer, gpu, both })) peak[key] = Math.max(peak[key], value);
      const { dicom } = await stats();
      if (dicom !== bytes) [bytes, changed] = [dicom, Date.now()];
      await pause();
    }
  } finally {
    browser.kill();
    while (processes(profile).length) await pause();
    rmSync(profile, { recursive: true, force: true });
  }
  return { rendererPeak: peak.renderer, gpuPeak: peak.gpu, bothPeak: peak.both };
}

const runs = existsSync(out) ? read(out).runs : [];
const run = { adapter: name, data: `${data}, no developer tools`, throttle: false };
const result = await measure().catch((error) => ({ fail: String(error) }));
runs.push({ ...run, ...result });
writeFileSync(out, JSON.stringify({ runs }, null, 1));
console.log(name, data, "held", result.fail ?? `${result.rendererPeak | 0} + ${result.gpuPeak | 0} MiB`);
