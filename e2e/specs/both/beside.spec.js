// Two exams of one link in panes of one page: each image under the number burnt into it and under the date of its own exam, panes that
// move together, whose exams they are, and what is left after a reload and after the session.
import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { installBurntWatch } from "../../support/burnt.js";
import { changeExam } from "../../support/changed.js";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, expectImage, expectReady, openExam, openPanel, pane } from "../../support/visitor.js";

/** Slices of the second exam that are key images, and the one of its report, by their burnt-in numbers from 0. */
const KEY_SLICES = [1, 4, 6];
const REPORTED_SLICE = 4;

const said = (page) => page.locator('[data-test="compare-said"]');
const exam = (page, number) => pane(page, number).locator('[data-test="exam"]');
const note = (page, number) => pane(page, number).locator(".compare-note");
/** What a pane says whose patient is another one. */
const mark = (page, number) => pane(page, number).locator(".compare-identity");
const identity = (page) => page.locator('[data-test="identity"]');

/** The summaries of both exams, in the order of the link. */
const summaries = (page) =>
  page.evaluate(async () => {
    const { visit } = document.getElementById("app").dataset;
    return Promise.all([visit, `${visit}/2`].map(async (path) => (await fetch(`/api/examen/${path}`)).json()));
  });

/** Date and description as the page writes them. */
const nameOf = ({ study: { date, description } }) => `${date.slice(6)}/${date.slice(4, 6)}/${date.slice(0, 4)} · ${description}`;

/** Opens the first exam of the link and the second beside it, by keys alone; the summaries of both. */
async function openBoth(page) {
  await openExam(page, stand.followed);
  const both = await summaries(page);
  await pane(page).focus();
  await page.keyboard.press("b");
  await expect(said(page)).toContainText(`À côté : examen du ${nameOf(both[1])}`);
  for (const number of [0, 1]) await expectReady(pane(page, number));
  return both;
}

const imagesOf = (summary) => summary.series[0].images.length;

/** What was burnt into the images of a pane while `act` went on, with the labels over them. */
async function watched(page, number, summary, act) {
  const { columns, rows } = summary.series[0].formats[0];
  const size = [columns, rows];
  await pane(page, number).evaluate((element, [width, height]) => window.burntWatch.start(element, width, height), size);
  await act();
  await page.waitForTimeout(500);
  return page.evaluate(() => window.burntWatch.stop());
}

test("beside: each image under its own number and the date of its own exam, and panes go together", async ({ page }, info) => {
  await installBurntWatch(page);
  const both = await openBoth(page);
  const images = both.map(imagesOf);
  expect(images).toEqual([12, 24]);
  for (const number of [0, 1]) {
    await expect(exam(page, number)).toHaveText(nameOf(both[number]));
    await expect(pane(page, number)).toHaveAttribute("data-exam", String(number));
    await expect(pane(page, number)).toHaveAttribute("data-image-count", String(images[number]));
    await expect(pane(page, number).locator(".picture")).toHaveAttribute("aria-label", new RegExp(both[number].study.description.replace(/[()]/g, "\\$&")));
  }
  // The space of neither is the other's: by rank, from where both stand.
  await expect(note(page, 1)).toHaveText("Synchronisé : rang");
  for (const [leader, follower] of [[0, 1], [1, 0]]) {
    await pane(page, leader).focus();
    await page.keyboard.press("Home");
    const seen = await watched(page, follower, both[follower], async () => {
      for (let step = 1; step <= 6; step += 1) {
        await page.keyboard.press("ArrowDown");
        await expectImage(pane(page, leader), 1 + step);
        await expectImage(pane(page, follower), 1 + step);
      }
    });
    const wrong = seen.filter((frame) => frame.label !== `${frame.burnt}/${images[follower]}`);
    expect(wrong).toEqual([]);
    expect(new Set(seen.map((frame) => frame.burnt)).size).toBeGreaterThan(3);
    expect(seen.map((frame) => frame.burnt)).toContain(7);
  }
  // One patient: nothing is said of identity.
  await expect(identity(page)).toHaveCount(0);
  for (const number of [0, 1]) await expect(mark(page, number)).toBeHidden();
  await page.screenshot({ path: info.outputPath("beside.png") });
  await expectNoViolation(page);
  // What was done is one step, and is undone as one.
  await page.keyboard.press("b");
  await expect(said(page)).toHaveText("Tous les examens de ce lien sont dans cette page.");
});

test("beside: documents and key images of the other exam are its own, and lead to its images", ONCE, async ({ page }) => {
  const both = await openBoth(page);
  const key = seriesOf(stand.followed, "SharpCt").sop_instance_uids;
  const places = KEY_SLICES.map((slice) => both[1].series[0].images.findIndex((image) => image.sop_instance_uid === key[slice]) + 1);
  const [first, second] = places.sort((one, other) => one - other);
  await expect(page.locator(".strip ul").nth(1).locator(".series-keys")).toContainText("★ 3");
  await page.keyboard.press("j");
  const dialog = page.locator("dialog[open]");
  const report = dialog.getByRole("listitem").filter({ hasText: "Diagnostic imaging report" });
  await expect(report).toContainText(both[1].study.description);
  await report.getByRole("button").click();
  const [place] = [both[1].series[0].images.findIndex((image) => image.sop_instance_uid === key[REPORTED_SLICE]) + 1];
  await page.locator("dialog[open]").getByRole("button", { name: new RegExp(`, image ${place}$`) }).click();
  const active = page.locator('section.pane[data-active="true"]');
  await expect(active).toHaveAttribute("data-exam", "1");
  await expectImage(active, place);
  // The filter is of the page: what has no key images is left as it is.
  await page.keyboard.press("k");
  await expect(page.locator('[data-test="documents-said"]')).toHaveText("Images clés seulement : 3");
  await active.focus();
  await page.keyboard.press("Home");
  await expectImage(active, first);
  await expect(active.locator(".documents-note")).toContainText("★ Image clé 1/3");
  await page.keyboard.press("ArrowDown");
  await expectImage(active, second);
});

test("beside: from the menu; series are grouped by exam and go into any pane by keyboard", ONCE, async ({ page }, info) => {
  await openExam(page, stand.followed);
  const both = await summaries(page);
  await page.getByRole("button", { name: "Disposition", exact: true }).click();
  await expectNoViolation(page);
  await page.screenshot({ path: info.outputPath("menu.png") });
  await page.locator(".menu").getByRole("button", { name: "Examen 2 à côté, dans cette page" }).click();
  await expect(pane(page, 1)).toHaveAttribute("data-exam", "1");
  const headings = page.locator(".strip .strip-exam");
  await expect(headings).toHaveText(both.map(nameOf));
  await expect(page.locator(".strip ul")).toHaveCount(2);
  await expect(page.locator(".strip ul").nth(1).locator("button.series img")).toHaveJSProperty("complete", true);
  // The other way round, without a mouse: the series of each exam into the other pane.
  const series = (number) => page.locator(".strip ul").nth(number).locator("button.series");
  for (const number of [0, 1]) {
    await pane(page, 1 - number).focus();
    await series(number).focus();
    await page.keyboard.press("Enter");
    await expectReady(pane(page, 1 - number));
    await expect(exam(page, 1 - number)).toHaveText(nameOf(both[number]));
    await expect(series(number)).toHaveAttribute("aria-pressed", "true");
  }
  await page.keyboard.press("Control+z");
  await expect(exam(page, 0)).toHaveText(nameOf(both[0]));
  // Empty panes stay empty: what is beside the opened exam is placed by the reader.
  await page.getByRole("button", { name: "Disposition", exact: true }).click();
  await page.getByRole("button", { name: "2 × 2 volets" }).click();
  await expect(pane(page, 3)).toHaveAttribute("data-frame-state", "empty");
  // Alone again.
  await page.getByRole("button", { name: "Disposition", exact: true }).click();
  await page.locator(".menu").getByRole("button", { name: "Revenir à l’examen ouvert seul" }).click();
  await expect(headings).toHaveCount(0);
  await expectReady(pane(page));
  await expect(pane(page).locator('[data-test="exam"]')).toHaveText("");
});

test("beside: what differs in identity is said trait by trait for as long as both are there", ONCE, async ({ page }, info) => {
  // In the page only: the images are of one phantom.
  await changeExam(page, (summary) => ({ ...summary, patient: { ...summary.patient, birth_name: "PERRIN-ROY", birth_date: "19520909", sex: null } }));
  const both = await openBoth(page);
  const lines = identity(page).locator("li");
  await expect(identity(page)).toContainText("Identités différentes : vérifiez qu’il s’agit du même patient.");
  const [opened, other] = both.map(nameOf);
  await expect(lines).toHaveText([
    `Nom de naissance : PERRIN-ROY (${opened}) ≠ PERRIN (${other})`,
    `Date de naissance : 09/09/1952 (${opened}) ≠ 08/09/1952 (${other})`,
    `Sexe : non renseigné (${opened}) ≠ M (${other})`,
  ]);
  // The images say whose they are, and that it is another one.
  await expect(pane(page, 0).locator(".note-patient")).toContainText("PERRIN-ROY");
  await expect(pane(page, 1).locator(".note-patient strong")).toHaveText(/PERRIN Luc/);
  await expect(mark(page, 1)).toHaveText("Identité différente");
  await expect(mark(page, 0)).toBeHidden();
  const above = await identity(page).boundingBox();
  const stage = await page.locator(".stage").boundingBox();
  expect(above.y + above.height).toBeLessThanOrEqual(stage.y + 1);
  await page.screenshot({ path: info.outputPath("identity.png") });
  await expectNoViolation(page);
  // It is not clicked away, and follows the language.
  await pane(page).focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowDown");
  await expect(lines).toHaveCount(3);
  await page.getByRole("button", { name: "Afficher la page en anglais (English)" }).click();
  await expect(identity(page)).toContainText("Identities differ: check that this is the same patient.");
  await page.reload();
  await expect(pane(page, 1)).toHaveAttribute("data-exam", "1");
  await expect(lines).toHaveCount(3);
});

test("beside: both exams come back after a reload, and go with the session", ONCE, async ({ page }) => {
  const both = await openBoth(page);
  await pane(page, 1).focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowDown");
  await expectImage(pane(page, 1), 4);
  // The other exam alone, in the one pane: nothing else says that there were two.
  await page.keyboard.press("m");
  await expect(page.locator("section.pane")).toHaveCount(1);
  // The view is written down a moment after its last change.
  await page.waitForTimeout(800);
  await page.reload();
  await expectImage(pane(page, 1), 4);
  await expect(exam(page, 1)).toHaveText(nameOf(both[1]));
  await page.keyboard.press("m");
  await expectImage(pane(page, 0), 4);
  await expect(exam(page, 0)).toHaveText(nameOf(both[0]));
  await expect(note(page, 0)).toHaveText("Synchronisé : rang");
  // Nothing that says whose it is stays in the browser.
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  for (const { patient, study } of both) {
    for (const personal of [patient.birth_name, patient.birth_date, patient.patient_id, study.study_instance_uid, study.description]) {
      expect(kept).not.toContain(personal);
    }
  }
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await expect(page.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
  expect(await page.evaluate(() => Object.keys(sessionStorage).filter((name) => /view|compare|measures/.test(name)))).toEqual([]);
  await page.goBack();
  await expect(page.locator("section.pane canvas, .strip-exam")).toHaveCount(0);
});

test("beside: measurements, attributes and copies are those of the exam of the image", ONCE, async ({ page }, info) => {
  const both = await openBoth(page);
  await pane(page, 1).focus();
  // A length by keys on the second exam, and one on the first.
  for (const number of [1, 0]) {
    await pane(page, number).focus();
    if (number === 1) await page.keyboard.press("d");
    await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    for (let step = 0; step < 12; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect(pane(page, number).locator(".measure[data-measure]")).toHaveCount(1);
  }
  await page.locator(".measure-bar [data-list]").click();
  const files = [];
  page.on("download", (download) => files.push(download));
  await page.getByRole("button", { name: "Télécharger (DICOM SR)" }).click();
  await expect.poll(() => files.length).toBe(2);
  const texts = await Promise.all(files.map(async (file) => (await readFile(await file.path())).toString("latin1")));
  const ownOf = (text) => both.filter(({ study }) => text.includes(study.study_instance_uid));
  expect(texts.map((text) => ownOf(text).length)).toEqual([1, 1]);
  expect(new Set(texts.map((text) => ownOf(text)[0])).size).toBe(2);
  for (const text of texts) {
    const [own] = ownOf(text);
    const uids = both.flatMap(({ series }) => series[0].images.map((image) => image.sop_instance_uid)).filter((uid) => text.includes(uid));
    expect(uids).toHaveLength(1);
    expect(own.series[0].images.map((image) => image.sop_instance_uid)).toContain(uids[0]);
  }
  // They come back with their exams.
  await page.waitForTimeout(800);
  await page.reload();
  for (const number of [0, 1]) await expect(pane(page, number).locator(".measure[data-measure]")).toHaveCount(1);
  await pane(page, 1).focus();
  await page.keyboard.press("s");
  const dialog = await openPanel(page, "Informations DICOM…");
  await dialog.getByRole("searchbox").fill("0020000D");
  await expect(dialog.getByRole("option").first()).toContainText(both[1].study.study_instance_uid);
  await dialog.getByRole("button", { name: "Fermer" }).click();
  // The picture of a pane says which exam it is of; a copy for each.
  const panel = await openPanel(page, "Enregistrer, imprimer, télécharger…");
  const picture = page.waitForEvent("download");
  await panel.getByRole("button", { name: "Enregistrer en PNG" }).click();
  const saved = await picture;
  expect(saved.suggestedFilename()).toMatch(/^image-examen-2-serie-\d+-\d+\.png$/);
  await saved.saveAs(info.outputPath("picture.png"));
  const copies = panel.locator('[data-test="copy"]');
  await expect(copies).toHaveText(["Télécharger l’examen 1 (ZIP)", "Télécharger l’examen 2 (ZIP)"]);
  await expect(copies.nth(1)).toHaveAttribute("href", /\/2\/dicom\.zip$/);
});
