// A professional's way to an exam of another centre, as the stand has it (`stand.consulted`).
import { request } from "node:http";
import { expect } from "@playwright/test";
import { stand } from "./stand.js";

/** Who the patient is in the local PACS, by the names of the import's fields. */
export const LOCAL = { id: "L-0815", birth_name: "MUSTERMANN", given_names: "Erika", birth_date: "1964-08-12", sex: "F" };

/** What the practice's software does, without a browser: the address that works once. */
export async function call() {
  const { call_address: address, call: { secret, form } } = stand.consulted;
  const { host, port, pathname: path } = new URL(address);
  // Only browsers know by themselves that names below "localhost" are this machine.
  const headers = { host, authorization: `Bearer ${secret}`, "content-type": "application/x-www-form-urlencoded" };
  const answer = await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method: "POST", headers }, resolve).on("error", reject).end(form);
  });
  answer.resume();
  expect(answer.statusCode).toBe(303);
  return new URL(answer.headers.location, address).href;
}

/** From the address of the call, over the card and the identity provider, to the page that lists exams; in the words of `say`. */
export async function consult(page, say, onCard = async () => {}) {
  await page.goto(await call());
  await onCard();
  await page.getByRole("link", { name: say("entry.oidc.psc"), exact: true }).click();
  await page.getByLabel("Person").selectOption("professional");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByLabel("MAISON DE SANTE DES LICES").check();
  await page.getByRole("button", { name: say("entry.card.submit"), exact: true }).click();
  await expect(page.getByRole("heading", { name: say("consultation.title") })).toBeVisible();
}

/** Brings the manifest, or another one of the stand, by the page's form. */
export async function bringManifest(page, say, manifest = stand.consulted.manifest) {
  await page.locator("#manifeste").setInputFiles(manifest);
  await page.getByRole("button", { name: say("consultation.add"), exact: true }).click();
  await expect(page.getByText(say("consultation.taken.added"))).toBeVisible();
}

/** Types an identity into the fields whose names begin with `prefix`. */
export async function typeIdentity(dialog, prefix, identity) {
  for (const [name, value] of Object.entries(identity)) {
    const field = dialog.locator(`#${prefix}-${name}`);
    if (name === "sex") await field.selectOption(value);
    else await field.fill(value);
  }
}
