// Which build a browser gets that has no GPU to draw with, or a program for one.
import { expect, test } from "@playwright/test";
import { stand } from "../../support/stand.js";
import { openExam, pane } from "../../support/visitor.js";

const builds = (page) =>
  page.evaluate(() => {
    const names = performance.getEntriesByType("resource").map(({ name }) => name.match(/ui-(\w+)_bg/)?.[1]);
    return [...new Set(names.filter(Boolean))];
  });

test("a browser without WebGL shows the exam all the same, and scrolls it", async ({ page }) => {
  await page.addInitScript(() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return kind === "2d" ? getContext.call(this, kind, ...rest) : null;
    };
  });
  await openExam(page, stand.exam, { gpu: "", role: "physician", tour: "done" });
  expect(await builds(page)).toEqual(["canvas"]);
  const shown = pane(page);
  await shown.focus();
  await page.keyboard.press("End");
  await expect(shown).toHaveAttribute("data-frame-state", "ready");
  const last = Number(await shown.getAttribute("data-image-count")) - 1;
  await expect(shown).toHaveAttribute("data-image-index", String(last));
});

test("where WebGL is a program, the exam is drawn without it, which is quicker", async ({ page }) => {
  await openExam(page, stand.exam, { gpu: "", role: "physician", tour: "done" });
  const isProgram = await page.evaluate(() => {
    const context = document.createElement("canvas").getContext("webgl2");
    const { UNMASKED_RENDERER_WEBGL } = context.getExtension("WEBGL_debug_renderer_info");
    return /swiftshader|llvmpipe/i.test(context.getParameter(UNMASKED_RENDERER_WEBGL));
  });
  expect(isProgram, "this browser has no such WebGL").toBe(true);
  expect(await builds(page)).toEqual(["canvas"]);
});
