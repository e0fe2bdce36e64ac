// A slow network for a page and all that it starts.

/**
 * Slows down a page and its workers, which have connections of their own to the tools; counts what comes.
 * `network` is what `Network.emulateNetworkConditions` takes.
 */
export async function slowDown(page, network) {
  const session = await page.context().newCDPSession(page);
  const count = { bytes: 0 };
  const finished = ({ encodedDataLength }) => (count.bytes += encodedDataLength);
  session.on("Network.loadingFinished", finished);
  let sent = 0;
  session.on("Target.attachedToTarget", async ({ sessionId }) => {
    const send = (method, params = {}) => {
      const message = JSON.stringify({ id: (sent += 1), method, params });
      return session.send("Target.sendMessageToTarget", { sessionId, message }).catch(() => {});
    };
    await send("Network.enable");
    await send("Network.emulateNetworkConditions", network);
    await send("Runtime.runIfWaitingForDebugger");
  });
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { method, params } = JSON.parse(message);
    if (method === "Network.loadingFinished") finished(params);
  });
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", network);
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: true, flatten: false });
  return count;
}
