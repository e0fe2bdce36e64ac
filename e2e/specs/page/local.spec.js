// Exams of the reader's own media: read by the browser, shown beside the exam of the link or in its place, and told to nobody.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { asAnotherExam, dropFiles, watchRequests, zipOf } from "../../support/media.js";
import { largestDifference, paneOnScreen, referencePicture } from "../../support/pixels.js";
import { seriesOf, stand } from "../../support/stand.js";
import { runByName } from "../../support/story.js";
import { expectImage, expectReady, openExam, openPanel, pane, showSeries } from "../../support/visitor.js";

const dialog = (page) => page.getByRole("dialog", { name: "Ouvrir un CD, une clé USB ou des fichiers" });
const exams = (page) => dialog(page).locator("[data-study]");
const said = (page) => page.locator('[data-test="compare-said"]');
const mark = (page, number) => pane(page, number).locator(".compare-local");
const identity = (page) => page.locator('[data-test="identity"]');

/** What a pane shows is what the reference renderer makes of a file. */
async function expectPicture(page, testInfo, number, file, frame = 1, options = []) {
  const actual = await paneOnScreen(page, pane(page, number));
  mkdirSync(testInfo.outputDir, { recursive: true });
  const expected = referencePicture(file, frame, actual, join(testInfo.outputDir, `reference-${number}-${frame}.png`), options);
  const found = largestDifference(actual, expected);
  expect(found.difference, JSON.stringify(found)).toBeLessThanOrEqual(1);
  expect(found.values, "a picture, not a flat surface").toBeGreaterThan(50);
}

/** Everything that the browser keeps of a page. */
const kept = (page) =>
  page.evaluate(async () => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, await indexedDB.databases(), await caches.keys()]));

test("local: chosen files are shown beside the exam, as they are, and told to nobody", async ({ page }, testInfo) => {
  await openExam(page, stand.followed);
  const [series] = stand.prior.series;
  const { study, files } = asAnotherExam(stand.prior, series.files);
  const damaged = { name: "IM_DAMAGED", mimeType: "", buffer: Buffer.concat([files[0].buffer.subarray(0, 200), Buffer.alloc(100, 255)]) };
  const note = { name: "LISEZMOI.TXT", mimeType: "text/plain", buffer: Buffer.from("texte") };
  const asked = watchRequests(page);
  await openPanel(page, "Ouvrir un CD, une clé USB ou des fichiers…");
  await expectNoViolation(page);
  await dialog(page).locator('[data-test="files"]').setInputFiles([...files, damaged, note]);
  await expect(exams(page)).toHaveCount(1);
  await expect(dialog(page).locator('[data-test="said"]')).toHaveText("Fichiers lus : 14. Examens : 1.");
  await expect(exams(page)).toContainText("PERRIN Luc");
  await expect(exams(page)).toContainText("12 images");
  await expect(exams(page).locator(".local-other")).toHaveCount(0);
  const broken = dialog(page).locator("details");
  await expect(broken).toContainText("Fichiers illisibles : 1");
  await broken.locator("summary").click();
  await expect(broken.getByRole("listitem")).toContainText("IM_DAMAGED");
  await expect(dialog(page)).toContainText("Autres fichiers, qui ne sont pas des images médicales : 1");
  await page.screenshot({ path: testInfo.outputPath("found.png") });
  await expectNoViolation(page);
  await exams(page).getByRole("button", { name: "Afficher à côté" }).click();
  await expect(said(page)).toContainText("À côté : examen du");
  for (const number of [0, 1]) await expectReady(pane(page, number));
  await expect(pane(page, 1)).toHaveAttribute("data-exam", "1");
  await expect(mark(page, 1)).toHaveText("Support local — non transmis");
  await expect(mark(page, 0)).toBeHidden();
  await expect(pane(page, 1).locator(".picture")).toHaveAttribute("aria-label", /Support local — non transmis/);
  await expect(page.locator(".strip .strip-exam").nth(1)).toContainText("Support local — non transmis");
  // One patient: nothing is said of identity.
  await expect(identity(page)).toHaveCount(0);
  await pane(page, 1).focus();
  await page.keyboard.press("Home");
  for (const [position, file] of [[1, series.files[0]], [2, series.files[1]]]) {
    await expectImage(pane(page, 1), position);
    await expectPicture(page, testInfo, 1, file);
    await page.keyboard.press("ArrowDown");
  }
  await page.screenshot({ path: testInfo.outputPath("beside.png") });
  await expectNoViolation(page);
  // All of it is here, and nobody was asked for it or told of it.
  await expect(page.locator(".strip ul").nth(1).locator(".series-progress")).toHaveAttribute("data-complete", "true");
  const secrets = [study, series.series_instance_uid, "IM_DAMAGED"];
  const telling = asked.filter(({ url, body }) => secrets.some((secret) => (url + body).includes(secret)));
  expect(telling).toEqual([]);
  const address = new URL(page.url());
  const foreign = asked.filter(({ url }) => !url.startsWith("data:") && !url.startsWith("blob:") && new URL(url).host !== address.host);
  expect(foreign).toEqual([]);
  // What asks for something of it all the same gets nothing, and the server hears nothing.
  const refused = await page.evaluate(async (uid) => (await fetch(`/dicomweb/studies/${uid}/metadata`)).status, study);
  expect(refused).toBe(404);
  expect(asked.some(({ url }) => url.includes(study))).toBe(false);
  // Nothing is kept: a reload shows the exam of the link alone.
  await page.waitForTimeout(800);
  const storage = await kept(page);
  for (const secret of [study, "local-1", "PERRIN"]) expect(storage).not.toContain(secret);
  await page.reload();
  await expectReady(pane(page, 0));
  await expect(page.locator(".strip .strip-exam")).toHaveCount(0);
});

test("local: a ZIP of another patient is dropped, says so, and is shown alone", async ({ page }, testInfo) => {
  await openExam(page, stand.other);
  const kinds = ["Cr", "Us", "MultiFrame", "Mr"];
  const used = kinds.map((kind) => seriesOf(stand.exam, kind));
  const entries = used.flatMap(({ kind, files }) => files.slice(0, 3).map((file, index) => [`DICOM/${kind}/${index}`, readFileSync(file)]));
  const zip = testInfo.outputPath("CD.zip");
  mkdirSync(dirname(zip), { recursive: true });
  writeFileSync(zip, zipOf([["DICOMDIR", Buffer.from("no directory at all")], ...entries]));
  const asked = watchRequests(page);
  await dropFiles(page, pane(page), [zip]);
  await expect(exams(page)).toHaveCount(1);
  await expect(exams(page).locator(".local-other")).toHaveText("Attention : cet examen est celui d’un autre patient.");
  await expectNoViolation(page);
  await page.screenshot({ path: testInfo.outputPath("other-patient.png") });
  await exams(page).getByRole("button", { name: "Afficher seul" }).click();
  await expect(said(page)).toContainText("Affiché seul : examen du");
  await expect(page.locator("section.pane")).toHaveCount(1);
  await expect(pane(page)).toHaveAttribute("data-exam", "1");
  await expect(mark(page, 0)).toHaveText("Support local — non transmis");
  await expect(identity(page)).toContainText("Attention : des examens de patients différents sont affichés.");
  await expect(identity(page).getByRole("listitem").first()).toContainText("Nom de naissance");
  await expect(pane(page).locator(".compare-identity")).toHaveText("Identité différente");
  // Its own patient, whom the opened exam does not have.
  await expect(pane(page).locator(".note-patient")).not.toContainText(await page.locator('[data-test="patient-name"]').innerText());
  for (const { kind, description, files } of used.filter(({ kind }) => kind !== "Mr")) {
    await test.step(kind, async () => {
      await showSeries(page, description);
      await pane(page).focus();
      await page.keyboard.press("Home");
      await expectImage(pane(page), 1);
      if (kind !== "MultiFrame") await expectPicture(page, testInfo, 0, files[0]);
      else await expect(pane(page)).toHaveAttribute("data-cover-state", "whole");
    });
  }
  await showSeries(page, seriesOf(stand.exam, "Us").description);
  for (let step = 0; step < 6; step += 1) await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), 7);
  await expectPicture(page, testInfo, 0, seriesOf(stand.exam, "Us").files[0], 7);
  await page.screenshot({ path: testInfo.outputPath("alone.png") });
  await expectNoViolation(page);
  expect(asked.filter(({ url, body }) => (url + body).includes(stand.exam.study_instance_uid))).toEqual([]);
});

test("local: a video is played from its file", async ({ page }) => {
  await openExam(page, stand.other);
  await openPanel(page, "Ouvrir un CD, une clé USB ou des fichiers…");
  const [video] = stand.videos.series;
  const asked = watchRequests(page);
  await dialog(page).locator('[data-test="files"]').setInputFiles(video.files);
  await exams(page).getByRole("button", { name: "Afficher seul" }).click();
  await expectImage(pane(page), 1);
  await expect(pane(page)).toHaveAttribute("data-image-count", "30");
  await page.keyboard.press("End");
  await expectImage(pane(page), 30);
  expect(asked.filter(({ url }) => url.includes(stand.videos.study_instance_uid))).toEqual([]);
});

test("local: a folder is dropped, and everything is done by keyboard", async ({ page }) => {
  await openExam(page, stand.other);
  await dropFiles(page, pane(page), [stand.followed.folder, stand.prior.folder]);
  // Both exams of one patient, the newest first.
  await expect(exams(page)).toHaveCount(2);
  await expect(exams(page).first()).toHaveAttribute("data-study", stand.followed.study_instance_uid);
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await expect(pane(page)).toBeFocused();
  await runByName(page, "Ouvrir un CD");
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(dialog(page).getByRole("button", { name: "Fermer" })).toBeFocused();
  await page.keyboard.press("Tab");
  const chooser = page.waitForEvent("filechooser");
  await expect(dialog(page).getByRole("button", { name: "Choisir un disque ou un dossier…" })).toBeFocused();
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(stand.prior.folder);
  const beside = exams(page).getByRole("button", { name: "Afficher à côté" });
  await expect(beside).toBeFocused();
  await page.keyboard.press("Enter");
  await expectReady(pane(page, 1));
  await expect(mark(page, 1)).toHaveText("Support local — non transmis");
  // The same one again is there already, and is shown.
  await page.getByRole("button", { name: "Afficher la page en anglais (English)" }).click();
  await expect(mark(page, 1)).toHaveText("Local media — not sent");
});

test("local: twenty thousand files are read without keeping the page", async ({ page }, testInfo) => {
  await openExam(page, stand.other);
  await openPanel(page, "Ouvrir un CD, une clé USB ou des fichiers…");
  const content = readFileSync(stand.prior.series[0].files[0]);
  // Header and pixels of one slice, under as many names of its own.
  const uid = stand.prior.series[0].sop_instance_uids[0];
  const measured = await page.evaluate(async ({ base64, uid, count }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const text = new TextEncoder().encode(uid);
    const at = [];
    for (let index = 0; index < bytes.length - text.length; index += 1) {
      if (text.every((byte, offset) => bytes[index + offset] === byte)) at.push(index + text.length - 6);
    }
    const pixels = new Blob([bytes.subarray(at.at(-1) + 6)]);
    const transfer = new DataTransfer();
    for (let number = 0; number < count; number += 1) {
      const head = bytes.slice(0, at.at(-1) + 6);
      const digits = new TextEncoder().encode(String(100_000 + number));
      for (const place of at) head.set(digits, place);
      transfer.items.add(new File([head, pixels], `IM${number}`));
      if (number % 500 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    const input = document.querySelector('dialog [data-test="files"]');
    input.files = transfer.files;
    const tasks = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: "longtask" });
    const began = performance.now();
    let beats = 0;
    const beat = () => {
      beats += 1;
      if (observer) requestAnimationFrame(beat);
    };
    beat();
    input.dispatchEvent(new Event("change"));
    while (!document.querySelector("dialog [data-study]")) await new Promise((resolve) => setTimeout(resolve, 50));
    observer.disconnect();
    return { ms: performance.now() - began, tasks, beats };
  }, { base64: content.toString("base64"), uid, count: 20_000 });
  await expect(exams(page)).toContainText("20 000 images");
  const longest = Math.max(0, ...measured.tasks);
  const line = `20 000 files in ${Math.round(measured.ms)} ms, ${measured.beats} pictures meanwhile, longest task of the page ${Math.round(longest)} ms`;
  testInfo.annotations.push({ type: "measured", description: line });
  console.log(line);
  // A page that were kept by the files would be kept for all of the time, or draw nothing.
  expect(longest).toBeLessThan(measured.ms / 10);
  expect(measured.beats).toBeGreaterThan(measured.ms / 200);
});
