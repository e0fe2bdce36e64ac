// What happens to tabs: back and forward, two exams in two of them, sleep, the end of a session. The same exam and the same view
// come back, nothing of another exam is seen, and nothing that says whose it is stays in the browser.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { expect, test } from "@playwright/test";
import { seriesOf, stand } from "../../support/stand.js";
import { expectImage, expectReady, identify, openExam, openLink, pane } from "../../support/visitor.js";

const BONE = "W 2000 L 400";
const window = (page) => pane(page).locator('[data-test="window"]');

/** A view that is not the first one. */
async function goSomewhere(page) {
  const shown = pane(page);
  await shown.focus();
  await page.keyboard.press("PageDown");
  await page.keyboard.press("PageDown");
  await page.keyboard.press("3");
  await expectImage(shown, 21);
  await expect(window(page)).toHaveText(BONE);
}

async function expectSomewhere(page) {
  await expectImage(pane(page), 21);
  await expect(window(page)).toHaveText(BONE);
}

/** What the page's own answers say of the patient and of what the exam is called. */
async function personalData(page) {
  const { patient, study } = await page.evaluate(async () => {
    const { visit } = document.getElementById("app").dataset;
    return (await fetch(`/api/examen/${visit}`)).json();
  });
  const { accession_number: accession, code } = stand.exam;
  const [year, month, day] = [patient.birth_date.slice(0, 4), patient.birth_date.slice(4, 6), patient.birth_date.slice(6)];
  const dates = [patient.birth_date, `${day}/${month}/${year}`, `${year}-${month}-${day}`];
  const told = [patient.birth_name, patient.given_names, patient.id, study.study_instance_uid, study.description];
  return [...told, ...dates, accession, code, ...seriesOf(stand.exam, "Ct").sop_instance_uids.slice(0, 30)].filter(Boolean);
}

/** All that the browser keeps for this site and a script can read, as one text. */
function kept(page) {
  return page.evaluate(async () => {
    const all = [{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, window.name, document.title];
    for (const { name, version } of await indexedDB.databases()) {
      const database = await new Promise((resolve, reject) => {
        const opening = indexedDB.open(name, version);
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      for (const store of database.objectStoreNames) {
        const asked = database.transaction(store).objectStore(store).getAll();
        await new Promise((resolve) => (asked.onsuccess = resolve));
        all.push(name, store, asked.result);
      }
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) all.push(request.url, await (await cache.match(request)).text());
    }
    all.push((await navigator.serviceWorker?.getRegistrations())?.map(({ scope }) => scope));
    const files = await navigator.storage.getDirectory().then((root) => Array.fromAsync(root.keys()));
    return JSON.stringify([...all, files]);
  });
}

test("back and forward lead to the same exam and the same view", async ({ page }) => {
  await openExam(page, stand.exam);
  await goSomewhere(page);
  const address = page.url();
  await page.goto(new URL("/aide", address).href);
  await page.goBack();
  expect(page.url()).toBe(address);
  await expectSomewhere(page);
  await page.goForward();
  await expect(page.getByRole("heading", { name: "Aide", level: 1 })).toBeVisible();
  await page.goBack();
  await expectSomewhere(page);
  // Behind the exam is the card, which does not ask who has shown it already.
  await page.goBack();
  await expectSomewhere(page);
});

test("two tabs of two exams stay apart, and end together", async ({ page, context }) => {
  await openExam(page, stand.exam);
  await goSomewhere(page);
  const other = await context.newPage();
  await openLink(other, stand.videos);
  await identify(other, stand.videos);
  await expectReady(pane(other));
  expect(other.url()).not.toBe(page.url());
  const nameOf = (tab) => tab.locator('[data-test="patient-name"]').innerText();
  const [name, otherName] = [await nameOf(page), await nameOf(other)];
  expect(name).not.toBe(otherName);
  for (const tab of [page, other]) await tab.reload();
  await expectSomewhere(page);
  await expectReady(pane(other));
  for (const [tab, own, foreign] of [[page, name, otherName], [other, otherName, name]]) {
    expect(await nameOf(tab)).toBe(own);
    await expect(tab.locator("body")).not.toContainText(foreign.split(" ")[0]);
    expect(await kept(tab)).not.toContain(foreign.split(" ")[0]);
  }
  await other.getByRole("button", { name: "Se déconnecter" }).click();
  await expect(other.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
  await page.reload();
  await expect(page.locator("canvas")).toHaveCount(0);
  await expect(page.locator("body")).not.toContainText(name.split(" ")[0]);
});

test("a tab that was frozen goes on where it was, though it was still loading", async ({ page, context }) => {
  await openExam(page, stand.exam);
  await goSomewhere(page);
  const session = await context.newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await expectSomewhere(page);
  const total = Number(await pane(page).getAttribute("data-image-count"));
  await pane(page).focus();
  await page.keyboard.press("End");
  await expectImage(pane(page), total);
  await expect(page.locator(".ribbon")).toHaveCount(0);
});

/** Moves the beginning of every login so far into the past that it has ended: sessions live for an hour, tests do not. */
function endSessions() {
  const script = `import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=10) as database:
    assert database.execute("UPDATE login SET opened = opened - 1000000").rowcount > 0`;
  execFileSync("python3", ["-c", script, join(dirname(stand.log), "state/negatoscope.sqlite")]);
}

test("a session that ended says so beside what is loaded, and the view comes back after logging in", async ({ page }) => {
  const other = seriesOf(stand.exam, "Mr");
  // The viewer loads other series by itself, and asks for nothing once all are there: this one comes when the session has ended.
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route((url) => url.href.includes(`/series/${other.series_instance_uid}/frames`), async (route) => {
    await held;
    await route.continue();
  });
  await openExam(page, stand.exam);
  await goSomewhere(page);
  endSessions();
  await page.waitForTimeout(200); // The server may answer by what it knew for 50 ms.
  release();
  const ribbon = page.locator(".ribbon").getByText("Votre session est terminée");
  await page.locator("button.series", { hasText: other.description }).click();
  await expect(ribbon).toBeVisible();
  await pane(page).focus();
  await page.keyboard.press("Control+z");
  await expectSomewhere(page);
  await page.locator(".ribbon").getByRole("button", { name: "S’identifier" }).click();
  await expect(page.getByRole("status")).toContainText("Votre session a pris fin");
  await expect(page.locator("body")).not.toContainText(stand.exam.accession_number);
  await identify(page, stand.exam);
  await expectSomewhere(page);
});

test("nothing that says whose exam it is stays in the browser", async ({ page }) => {
  await openExam(page, stand.exam);
  const secrets = await personalData(page);
  expect(secrets.length).toBeGreaterThan(35);
  await goSomewhere(page);
  // What tools keep: a measurement, links between panes, a search for a command.
  await page.keyboard.press("d");
  await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
  await expect(pane(page)).toHaveAttribute("data-measures", "0");
  for (const key of ["Enter", "Enter", "Shift+ArrowRight", "Enter"]) await page.keyboard.press(key);
  await expect(pane(page).locator("[data-measure]")).toHaveCount(1);
  await page.waitForTimeout(800); // The view is written down a moment after its last change.
  const during = await kept(page);
  expect(during).toContain("negatoscope.view");
  expect(during).toContain("negatoscope.measures");
  expect(secrets.filter((secret) => during.includes(secret))).toEqual([]);
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await expect(page.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
  const after = await kept(page);
  expect(after).not.toContain("negatoscope.view");
  expect(secrets.filter((secret) => after.includes(secret))).toEqual([]);
});
