// A page that is measured as a visitor's: Playwright watches the network of its own pages, for which
// Chromium keeps copies of up to 200 MB of what they fetched, in the very process that is measured.

/** Opens an empty page in a context of its own, with the cookies of `storageState`, on a desktop or a phone. */
export async function openUnwatched(browser, { storageState, viewport, deviceScaleFactor = 1, isMobile = false }) {
  const whole = await browser.newBrowserCDPSession();
  const { browserContextId } = await whole.send("Target.createBrowserContext");
  const { targetId } = await whole.send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await whole.send("Target.attachToTarget", { targetId });
  const page = new UnwatchedPage(whole, browserContextId, sessionId);
  await page.admit(storageState);
  await page.send("Page.enable");
  await page.send("Emulation.setLocaleOverride", { locale: "fr-FR" });
  await page.send("Emulation.setDeviceMetricsOverride", { ...viewport, deviceScaleFactor, mobile: isMobile });
  if (isMobile) await page.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 5 });
  return page;
}

class UnwatchedPage {
  #waiting = new Map();
  #sent = 0;

  constructor(whole, browserContextId, sessionId) {
    this.whole = whole;
    this.browserContextId = browserContextId;
    this.sessionId = sessionId;
    whole.on("Target.receivedMessageFromTarget", (event) => {
      if (event.sessionId === sessionId) this.#received(JSON.parse(event.message));
    });
  }

  #received({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }

  /** Sends a command of the DevTools protocol to the page. */
  async send(method, params = {}) {
    const id = (this.#sent += 1);
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const message = JSON.stringify({ id, method, params });
    await this.whole.send("Target.sendMessageToTarget", { sessionId: this.sessionId, message });
    return answer;
  }

  /** Gives it the cookies of who has passed the door. */
  admit({ cookies }) {
    return this.whole.send("Storage.setCookies", { cookies, browserContextId: this.browserContextId });
  }

  /** Goes to an address; `before` runs in the page before anything of its own. */
  async goto(url, before) {
    await this.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${before})()` });
    await this.send("Page.navigate", { url });
  }

  /** What `inPage`, sent there as text, answers. */
  async evaluate(inPage, argument) {
    const expression = `(${inPage})(${JSON.stringify(argument) ?? ""})`;
    const how = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", how);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Asks until `inPage` answers yes. */
  async waitFor(inPage, limitMs) {
    for (const until = Date.now() + limitMs; Date.now() < until; ) {
      if (await this.evaluate(inPage)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`not within ${limitMs} ms: ${inPage}`);
  }
}
