// An exam that is not whole yet: what is there is shown at once, the rest comes beside it, and nothing that is on screen changes.
import { expect, test } from "@playwright/test";
import { holdBackOthers } from "../../support/arriving.js";
import { expectNoViolation } from "../../support/axe.js";
import { seriesOf, stand } from "../../support/stand.js";
import { expectImage, expectReady, openExam, pane, showSeries } from "../../support/visitor.js";

const series = (page) => page.locator("button.series");
const row = (page) => page.locator('.strip [data-test="arriving"]');

test("arriving: the first series is looked at while the others are on their way, and they follow", async ({ page }, testInfo) => {
  const { release } = await holdBackOthers(page);
  await openExam(page, stand.exam);
  const { description } = seriesOf(stand.exam, "Us");
  await expect(series(page)).toHaveCount(1);
  await expect(series(page).filter({ hasText: description })).toHaveCount(0);
  await expect(row(page)).toHaveText("D’autres séries arrivent.");
  await pane(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), 2);
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("first.png") });
  await release();
  await expect(row(page)).toHaveCount(0);
  await expect(series(page).filter({ hasText: description })).toHaveCount(1);
  await expect(page.getByRole("status").filter({ hasText: "Toutes les séries de l’examen sont là." })).toHaveCount(1);
  await expectImage(pane(page), 2);
  await expect(pane(page)).toBeFocused();
  await showSeries(page, description);
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("all.png") });
  // A view of all of it comes back after a reload, though the first series alone is there sooner.
  const shown = await pane(page).getAttribute("data-series-index");
  await page.waitForTimeout(800);
  await page.reload();
  await expectReady(pane(page));
  await expect(pane(page)).toHaveAttribute("data-series-index", shown);
});

test("arriving: what failed is asked for again when the reader says so", async ({ page }, testInfo) => {
  const { refuse, release } = await holdBackOthers(page);
  await openExam(page, stand.exam);
  await expect(row(page)).toHaveText("D’autres séries arrivent.");
  await refuse();
  await expect(row(page)).toContainText("Les autres séries n’ont pas pu être chargées.");
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("failed.png") });
  await expect(row(page).getByRole("button", { name: "Réessayer" })).toBeInViewport({ ratio: 1 });
  const isCut = await page.locator(".strip").evaluate((strip) => strip.scrollWidth > strip.clientWidth);
  expect(isCut).toBe(false);
  await release();
  await row(page).getByRole("button", { name: "Réessayer" }).click();
  await expect(row(page)).toHaveCount(0);
  expect(await series(page).count()).toBeGreaterThan(1);
});

test("arriving: panes that are asked for too early get their series when these are there", async ({ page }) => {
  const { release } = await holdBackOthers(page);
  await openExam(page, stand.exam);
  // What a menu has of comparing waits for all of the exam; panes do not.
  await page.getByRole("button", { name: "Disposition", exact: true }).click();
  await page.getByRole("button", { name: "Deux images côte à côte" }).click();
  await expectReady(pane(page));
  await release();
  await expect(row(page)).toHaveCount(0);
  await pane(page, 1).focus();
  await showSeries(page, seriesOf(stand.exam, "SharpCt").description);
  await pane(page, 0).focus();
  await page.keyboard.press("y");
  await expect(page.locator('[data-test="compare-said"]')).toContainText("Volets synchronisés");
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("PageDown");
  for (const number of [0, 1]) await expectReady(pane(page, number));
  await expect(pane(page, 1).locator(".compare-note")).toHaveText("Synchronisé : position");
});
