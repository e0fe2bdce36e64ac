// Fingers, by the browser's own events.

/**
 * Moves one finger over an element, in CSS pixels from its middle, within 160 ms by its own time stamps: on a
 * busy machine a finger that waits for each answer would be lying still, which is another gesture.
 */
export async function drag(page, element, [x, y]) {
  const box = await element.boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const session = await page.context().newCDPSession(page);
  const began = Date.now() / 1000;
  const touch = (type, step, touchPoints) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints, timestamp: began + step * 0.016 });
  await touch("touchStart", 0, [middle]);
  for (let step = 1; step <= 10; step += 1) {
    await touch("touchMove", step, [{ x: middle.x + (x * step) / 10, y: middle.y + (y * step) / 10 }]);
  }
  await touch("touchEnd", 10, []);
  await session.detach();
  // A slow machine is still drawing what the finger passed; a tap that comes meanwhile would be a long press. And the browser swallows a
  // tap within 0.4 s after a quick finger, as one that stops what scrolls: nobody is as quick as a test.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForTimeout(500);
}
