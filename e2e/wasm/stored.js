// Frames from standard input through the decode modules, their stored samples to standard output.
//
// Records on both sides: length (32 bits, little endian) and text of a JSON head, length and bytes of a body.
// In:  { file, frame, request } and the encoded frame, or { file, failure } and nothing.
// Out: { file, frame, module, ms } and the samples, or { file, frame, failure } and nothing.
import { readSync, writeSync } from "node:fs";
import { decodeModules, instantiate } from "./modules.js";

const modules = decodeModules(process.env.NEGATOSCOPE_SITE);

/** The next `length` bytes, or undefined at the end of the input. */
function readBytes(length) {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(0, bytes, filled, length - filled, null);
    if (count === 0) return undefined;
    filled += count;
  }
  return bytes;
}

function readPart() {
  const length = readBytes(4);
  return length && readBytes(length.readUInt32LE());
}

function writePart(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  for (const part of [length, bytes]) {
    for (let written = 0; written < part.length; ) {
      written += writeSync(1, part, written);
    }
  }
}

function writeRecord(head, body) {
  writePart(Buffer.from(JSON.stringify(head)));
  writePart(body);
}

/** Asks the module with the small decoders first, then the one it names, as the viewer does. */
async function decode(request, body, name = "base") {
  const module = modules[name];
  module.instance ??= await instantiate(module);
  try {
    const answer = module.instance.decode_stored(JSON.stringify(request), body);
    const { ask, body: samples } = answer;
    const failure = JSON.parse(answer.head);
    answer.free();
    if (ask) return decode(request, body, ask);
    return failure ? { failure } : { module: name, samples };
  } catch (error) {
    // A trap leaves an instance unusable.
    module.instance = undefined;
    return { failure: { kind: "stopped", detail: String(error) } };
  }
}

for (let head = readPart(); head; head = readPart()) {
  const { file, frame, request, failure } = JSON.parse(head);
  const body = readPart();
  if (failure) {
    writeRecord({ file, failure }, Buffer.alloc(0));
    continue;
  }
  const began = performance.now();
  const { samples, ...outcome } = await decode(request, body);
  const ms = Math.round(performance.now() - began);
  writeRecord({ file, frame, ms, ...outcome }, samples ?? Buffer.alloc(0));
}
