// worker.js with stand-ins for the decode modules: which one is loaded when, and what happens to a frame
// that breaks one.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "worker-"));
const EMPTY_WASM = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** Events of all stand-ins, in order. */
const log = [];
globalThis.note = (event) => log.push(event);

/** A decode module that decodes heads of its own family; `boom` breaks it. */
function standIn(name) {
  const glue = `
    const instance = new URL(import.meta.url).hash;
    const prepared = new Set();
    export default async () => note("load ${name}" + instance);
    export const ready = () => "ready";
    export function decode(head, body) {
      if (head.includes("boom")) throw new Error("unreachable");
      const family = head.split(" ")[0];
      const ask = family === "${name}" ? "" : family;
      note("decode ${name} " + head);
      const is_colour = head.includes("colour");
      return { ask, head: "${name} decoded " + head, body: new Uint8Array(body), is_colour, free() {} };
    }
    export const stopped = (head, message) => "${name} stopped " + head + ": " + message;
    export const has_profile = (number) => prepared.has(number);
    export function to_srgb(number, base64, head, samples) {
      if (base64) prepared.add(number);
      note("convert " + number + " " + base64 + " of " + head);
      return samples.map((sample) => sample + 1);
    }`;
  writeFileSync(join(folder, `${name}.js`), glue);
  writeFileSync(join(folder, `${name}.wasm`), EMPTY_WASM);
  return { module: `${name}.js`, wasm: `${name}.wasm` };
}

const replies = [];
let wake;
globalThis.self = {
  location: { href: pathToFileURL(join(folder, "worker.js")).href },
  postMessage(message) {
    replies.push(message);
    wake?.();
  },
  reportError: (error) => replies.push({ error }),
};
globalThis.fetch = async (url) => readFileSync(url);
WebAssembly.compileStreaming = async (bytes) => WebAssembly.compile(await bytes);

async function send(message) {
  const answered = new Promise((resolve) => (wake = resolve));
  self.onmessage({ data: message });
  await answered;
  return replies.at(-1);
}

/** Sends a frame of one byte; the head of the reply, its byte, and what happened meanwhile. */
async function frame(head, extra = {}) {
  log.length = 0;
  const { head: answer, body } = await send({ head, body: new Uint8Array([7]).buffer, ...extra });
  return [answer, new Uint8Array(body)[0], [...log]];
}

test("a worker loads what its frames need, once", async () => {
  const source = new URL("../../viewer-web/worker/worker.js", import.meta.url);
  await import(source.href);
  const modules = Object.fromEntries(["base", "common", "rare"].map((name) => [name, standIn(name)]));
  assert.equal((await send({ modules })).head, "ready");
  assert.deepEqual(log, ["load base"]);

  assert.deepEqual(await frame("base 1"), ["base decoded base 1", 7, ["decode base base 1"]]);
  assert.deepEqual(await frame("common 2"), [
    "common decoded common 2",
    7,
    ["decode base common 2", "load common", "decode common common 2"],
  ]);
  // From now on that module is asked first, and says which other one to ask.
  assert.deepEqual(await frame("common 3"), ["common decoded common 3", 7, ["decode common common 3"]]);
  assert.deepEqual(await frame("base 4"), [
    "base decoded base 4",
    7,
    ["decode common base 4", "decode base base 4"],
  ]);
  assert.deepEqual((await frame("rare 5"))[2], ["decode base rare 5", "load rare", "decode rare rare 5"]);
  assert.deepEqual((await frame("common 6"))[2], ["decode rare common 6", "decode common common 6"]);

  // A profile comes with the first frame that needs it and is prepared once.
  assert.deepEqual(await frame("common colour 7", { profile: 9, icc: "AAAA" }), [
    "common decoded common colour 7",
    8,
    ["decode common common colour 7", "convert 9 AAAA of common decoded common colour 7"],
  ]);
  const [, , converted] = await frame("common colour 8", { profile: 9 });
  assert.equal(converted.at(-1), "convert 9  of common decoded common colour 8");
  assert.deepEqual((await frame("common grey 9", { profile: 9 }))[2], ["decode common common grey 9"]);

  // A frame that breaks an instance gets a failure, the next one a fresh instance.
  const [stopped, , events] = await frame("common boom");
  assert.equal(stopped, "common stopped common boom: Error: unreachable");
  assert.deepEqual(events, ["load common#instance-1"]);
  assert.deepEqual((await frame("common 10"))[2], ["decode common common 10"]);
});
