// Finding a series by words or in groups, and showing it.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
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
  await expectNoViolation(page);
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

test("series by key, technique on the image, limits typed", async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  const technique = shown.locator('[data-test="technique"]');
  const index = () => shown.getAttribute("data-series-index").then(Number);
  const first = await index();
  await expect(technique).toHaveText("120 kV");
  await shown.focus();
  await page.keyboard.press(";");
  await expect.poll(index).toBe(first + 1);
  await page.keyboard.press(".");
  await expect.poll(index).toBe(first + 2);
  await expectReady(shown);
  await expect(technique).toHaveText("TR 2400 ms · TE 12 ms · TI 650 ms");
  for (const expected of [first + 1, first, first]) {
    await page.keyboard.press(",");
    await expect.poll(index).toBe(expected);
  }
  await expectReady(shown);
  await page.getByRole("button", { name: "Choisir une fenêtre" }).click();
  const [lower, upper] = ["Basse", "Haute"].map((name) => page.getByRole("spinbutton", { name }));
  await lower.fill("-160");
  await upper.fill("240");
  await upper.press("Tab");
  const window = shown.locator('[data-test="window"]');
  await expect(window).toHaveText(/400.*\b40\b/);
  await expectNoViolation(page);
  // No range: nothing changes.
  const before = await window.textContent();
  await upper.fill("-200");
  await upper.press("Tab");
  await expect(window).toHaveText(before);
});
