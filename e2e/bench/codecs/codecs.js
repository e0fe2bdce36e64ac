// Our decode module beside Cornerstone3D's codecs: the same encoded frames in the same process, one run of
// each in turn, medians. What is timed is a call as the worker makes it: bytes in, samples in a buffer out.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { decodeModules, instantiate } from "../../wasm/modules.js";
import { median } from "../median.js";
import { PEERS } from "./peers.js";

const inputs = process.env.NEGATOSCOPE_INPUTS;
const rounds = Number(process.env.NEGATOSCOPE_ROUNDS ?? 15);
const only = process.env.NEGATOSCOPE_ONLY ?? "";

/** As a worker does: the module that decoded the last frame is asked first, and says which other one to ask. */
async function ours() {
  const files = decodeModules(process.env.NEGATOSCOPE_SITE);
  const modules = {};
  for (const name in files) modules[name] = await instantiate(files[name]);
  let current = modules.base;
  const ask = (method, encoded, format) => {
    const head = JSON.stringify({ id: 1, content_type: "application/octet-stream", format, palette: null });
    let answer = current[method](head, encoded);
    while (answer.ask) {
      current = modules[answer.ask];
      answer.free();
      answer = current[method](head, encoded);
    }
    const { head: reply, body } = answer;
    answer.free();
    return { reply: JSON.parse(reply), body };
  };
  const decoded = (encoded, format) => {
    const { reply, body } = ask("decode", encoded, format);
    if (reply.failed) throw new Error(reply.failed.failure.detail);
    return { isPacked: reply.decoded.packed, body };
  };
  const decode = (encoded, format) => decoded(encoded, format).body;
  /** What the page unpacks, as it is when unpacked. */
  const unpacked = (encoded, format) => {
    const { isPacked, body } = decoded(encoded, format);
    return isPacked ? ask("decode_stored", encoded, format).body : body;
  };
  return { decode, unpacked };
}

/** Ours gives colour as RGBA, the others as RGB: the former without its A. */
function withoutAlpha(samples, format) {
  if (format.samples_per_pixel === 1) return samples;
  return samples.filter((_, index) => index % 4 !== 3);
}

/** Largest difference of two frames of samples; infinite where their lengths differ. */
function difference(a, b, format) {
  const Samples = format.bits_allocated === 8 ? Uint8Array : Uint16Array;
  const [x, y] = [a, b].map((bytes) => new Samples(bytes.slice().buffer));
  if (x.length !== y.length) return Infinity;
  return x.reduce((largest, value, index) => Math.max(largest, Math.abs(value - y[index])), 0);
}

async function milliseconds(decode, encoded, format) {
  const started = performance.now();
  await decode(encoded, format);
  return performance.now() - started;
}

/** Until the engine's optimising compiler is through, which a busy machine delays. */
const WARM_UP_MS = 1500;

async function compare(decoders, encoded, format) {
  const warm = performance.now() + WARM_UP_MS;
  do for (const decode of decoders) await milliseconds(decode, encoded, format);
  while (performance.now() < warm);
  const times = decoders.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, decode] of decoders.entries()) {
      times[index].push(await milliseconds(decode, encoded, format));
    }
  }
  return times.map(median);
}

async function attempt(decode, encoded, format) {
  try {
    return { samples: await decode(encoded, format) };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}

const loaded = new Map();
async function peer(family) {
  const { name, load } = PEERS[family];
  if (!loaded.has(name)) loaded.set(name, await load());
  return loaded.get(name);
}

const row = (...cells) => `| ${cells.join(" | ")} |`;

/** How far the samples of each are from the original; a lossy codec may be, a lossless one may not. */
function verdict(ourSamples, theirSamples, original, format) {
  const mine = difference(withoutAlpha(ourSamples, format), original, format);
  const yours = difference(theirSamples, original, format);
  return mine === 0 && yours === 0 ? "exact" : `±${mine} / ±${yours}`;
}

async function measure({ decode, unpacked }, { image, family, format }, number) {
  const encoded = new Uint8Array(readFileSync(join(inputs, `${number}.bin`)));
  const original = new Uint8Array(readFileSync(join(inputs, `${number}.raw`)));
  const theirs = await peer(family);
  const results = [];
  for (const one of [unpacked, theirs]) results.push(await attempt(one, encoded, format));
  const failed = results.findIndex(({ error }) => error);
  if (failed >= 0) {
    return row(family, image, "", "", "", `${failed ? "theirs" : "ours"}: ${results[failed].error}`);
  }
  const medians = await compare([decode, theirs], encoded, format);
  const speeds = medians.map((ms) => (original.length / 1e3 / ms).toFixed(0));
  const ratio = (medians[1] / medians[0]).toFixed(2);
  return row(family, image, ...speeds, ratio, verdict(...results.map((r) => r.samples), original, format));
}

const cases = JSON.parse(readFileSync(join(inputs, "cases.json"), "utf8"));
const decode = await ours();
console.log(row("family", "image", "ours MB/s", "theirs MB/s", "ratio", "samples (ours / theirs)"));
console.log(row("---", "---", "--:", "--:", "--:", "---"));
for (const [number, one] of cases.entries()) {
  if (one.family.startsWith(only)) console.log(await measure(decode, one, number));
}
