// Dedicated module worker around the local media module: reads what the reader opened a part at a time, and answers with frames.
//
// First message from the page:  { module: URL of the glue, wasm: URL of the code }
// then any number of:           { add: [[name, File], …] }, { complete: true } when these were all, { stop: true },
//                               { offers: JSON of the patient that is looked at }
//                               { ask: number, study } for a summary, { ask, instance, frame } (from 1), { ask, instance, group } of an overlay
// To the page:                  { progress: JSON } now and then, { complete: JSON of the progress } when all was looked at, { offers: JSON }
//                               { answered: number, syntax, body: text, Blob or Uint8Array }, or with `refused` instead of a body
//
// Files are read synchronously, which only a worker may do; between pieces of work messages are heard. What cannot be answered at all
// becomes an `error` event of the Worker.

/** How long files are looked at before messages are heard, ms, and how often progress is told. */
const WORK_MS = 40;
const TELL_MS = 200;

const files = []; // by the numbers of the module
let medium;
let isReading = false;
let isComplete = false;
let told = 0;

/** A file as the module reads it. */
function opened(file) {
  const reader = new FileReaderSync();
  return { length: file.size, read: (start, end) => new Uint8Array(reader.readAsArrayBuffer(file.slice(start, end))) };
}

async function start({ module, wasm }) {
  const exports = await import(module);
  await exports.default({ module_or_path: fetch(wasm) });
  medium = new exports.Medium();
}

/** A task of its own, so that messages that wait come first. */
const breath = () => new Promise((resolve) => setTimeout(resolve));

async function read() {
  if (isReading) return;
  isReading = true;
  for (let isMore = true; isMore; await breath()) {
    const until = performance.now() + WORK_MS;
    while (isMore && performance.now() < until) isMore = medium.step();
    if (performance.now() - told > TELL_MS) {
      told = performance.now();
      self.postMessage({ progress: medium.progress() });
    }
  }
  isReading = false;
  if (isComplete) self.postMessage({ complete: medium.progress() });
}

/** What was asked for. Of a frame that lies in a file as it is delivered the browser is told where, and nothing is copied here. */
function answer({ study, instance, frame, group }) {
  if (study !== undefined) return { body: medium.summary(study) };
  if (group !== undefined) return { body: medium.overlay(instance, group) };
  const found = medium.frame(instance, frame);
  const { syntax, file } = found;
  if (file === undefined) return { syntax, body: found.bytes };
  const ends = found.parts;
  const parts = [];
  for (let at = 0; at < ends.length; at += 2) parts.push(files[file].slice(ends[at], ends[at + 1]));
  return { syntax, body: new Blob(parts) };
}

const heard = {
  add: (all) => {
    for (const [name, file] of all) {
      files.push(file);
      medium.add(name, opened(file));
    }
    read().catch(self.reportError);
  },
  complete: () => {
    isComplete = true;
    read().catch(self.reportError);
  },
  stop: () => medium.stop(),
  offers: (patient) => self.postMessage({ offers: medium.offers(patient) }),
  ask: (number, asked) => {
    try {
      self.postMessage({ answered: number, ...answer(asked) });
    } catch (error) {
      // A trap leaves the module unusable: that is no answer.
      if (error instanceof WebAssembly.RuntimeError) throw error;
      self.postMessage({ answered: number, refused: String(error) });
    }
  },
};

let ready = null;
self.onmessage = ({ data }) => {
  ready ??= start(data);
  const [name] = Object.keys(data);
  ready.then(() => heard[name]?.(data[name], data)).catch(self.reportError);
};
