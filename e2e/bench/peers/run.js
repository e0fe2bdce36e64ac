// Side by side with other viewers: `cargo xtask bench peers`. Passes the door for each data set, puts our adapter
// into the harness, lets it measure, and prints how we stand against the best peer of each row.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../playwright.config.js";
import { passDoor } from "../door.js";
import { startFront } from "./front.js";
import { loopAdapters, startLoops } from "./loops.js";

const here = dirname(fileURLToPath(import.meta.url));
const harness = process.env.NEGATOSCOPE_HARNESS;
const server = JSON.parse(process.env.NEGATOSCOPE_SERVER);
const doors = JSON.parse(process.env.NEGATOSCOPE_DOORS);
const OURS = "negatoscope-";
const BARE = "bare-";
const BACK_ENDS = ["webgpu", "webgl", "canvas"];

async function openFronts() {
  const { use } = config.projects.find(({ name }) => name === "webgpu");
  const addresses = {};
  for (const [name, door] of Object.entries(doors)) {
    const { address, storageState } = await passDoor(use, door);
    const port = await startFront({ ...server, cookies: storageState.cookies });
    const { pathname, search } = new URL(address);
    addresses[name] = `http://127.0.0.1:${port}${pathname}${search}`;
  }
  return addresses;
}

/** The harness' own choice composites by OpenGL ES, which cannot show the canvas of a software WebGPU adapter. */
function compositeByVulkan() {
  const bench = join(harness, "bench.mjs");
  const vulkan = "--use-vulkan=swiftshader --use-angle=vulkan --enable-features=Vulkan";
  const text = readFileSync(bench, "utf8").replace("--use-angle=swiftshader", vulkan);
  writeFileSync(bench, text);
}

/** What `large.py` made, for viewers that read all of its encodings. */
const large = `
const counts = { large: [6, 1300], "wide-j2k": [7, 1], "wide-htj2k": [8, 1] };
for (const [name, [exam, n]] of Object.entries(counts)) {
  datasets[name] = { name, study: R + "." + exam + ".1", series: R + "." + exam + ".1.1", n };
  for (const { data } of adapters) if (data.includes("htj2k") && !data.includes(name)) data.push(name);
}
`;

function copyScripts() {
  const scripts = {
    "adapter.js": "negatoscope.mjs",
    "flags.js": "flags.mjs",
    "memory.js": "memory.mjs",
    "../slowdown.js": "slowdown.mjs",
    "wide.js": "wide.mjs",
    "phases.sh": "phases.sh",
  };
  for (const [from, to] of Object.entries(scripts)) copyFileSync(join(here, from), join(harness, to));
  // It tells by the address which answers are HTJ2K, that Orthanc does not know: those of a large image as well.
  const server = join(harness, "server.mjs");
  writeFileSync(server, readFileSync(server, "utf8").replace("999\\.5\\.1", "999\\.[58]\\.1"));
}

function addAdapters(addresses, loops) {
  const added = `import { adapters as ours } from './negatoscope.mjs';\nadapters.push(...ours(${JSON.stringify(addresses)}));\n`;
  const bare = `adapters.push(...${JSON.stringify(loopAdapters(loops))}.map((one) => ({ ...one, url: () => one.url })));\n`;
  appendFileSync(join(harness, "adapters.mjs"), added + bare + (process.env.NEGATOSCOPE_LARGE === "true" ? large : ""));
}

/** Figures where less is better, and the one where more is. */
const FIGURES = { first: "first image", all: "all images", fps: "images/s", rendererPeak: "renderer", gpuPeak: "GPU process", bothPeak: "both processes", codeGz: "code" };

function printRatios() {
  const summary = JSON.parse(readFileSync(join(harness, "results/summary.json"), "utf8"));
  const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
  console.log("\nOurs over the best peer of the row (of images/s: more is better)\n");
  line(["data", "figure", "best peer", "WebGPU", "WebGL2", "no GPU"]);
  line(["---", "---", "---", "--:", "--:", "--:"]);
  const group = ({ data, throttled }) => `${data}${throttled ? ", throttled" : ""}`;
  for (const data of new Set(summary.map(group))) {
    const rows = summary.filter((row) => group(row) === data);
    for (const row of rows) if (row.rendererPeak != null) row.bothPeak = row.rendererPeak + row.gpuPeak;
    for (const [key, title] of Object.entries(FIGURES)) {
      const valued = rows.filter((row) => row[key] != null);
      const peers = valued.filter(({ adapter }) => !adapter.startsWith(OURS) && !adapter.startsWith(BARE));
      peers.sort((a, b) => (key === "fps" ? b[key] - a[key] : a[key] - b[key]));
      if (!peers.length) continue;
      const ratio = (name) => {
        const ours = valued.find(({ adapter }) => adapter === OURS + name);
        return ours ? (ours[key] / peers[0][key]).toFixed(2) : "–";
      };
      line([data, title, `${peers[0].adapter} ${Math.round(peers[0][key])}`, ...BACK_ENDS.map(ratio)]);
    }
  }
  const perSecond = (name) => summary.find(({ adapter, fps }) => adapter === name && fps != null)?.fps;
  const overBare = (name) => {
    const ratio = perSecond(OURS + name) / perSecond(BARE + name);
    return Number.isFinite(ratio) ? ratio.toFixed(2) : "–";
  };
  line(["raw", "images/s", "bare loop of the same back end", ...BACK_ENDS.map(overBare)]);
}

copyScripts();
addAdapters(await openFronts(), await startLoops());
if (process.env.NEGATOSCOPE_VULKAN === "true") compositeByVulkan();
// Fronts and loops are there as long as this process is.
const [status] = await once(spawn("bash", [join(harness, "run.sh")], { stdio: "inherit" }), "exit");
if (status === 0) printRatios();
process.exit(status ?? 1);
