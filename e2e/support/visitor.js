// What a visitor does: clicks the link, types code and birth date, looks at the exam.
import { expect, test } from "@playwright/test";

/** Of tests that would find the same on every back end: the page does it, not what draws. */
export const ONCE = { tag: "@once" };

/**
 * Opens a report's link and waits for the card; by default as a professional who has seen the first tour on this
 * device. A code makes a patient of everybody else.
 */
export async function openLink(page, door, choices = { role: "physician", tour: "done" }) {
  await rememberChoices(page, { ...backEnd(), ...choices });
  await page.goto(door.link);
  await expect(page.locator("#code")).toBeVisible();
}

/** The back end that the project is about, where the browser would not choose it by itself. */
function backEnd() {
  try {
    const { gpu } = test.info().project.metadata;
    return gpu ? { gpu } : {};
  } catch {
    return {}; // A benchmark, which asks for one in the address.
  }
}

/** Types into the card and submits it. */
export async function identify(page, { code, birth_date: birthDate }) {
  await page.locator("#code").fill(code);
  await page.locator("#jour").fill(birthDate.slice(6, 8));
  await page.locator("#mois").fill(birthDate.slice(4, 6));
  await page.locator("#annee").fill(birthDate.slice(0, 4));
  await page.locator("form:has(#code) button").click();
}

/** What this device remembers before the visitor comes, unless it remembers something else already. */
async function rememberChoices(page, choices) {
  await page.addInitScript((all) => {
    for (const [name, value] of Object.entries(all)) {
      if (localStorage.getItem(`negatoscope.${name}`) === null) localStorage.setItem(`negatoscope.${name}`, value);
    }
  }, choices);
}

/** From the link to the first image. */
export async function openExam(page, door, choices) {
  await openLink(page, door, choices);
  await identify(page, door);
  await expectReady(pane(page));
}

/** A pane by its number from 0. */
export function pane(page, number = 0) {
  return page.locator(`section.pane[data-pane="${number}"]`);
}

/** Waits until a pane shows what was asked for. */
export async function expectReady(shown) {
  await expect(shown).toHaveAttribute("data-frame-state", "ready");
}

/** Waits until a pane shows the image at `position`, counted from 1. */
export async function expectImage(shown, position) {
  await expect(shown).toHaveAttribute("data-image-index", String(position - 1));
  await expectReady(shown);
}

/** Puts the series with this description into the active pane. */
export async function showSeries(page, description) {
  const series = page.locator("button.series", { hasText: description });
  const active = page.locator('section.pane[data-active="true"]');
  await series.click();
  await expect(active).toHaveAttribute("data-series-index", await series.getAttribute("data-series-index"));
  await expectReady(active);
}

/** "n/N" as the corner of a pane says it. */
export async function label(shown) {
  return (await shown.locator('[data-test="image-number"]').innerText()).trim();
}

/** Drags with the left button held from one point of the page to another. */
export async function dragMouse(page, from, to) {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  await page.mouse.move(...to);
  await page.mouse.up();
}

/** Opens what the menu calls `name`, by touch where the screen has it, and returns the dialog. */
export async function openPanel(page, name) {
  const press = test.info().project.use.hasTouch ? "tap" : "click";
  await page.getByRole("button", { name: "Plus d’outils" })[press]();
  await page.locator(".menu").getByRole("button", { name })[press]();
  const dialog = page.locator("dialog[open]");
  await expect(dialog).toBeVisible();
  return dialog;
}
