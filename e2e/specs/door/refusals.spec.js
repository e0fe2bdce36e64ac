// Who must stay outside: one neutral answer, whatever the reason.
import { expect, test } from "@playwright/test";
import { originOf, seriesOf, stand } from "../../support/stand.js";
import { identify, openExam, openLink } from "../../support/visitor.js";

const NEUTRAL = "L’accès n’a pas pu être accordé";

async function expectRefused(page, door) {
  await openLink(page, door);
  await identify(page, door);
  await expect(page.getByRole("alert")).toContainText(NEUTRAL);
  await expect(page.locator("#app")).toHaveCount(0);
}

const refusals = {
  "a code of another exam": { code: stand.other.code },
  "a code that has expired": { code: stand.expired_code },
  "a code that was withdrawn": { code: stand.revoked_code },
  "the right code with a wrong birth date": { birth_date: "19010101" },
};
for (const [what, changed] of Object.entries(refusals)) {
  test(`${what} is refused`, async ({ page }) => {
    await expectRefused(page, { ...stand.exam, ...changed });
  });
}

test("a typing slip in the code is told before anything is tried", async ({ page }) => {
  await openLink(page, stand.exam);
  const code = stand.exam.code;
  const slipped = (code.endsWith("2") ? "3" : "2") + code.slice(1);
  await identify(page, { ...stand.exam, code: slipped === code ? `4${code.slice(1)}` : slipped });
  await expect(page.getByRole("alert")).toContainText("faute de frappe");
});

test("after five wrong tries even the right code is refused", async ({ page }) => {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await expectRefused(page, { ...stand.other, birth_date: "19010101" });
  }
  await expectRefused(page, stand.other);
});

test("the exam of another site does not open, with or without a code of its own site", async ({ page }) => {
  const link = stand.exam.link.replace(originOf(stand.exam), originOf(stand.elsewhere));
  const answer = await page.goto(link);
  if (await page.locator("#code").isVisible()) {
    await identify(page, stand.exam);
    await expect(page.getByRole("alert")).toContainText(NEUTRAL);
  } else {
    expect(answer.status()).toBeGreaterThanOrEqual(400);
  }
  await expect(page.locator("#app")).toHaveCount(0);
});

test("an unknown exam gets the same page as a known one", async ({ browser }) => {
  const unknown = stand.exam.link
    .replace(stand.exam.study_instance_uid, "2.25.123456789")
    .replace(/&accessionnumber=[^&]*/i, "");
  const pages = [];
  for (const link of [stand.exam.link, unknown]) {
    const context = await browser.newContext({ locale: "fr-FR" });
    const page = await context.newPage();
    const answer = await page.goto(link);
    pages.push({ status: answer.status(), text: await page.locator("main").innerText() });
    await context.close();
  }
  expect(pages[1]).toEqual(pages[0]);
});

test("a frame of another patient's exam is refused, as one that does not exist", async ({ page }) => {
  await openExam(page, stand.exam);
  const [other] = stand.other.series;
  const path = (study, series, instance) =>
    `/dicomweb/studies/${study}/series/${series}/instances/${instance}/frames/1`;
  const ask = (address) =>
    page.evaluate(async (url) => {
      const answer = await fetch(url, { headers: { accept: "multipart/related; type=\"application/octet-stream\"" } });
      return { status: answer.status, body: await answer.text() };
    }, address);
  const foreign = await ask(path(stand.other.study_instance_uid, other.series_instance_uid, other.sop_instance_uids[0]));
  const missing = await ask(path("2.25.1", "2.25.2", "2.25.3"));
  expect(foreign).toEqual(missing);
  expect([403, 404]).toContain(foreign.status);
  const smuggled = await ask(path(stand.exam.study_instance_uid, other.series_instance_uid, other.sop_instance_uids[0]));
  expect(smuggled.status).toBe(404);
  const ct = seriesOf(stand.exam, "Ct");
  const own = await ask(path(stand.exam.study_instance_uid, ct.series_instance_uid, ct.sop_instance_uids[0]));
  expect(own.status).toBe(200);
});

test("without a session no image is given", async ({ page }) => {
  await page.goto(originOf(stand.exam));
  const status = await page.evaluate(async (study) => (await fetch(`/dicomweb/studies/${study}`)).status, stand.exam.study_instance_uid);
  expect(status).toBe(401);
});

test("a session of one site is none on another", async ({ page }) => {
  await openExam(page, stand.exam);
  await page.goto(originOf(stand.elsewhere));
  const status = await page.evaluate(async (study) => (await fetch(`/dicomweb/studies/${study}`)).status, stand.exam.study_instance_uid);
  expect(status).toBe(401);
});

test("an unknown host gets 421 and nothing else", async ({ page }) => {
  const answer = await page.goto(`http://${stand.unknown_host}:${stand.port}/`).catch(() => null);
  // Chromium shows an empty answer as an error page of its own.
  if (answer) {
    expect(answer.status()).toBe(421);
    expect((await answer.body()).length).toBe(0);
  }
  await expect(page.locator("form")).toHaveCount(0);
});

test("a link that cannot be read says in French what is wrong", async ({ page }) => {
  const answer = await page.goto(`${originOf(stand.exam)}/IHEInvokeImageDisplay?requestType=PATIENT`);
  expect(answer.status()).toBe(400);
  await expect(page.getByRole("heading", { name: "Ce lien ne peut pas être lu" })).toBeVisible();
  await expect(page.locator("main")).toContainText("requestType");
});
