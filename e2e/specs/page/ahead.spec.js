// How a worker decodes a large frame while it comes, and what it does with an answer that was asked for before there
// was anybody to take it.
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

const script = readFileSync(new URL("../../../viewer-web/worker/worker.js", import.meta.url), "utf8");
const LENGTH = 1 << 21;

const { Ahead, DecodeModule } = new Function("self", `${script}\nreturn { Ahead, DecodeModule };`)({});

/** A module that notes what it is given, and stops at the push with this number. */
function moduleOf(log, stopsAt = Infinity) {
  const module = new DecodeModule({});
  module.here = {
    begin(head, type, length) {
      log.push(["begin", head, type, length]);
      return {
        push(bytes) {
          if (log.length >= stopsAt) throw new Error("unreachable");
          log.push(Buffer.from(bytes));
        },
        finish: () => "answer",
        free: () => log.push("free"),
      };
    },
  };
  return module;
}

/** Tells of every 20,000 bytes that come, and answers all of them. */
function arrive(ahead, module, length = LENGTH) {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * 31) >> 3);
  for (let size = 20_000; size < length; size += 20_000) ahead.came(module, "a/b", length, bytes.subarray(0, size));
  return bytes;
}

test("a large frame is given to its module piece by piece, each byte once", () => {
  const log = [];
  const module = moduleOf(log);
  const ahead = new Ahead("the head");
  const bytes = arrive(ahead, module);
  expect(log[0]).toEqual(["begin", "the head", "a/b", LENGTH]);
  const before = log.length;
  expect(before, "pieces").toBeGreaterThan(25);
  expect(before, "pieces").toBeLessThan(34);
  expect(ahead.module).toBe(module);
  expect(ahead.finish(bytes)).toBe("answer");
  expect(Buffer.compare(Buffer.concat(log.slice(1)), Buffer.from(bytes))).toBe(0);
  ahead.free();
  expect(log, "gone with its answer").not.toContain("free");
});

test("what is small, or has no module yet, is decoded when it is whole", () => {
  const log = [];
  const ahead = new Ahead("");
  arrive(ahead, moduleOf(log), 1 << 19);
  arrive(ahead, undefined);
  arrive(ahead, new DecodeModule({}));
  expect([ahead.module, log.length]).toEqual([undefined, 0]);
});

test("a module that comes late is given all that is there", () => {
  const log = [];
  const ahead = new Ahead("");
  const bytes = arrive(ahead, undefined);
  const half = bytes.subarray(0, LENGTH / 2);
  ahead.came(moduleOf(log), "a/b", LENGTH, half);
  expect(Buffer.compare(log[1], Buffer.from(half))).toBe(0);
});

test("an instance that has stopped is not asked again", () => {
  const log = [];
  const module = moduleOf(log, 5);
  const ahead = new Ahead("");
  arrive(ahead, module);
  expect(log).toHaveLength(5);
  expect([ahead.module, module.here], "another instance takes over").toEqual([undefined, undefined]);
  ahead.free();
  expect(log).toHaveLength(5);
});

test("a frame of an instance that another frame has stopped is decoded anew", () => {
  const log = [];
  const module = moduleOf(log);
  const ahead = new Ahead("");
  arrive(ahead, module);
  const pushes = log.length;
  module.drop();
  module.here = moduleOf(log).here;
  expect(ahead.module).toBe(undefined);
  arrive(ahead, module);
  expect(log).toHaveLength(pushes);
});

/** A worker that hears messages; `asked` are its requests. */
function workerOf() {
  const asked = [];
  const self = { postMessage() {}, reportError() {} };
  const fetch = (url, { headers, signal }) => {
    asked.push({ url, accept: headers.accept, signal });
    return new Promise(() => {});
  };
  new Function("self", "fetch", script)(self, fetch);
  const hear = async (data) => {
    self.onmessage({ data });
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { asked, hear };
}

test("the answer that was asked for early is that of the stream with its address", async () => {
  const { asked, hear } = workerOf();
  await hear({ early: "/a/frames/1", accept: "x" });
  expect(asked).toMatchObject([{ url: "/a/frames/1", accept: "x" }]);
  await hear({ stream: 1, url: "/a/frames/1", accept: "x", heads: ["{}"] });
  expect(asked).toHaveLength(1);
  await hear({ abort: 1 });
  expect(asked[0].signal.aborted, "taken back like any other").toBe(true);
});

test("an early answer that nobody wants is taken back", async () => {
  const { asked, hear } = workerOf();
  await hear({ early: "/a/frames/1", accept: "x" });
  await hear({ stream: 1, url: "/b/frames/1", accept: "x", heads: ["{}"] });
  expect(asked.map(({ url, signal }) => [url, signal.aborted])).toEqual([["/a/frames/1", true], ["/b/frames/1", false]]);

  const other = workerOf();
  await other.hear({ early: "/a/frames/1", accept: "x" });
  await other.hear({ head: "{}", body: new ArrayBuffer(0) });
  expect(other.asked[0].signal.aborted).toBe(true);
});
