// What stories of use share: hands without a mouse, and how a page must look.
import { expect } from "@playwright/test";

/** Brings the keyboard to an element by Tab alone, as somebody without a mouse does, where it can be seen. */
export async function tabTo(page, target, most = 80) {
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let step = 0; step < most; step += 1) {
    if (await isThere()) {
      expect(await target.evaluate((element) => element.matches(":focus-visible"))).toBe(true);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${target} is not reached by Tab`);
}

/** Does a command by its name, through the palette. */
export async function runByName(page, name) {
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Que voulez-vous faire ?" })).toBeFocused();
  await page.keyboard.type(name);
  const chosen = page.getByRole("listbox", { name: "Commandes" }).getByRole("option", { selected: true });
  await expect(chosen).toContainText(name);
  await page.keyboard.press("Enter");
}

/** Types the code and the birth date without a mouse, and goes in. */
export async function identifyByKeyboard(page, { code, birth_date: date }) {
  const fields = { code, jour: date.slice(6, 8), mois: date.slice(4, 6), annee: date.slice(0, 4) };
  for (const [name, text] of Object.entries(fields)) {
    await tabTo(page, page.locator(`#${name}`));
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Enter");
}

const MOVING = [".series-progress", ".series-thumbnail", ".slider-track"];

/**
 * The page, or a part of it, is the picture kept under this name in `specs/references`, on either back end: the tolerance is in
 * the configuration. What goes on loading is left out or covered: progress, passing messages, thumbnails, the map of what is loaded.
 */
export async function expectLooks(page, name, part = page) {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".exam-progress, .exam-progress-text, .compare-toast { display: none !important }");
    document.adoptedStyleSheets = [sheet];
  });
  await page.mouse.move(0, 0);
  await expect(part).toHaveScreenshot(`${name}.png`, {
    animations: "allow",
    caret: "initial",
    scale: "css",
    mask: part === page ? MOVING.map((selector) => page.locator(selector)) : [],
    maskColor: "#202020",
  });
}
