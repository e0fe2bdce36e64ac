// The decode module as WebAssembly against the same code compiled natively: other instructions (SIMD
// among them), the same answers to the last bit.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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

test("WebAssembly decodes as the native code does", async () => {
  const decode = await decoder();
  const different = [];
  for (const [index, { name, request, reply, samples_sha256: expected }] of cases.entries()) {
    const body = readFileSync(join(folder, `${index}.body`));
    const answer = decode.decode(JSON.stringify(request), body);
    const head = withoutTime(JSON.parse(answer.head));
    const samples = createHash("sha256").update(answer.body).digest("hex");
    if (!isDeepStrictEqual(head, withoutTime(reply)) || samples !== expected) {
      different.push({ name, head, expected: reply, samples: samples === expected });
    }
    answer.free();
  }
  assert.deepEqual(different, []);
});
