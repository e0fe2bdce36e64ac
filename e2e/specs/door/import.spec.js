// A radiologist's way from the call of the practice's software to an exam of another centre in the local PACS: real identity provider,
// signed list, box behind mutual TLS, Orthanc.
import { readFileSync, readdirSync } from "node:fs";
import { request as post } from "node:http";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { stand } from "../../support/stand.js";
import { expectReady, openPanel, pane } from "../../support/visitor.js";

const LOCAL = { id: "L-0815", birth_name: "MUSTERMANN", given_names: "Erika", birth_date: "1964-08-12", sex: "F" };

test.use({ locale: "fr-FR" });

/** Keeps a picture of the page; axe finds nothing in it. */
async function expectGood(page, name) {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`) });
  await expectNoViolation(page);
}

/** What the practice's software does, without a browser: the address that works once. */
async function call() {
  const { call_address: address, call: { secret, form } } = stand.consulted;
  const { host, port, pathname: path } = new URL(address);
  // Only browsers know by themselves that names below "localhost" are this machine.
  const headers = { host, authorization: `Bearer ${secret}`, "content-type": "application/x-www-form-urlencoded" };
  const answer = await new Promise((resolve, reject) => {
    post({ host: "127.0.0.1", port, path, method: "POST", headers }, resolve).on("error", reject).end(form);
  });
  answer.resume();
  expect(answer.statusCode).toBe(303);
  return new URL(answer.headers.location, address).href;
}

/** From the address of the call to the page that lists what manifests name. */
async function consult(page) {
  await page.addInitScript(() => localStorage.setItem("negatoscope.tour", "done"));
  await page.goto(await call());
  await expectGood(page, "card");
  await page.getByRole("link", { name: "S’identifier avec Pro Santé Connect", exact: true }).click();
  await page.getByLabel("Person").selectOption("professional");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByLabel("MAISON DE SANTE DES LICES").check();
  await page.getByRole("button", { name: "Voir l’examen" }).click();
  await expect(page.getByRole("heading", { name: "Examens d’autres centres" })).toBeVisible();
}

/** Identity by its fields, under names that begin with `prefix`. */
async function type(dialog, prefix, identity) {
  for (const [name, value] of Object.entries(identity)) {
    const field = dialog.locator(`#${prefix}-${name}`);
    if (name === "sex") await field.selectOption(value);
    else await field.fill(value);
  }
}

const pacs = async (path) => (await fetch(`${stand.consulted.pacs}${path}`)).json();

/** Objects of the exam in the local PACS. */
async function stored() {
  const ids = await pacs("/instances");
  const all = await Promise.all(ids.map(async (id) => ({ id, tags: await pacs(`/instances/${id}/simplified-tags`) })));
  return all.filter(({ tags }) => tags.StudyInstanceUID === stand.consulted.study_instance_uid);
}

const journal = () => readdirSync(stand.audit).map((file) => readFileSync(join(stand.audit, file), "utf8")).join("");

test("from the call to the local PACS: skeleton, images, who it is, what changes, what has arrived", async ({ page }) => {
  test.skip(!stand.consulted.pacs, "no local PACS");
  await consult(page);
  await page.locator("#manifeste").setInputFiles(stand.consulted.manifest);
  await page.getByRole("button", { name: "Ajouter", exact: true }).click();
  await expect(page.getByText("L’examen a été ajouté.")).toBeVisible();
  await expectGood(page, "skeleton");

  await page.getByRole("link", { name: "Voir les images" }).click();
  await expectReady(pane(page));
  const dialog = await openPanel(page, "Importer dans le PACS");
  await expect(dialog.getByRole("radio", { name: "Tout l’examen" })).toBeChecked();
  await dialog.getByLabel("Valeur cherchée").fill(LOCAL.id);
  await dialog.getByRole("button", { name: "Chercher" }).click();
  await expect(dialog.getByText("Personne à ce numéro.")).toBeVisible();
  await type(dialog, "import", LOCAL);
  await expect(dialog.locator('[data-trait="birth_name"]')).toContainText("différent");
  await expectGood(page, "identity");

  await dialog.getByRole("button", { name: "Vérifier" }).click();
  const { instances } = stand.consulted;
  await expect(dialog.locator('[data-test="plan-count"]')).toHaveText(new RegExp(`^Objets à envoyer : ${instances} · déjà dans .* : 0$`));
  await expect(dialog.locator('[data-tag="00100020"]').first()).toContainText(LOCAL.id);
  await expectGood(page, "plan");
  // Typed twice, and once otherwise: nothing is sent.
  await type(dialog, "again", { ...LOCAL, birth_date: "1964-12-08" });
  await dialog.getByLabel(/c’est bien le même patient/).check();
  const start = dialog.getByRole("button", { name: new RegExp(`^Importer ${instances} objets`) });
  await start.click();
  await expect(dialog.getByText("Les deux saisies diffèrent (Date de naissance). Rien n’a été envoyé.")).toBeVisible();
  expect(await stored()).toEqual([]);
  await type(dialog, "again", LOCAL);
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
  const lines = journal();
  for (const event of ["exported", "imported"]) expect(lines).toContain(`"event":"${event}"`);
  expect(lines).not.toContain(LOCAL.birth_name);
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
