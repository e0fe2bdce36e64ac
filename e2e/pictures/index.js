// docs/PICTURES.md: every picture in its place, and nothing in the folder that is no screen any more.
import { readdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOOKS } from "../pictures.config.js";
import { DEVICES, SCREENS } from "./screens.js";

const BUDGET_BYTES = 4_000_000;
const folder = process.env.NEGATOSCOPE_PICTURES;
const wanted = new Set();

const INTRODUCTION = `# Pictures of every screen

Taken by \`cargo xtask pictures\`, which starts a server with the phantom exams, walks through the viewer as each of the three who
use it, and writes this page. On the left French, on the right English; the desktop by WebGL2 (dark, light), the phone by WebGPU (light, dark).
Patients and images are generated.
`;

function picture(screen, { device, language, theme }, what) {
  const name = `${screen}-${device}-${language}-${theme}.webp`;
  wanted.add(name);
  const width = device === "desktop" ? 420 : 200;
  return `<img src="pictures/${name}" width="${width}" alt="${what} (${device}, ${language}, ${theme})">`;
}

function section([screen, what, devices = DEVICES]) {
  const rows = devices.map((device) => {
    const looks = LOOKS.filter((look) => look.device === device);
    return looks.map((look) => picture(screen, look, what)).join("\n");
  });
  return `### ${what}\n\n${rows.join("\n")}\n`;
}

const parts = Object.entries(SCREENS).map(([title, screens]) => `## ${title}\n\n${screens.map(section).join("\n")}`);
const there = new Set(readdirSync(folder));
const missing = [...wanted].filter((name) => !there.has(name));
if (missing.length) throw new Error(`not photographed: ${missing.join(", ")}`);
for (const name of there) if (!wanted.has(name)) unlinkSync(join(folder, name));
const bytes = [...wanted].reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
console.log(`${wanted.size} pictures, ${bytes} bytes`);
if (bytes > BUDGET_BYTES) throw new Error(`more than ${BUDGET_BYTES} bytes`);
writeFileSync(join(folder, "../PICTURES.md"), [INTRODUCTION, ...parts].join("\n"));
