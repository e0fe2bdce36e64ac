// Dedicated module worker around the decode module.
//
// First message from the page:  { module: URL of decode.js, wasm: URL of decode_bg.wasm,
//                                 all: the same two of the build with every decoder }
// then any number of:           { head: JSON of a request, body: ArrayBuffer }
// To the page:                  { head: JSON of a reply, body: ArrayBuffer }
//
// A trap (panic, memory) leaves a wasm instance unusable: the request gets a failure as its reply and
// a fresh instance takes over. What cannot be answered at all becomes an `error` event of the Worker.

let compiled; // WebAssembly.Module, compiled once
let moduleUrl;
let all; // where the build with every decoder is, until it is needed
let instances = 0;
let decoder; // exports of the current instance

async function start(addresses) {
  all = addresses.all;
  await load(addresses);
  reply(decoder.ready(), new ArrayBuffer(0));
}

async function load({ module, wasm }) {
  compiled = await WebAssembly.compileStreaming(fetch(new URL(wasm, self.location.href)));
  moduleUrl = new URL(module, self.location.href);
  instances = 0;
  decoder = await instantiate();
}

// An ES module is evaluated once per URL: a fragment makes a new one of the same file.
async function instantiate() {
  const url = new URL(moduleUrl);
  if (instances > 0) url.hash = `instance-${instances}`;
  instances += 1;
  const exports = await import(url.href);
  await exports.default({ module_or_path: compiled });
  return exports;
}

async function answer({ head, body }) {
  try {
    let answer = decoder.decode(head, new Uint8Array(body));
    if (answer.ask_all) {
      answer.free();
      await loadAll();
      answer = decoder.decode(head, new Uint8Array(body));
    }
    const { buffer } = answer.body;
    reply(answer.head, buffer);
    answer.free();
  } catch (error) {
    if (error instanceof UnreachableDecoder) throw error;
    decoder = await instantiate();
    reply(decoder.stopped(head, String(error)), new ArrayBuffer(0));
  }
}

// The first frame that the small decoders cannot read brings the other ones, for good. A lost connection
// is waited for: the frame is not to blame.
async function loadAll() {
  for (let wait_ms = 500; wait_ms < 60_000; wait_ms *= 2) {
    try {
      return await load(all);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait_ms));
    }
  }
  throw new UnreachableDecoder();
}

class UnreachableDecoder extends Error {}

function reply(head, body) {
  self.postMessage({ head, body }, [body]);
}

// Messages are handled one after the other, also while an instance is being replaced.
let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  queue = queue.then(() => (data.module ? start(data) : answer(data))).catch(self.reportError);
};
