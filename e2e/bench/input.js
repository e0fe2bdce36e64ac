// How long the page's main thread is kept: by loading 300 slices, and by a hand that windows.
import { chromium } from "@playwright/test";
import { passDoor } from "./door.js";
import { noteTimes } from "./inpage.js";
import { openUnwatched } from "./page.js";
import { inside, isTask, traced } from "./trace.js";

const LOAD_LIMIT_MS = 180_000;
const MOVES = 60;
/** A hand at rest between two moves would be another gesture; one that is faster asks for more than is drawn. */
const MOVE_EVERY_MS = 60;
/** What a frame's own work may take. */
export const WORK_TARGET_MS = 8;
/** Above it a person feels that the page does not answer (Long Tasks, W3C). */
export const LONG_TASK_MS = 50;

/** Marks the moments when the window's label, and with it the picture, has changed. */
function markChanges() {
  const label = document.querySelector('section.pane[data-pane="0"] [data-test="window"]');
  new MutationObserver(() => performance.mark("window-changed")).observe(label, { characterData: true, childList: true, subtree: true });
  const { left, top, width, height } = document.querySelector('section.pane[data-pane="0"] .picture').getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}

/** Drags with the right button, which windows whatever the tool is. */
async function dragWindow(page) {
  const [x, y] = await page.evaluate(markChanges);
  const mouse = (type, step) =>
    page.send("Input.dispatchMouseEvent", { type, x: x - 90 + step * 3, y, button: "right", buttons: type === "mouseReleased" ? 0 : 2, clickCount: 1 });
  await mouse("mousePressed", 0);
  for (let step = 1; step <= MOVES; step += 1) {
    await mouse("mouseMoved", step);
    await new Promise((resolve) => setTimeout(resolve, MOVE_EVERY_MS));
  }
  await mouse("mouseReleased", MOVES);
}

/** For each move: frames until the change was drawn, and the main thread's work until then. */
function answers(events) {
  const tasks = events.filter(isTask);
  const moves = events.filter(({ name, args }) => name === "EventDispatch" && args.data.type === "pointermove");
  const marks = events.filter(({ name }) => name === "window-changed");
  const frames = events.filter(({ name }) => name === "FireAnimationFrame");
  const taskOf = ({ at }) => tasks.findLast((task) => task.at <= at && task.at + task.ms >= at);
  return moves.flatMap((move) => {
    const mark = marks.find(({ at }) => at >= move.at);
    const [first, last] = [taskOf(move), mark && taskOf(mark)];
    // Moves that come while one is drawn are answered together.
    if (!first || !last || mark.at - move.at > 1000) return [];
    const work = tasks.filter(({ at }) => at >= first.at && at <= last.at);
    const later = frames.filter(({ at }) => at > first.at + first.ms && at <= mark.at);
    return [{ frames: new Set(later.map(({ at }) => taskOf({ at })?.at)).size, ms: work.reduce((sum, { work: own }) => sum + own, 0) }];
  });
}

const share = (values, part) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

/** Figures of one back end: what loading and windowing cost the main thread. */
export async function measureInput({ name, use: { launchOptions, viewport } }, door) {
  const { address, storageState } = await passDoor({ launchOptions }, door);
  const { origin } = new URL(address);
  const browser = await chromium.launch(launchOptions);
  try {
    const page = await openUnwatched(browser, { viewport, storageState });
    const loading = await traced(page.whole, origin, async () => {
      await page.goto(`${address}?gpu=${name}`, noteTimes);
      await page.waitFor(() => Boolean(window.noted?.all), LOAD_LIMIT_MS);
    });
    const windowing = await traced(page.whole, origin, () => dragWindow(page));
    const tasks = loading.filter(isTask).sort((a, b) => b.work - a.work);
    const long = tasks.filter(({ work }) => work > LONG_TASK_MS);
    const answered = answers(windowing);
    if (answered.length < MOVES / 2) throw new Error(`${answered.length} of ${MOVES} moves were answered`);
    return {
      longest: tasks[0].work,
      waited: Math.max(...tasks.map(({ ms }) => ms)),
      long: long.map((task) => `${task.work.toFixed(0)} ms: ${inside(loading, task).join(", ")}`),
      framesMost: Math.max(...answered.map(({ frames }) => frames)),
      frames: share(answered.map(({ frames }) => frames), 0.5),
      work: share(answered.map(({ ms }) => ms), 0.5),
      work95: share(answered.map(({ ms }) => ms), 0.95),
      answered: answered.length,
    };
  } finally {
    await browser.close();
  }
}
