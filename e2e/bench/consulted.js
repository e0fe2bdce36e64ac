// How soon an exam of another centre is seen, beside the same exam in a folder, on both drawing back ends: `cargo xtask bench consulted`.
// Nothing passes or fails here; compare runs of one machine only.
import { chromium } from "@playwright/test";
import config from "../playwright.config.js";
import { bringManifest, consult } from "../support/consultation.js";
import { stand } from "../support/stand.js";
import { speaking } from "../support/words.js";
import { passDoor } from "./door.js";
import { noteTimes } from "./inpage.js";
import { median } from "./median.js";
import { openUnwatched } from "./page.js";

const ROUNDS = Number(process.env.NEGATOSCOPE_ROUNDS);
const LIMIT_MS = 120_000;
const SETTLE_MS = 1500;
const say = speaking("fr");

/** A professional who has brought the manifest, and of whose exam nothing has been asked for. */
async function passConsultation({ launchOptions }) {
  const browser = await chromium.launch(launchOptions);
  try {
    const context = await browser.newContext({ locale: "fr-FR" });
    const page = await context.newPage();
    await consult(page, say);
    await bringManifest(page, say);
    const link = page.getByRole("link", { name: say("consultation.view") });
    const address = new URL(await link.getAttribute("href"), page.url()).href;
    return { address, storageState: await context.storageState() };
  } finally {
    await browser.close();
  }
}

/** A browser that has seen nothing yet. */
async function measure({ name, use: { launchOptions, viewport } }, { address, storageState }) {
  const browser = await chromium.launch(launchOptions);
  try {
    const page = await openUnwatched(browser, { viewport, storageState });
    // A visitor's browser has started long before.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    await page.goto(`${address}?gpu=${name}`, noteTimes);
    await page.waitFor(() => Boolean(window.noted?.first), LIMIT_MS);
    const { picture, first } = await page.evaluate(() => window.noted);
    return { picture: Math.min(picture ?? first, first), first };
  } finally {
    await browser.close();
  }
}

function line(cells) {
  console.log(`| ${cells.join(" | ")} |`);
}

console.log(`${stand.slices} slices of 512², JPEG-LS, one series; ms from the navigation, a session and an empty cache; medians of ${ROUNDS}\n`);
line(["", "local", "other centre", "ratio"]);
line(["---", "---:", "---:", "---:"]);
for (const project of config.projects.filter(({ name }) => name === "webgpu" || name === "webgl")) {
  const { name, use } = project;
  const found = { local: [], consulted: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    console.error(`  ${name}: round ${round + 1} of ${ROUNDS}`);
    found.local.push(await measure(project, await passDoor(use, stand.local)));
    found.consulted.push(await measure(project, await passConsultation(use)));
  }
  for (const [key, what] of [["picture", "first image on the page"], ["first", "first image drawn by the viewer"]]) {
    const [local, consulted] = [found.local, found.consulted].map((runs) => median(runs.map((run) => run[key])));
    line([`${name}: ${what}`, local.toFixed(0), consulted.toFixed(0), (consulted / local).toFixed(2)]);
  }
}
