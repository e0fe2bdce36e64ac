// A radiologist's way from the call of the practice's software to an exam of another centre in the local PACS: two servers of ours as two
// centres, real identity provider, signed list, mutual TLS between them, Orthanc.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { holdBackAll } from "../../support/arriving.js";
import { expectNoViolation } from "../../support/axe.js";
import { LOCAL, bringManifest, consult, typeIdentity } from "../../support/consultation.js";
import { stand } from "../../support/stand.js";
import { expectReady, openPanel, pane } from "../../support/visitor.js";
import { speaking } from "../../support/words.js";

const say = speaking("fr");

test.use({ locale: "fr-FR" });

/** Keeps a picture of the page; axe finds nothing in it. */
async function expectGood(page, name) {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`) });
  await expectNoViolation(page);
}

/** Nothing sticks out of a narrow page. */
async function expectRoom(page) {
  const usual = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await page.screenshot({ path: test.info().outputPath("narrow.png") });
  await page.setViewportSize(usual);
}

const pacs = async (path) => (await fetch(`${stand.consulted.pacs}${path}`)).json();

/** Objects of the exam in the local PACS. */
async function stored() {
  const ids = await pacs("/instances");
  const all = await Promise.all(ids.map(async (id) => ({ id, tags: await pacs(`/instances/${id}/simplified-tags`) })));
  return all.filter(({ tags }) => tags.StudyInstanceUID === stand.consulted.study_instance_uid);
}

const journal = (folder) => readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8")).join("");

/** The earlier exam of the other centre beside the one that is open: each says which it is, and the panes go together. */
async function compareWithEarlier(page) {
  await pane(page).focus();
  await page.keyboard.press("b");
  const exams = ["04/11/2026 · Tête et thorax (fantôme)", "18/03/2025 · Thorax, antérieur (fantôme)"];
  for (const number of [0, 1]) {
    await expectReady(pane(page, number));
    await expect(pane(page, number).locator('[data-test="exam"]')).toHaveText(exams[number]);
    await expect(pane(page, number)).toHaveAttribute("data-exam", String(number));
    // The same person in both.
    await expect(pane(page, number).locator(".compare-identity")).toHaveText("");
  }
  await pane(page, 1).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await expect(pane(page, 1)).toHaveAttribute("data-image-index", "1");
}

/** On a phone, too, the name above a picture is not cut, and the notice is on the page. */
async function expectWholeName(page) {
  const usual = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  const cut = await page.locator(".banner-patient").evaluate((name) => name.scrollWidth - name.clientWidth);
  expect(cut).toBe(0);
  await expect(page.locator(".banner-notice")).toBeInViewport({ ratio: 1 });
  await page.screenshot({ path: test.info().outputPath("coming-phone.png") });
  await page.setViewportSize(usual);
}

/** What the page says while an exam is on its way, which here is held back when it has come. */
async function whileItComes(page, open) {
  const { release } = await holdBackAll(page);
  const listed = stand.consulted.instances;
  await open();
  await expect(page.locator('[data-test="arriving"]')).toHaveText(new RegExp(`^Images et documents reçus : ${listed} sur ${listed}\\.$`));
  await expect(page.getByRole("img", { name: "Une image reçue, en lecture simple" })).toBeVisible();
  await expect(page.locator(".banner-patient")).toContainText(new URLSearchParams(stand.consulted.call.form).get("Patient.name.family"));
  await expect(page.locator(".banner-notice")).toBeVisible();
  await expectGood(page, "coming");
  await expectWholeName(page);
  // One patient above the picture, whoever puts it there.
  await expect(page.locator(".banner-patient")).toHaveCount(1);
  await release();
  await expectReady(pane(page));
}

test("from the call to the local PACS: skeleton, images, comparison, who it is, what changes, what has arrived", async ({ page }) => {
  expect(stand.consulted.pacs, "Orthanc, which the test command installs").toBeTruthy();
  await page.addInitScript(() => localStorage.setItem("negatoscope.tour", "done"));
  await consult(page, say, () => expectGood(page, "card"));
  await bringManifest(page, say);
  await bringManifest(page, say, stand.consulted.manifest_before);
  await expectGood(page, "skeleton");
  await expectRoom(page);

  // The exam of the first manifest, whichever place the list gives it: neither says its date.
  const open = () => page.locator("section", { hasText: "7 images" }).getByRole("link", { name: "Voir les images" }).click();
  await whileItComes(page, open);
  await compareWithEarlier(page);
  await expectGood(page, "compared");
  await pane(page, 0).focus();
  const dialog = await openPanel(page, "Importer dans le PACS");
  await expect(dialog.getByRole("radio", { name: "Tout l’examen" })).toBeChecked();
  await dialog.getByLabel("Valeur cherchée").fill(LOCAL.id);
  await dialog.getByRole("button", { name: "Chercher" }).click();
  await expect(dialog.getByText("Personne à ce numéro.")).toBeVisible();
  await typeIdentity(dialog, "import", LOCAL);
  await expect(dialog.locator('[data-trait="birth_name"]')).toContainText("différent");
  await expectGood(page, "identity");

  await dialog.getByRole("button", { name: "Vérifier" }).click();
  const { instances } = stand.consulted;
  await expect(dialog.locator('[data-test="plan-count"]')).toHaveText(new RegExp(`^Objets à envoyer : ${instances} · déjà dans .* : 0$`));
  await expect(dialog.locator('[data-tag="00100020"]').first()).toContainText(LOCAL.id);
  await expectGood(page, "plan");
  // Typed twice, and once otherwise: nothing is sent.
  await typeIdentity(dialog, "again", { ...LOCAL, birth_date: "1964-12-08" });
  await dialog.getByLabel(/c’est bien le même patient/).check();
  const start = dialog.getByRole("button", { name: new RegExp(`^Importer ${instances} objets`) });
  await start.click();
  await expect(dialog.getByText("Les deux saisies diffèrent (Date de naissance). Rien n’a été envoyé.")).toBeVisible();
  expect(await stored()).toEqual([]);
  await typeIdentity(dialog, "again", LOCAL);
  await start.click();
  await expect(dialog.locator(".import-state")).toHaveText("terminé : tout est arrivé");
  await expect(dialog.locator(".import-counts")).toHaveText(`${instances} sur ${instances} confirmés par la destination`);
  await expectGood(page, "arrived");

  const arrived = await stored();
  expect(arrived.length).toBe(instances);
  for (const { tags } of arrived) {
    expect(tags).toMatchObject({ PatientID: LOCAL.id, PatientName: `${LOCAL.birth_name}^${LOCAL.given_names}`, PatientSex: LOCAL.sex });
    expect(tags.OriginalAttributesSequence).toHaveLength(1);
  }
  await expectSamePixels(page, arrived);
  const lines = journal(stand.audit);
  for (const event of ["exported", "imported"]) expect(lines).toContain(`"event":"${event}"`);
  // The centre that has the exams wrote down in whose name which box got them.
  const elsewhere = journal(stand.consulted.audit).split("\n").filter((line) => line.includes('"event":"exported"'));
  for (const words of ['"reason":"target=db2.350.example.fr"', '"subject":"899700000002"', stand.consulted.study_instance_uid]) {
    expect(elsewhere.some((line) => line.includes(words)), words).toBe(true);
  }
  for (const text of [lines, ...elsewhere]) expect(text).not.toContain(LOCAL.birth_name);
});

/** The frames that the viewer shows are those that lie in the local PACS, byte for byte. */
async function expectSamePixels(page, arrived) {
  for (const { id, tags } of arrived.filter(({ tags }) => tags.Rows)) {
    const { StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID: instance } = tags;
    const path = `/dicomweb/studies/${study}/series/${series}/instances/${instance}/frames/1`;
    const shown = await page.evaluate(async (address) => {
      const answer = await fetch(address, { headers: { accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*' } });
      return [...new Uint8Array(await answer.arrayBuffer())];
    }, path);
    const kept = Buffer.from(await (await fetch(`${stand.consulted.pacs}/instances/${id}/frames/0/raw`)).arrayBuffer());
    const body = Buffer.from(shown);
    const start = body.indexOf("\r\n\r\n") + 4;
    expect(body.subarray(start, start + kept.length).equals(kept), instance).toBe(true);
  }
}

test("another exam of a consultation than the first shows its own picture while it comes", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("negatoscope.tour", "done"));
  await consult(page, say);
  await bringManifest(page, say);
  await bringManifest(page, say, stand.consulted.manifest_before);
  const { release } = await holdBackAll(page);
  await page.locator('a[href$="#2"]').click();
  const picture = page.getByRole("img", { name: "Une image reçue, en lecture simple" });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image) => image.naturalWidth)).toBeGreaterThan(0);
  expect(await picture.getAttribute("src")).not.toContain(stand.consulted.study_instance_uid);
  await expect(page.locator(".banner-patient")).toHaveCount(1);
  await expectGood(page, "coming-second");
  await release();
  await expectReady(pane(page));
  await expect(page.locator(".banner-patient")).toHaveCount(1);
});

test("a manifest that is dropped on the viewer is added to the consultation, and nothing else is sent", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("negatoscope.tour", "done"));
  await consult(page, say);
  await bringManifest(page, say);
  await page.getByRole("link", { name: say("consultation.view") }).click();
  await expectReady(pane(page));
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(new URL(request.url()).pathname));
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: say("help.search") }).fill("clé usb");
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog.local");
  const note = { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("no image") };
  const manifest = { name: "manifest.dcm", mimeType: "application/dicom", buffer: readFileSync(stand.consulted.manifest) };
  await dialog.locator('[data-test="files"]').setInputFiles([note, manifest]);
  await expect(dialog.getByText(say("local.manifest_here"))).toBeVisible();
  expect(sent).toEqual([]);
  await dialog.getByRole("button", { name: say("local.manifest_bring") }).click();
  await expect(dialog.getByRole("status").filter({ hasText: say("consultation.taken.known") })).toBeVisible();
  expect(sent).toEqual(["/consultation/1/manifestes"]);
  await expectGood(page, "manifest");
  await dialog.getByRole("link", { name: say("local.manifest_list") }).click();
  await expect(page.getByRole("heading", { name: say("consultation.title") })).toBeVisible();
});

test("a patient is offered no import", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("negatoscope.tour", "done"));
  await page.goto(stand.identified.link);
  await page.getByRole("link", { name: "S’identifier avec FranceConnect", exact: true }).click();
  await page.getByLabel("Person").selectOption("elise");
  await page.getByRole("button", { name: "Log in" }).click();
  await expectReady(pane(page));
  await expect(page.locator("[data-import]")).toHaveCount(0);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Que voulez-vous faire ?" }).fill("importer");
  await expect(page.locator("dialog[open] [role=status]")).toHaveText("Aucune commande ne porte ces mots.");
});
