// What a visitor does: clicks the link, types code and birth date, looks at the exam.
import { expect } from "@playwright/test";

/** Opens a report's link and waits for the card. */
export async function openLink(page, door) {
  await page.goto(door.link);
  await expect(page.locator("#code")).toBeVisible();
}

/** Types into the card and submits it. */
export async function identify(page, { code, birth_date: birthDate }) {
  await page.locator("#code").fill(code);
  await page.locator("#jour").fill(birthDate.slice(6, 8));
  await page.locator("#mois").fill(birthDate.slice(4, 6));
  await page.locator("#annee").fill(birthDate.slice(0, 4));
  await page.getByRole("button", { name: "Voir l’examen" }).click();
}

/** From the link to the first image. */
export async function openExam(page, door) {
  await openLink(page, door);
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
