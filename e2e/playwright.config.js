// Browser tests: `cargo xtask test e2e` starts a server with phantom exams and runs them on both
// drawing back ends. Chromium's software GPU stands in for a real one, so that they run anywhere.
import { defineConfig } from "@playwright/test";

const out = process.env.NEGATOSCOPE_OUT ?? "out";

/** Nothing that talks to anybody but the server under test; colours as they are. */
const QUIET = [
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];

/**
 * WebGPU on the CPU; without these Chromium offers no adapter, and the viewer takes WebGL2. The page has
 * to be composited by Vulkan as well: the canvas of a WebGPU adapter cannot be handed to OpenGL ES.
 */
const WEBGPU = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--use-vulkan=swiftshader",
  "--use-angle=vulkan",
  "--enable-features=Vulkan",
  "--enable-unsafe-swiftshader",
];

const chromium = (args) => ({
  launchOptions: { executablePath: process.env.NEGATOSCOPE_CHROMIUM, args: [...QUIET, ...args] },
});

const DESKTOP = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 };
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

export default defineConfig({
  testDir: "specs",
  outputDir: `${out}/results`,
  reporter: [["list"], ["html", { open: "never", outputFolder: `${out}/report` }]],
  // Two cores draw, decode and serve; a retry would hide what a reader would see.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  // A hundredth of the pixels may differ: letters, where another version of the browser smooths them otherwise.
  expect: { timeout: 60_000, toHaveScreenshot: { maxDiffPixelRatio: 0.01, threshold: 0.1 } },
  // One for both back ends, which draw the same.
  snapshotPathTemplate: "{testDir}/references/{arg}{ext}",
  use: { locale: "fr-FR", timezoneId: "Europe/Paris", screenshot: "only-on-failure" },
  projects: [
    { name: "webgpu", testMatch: /both\/.*/, grepInvert: /@once/, metadata: { gpu: "webgpu" }, use: { ...DESKTOP, ...chromium(WEBGPU) } },
    { name: "webgl", testMatch: /both\/.*/, metadata: { gpu: "webgl" }, use: { ...DESKTOP, ...chromium([]) } },
    // The way without a GPU: what is drawn and taken out of the picture, and that it is chosen.
    { name: "canvas", testMatch: /both\/(covers|exam|export|film|lens|measure|pixels|window)|canvas\//, grepInvert: /@once/, metadata: { gpu: "canvas" }, use: { ...DESKTOP, ...chromium([]) } },
    // What has nothing to do with drawing: once.
    { name: "page", testMatch: /page\/.*/, metadata: { gpu: "webgl" }, use: { ...DESKTOP, ...chromium([]) } },
    { name: "door", testMatch: /(door|tab)\/.*/, metadata: { gpu: "webgl" }, use: { ...DESKTOP, ...chromium([]) } },
    { name: "door-phone", testMatch: /door\/identity/, metadata: { gpu: "webgl" }, use: { ...PHONE, ...chromium([]) } },
    { name: "phone", testMatch: /phone\/.*/, metadata: { gpu: "webgl" }, use: { ...PHONE, ...chromium([]) } },
  ],
});
