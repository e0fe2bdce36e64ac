// Finding a series by words or in groups, and showing it.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { seriesOf, stand } from "../../support/stand.js";
import { runByName } from "../../support/story.js";
import { expectReady, openExam, pane } from "../../support/visitor.js";

test("series: found by words and in groups by keyboard alone, and shown", async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  await shown.focus();
  await runByName(page, "Trouver une série");
  const dialog = page.getByRole("dialog", { name: "Trouver une série" });
  const rows = dialog.getByRole("listitem");
  const all = await page.locator("button.series").count();
  await expect(dialog.getByRole("searchbox")).toBeFocused();
  await expect(rows).toHaveCount(all);
  await expect(dialog.getByRole("heading", { level: 3 })).toHaveText(["CT", "MR", "CR", "US"]);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.screenshot({ path: testInfo.outputPath("series.png") });
  // The order of the exam, where groups are in the way.
  await dialog.getByRole("combobox").selectOption("none");
  await expect(dialog.getByRole("heading", { level: 3 })).toHaveCount(0);
  await expect(rows).toHaveCount(all);
  // Accents and order of words do not matter; the date and what it is count as well.
  await dialog.getByRole("searchbox").focus();
  await page.keyboard.type("04/11/2026 echographie");
  await expect(rows).toHaveCount(1);
  await expect(dialog.getByRole("status")).toHaveText("Séries trouvées : 1");
  await page.keyboard.press("ArrowDown");
  await expect(rows.getByRole("button")).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(dialog.getByRole("searchbox")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  const wanted = page.locator("button.series", { hasText: seriesOf(stand.exam, "Us").description });
  await expect(shown).toHaveAttribute("data-series-index", await wanted.getAttribute("data-series-index"));
  await expectReady(shown);
  await expect(shown).toBeFocused();
  await runByName(page, "Trouver une série");
  await expect(dialog.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("xyzzy");
  await expect(dialog.getByRole("status")).toHaveText("Aucune série ne contient ces mots.");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(shown).toBeFocused();
});
