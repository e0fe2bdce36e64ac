// The decode modules as WebAssembly against the same code compiled natively: other instructions (SIMD
// among them), the same answers to the last bit; but for what is computed in floating point (lossy
// JPEG 2000 and JPEG XL, colour profiles), which may be rounded another way by one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { decodeModules, instantiate } from "./modules.js";

const site = process.env.NEGATOSCOPE_SITE;
const folder = process.env.NEGATOSCOPE_CASES;
const cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));

const files = decodeModules(site);
const modules = {};
for (const name in files) modules[name] = await instantiate(files[name]);

/** As a worker does: the module at hand is asked first, and says which other one to ask. */
function decode(first, { request, icc }, body) {
  let name = first;
  let answer = modules[name].decode(JSON.stringify(request), body);
  while (answer.ask) {
    name = answer.ask;
    answer.free();
    answer = modules[name].decode(JSON.stringify(request), body);
  }
  const { head, is_colour } = answer;
  const isConverted = Boolean(icc) && is_colour;
  const own = answer.body ?? body; // Samples that are the bytes that came are not sent back.
  const samples = isConverted ? toSrgb(icc, head, own) : own;
  answer.free();
  return { name, isConverted, head: withoutTime(JSON.parse(head)), samples };
}

const numbers = [];
function toSrgb(icc, head, samples) {
  if (!numbers.includes(icc)) numbers.push(icc);
  const number = numbers.indexOf(icc);
  return modules.rare.to_srgb(number, modules.rare.has_profile(number) ? "" : icc, head, samples);
}

function withoutTime(reply) {
  if (reply.decoded) delete reply.decoded.decode_ms;
  return reply;
}

test("there are cases of every kind", () => {
  const syntaxes = new Set(cases.map(({ request }) => request.format.transfer_syntax_uid));
  assert.ok(cases.length >= 50, `${cases.length} cases`);
  assert.ok(syntaxes.size >= 8, `${syntaxes.size} transfer syntaxes`);
  assert.ok(cases.filter(({ reply }) => reply.decoded).length >= 40, "decoded cases");
  assert.ok(cases.some(({ icc }) => icc), "a colour profile");
});

const FLOATING_POINT = ["91", "93", "111", "112", "203"].map((last) => `1.2.840.10008.1.2.4.${last}`);
const ARRAYS = { gray_u8: Uint8Array, gray_i8: Int8Array, gray_u16: Uint16Array, gray_i16: Int16Array, gray_u32: Uint32Array, gray_i32: Int32Array, rgba8: Uint8Array, rgba16: Uint16Array };

/** The largest difference of two samples; infinite where there are not as many. */
function largestDifference(kind, actual, expected) {
  const Samples = ARRAYS[kind];
  const [a, b] = [actual, expected].map((bytes) => new Samples(new Uint8Array(bytes).buffer));
  if (a.length !== b.length) return Infinity;
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index])), 0);
}

for (const first of Object.keys(modules)) {
  test(`WebAssembly decodes as the native code does, ${first} asked first`, () => {
    const different = [];
    const used = new Set();
    for (const [index, one] of cases.entries()) {
      const { name: title, request, reply } = one;
      const body = readFileSync(join(folder, `${index}.body`));
      const { name, isConverted, head, samples } = decode(first, one, body);
      if (reply.decoded) used.add(name);
      const expected = readFileSync(join(folder, `${index}.samples`));
      const isSame = isDeepStrictEqual(head, withoutTime(reply));
      if (isSame && expected.equals(samples)) continue;
      const mayRound = isConverted || FLOATING_POINT.includes(request.format.transfer_syntax_uid);
      const kind = reply.decoded?.kind;
      const difference = kind ? largestDifference(kind, samples, expected) : Infinity;
      if (!mayRound || difference > 1) different.push({ title, name, head, reply, difference });
    }
    assert.deepEqual(different, []);
    assert.deepEqual([...used].sort(), Object.keys(modules).sort());
  });
}
