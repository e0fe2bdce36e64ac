// Networks fail and come back: the viewer goes on by itself, and shows nothing wrong meanwhile.
import { expect, test } from "@playwright/test";
import { stand } from "../../support/stand.js";
import { ONCE, expectImage, openExam, pane } from "../../support/visitor.js";

const FRAMES = /\/frames(\?frames=|\/\d+$)/;

/** The series of the first pane is loaded, to its last image. */
async function expectComplete(page) {
  const index = await pane(page).getAttribute("data-series-index");
  const complete = page.locator(`button.series[data-series-index="${index}"] [data-complete="true"]`);
  await expect(complete).toHaveCount(1);
}

/** Lets the first answer through and `meet`s every other request for frames; gives a function that ends it. */
async function failAfterFirst(page, meet) {
  let passed = 0;
  let failed = 0;
  const failing = async (route) => {
    passed += 1;
    if (passed === 1) return route.continue();
    failed += 1;
    return meet(route);
  };
  await page.route(FRAMES, failing);
  return async () => {
    expect(failed, "the test cut nothing").toBeGreaterThan(0);
    await page.unroute(FRAMES, failing);
  };
}

/** Goes to the last image, which cannot come, and waits until the page has said so. */
async function goWhereNothingComes(page, words) {
  const shown = pane(page);
  const total = Number(await shown.getAttribute("data-image-count"));
  await shown.focus();
  await page.keyboard.press("End");
  await expect(shown).toHaveAttribute("data-wanted-index", String(total - 1));
  await expect(page.locator(".ribbon").getByText(words)).toBeVisible();
  await expect(shown).not.toHaveAttribute("data-frame-state", "ready");
  return { shown, total };
}

for (const [what, meet] of [
  ["a connection that is cut", (route) => route.abort("connectionfailed")],
  ["a server that is gone", (route) => route.abort("connectionrefused")],
]) {
  test(`${what} is told, and used again once it is back`, ONCE, async ({ page }) => {
    const restore = await failAfterFirst(page, meet);
    await openExam(page, stand.exam);
    const { shown, total } = await goWhereNothingComes(page, "Connexion interrompue");
    await restore();
    await expectImage(shown, total);
    await expect(page.locator(".ribbon")).toHaveCount(0);
    await expectComplete(page);
  });
}

test("a server that says it is busy is asked again", ONCE, async ({ page }) => {
  let refused = 0;
  await page.route(FRAMES, async (route) => {
    refused += 1;
    if (refused < 2 || refused > 5) return route.continue();
    return route.fulfill({ status: 503, body: "" });
  });
  await openExam(page, stand.exam);
  await expectComplete(page);
  expect(refused).toBeGreaterThan(5);
});

test("without a network what is loaded stays, and the rest comes when it is back", ONCE, async ({ page, context }) => {
  const restore = await failAfterFirst(page, (route) => route.abort("internetdisconnected"));
  await openExam(page, stand.exam);
  await context.setOffline(true);
  const { shown, total } = await goWhereNothingComes(page, "Pas de réseau");
  await page.keyboard.press("Home");
  await expectImage(shown, 1);
  await restore();
  await context.setOffline(false);
  await page.keyboard.press("End");
  await expectImage(shown, total);
  await expectComplete(page);
});
