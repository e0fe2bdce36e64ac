// Pictures of every screen for docs/PICTURES.md: `cargo xtask pictures`. Each device is photographed twice, so that every
// screen is there in both languages, dark and light; the phone draws by WebGPU, the desktop by WebGL2.
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.js";

const of = (name) => tests.projects.find((project) => project.name === name).use;

export const LOOKS = [
  { device: "desktop", language: "fr", theme: "dark", use: of("webgl") },
  { device: "desktop", language: "en", theme: "light", use: of("webgl") },
  // Half a pixel more than a point has: sharp enough to be read, small enough to be kept.
  { device: "phone", language: "fr", theme: "light", use: { ...of("phone"), ...of("webgpu"), ...phoneScreen() } },
  { device: "phone", language: "en", theme: "dark", use: { ...of("phone"), ...of("webgpu"), ...phoneScreen() } },
];

function phoneScreen() {
  return { viewport: of("phone").viewport, deviceScaleFactor: 1.5 };
}

export default defineConfig({
  ...tests,
  testDir: "pictures",
  reporter: [["list"]],
  projects: LOOKS.map(({ device, language, theme, use }) => ({
    name: `${device}-${language}-${theme}`,
    metadata: { device, language, theme },
    use: { ...use, locale: language === "fr" ? "fr-FR" : "en-GB", colorScheme: theme },
  })),
});
