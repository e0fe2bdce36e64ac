// The decode module as WebAssembly against the same code compiled natively: other instructions (SIMD
// among them), the same answers to the last bit; but for JPEG 2000's irreversible transform, which is
// computed in floating point and may be rounded another way by one (ISO/IEC 15444-4 asks for no more).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

const site = process.env.NEGATOSCOPE_SITE;
const folder = process.env.NEGATOSCOPE_CASES;
const manifest = JSON.parse(readFileSync(join(site, "manifest.json"), "utf8"));
const cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));

async function decoder() {
  const source = readFileSync(join(site, manifest["decode-all.js"]), "utf8");
  // The site's scripts are modules for browsers; Node takes the same text from a data address.
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  await module.default({ module_or_path: readFileSync(join(site, manifest["decode-all_bg.wasm"])) });
  return module;
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
});

const FLOATING_POINT = ["1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.203"];
const ARRAYS = { gray_u8: Uint8Array, gray_i8: Int8Array, gray_u16: Uint16Array, gray_i16: Int16Array, gray_u32: Uint32Array, gray_i32: Int32Array, rgba8: Uint8Array, rgba16: Uint16Array };

/** The largest difference of two samples; infinite where there are not as many. */
function largestDifference(kind, actual, expected) {
  const Samples = ARRAYS[kind];
  const [a, b] = [actual, expected].map((bytes) => new Samples(new Uint8Array(bytes).buffer));
  if (a.length !== b.length) return Infinity;
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index])), 0);
}

test("WebAssembly decodes as the native code does", async () => {
  const decode = await decoder();
  const different = [];
  for (const [index, { name, request, reply }] of cases.entries()) {
    const answer = decode.decode(JSON.stringify(request), readFileSync(join(folder, `${index}.body`)));
    const head = withoutTime(JSON.parse(answer.head));
    const expected = readFileSync(join(folder, `${index}.samples`));
    const isSame = isDeepStrictEqual(head, withoutTime(reply));
    if (!isSame || !expected.equals(answer.body)) {
      const mayRound = FLOATING_POINT.includes(request.format.transfer_syntax_uid);
      const kind = reply.decoded?.kind;
      const difference = kind ? largestDifference(kind, answer.body, expected) : Infinity;
      if (!mayRound || difference > 1) different.push({ name, head, reply, difference });
    }
    answer.free();
  }
  assert.deepEqual(different, []);
});
