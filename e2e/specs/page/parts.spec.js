// How a worker takes multipart answers apart, whatever pieces they come in: with readers that fill a buffer, and
// with those of browsers that have none.
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

const script = readFileSync(new URL("../../../viewer-web/worker/worker.js", import.meta.url), "utf8");
const Parts = new Function("self", `${script}\nreturn Parts;`)({});
const BOUNDARY = "0a1b2c3d4e5f";

/** The same numbers every time. */
function chance(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function answerOf(parts) {
  const pieces = parts.flatMap(({ type, bytes }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`),
    bytes,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** An answer that comes in pieces of these sizes. */
function response(body, size, type) {
  let at = 0;
  const pull = (controller) => {
    if (at === body.length) {
      controller.close();
      controller.byobRequest?.respond(0);
      return;
    }
    const end = Math.min(body.length, at + size());
    controller.enqueue(Uint8Array.from(body.subarray(at, end)));
    at = end;
  };
  const headers = { "content-type": `multipart/related; type="application/octet-stream"; boundary=${BOUNDARY}` };
  return { headers: new Headers(headers), body: new ReadableStream({ type, pull }) };
}

for (const [readers, type] of [["that fill buffers", "bytes"], ["that fill none", undefined]]) {
  test(`multipart answers are taken apart by readers ${readers}`, async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = chance(seed);
      const parts = Array.from({ length: 1 + random(6) }, () => ({
        type: `application/octet-stream; transfer-syntax=1.2.${random(1000)}`,
        bytes: Buffer.from(Array.from({ length: random(3) ? random(20_000) : random(5) }, () => random(256))),
      }));
      const largest = [1, 7, 300, 5000, 100_000][random(5)];
      const taken = new Parts(response(answerOf(parts), () => 1 + random(largest), type));
      for (const part of parts) {
        const { type: came, bytes } = await taken.next();
        expect(came).toBe(part.type);
        expect(Buffer.compare(Buffer.from(bytes), part.bytes), `a part of answer ${seed}`).toBe(0);
        // Samples that are the bytes as they came go to the page, and their buffer with them.
        if (random(2)) structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      }
      await taken.finish();
    }
  });

  test(`an answer that is cut off is no answer, by readers ${readers}`, async () => {
    const whole = answerOf([{ type: "a/b", bytes: Buffer.alloc(5000, 7) }]);
    for (const length of [0, 10, 60, 80, 3000, 5075]) {
      const taken = new Parts(response(whole.subarray(0, length), () => 100, type));
      await expect(taken.next().then(() => taken.finish()), `${length} bytes`).rejects.toThrow();
    }
  });
}
