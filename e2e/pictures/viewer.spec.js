// Pictures of the viewer, for each of the three who use it.
import { expect, test } from "@playwright/test";
import { asMammograms, changeExam } from "../support/changed.js";
import { seriesOf, stand } from "../support/stand.js";
import { expectImage, expectReady, identify, openExam, openLink, pane, showSeries } from "../support/visitor.js";
import { look, press, remembered, shoot } from "./camera.js";

/** A slice through the chest, with more to see than the first one. */
const SLICE = 131;

/** From the link to an image worth a picture, with all of its series loaded where the device has room for it. */
async function open(page, role) {
  await openExam(page, stand.long, remembered(role));
  if (!look().isPhone) await expect(page.locator('button.series[data-series-index="0"] [data-complete="true"]')).toHaveCount(1);
  await goToSlice(page);
}

async function goToSlice(page) {
  const shown = pane(page);
  await shown.focus();
  for (let step = 0; step < (SLICE - 1) / 10; step += 1) await page.keyboard.press("PageDown");
  await expectImage(shown, SLICE);
}

const button = (page, key) => page.getByRole("button", { name: look().say(key), exact: true });

async function openDrawer(page) {
  await press(button(page, "viewer.more"));
  await expect(page.locator(".menu")).toBeVisible();
}

/** By the button in the banner or, on a phone, in the toolbar. */
async function askForHelp(page) {
  await press(button(page, "viewer.help").locator("visible=true").first());
  await expect(page.getByRole("dialog")).toBeVisible();
}

/** An entry of the drawer. */
async function choose(page, key) {
  await openDrawer(page);
  await press(page.locator(".menu").getByRole("button", { name: look().say(key), exact: true }));
}

test("a patient", async ({ page }) => {
  const { say, theme } = look();
  await openLink(page, stand.long, { theme });
  await identify(page, stand.long);
  await expectReady(pane(page));
  const tour = page.getByRole("region", { name: say("tour.title") });
  await expect(tour).toBeVisible();
  await shoot(page, "tour");
  await press(tour.getByRole("button", { name: say("tour.skip") }));
  await goToSlice(page);
  await shoot(page, "patient");
  await askForHelp(page);
  await shoot(page, "patient-help");
});

test("a physician: tools and help", async ({ page }) => {
  const { isPhone, say } = look();
  await open(page, "physician");
  await shoot(page, "first-image");
  if (isPhone) await choose(page, "viewer.presets_open");
  else await press(button(page, "viewer.presets_open"));
  await shoot(page, "windows");
  await page.keyboard.press("Escape");
  await openDrawer(page);
  await shoot(page, "drawer");
  await page.keyboard.press("Escape");
  await askForHelp(page);
  await shoot(page, "palette");
  await press(button(page, "command.sheet"));
  await shoot(page, "keys");
  await page.keyboard.press("Escape");
});

test("a physician: what is measured and what is taken away", async ({ page }) => {
  const { isPhone, say } = look();
  await open(page, "physician");
  if (isPhone) await choose(page, "viewer.tool_measure");
  else await press(button(page, "viewer.tool_measure"));
  const bar = page.getByRole("toolbar", { name: say("measure.tools") });
  await expect(bar).toBeVisible();
  const box = await pane(page).boundingBox();
  const side = Math.min(box.width, box.height);
  const at = (x, y) => [box.x + box.width / 2 + x * side, box.y + box.height / 2 + y * side];
  const drag = async (from, to) => {
    await page.mouse.move(...at(...from));
    await page.mouse.down();
    await page.mouse.move(...at(...to), { steps: 4 });
    await page.mouse.up();
  };
  await drag([-0.28, -0.02], [0.22, -0.08]);
  await press(bar.getByRole("button", { name: say("measure.kind_ellipse"), exact: true }));
  await drag([-0.22, 0.08], [-0.08, 0.2]);
  await press(bar.getByRole("button", { name: new RegExp(`^${say("measure.list")} `) }));
  await shoot(page, "measuring");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  for (const [screen, key] of [["export", "viewer.export"], ["attributes", "viewer.tags"]]) {
    await choose(page, key);
    const dialog = page.locator("dialog[open]");
    await expect(dialog.locator('[data-test="copy"], [role="option"]').first()).toBeVisible();
    await shoot(page, screen);
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
  }
});

/** A command by its name. */
async function run(page, key) {
  const { say } = look();
  await askForHelp(page);
  await page.getByRole("combobox", { name: say("help.search") }).fill(say(`command.${key}`));
  await press(page.getByRole("listbox").getByRole("option").first());
}

test("a physician: magnifier and film", async ({ page }) => {
  await open(page, "physician");
  await run(page, "lens");
  await expect(page.locator(".lens")).toBeVisible();
  await shoot(page, "magnifier");
  await press(button(page, "lens.close"));
  await run(page, "film");
  await expect(page.locator("dialog[open] select")).toBeVisible();
  await shoot(page, "film");
});

test("a physician: documents", async ({ page }) => {
  const { say } = look();
  await openExam(page, stand.documents, remembered("physician"));
  await run(page, "documents");
  const dialog = page.locator("dialog[open]");
  await expect(dialog.getByRole("heading", { name: say("documents.title") })).toBeVisible();
  await shoot(page, "documents");
  await press(dialog.getByRole("button", { name: new RegExp(`^${say("documents.read")}`) }).first());
  await expect(dialog.locator(".report-facts")).toBeVisible();
  await shoot(page, "report");
  await page.keyboard.press("Escape");
  await run(page, "documents");
  await press(dialog.getByRole("button", { name: new RegExp(`^${say("state.apply")} : Nodule`) }));
  await expect(pane(page).locator(".documents-lines")).toHaveCount(1);
  await expectReady(pane(page));
  await shoot(page, "presentation");
});

test("what goes wrong", async ({ page, context }) => {
  await openExam(page, stand.damaged, remembered("physician"));
  const shown = pane(page);
  await shown.focus();
  for (let step = 0; step < 2; step += 1) await page.keyboard.press("ArrowDown");
  await expect(shown).toHaveAttribute("data-frame-state", "failed");
  await shoot(page, "failed");
  await page.keyboard.press("ArrowUp");
  await context.setOffline(true);
  await expect(page.locator(".ribbon")).toBeVisible();
  await shoot(page, "offline");
});

test("a phone on its side", async ({ page }) => {
  test.skip(!look().isPhone, "a screen of phones");
  await open(page, "physician");
  await page.setViewportSize({ width: 844, height: 390 });
  await expect(page.locator(".viewer")).toHaveAttribute("data-controls", "hidden");
  await expectReady(pane(page));
  await shoot(page, "landscape");
  await pane(page).locator(".picture").tap();
  await expect(page.locator(".viewer")).not.toHaveAttribute("data-controls", "hidden");
  await shoot(page, "landscape-controls");
});

test("a radiologist", async ({ page }) => {
  const { isPhone, say } = look();
  await open(page, "radiologist");
  const beside = say("viewer.layout_1x2");
  if (isPhone) {
    await openDrawer(page);
  } else {
    await press(button(page, "viewer.layout"));
    await expect(page.getByRole("group", { name: say("compare.grid") })).toBeVisible();
    await shoot(page, "layouts");
  }
  await press(page.locator(".menu").getByRole("button", { name: beside, exact: true }));
  await expect(page.locator("section.pane")).toHaveCount(2);
  await pane(page, 1).focus();
  await showSeries(page, seriesOf(stand.long, "Mr").description);
  await pane(page, 0).focus();
  await page.keyboard.press("Home");
  for (let step = 0; step < 24; step += 1) await page.keyboard.press("PageDown");
  await expectImage(pane(page, 0), 241);
  await expect(pane(page, 1).locator(".compare-lines line.light")).toHaveCount(1);
  await shoot(page, "comparison");
  if (isPhone) return;
  await press(button(page, "viewer.layout"));
  await press(page.locator(".menu").getByRole("button", { name: say("viewer.layout_2x2"), exact: true }));
  for (const [number, kind] of [[2, "Cr"], [3, "Us"]]) {
    await pane(page, number).focus();
    await showSeries(page, seriesOf(stand.long, kind).description);
  }
  await shoot(page, "many-panes");
});

test("mammograms", async ({ page }) => {
  test.skip(look().isPhone, "a phone shows one picture at a time");
  await changeExam(page, asMammograms);
  await openExam(page, stand.long, remembered("radiologist"));
  await expect(page.locator("section.pane")).toHaveCount(4);
  for (let number = 0; number < 4; number += 1) await expectReady(pane(page, number));
  await expect(page.locator(".compare-toast")).toBeHidden({ timeout: 20_000 });
  await shoot(page, "mammography");
});
