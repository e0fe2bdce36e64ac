// A radiologist who compares: two series side by side, linked, with reference lines; attributes; the exam to take away. By
// mouse, and by keyboard alone.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { seriesOf, stand } from "../../support/stand.js";
import { expectLooks, identifyByKeyboard, runByName, tabTo } from "../../support/story.js";
import { expectImage, expectReady, identify, openLink, pane, showSeries } from "../../support/visitor.js";

const MR = seriesOf(stand.exam, "Mr").description;
const IMAGES = seriesOf(stand.exam, "Ct").sop_instance_uids.length;
/** An image with something of the head in it. */
const HEAD = 50;
const BAR_MARGIN_PX = 8;
const ZIP = '[data-test="copy"]';
const note = (page, number) => pane(page, number).locator(".compare-note");

const byMouse = {
  enter: (page) => identify(page, stand.exam),
  async besideEachOther(page) {
    await page.getByRole("button", { name: "Disposition", exact: true }).click();
    await expect(page.getByRole("group", { name: "Grille de volets" })).toBeVisible();
    await expectNoViolation(page);
    await page.getByRole("button", { name: "Deux images côte à côte" }).click();
    await expect(pane(page, 1)).toBeVisible();
    await pane(page, 1).click({ position: { x: 100, y: 300 } });
    await showSeries(page, MR);
    await pane(page, 0).click({ position: { x: 100, y: 300 } });
  },
  async link(page) {
    await page.getByRole("button", { name: "Disposition", exact: true }).click();
    await page.getByRole("button", { name: /^Synchroniser les volets/ }).click();
    await page.keyboard.press("Escape");
  },
  async scrollDown(page) {
    const box = await pane(page, 0).boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, 100);
  },
  async toTheHead(page) {
    const bar = await pane(page, 0).getByRole("slider").boundingBox();
    await page.mouse.click(bar.x + bar.width / 2, bar.y + BAR_MARGIN_PX + ((HEAD - 0.5) / IMAGES) * (bar.height - 2 * BAR_MARGIN_PX));
  },
  async open(page, name) {
    await page.getByRole("button", { name: "Plus d’outils" }).click();
    await page.locator(".menu").getByRole("button", { name: new RegExp(`^${name}`) }).click();
  },
  leaveDialog: (page) => page.getByRole("dialog").getByRole("button", { name: "Fermer" }).click(),
  do: (page, target) => target.click(),
};

const byKeyboard = {
  enter: (page) => identifyByKeyboard(page, stand.exam),
  async besideEachOther(page) {
    await runByName(page, "Disposition");
    await tabTo(page, page.getByRole("button", { name: "Deux images côte à côte" }));
    await page.keyboard.press("Enter");
    await expect(pane(page, 1)).toBeVisible();
    await tabTo(page, pane(page, 1));
    await tabTo(page, page.locator("button.series", { hasText: MR }));
    await page.keyboard.press("Enter");
    await expectReady(pane(page, 1));
    await tabTo(page, pane(page, 0));
  },
  link: (page) => page.keyboard.press("y"),
  scrollDown: (page) => page.keyboard.press("ArrowDown"),
  async toTheHead(page) {
    await page.keyboard.press("End");
    for (let step = 0; step < (IMAGES - HEAD) / 10; step += 1) await page.keyboard.press("PageUp");
  },
  open: (page, name) => runByName(page, name),
  leaveDialog: (page) => page.keyboard.press("Escape"),
  async do(page, target) {
    await tabTo(page, target);
    await page.keyboard.press("Enter");
  },
};

async function radiologist(page, hand, isPictured) {
  // The keyboard comes to the same states, which need to be looked at once.
  const check = async () => isPictured && expectNoViolation(page);
  await openLink(page, stand.exam, { role: "radiologist", tour: "done" });
  await hand.enter(page);
  await expectReady(pane(page, 0));
  await check();

  await hand.besideEachOther(page);
  await expect(pane(page, 0)).toHaveAttribute("data-active", "true");
  await hand.link(page);
  await expect(note(page, 1)).toHaveText("Synchronisé : rang");
  const before = Number(await pane(page, 1).getAttribute("data-image-index"));
  await hand.scrollDown(page);
  await expect(pane(page, 0)).not.toHaveAttribute("data-image-index", "0");
  await expect(pane(page, 1)).not.toHaveAttribute("data-image-index", String(before));
  await hand.toTheHead(page);
  await expectImage(pane(page, 0), HEAD);
  await expectReady(pane(page, 1));
  await expect(pane(page, 1).locator(".compare-lines line.light")).toHaveCount(1);
  await expect(pane(page, 0)).toMatchAriaSnapshot(`- slider "Image affichée"`);
  await expect(pane(page, 0).getByRole("slider")).toHaveAttribute("aria-valuetext", new RegExp(`^image ${HEAD} sur ${IMAGES}`));
  await check();
  if (isPictured) await expectLooks(page, "radiologist-compares");

  await hand.open(page, "Informations DICOM");
  const tags = page.getByRole("dialog");
  await expect(tags.getByRole("listbox", { name: "Attributs" })).toContainText("SOP Class UID");
  await check();
  if (isPictured) await expectLooks(page, "radiologist-attributes", tags);
  await hand.leaveDialog(page);
  await expect(tags).toHaveCount(0);

  await hand.open(page, "Enregistrer, imprimer");
  await expect(page.locator(ZIP)).toBeVisible();
  const coming = page.waitForEvent("download");
  await hand.do(page, page.locator(ZIP));
  const copy = await coming;
  expect(copy.suggestedFilename()).toBe("examen-dicom.zip");
  // What is in it is another test's.
  await copy.cancel();
}

// A smaller window has smaller pictures of reference.
test.use({ viewport: { width: 1024, height: 640 } });

test("a radiologist by mouse: two series linked, reference lines, attributes, ZIP", async ({ page }) => {
  await radiologist(page, byMouse, true);
});

test("a radiologist by keyboard alone: two series linked, reference lines, attributes, ZIP", async ({ page }) => {
  await radiologist(page, byKeyboard, false);
});
