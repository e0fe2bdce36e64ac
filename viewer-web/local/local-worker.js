// Dedicated module worker around the local media module: reads what the reader opened a part at a time, and answers with frames.
//
// First message from the page:  { module: URL of the glue, wasm: URL of the code }
// then any number of:           { add: [[name, File], …] }, { complete: true } when these were all, { stop: true },
//                               { offers: JSON of the patient that is looked at }
//                               { ask: number, study } for a summary, { ask, instance, frame } (from 1), { ask, instance, group } of an overlay,
//                               { ask, about, study, instance } of a document (`about` is a key of `texts`)
// To the page:                  { progress: JSON, ahead: files that are not in it } now and then, { complete: JSON of the progress } when all was looked at, { offers: JSON }
//                               { answered: number, syntax, body: text, Blob or Uint8Array }, or with `refused` instead of a body
//
// The first bytes of files are asked for ahead, many at a time; what is read beyond them is read synchronously, which only a worker may do.
// Between pieces of work messages are heard. What cannot be answered at all
// becomes an `error` event of the Worker.

/** How long files are looked at before messages are heard, ms, and how often progress is told. */
const WORK_MS = 40;
const TELL_MS = 200;

/** As much as the module reads of most files, and for how many of them it is asked at a time. */
const HEAD_BYTES = 16 << 10;
const MOST_HEADS = 32;
const NOTHING = new Uint8Array(0);

const arrived = []; // [name, File], not looked at yet
const files = []; // by the numbers of the module
let medium;
let isReading = false;
let isComplete = false;
let told = 0;

/** A file as the module reads it; its first bytes are here. */
class Opened {
  constructor(file, head) {
    Object.assign(this, { file, head, length: file.size });
  }

  read(start, end) {
    if (end <= this.head.length) return this.head.subarray(start, end);
    // What was here is not asked for again: the header is read.
    this.head = NOTHING;
    return new Uint8Array(new FileReaderSync().readAsArrayBuffer(this.file.slice(start, end)));
  }
}

/** The first bytes of a file, and of one that is gone none: it is damaged then, and named. */
async function headOf([name, file]) {
  const head = await file.slice(0, HEAD_BYTES).arrayBuffer().catch(() => null);
  return { name, opened: new Opened(file, head ? new Uint8Array(head) : NOTHING) };
}

async function start({ module, wasm }) {
  const exports = await import(module);
  await exports.default({ module_or_path: fetch(wasm) });
  medium = new exports.Medium();
}

/** A task of its own, so that messages that wait come first. */
const breath = () => new Promise((resolve) => setTimeout(resolve));

/** What is on its way: the next files' first bytes are asked for while those before are looked at. */
const heads = [];

function askForHeads() {
  while (arrived.length && heads.length < MOST_HEADS) heads.push(headOf(arrived.shift()));
}

/** Files that the module does not have yet. */
const ahead = () => arrived.length + heads.length;

/** Takes what has come; whether there was any. */
async function takeHeads() {
  askForHeads();
  const first = heads.shift();
  if (!first) return false;
  const { name, opened } = await first;
  files.push(opened.file);
  medium.add(name, opened);
  return true;
}

async function read() {
  if (isReading) return;
  isReading = true;
  let until = performance.now() + WORK_MS;
  while (medium.step() || (await takeHeads())) {
    if (performance.now() < until) continue;
    if (performance.now() - told > TELL_MS) {
      told = performance.now();
      self.postMessage({ progress: medium.progress(), ahead: ahead() });
    }
    await breath();
    until = performance.now() + WORK_MS;
  }
  isReading = false;
  if (isComplete) self.postMessage({ complete: medium.progress() });
}

/** What is no picture: JSON, of a PDF its bytes. */
const texts = {
  documents: ({ study }) => medium.documents(study),
  report: ({ instance }) => medium.report(instance),
  presentation: ({ study, instance }) => medium.presentation(study, instance),
  pdf: ({ instance }) => medium.pdf(instance),
  attributes: ({ instance }) => medium.attributes(instance),
};

/** What was asked for. Of a frame that lies in a file as it is delivered the browser is told where, and nothing is copied here. */
function answer({ about, study, instance, frame, group }) {
  if (about !== undefined) return { body: texts[about]({ study, instance }) };
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
    for (const one of all) arrived.push(one);
    read().catch(self.reportError);
  },
  complete: () => {
    isComplete = true;
    read().catch(self.reportError);
  },
  stop: () => {
    medium.stop(ahead());
    arrived.length = heads.length = 0;
  },
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
