// The door, passed in a browser of its own, so that the one measured has seen nothing yet.
import { chromium } from "@playwright/test";
import { expectReady, identify, openLink, pane } from "../support/visitor.js";

/** Address of the exam and the session's cookies, for `{link, code, birth_date}`. */
export async function passDoor({ launchOptions }, door) {
  const browser = await chromium.launch(launchOptions);
  try {
    const context = await browser.newContext({ locale: "fr-FR" });
    const page = await context.newPage();
    await openLink(page, door);
    await identify(page, door);
    await expectReady(pane(page));
    return { address: page.url(), storageState: await context.storageState() };
  } finally {
    await browser.close();
  }
}
