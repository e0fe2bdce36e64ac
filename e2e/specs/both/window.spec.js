// Two windows with the same exam: each follows the other, can be left alone, and goes with the session.
import { expect, test } from "@playwright/test";
import { seriesOf, stand } from "../../support/stand.js";
import { ONCE, expectImage, expectReady, openExam, pane } from "../../support/visitor.js";

/** Opens the second window and waits until both know of each other. */
async function openSecond(page) {
  await page.context().addInitScript(() => {
    window.posted = [];
    const { postMessage } = BroadcastChannel.prototype;
    BroadcastChannel.prototype.postMessage = function post(message) {
      window.posted.push(JSON.stringify(message));
      return postMessage.call(this, message);
    };
  });
  await openExam(page, stand.exam);
  await pane(page).focus();
  await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), 2);
  const came = page.waitForEvent("popup");
  await page.keyboard.press("n");
  const second = await came;
  await expectReady(pane(second));
  for (const one of [page, second]) await expect(one.locator(".stage")).toHaveAttribute("data-windows", "linked");
  return second;
}

const window_ = (shown) => shown.locator('[data-test="window"], .note-view').first().innerText();

test("window: the second one shows the same, and each follows the other", async ({ page }, testInfo) => {
  const second = await openSecond(page);
  const images = seriesOf(stand.exam, "Ct").sop_instance_uids.length;
  await expect(page.locator('[data-test="compare-said"]')).toHaveText(/L’autre fenêtre est là/);
  await second.bringToFront();
  await pane(second).focus();
  await second.keyboard.press("End");
  await expectImage(pane(second), images);
  await page.bringToFront();
  await expectImage(pane(page), images);
  await pane(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("3");
  await expectImage(pane(page), 1);
  const grey = await window_(pane(page));
  await second.bringToFront();
  await expectImage(pane(second), 1);
  await expect.poll(() => window_(pane(second))).toContain(/L\s*−?\d+/.exec(grey)[0]);
  await second.screenshot({ path: testInfo.outputPath("second.png") });
  // Nothing that says whose it is goes from one to the other.
  for (const one of [page, second]) {
    const posted = (await one.evaluate(() => window.posted)).join("\n");
    expect(posted).toContain("told");
    for (const personal of [stand.exam.study_instance_uid, seriesOf(stand.exam, "Ct").series_instance_uid, stand.exam.code]) {
      expect(posted).not.toContain(personal);
    }
  }
  // Left alone, and again together.
  await pane(second).focus();
  await second.keyboard.press("n");
  await expect(second.locator(".stage")).toHaveAttribute("data-windows", "apart");
  await second.keyboard.press("End");
  await expectImage(pane(second), images);
  await page.bringToFront();
  await expectImage(pane(page), 1);
  await second.bringToFront();
  await second.keyboard.press("n");
  await second.keyboard.press("ArrowUp");
  await expectImage(pane(second), images - 1);
  await page.bringToFront();
  await expectImage(pane(page), images - 1);
});

test("window: linked again after a reload, and closed with the session", ONCE, async ({ page }) => {
  const second = await openSecond(page);
  await second.reload();
  await expectReady(pane(second));
  await expect(second.locator(".stage")).toHaveAttribute("data-windows", "linked");
  await pane(second).focus();
  await second.keyboard.press("Home");
  await second.keyboard.press("PageDown");
  await expectImage(pane(second), 11);
  await page.bringToFront();
  await expectImage(pane(page), 11);
  const closed = second.waitForEvent("close");
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await expect(page.getByRole("heading", { name: "Vous êtes déconnecté" })).toBeVisible();
  await closed;
});

test("window: an earlier exam beside this one, by rank, each under its own date", ONCE, async ({ page }, testInfo) => {
  await openExam(page, stand.followed);
  await pane(page).focus();
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), 5);
  await page.getByRole("button", { name: "Disposition" }).click();
  const came = page.waitForEvent("popup");
  await page.locator(".menu").getByRole("button", { name: "Examen 2 à côté, dans une fenêtre" }).click();
  const second = await came;
  await expectReady(pane(second));
  await expect(page.locator(".stage")).toHaveAttribute("data-windows", "linked");
  const counts = await Promise.all([page, second].map((one) => pane(one).getAttribute("data-image-count")));
  expect(counts).toEqual(["12", "24"]);
  // Each says which exam it is, over the picture.
  const dates = [await pane(page).innerText(), await pane(second).innerText()];
  expect(dates.some((words) => words.includes("04/11/2026"))).toBe(true);
  expect(dates.some((words) => words.includes("18/03/2025"))).toBe(true);
  const [first, other] = dates[0].includes("04/11/2026") ? [page, second] : [second, page];
  await expect(first.locator(".banner")).toContainText("04/11/2026");
  await expect(other.locator(".banner")).toContainText("18/03/2025");
  // By rank from where both stood, with that difference.
  await page.bringToFront();
  await pane(page).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expectImage(pane(page), 7);
  await second.bringToFront();
  await expectImage(pane(second), 3);
  await second.screenshot({ path: testInfo.outputPath("prior.png") });
  await pane(second).focus();
  await second.keyboard.press("End");
  await expectImage(pane(second), 24);
  await page.bringToFront();
  await expectImage(pane(page), 12);
});
