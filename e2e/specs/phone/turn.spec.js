// Two fingers on a phone: far enough they turn the image by a quarter, a pinch never does.
import { expect, test } from "@playwright/test";
import { stand } from "../../support/stand.js";
import { openExam, pane } from "../../support/visitor.js";

/** Two fingers about the middle, going from one angle and distance to another. */
async function twoFingers(page, [fromDegrees, toDegrees], [fromPx, toPx]) {
  const box = await pane(page).boundingBox();
  const session = await page.context().newCDPSession(page);
  const touch = (type, touchPoints) => session.send("Input.dispatchTouchEvent", { type, touchPoints });
  const fingers = (part) => {
    const angle = ((fromDegrees + (toDegrees - fromDegrees) * part) * Math.PI) / 180;
    const away = fromPx + (toPx - fromPx) * part;
    const [x, y] = [Math.cos(angle) * away, Math.sin(angle) * away];
    const middle = [box.x + box.width / 2, box.y + box.height / 2];
    return [1, -1].map((side, id) => ({ id, x: middle[0] + side * x, y: middle[1] + side * y }));
  };
  await touch("touchStart", fingers(0).slice(0, 1));
  await touch("touchStart", fingers(0));
  for (let step = 1; step <= 20; step += 1) await touch("touchMove", fingers(step / 20));
  await touch("touchEnd", []);
  await session.detach();
}

const letters = (page) =>
  Promise.all(["top", "right", "bottom", "left"].map((side) => pane(page).locator(`.letter-${side}`).innerText()));

test("two fingers turn the image by a quarter, and a screen reader is told", async ({ page }, testInfo) => {
  await openExam(page, stand.exam);
  const [top, right, bottom, left] = await letters(page);
  await twoFingers(page, [0, 30], [60, 110]);
  expect(await letters(page), "a pinch that turns a little").toEqual([top, right, bottom, left]);
  await twoFingers(page, [0, 75], [90, 90]);
  expect(await letters(page)).toEqual([left, top, right, bottom]);
  await expect(page.locator('[data-test="announcement"]')).toHaveText("Rotation : 90°");
  await page.screenshot({ path: testInfo.outputPath("turned.png") });
  await twoFingers(page, [75, 0], [90, 90]);
  expect(await letters(page)).toEqual([top, right, bottom, left]);
  await expect(page.locator('[data-test="announcement"]')).toHaveText("Rotation : 0°");
});
