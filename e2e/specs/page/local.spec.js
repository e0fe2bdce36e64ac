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
  const { uids, files } = asAnotherExam(stand.prior, series.files);
  const [study] = uids;
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
  await expect(broken.getByRole("listitem")).toHaveText("IM_DAMAGED : fichier abîmé");
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
  const secrets = [...uids, "IM_DAMAGED"];
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

/** What a page is told of the documents of an exam, and of the attributes of one of its images. */
const told = (page, documents, image) =>
  page.evaluate(async ([documents, image]) => {
    const get = async (address) => (await fetch(address)).json();
    const list = await get(documents);
    const of = (kind) => list.documents.filter((one) => one.kind === kind).map((one) => `${documents}/${one.series}/${one.instance}`);
    const pdf = await (await fetch(`${of("pdf")[0]}/pdf`)).arrayBuffer();
    return {
      list,
      reports: await Promise.all(of("report").map(get)),
      presentations: await Promise.all(of("presentation").map((address) => get(`${address}/presentation`))),
      pdf: [...new Uint8Array(pdf)],
      // How the object is written stands before it in a file; the server says in what it comes.
      attributes: (await get(`${image}/attributes`)).filter(({ tag }) => tag !== "00020010" && tag !== "00083002"),
    };
  }, [documents, image]);

test("local: documents, key images and attributes are read where they are, and are those that the server gives", async ({ page }, testInfo) => {
  const { study_instance_uid: study, series: all } = stand.documents;
  const [ct] = all;
  const image = `/dicomweb/studies/${study}/series/${ct.series_instance_uid}/instances/${ct.sop_instance_uids[0]}`;
  await openExam(page, stand.documents);
  const visit = await page.locator("#app").getAttribute("data-visit");
  const given = await told(page, `/api/examen/${visit}/1/documents`, image);
  expect(given.presentations.length).toBeGreaterThan(1);
  await openExam(page, stand.other);
  const asked = watchRequests(page);
  await openPanel(page, "Ouvrir un CD, une clé USB ou des fichiers…");
  await dialog(page).locator('[data-test="files"]').setInputFiles(all.flatMap(({ files }) => files));
  await exams(page).getByRole("button", { name: "Afficher seul" }).click();
  await expectImage(pane(page), 1);
  expect(await told(page, `local:/documents/${study}`, `local:${image}`)).toEqual(given);
  // They are in the strip without being asked for, as those of the exam of a link are.
  await expect(page.locator(".documents-strip .button").first()).toHaveText(`Documents (${given.list.documents.length})`);
  await expect(page.locator(".series-keys").first()).toContainText("★ 3");
  await test.step("a report", async () => {
    await page.keyboard.press("j");
    await page.locator("dialog[open]").getByRole("button", { name: "Lire : Diagnostic imaging report" }).click();
    const report = page.locator("dialog[open]");
    await expect(report).toContainText("Nodule pulmonaire <b>du lobe supérieur</b> droit.");
    await expectNoViolation(page);
    await page.screenshot({ path: testInfo.outputPath("report.png") });
    await report.getByRole("button", { name: /^Série 1, image / }).click();
    await expect(report).toHaveCount(0);
  });
  await test.step("a PDF", async () => {
    await page.keyboard.press("j");
    const saved = page.waitForEvent("download");
    await page.locator("dialog[open]").getByRole("button", { name: /^Enregistrer le PDF : Compte rendu de scanner/ }).click();
    expect([...readFileSync(await (await saved).path())]).toEqual(given.pdf);
    await expectNoViolation(page);
    await page.screenshot({ path: testInfo.outputPath("documents.png") });
  });
  await test.step("a presentation", async () => {
    await page.locator("dialog[open]").getByRole("button", { name: "Appliquer : Nodule entouré" }).click();
    await expect(pane(page).locator(".documents-note")).toContainText("Présentation : Nodule entouré");
    await expect(pane(page).locator(".documents-lines text")).toHaveText("Nodule 12,5 mm");
    await expect(pane(page).locator('[data-test="window"]')).toHaveText(/350.*50/);
  });
  await test.step("attributes", async () => {
    await openPanel(page, "Informations DICOM…");
    const attributes = page.getByRole("dialog", { name: "Informations DICOM de l’image" });
    await attributes.getByRole("searchbox").fill("patient name");
    await expect(attributes.getByRole("option").first()).toContainText("ROUSSEAU");
    await attributes.getByLabel("Masquer les données personnelles").check();
    await expect(attributes).not.toContainText("ROUSSEAU");
    await expectNoViolation(page);
  });
  expect(asked.filter(({ url, body }) => (url + body).includes(study))).toEqual([]);
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
  // One that the page has is not put beside itself, and goes on being asked of the server.
  await dropFiles(page, dialog(page), [stand.other.folder]);
  await exams(page).getByRole("button", { name: "Afficher à côté" }).click();
  await expect(dialog(page).getByRole("alert")).toHaveText("Cet examen est déjà dans la page, tel que le serveur le donne.");
  const status = await page.evaluate(async (uid) => (await fetch(`/dicomweb/studies/${uid}/metadata`)).status, stand.other.study_instance_uid);
  expect(status).toBe(200);
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
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
  await page.getByRole("button", { name: "Afficher la page en anglais (English)" }).click();
  await expect(mark(page, 1)).toHaveText("Local media — not sent");
});

test("local: twenty thousand files are read without keeping the page", async ({ page }, testInfo) => {
  await openExam(page, stand.other);
  const content = readFileSync(stand.prior.series[0].files[0]);
  const uid = stand.prior.series[0].sop_instance_uids[0];
  // Every tenth is a slice under a name of its own, the others are what else lies on a CD: as if they had been dropped.
  await page.evaluate(({ base64, uid, count }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const text = new TextEncoder().encode(uid);
    const at = [];
    for (let index = 0; index < 4096; index += 1) {
      if (text.every((byte, offset) => bytes[index + offset] === byte)) at.push(index + text.length - 6);
    }
    const end = at.at(-1) + 6;
    const pixels = new Blob([bytes.subarray(end)]);
    globalThis.negatoscopeDropped = Array.from({ length: count }, (_, number) => {
      if (number % 10) return new File(["viewer program"], `DATA${number}.BIN`);
      const head = bytes.slice(0, end);
      for (const place of at) head.set(new TextEncoder().encode(String(100_000 + number)), place);
      return new File([head, pixels], `IM${number}`);
    });
  }, { base64: content.toString("base64"), uid, count: 20_000 });
  await page.evaluate(() => {
    const measured = (window.measured = { tasks: [], beats: 0, began: performance.now() });
    new PerformanceObserver((list) => measured.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    const beat = () => {
      measured.beats += 1;
      requestAnimationFrame(beat);
    };
    beat();
  });
  await openPanel(page, "Ouvrir un CD, une clé USB ou des fichiers…");
  await expect(dialog(page).getByRole("button", { name: "Arrêter la lecture" })).toBeVisible();
  await expect(exams(page)).toContainText("2 000 images", { timeout: 150_000 });
  await expect(dialog(page)).toContainText("Autres fichiers, qui ne sont pas des images médicales : 18 000");
  const { ms, tasks, beats } = await page.evaluate(() => ({ ...window.measured, ms: performance.now() - window.measured.began }));
  const longest = Math.max(0, ...tasks);
  const line = `20 000 files in ${Math.round(ms)} ms, ${beats} pictures meanwhile, longest task of the page ${Math.round(longest)} ms`;
  testInfo.annotations.push({ type: "measured", description: line });
  console.log(line);
  // A page that were kept by the files would be kept for all of the time, or draw nothing.
  expect(longest).toBeLessThan(ms / 10);
  expect(beats).toBeGreaterThan(ms / 200);
});

test("local: reading is stopped, and what was found is shown", async ({ page }) => {
  await openExam(page, stand.other);
  const content = [...readFileSync(stand.prior.series[0].files[0])];
  // The slice comes first; the rest would take a while.
  await page.evaluate((bytes) => {
    const rest = Array.from({ length: 20_000 }, (_, number) => new File(["viewer program"], `DATA${number}.BIN`));
    globalThis.negatoscopeDropped = [...rest, new File([Uint8Array.from(bytes)], "IM1")];
  }, content);
  await runByName(page, "Ouvrir un CD");
  const stop = dialog(page).getByRole("button", { name: "Arrêter la lecture" });
  await expect(dialog(page).locator('[data-test="count"]')).toContainText("Examens : 1");
  await stop.focus();
  await page.keyboard.press("Enter");
  await expect(exams(page)).toContainText("1 image");
  await expect(exams(page).getByRole("button", { name: "Afficher à côté" })).toBeFocused();
  await expect(dialog(page)).toContainText("Fichiers laissés de côté");
  await expect(stop).toBeHidden();
});
