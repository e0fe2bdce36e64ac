// Comparing on each drawing back end: layouts, panes that move together, lines and a point where geometry says they are,
// and which images are put beside each other to begin with.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { asMammograms, changeExam } from "../../support/changed.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, expectImage, expectReady, openExam, pane, showSeries } from "../../support/visitor.js";

const description = (kind) => seriesOf(stand.exam, kind).description;
const said = (page) => page.locator('[data-test="compare-said"]');
const note = (page, number) => pane(page, number).locator(".compare-note");
const line = (page, number) => pane(page, number).locator(".compare-lines line.light");

/** The exam as the page has it. */
const examOf = (page) =>
  page.evaluate(async () => (await fetch(`/api/examen/${document.getElementById("app").dataset.visit}`)).json());

/** Plane and spacing of an image of a series, by position from 0. */
async function imageOf(page, kind, position) {
  const exam = await examOf(page);
  const series = exam.series.find((found) => found.series_instance_uid === seriesOf(stand.exam, kind).series_instance_uid);
  const image = series.images[position];
  return { ...image.planes[0], ...series.formats[image.format] };
}

async function openLayouts(page) {
  await page.getByRole("button", { name: "Disposition", exact: true }).click();
  await expect(page.getByRole("group", { name: "Grille de volets" })).toBeVisible();
}

async function chooseGrid(page, rows, columns) {
  await openLayouts(page);
  await page.getByRole("button", { name: `${rows} × ${columns} volets` }).click();
  await expect(page.locator("section.pane")).toHaveCount(rows * columns);
}

/** Two panes, the second with this series. */
async function beside(page, kind) {
  await openExam(page, stand.exam);
  await chooseGrid(page, 1, 2);
  await pane(page, 1).focus();
  await showSeries(page, description(kind));
  await pane(page, 0).focus();
  await expectReady(pane(page, 0));
}

/** CSS pixels of an image point in a pane that shows the whole image. */
async function placed(shown, { columns, rows }, [x, y]) {
  const { width, height } = await shown.boundingBox();
  const scale = Math.min(width / columns, height / rows);
  return [(width - columns * scale) / 2 + x * scale, (height - rows * scale) / 2 + y * scale];
}

function expectNear(actual, expected, within = 1) {
  actual.forEach((value, index) => {
    expect(Math.abs(value - expected[index]), `${actual} is not ${expected}`).toBeLessThanOrEqual(within);
  });
}

test("twelve panes are drawn, and the layout comes back after a reload", async ({ page }, info) => {
  await openExam(page, stand.exam);
  await chooseGrid(page, 3, 4);
  for (let number = 6; number < 12; number += 1) {
    await pane(page, number).focus();
    await showSeries(page, description(number % 2 ? "Ct" : "Mr"));
  }
  for (let number = 0; number < 12; number += 1) await expectReady(pane(page, number));
  await expect(pane(page, 11).locator('[data-test="image-number"]')).toBeVisible();
  await page.screenshot({ path: info.outputPath("twelve.png") });
  // The view is written down a moment after its last change.
  await page.waitForTimeout(800);
  await page.reload();
  await expect(page.locator("section.pane")).toHaveCount(12);
  for (let number = 0; number < 12; number += 1) await expectReady(pane(page, number));
});

test("a layout by drag and by keyboard; the menu is accessible", ONCE, async ({ page }, info) => {
  await openExam(page, stand.exam);
  await openLayouts(page);
  await expectNoViolation(page);
  await page.screenshot({ path: info.outputPath("menu.png") });
  const centre = async (name) => {
    const box = await page.getByRole("button", { name }).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  await page.mouse.move(...(await centre("1 × 1 volets")));
  await page.mouse.down();
  await page.mouse.move(...(await centre("2 × 2 volets")));
  await page.mouse.move(...(await centre("2 × 3 volets")));
  await page.mouse.up();
  await expect(page.locator("section.pane")).toHaveCount(6);
  await openLayouts(page);
  await page.getByRole("button", { name: "2 × 3 volets" }).focus();
  for (const key of ["ArrowDown", "ArrowLeft", "ArrowLeft"]) await page.keyboard.press(key);
  await expect(page.getByRole("button", { name: "3 × 1 volets" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("section.pane")).toHaveCount(3);
  await expect(said(page)).toHaveText("3 volets.");
});

test("linked panes scroll by position, zoom by millimetres, and share the grey scale", async ({ page }, info) => {
  await beside(page, "SharpCt");
  await expect(note(page, 1)).toHaveText("");
  await page.keyboard.press("y");
  await expect(said(page)).toContainText("Volets synchronisés : défilement, luminosité et contraste, zoom");
  await expect(note(page, 1)).toHaveText("Synchronisé : position");
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("PageDown");
  await expectImage(pane(page, 0), 41);
  const at = (await imageOf(page, "Ct", 40)).position_mm[2];
  const exam = await examOf(page);
  const sharp = exam.series.find((one) => one.series_instance_uid === seriesOf(stand.exam, "SharpCt").series_instance_uid);
  const far = sharp.images.map((image) => Math.abs(image.planes[0].position_mm[2] - at));
  await expectImage(pane(page, 1), far.indexOf(Math.min(...far)) + 1);
  const window = (number) => pane(page, number).locator('[data-test="window"]');
  await page.keyboard.press("2");
  await expect(window(0)).toHaveText("W 1500 L −600");
  await expect(window(1)).toHaveText("W 1500 L −600");
  const size = async (number, kind) => {
    const text = await pane(page, number).getByText(/^Zoom /).innerText();
    const factor = Number(/([\d,]+)/.exec(text)[1].replace(",", "."));
    return factor / (await imageOf(page, kind, 0)).spacing.between_columns_mm;
  };
  const fitted = await size(0, "Ct");
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await expect.poll(() => size(0, "Ct")).toBeGreaterThan(fitted * 1.3);
  const [first, second] = [await size(0, "Ct"), await size(1, "SharpCt")];
  expect(Math.abs(first / second - 1)).toBeLessThan(0.02);
  await page.screenshot({ path: info.outputPath("linked.png") });
  // One step back takes both back.
  await page.keyboard.press("Control+z");
  await expect.poll(() => size(1, "SharpCt")).toBeLessThan(second / 1.2);
  // Another modality keeps its grey scale, and goes by rank where slices are not parallel.
  await pane(page, 1).focus();
  await showSeries(page, description("Mr"));
  await pane(page, 0).focus();
  const own = await window(1).innerText();
  await expect(note(page, 1)).toHaveText("Synchronisé : rang");
  await page.keyboard.press("3");
  await expect(window(0)).toHaveText("W 2000 L 400");
  await expect(window(1)).toHaveText(own);
  const before = Number(await pane(page, 1).getAttribute("data-image-index"));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await expect(pane(page, 1)).toHaveAttribute("data-image-index", String(Math.max(before - 1, 0)));
  await page.keyboard.press("y");
  await expect(said(page)).toHaveText("Volets indépendants.");
  await expect(note(page, 1)).toHaveText("");
});

test("a reference line is where geometry says, and can be taken away", ONCE, async ({ page }, info) => {
  await beside(page, "Mr");
  await page.keyboard.press("End");
  await page.keyboard.press("PageUp");
  await expectImage(pane(page, 0), 50);
  const position = Number(await pane(page, 0).getAttribute("data-image-index"));
  const axial = await imageOf(page, "Ct", position);
  const sagittal = await imageOf(page, "Mr", 0);
  // The axial slice lies at one height; rows of the sagittal one run to the feet from that of its first pixel.
  const row = (sagittal.position_mm[2] - axial.position_mm[2]) / sagittal.spacing.between_rows_mm + 0.5;
  expect(row).toBeGreaterThan(0);
  expect(row).toBeLessThan(sagittal.rows);
  const from = await placed(pane(page, 1), sagittal, [0, row]);
  const to = await placed(pane(page, 1), sagittal, [sagittal.columns, row]);
  await expect(line(page, 1)).toHaveCount(1);
  const ends = async () => {
    const drawn = await line(page, 1).evaluate((one) => ["x1", "y1", "x2", "y2"].map((name) => Number(one.getAttribute(name))));
    return drawn[0] < drawn[2] ? drawn : [drawn[2], drawn[3], drawn[0], drawn[1]];
  };
  await expect(async () => expectNear(await ends(), [...from, ...to], 0.5)).toPass({ timeout: 20_000 });
  await expect(line(page, 0)).toHaveCount(0);
  await page.screenshot({ path: info.outputPath("lines.png") });
  // From the other pane's side it is upright.
  await pane(page, 1).focus();
  await expect(line(page, 1)).toHaveCount(0);
  const upright = await line(page, 0).evaluate((drawn) => Number(drawn.getAttribute("x1")) - Number(drawn.getAttribute("x2")));
  expect(Math.abs(upright)).toBeLessThan(0.01);
  await page.keyboard.press("t");
  await expect(line(page, 0)).toHaveCount(0);
  await expect(said(page)).toHaveText("Lignes de repère masquées.");
});

test("the 3-D cursor brings the slice and the point of the other pane", ONCE, async ({ page }, info) => {
  await beside(page, "Mr");
  await page.keyboard.press("x");
  await expect(said(page)).toContainText("Curseur 3D :");
  await page.keyboard.press("End");
  await expectImage(pane(page, 0), 60);
  const position = Number(await pane(page, 0).getAttribute("data-image-index"));
  const axial = await imageOf(page, "Ct", position);
  const [x, y] = [290, 250];
  const [left, top] = await placed(pane(page, 0), axial, [x, y]);
  const box = await pane(page, 0).boundingBox();
  await page.mouse.click(Math.round(box.x + left), Math.round(box.y + top));
  const mm = [0, 1].map((axis) => axial.position_mm[axis] + ([x, y][axis] - 0.5) * axial.spacing.between_columns_mm);
  const exam = await examOf(page);
  const mr = exam.series.find((one) => one.series_instance_uid === seriesOf(stand.exam, "Mr").series_instance_uid);
  const far = mr.images.map((image) => Math.abs(image.planes[0].position_mm[0] - mm[0]));
  await expectImage(pane(page, 1), far.indexOf(Math.min(...far)) + 1);
  const sagittal = await imageOf(page, "Mr", 0);
  const expected = await placed(pane(page, 1), sagittal, [
    (mm[1] - sagittal.position_mm[1]) / sagittal.spacing.between_columns_mm + 0.5,
    (sagittal.position_mm[2] - axial.position_mm[2]) / sagittal.spacing.between_rows_mm + 0.5,
  ]);
  const cross = pane(page, 1).locator(".compare-lines path.light");
  const at = () => cross.evaluate((drawn) => [Number(drawn.dataset.x), Number(drawn.dataset.y)]);
  await expect(async () => expectNear(await at(), expected, 1.5)).toPass({ timeout: 20_000 });
  await expect(said(page)).toHaveText(/^Point [\d,]+ [DG] · [\d,]+ [AP] · [\d,]+ [HB] mm$/);
  await page.screenshot({ path: info.outputPath("cursor.png") });
  const told = await said(page).innerText();
  await page.keyboard.press("Shift+ArrowRight");
  await expect(said(page)).not.toHaveText(told);
  await page.keyboard.press("Escape");
  await expect(cross).toHaveCount(0);
  await page.keyboard.press("ArrowUp");
  await expectImage(pane(page, 0), position);
});

/** From the link to the first image of another exam than the server's. */
async function openChanged(page, change) {
  await changeExam(page, change);
  await openExam(page, stand.exam);
}

test("several series of slices are hung beside each other, all in reach, and one image is a choice away", ONCE, async ({ page }) => {
  await openChanged(page, (exam) => ({ ...exam, series: exam.series.filter(({ modality }) => modality === "CT") }));
  await expect(page.locator("section.pane")).toHaveCount(2);
  await expect(said(page)).toContainText("Une série CT par volet");
  await expect(page.locator("button.series")).toHaveCount(2);
  for (const number of [0, 1]) await expectReady(pane(page, number));
  await openLayouts(page);
  await page.getByRole("button", { name: "Une seule image, telle qu’enregistrée" }).click();
  await expect(page.locator("section.pane")).toHaveCount(1);
  // What the reader chose comes back, not the protocol.
  await page.waitForTimeout(800);
  await page.reload();
  await expectReady(pane(page));
  await page.waitForTimeout(1500);
  await expect(page.locator("section.pane")).toHaveCount(1);
});

test("mammograms stand back to back, mirrored where they must be, and say so", async ({ page }, info) => {
  await openChanged(page, asMammograms);
  await expect(page.locator("section.pane")).toHaveCount(4);
  for (const [number, words, more] of [[0, "R CC", ""], [1, "L CC", ""], [2, "R MLO", ""], [3, "L MLO", "Image en miroir"]]) {
    await expectReady(pane(page, number));
    await expect(pane(page, number).locator('[data-test="projection"]')).toHaveText(words);
    await expect(note(page, number)).toHaveText(more);
  }
  const letter = (number, side) => pane(page, number).locator(`.letter-${side}`);
  for (const number of [0, 2]) await expect(letter(number, "right")).toHaveText("P");
  for (const number of [1, 3]) await expect(letter(number, "left")).toHaveText("P");
  await page.screenshot({ path: info.outputPath("mammography.png") });
});
