// Dedicated module worker around the decode module.
//
// First message from the page:  { module: URL of decode.js, wasm: URL of decode_bg.wasm }
// then any number of:           { head: JSON of a request, body: ArrayBuffer }
// To the page:                  { head: JSON of a reply, body: ArrayBuffer }
//
// A trap (panic, memory) leaves a wasm instance unusable: the request gets a failure as its reply and
// a fresh instance takes over. What cannot be answered at all becomes an `error` event of the Worker.

let compiled; // WebAssembly.Module, compiled once
let moduleUrl;
let instances = 0;
let decoder; // exports of the current instance

async function start({ module, wasm }) {
  moduleUrl = new URL(module, self.location.href);
  compiled = await WebAssembly.compileStreaming(fetch(new URL(wasm, self.location.href)));
  decoder = await instantiate();
  reply(decoder.ready(), new ArrayBuffer(0));
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
    const answer = decoder.decode(head, new Uint8Array(body));
    const { buffer } = answer.body;
    reply(answer.head, buffer);
    answer.free();
  } catch (error) {
    decoder = await instantiate();
    reply(decoder.stopped(head, String(error)), new ArrayBuffer(0));
  }
}

function reply(head, body) {
  self.postMessage({ head, body }, [body]);
}

// Messages are handled one after the other, also while an instance is being replaced.
let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  queue = queue.then(() => (data.module ? start(data) : answer(data))).catch(self.reportError);
};
