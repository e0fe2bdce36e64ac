// What the reader opened, as the page has it: files on their way into the worker (local-worker.js), and its answers to whoever in the page asks
// for a frame, a document or attributes. Nothing of it goes anywhere else: addresses of such frames have a scheme that no network knows, and a request that names
// an exam of a medium is not sent, whoever makes it.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);

/** Files handed over at a time: few enough that the page is not kept. */
const BATCH = 200;
/** As deep as folders are gone into, and as many files as are taken: as many as the worker looks at. */
const MOST_DEPTH = 32;
const MOST_FILES = 200_000;
/** Frames that are read at a time: they come sooner than they are decoded, and would fill the memory. */
const MOST_AT_ONCE = 6;
const SCHEME = "local:";
const FRAME = /^local:\/dicomweb\/studies\/([^/]+)\/series\/[^/]+\/instances\/([^/]+)\/(?:frames\/(\d+)|bulkdata\/([0-9A-F]{4})3000)$/;
const ATTRIBUTES = /^local:\/dicomweb\/studies\/([^/]+)\/series\/[^/]+\/instances\/([^/]+)\/(attributes)$/;
/** As the server's, behind the number of an exam; a report has no name of its own. */
const DOCUMENTS = /^local:\/documents\/([^/]+)(?:\/[^/]+\/([^/]+)(?:\/(presentation|pdf))?)?$/;

/** Transfer syntaxes of videos, as viewer_core::exam::is_video has them. */
const VIDEO = /^1\.2\.840\.10008\.1\.2\.4\.10\d/;

/** Studies that were put on the page: Study Instance UID → Medium. */
const shown = new Map();

/** Lets the page do what waits, however often this is called. */
const breath = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve();
  port2.postMessage(null);
});

/** Files as they are chosen: `[path, File]`, where a folder was chosen with the way to it. */
export function* chosen(list) {
  for (let at = 0; at < list.length; at += 1) yield [list[at].webkitRelativePath || list[at].name, list[at]];
}

/** Files and folders that were dropped, one after the other. */
export async function* dropped(entries) {
  const waiting = entries.filter(Boolean).map((entry) => [entry, 0]);
  let count = 0;
  while (waiting.length && count < MOST_FILES) {
    const [entry, depth] = waiting.pop();
    if (entry instanceof File) {
      yield [entry.name, entry];
    } else if (entry.isFile) {
      const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
      count += 1;
      if (file) yield [entry.fullPath.slice(1), file];
    } else if (depth < MOST_DEPTH) {
      for (const inner of await listed(entry)) waiting.push([inner, depth + 1]);
    }
  }
}

/** All of a folder, which is told in parts; of one that cannot be read what came. */
async function listed(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const part = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!part.length || all.length > MOST_FILES) return all;
    all.push(...part);
  }
}

export class Medium {
  #worker = new Worker(assets["local-worker.js"], { type: "module" });
  #asked = new Map(); // number → what its answer is given to
  #next = 1;
  #isStopped = false;
  isOpen = true;

  /** `told` hears `{ progress }`, `{ complete }`, `{ offers }`, and `{ failed }` where nothing more will come. */
  constructor(told) {
    const of = (name) => new URL(assets[name], location.href).href;
    this.#worker.onmessage = ({ data }) => {
      if (data.answered) {
        this.#asked.get(data.answered)(data);
        this.#asked.delete(data.answered);
      } else told(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      console.error("local-worker.js", event.message);
      this.close();
      told({ failed: true });
    };
    this.#worker.postMessage({ module: of("local-reader.js"), wasm: of("local-reader_bg.wasm") });
  }

  /** Hands files over, in parts. */
  async add(files) {
    let batch = [];
    for await (const one of files) {
      if (this.#isStopped) break;
      batch.push(one);
      if (batch.length < BATCH) continue;
      this.#worker.postMessage({ add: batch });
      batch = [];
      await breath();
    }
    if (batch.length) this.#worker.postMessage({ add: batch });
    this.#worker.postMessage({ complete: true });
  }

  /** What was read so far is all. */
  stop() {
    this.#isStopped = true;
    this.#worker.postMessage({ stop: true });
  }

  offers(patient) {
    this.#worker.postMessage({ offers: JSON.stringify(patient) });
  }

  /** The worker's answer: `{ syntax, body }`, or `{ refused }`. */
  ask(what) {
    if (!this.isOpen) return Promise.resolve({ refused: "closed" });
    return new Promise((resolve) => {
      this.#asked.set(this.#next, resolve);
      this.#worker.postMessage({ ask: this.#next, ...what });
      this.#next += 1;
    });
  }

  /** The summary of an exam, as text; from now on its frames are answered. */
  async show(study) {
    const { body } = await this.ask({ study });
    if (!body) return null;
    // What is on the page stays what it was, whatever another medium has under the same name.
    if (!shown.has(study)) {
      shown.set(study, this);
      this.#giveVideos(study, JSON.parse(body));
    }
    return body;
  }

  /** Videos are read by a worker of their own (video.js), which asks for a stream under its address. */
  #giveVideos(study, { series }) {
    const isVideo = (formats, { format }) => VIDEO.test(formats[format].transfer_syntax_uid);
    for (const { series_instance_uid: of, formats, images } of series) {
      for (const { sop_instance_uid: instance } of images.filter((image) => isVideo(formats, image))) {
        const channel = new BroadcastChannel(`${SCHEME}/dicomweb/studies/${study}/series/${of}/instances/${instance}/bulkdata/7FE00010`);
        channel.onmessage = async ({ data: { isWanted } }) => {
          if (!isWanted) return;
          const { body } = await this.ask({ instance, frame: 1 });
          channel.postMessage({ stream: body ? new Blob([body]) : null });
        };
      }
    }
  }

  get isShown() {
    return [...shown.values()].includes(this);
  }

  close() {
    this.isOpen = false;
    this.#worker.terminate();
    for (const resolve of this.#asked.values()) resolve({ refused: "closed" });
    this.#asked.clear();
  }
}

/** Gone, as of a medium that was taken out: the page says so on that image, and does not wait for a connection. */
const gone = () => new Response(null, { status: 410 });

async function local(address) {
  const text = ATTRIBUTES.exec(address) ?? DOCUMENTS.exec(address);
  const [, study, instance, frame, group] = text ?? FRAME.exec(address) ?? [];
  const medium = shown.get(study);
  if (!medium) return new Response(null, { status: 404 });
  if (text) return about(medium, study, instance, text[3] ?? (instance ? "report" : "documents"));
  const what = frame ? { frame: Number(frame) } : { group: Number.parseInt(group, 16) };
  const { syntax, body, refused } = await medium.ask({ instance, ...what });
  if (refused) return gone();
  try {
    const bytes = body instanceof Blob ? await body.arrayBuffer() : body;
    const type = syntax ? `application/octet-stream; transfer-syntax=${syntax}` : "application/octet-stream";
    return new Response(bytes, { headers: { "content-type": type } });
  } catch {
    return gone();
  }
}

async function about(medium, study, instance, kind) {
  const { body, refused } = await medium.ask({ about: kind, study, instance });
  const type = kind === "pdf" ? "application/pdf" : "application/json";
  return refused ? gone() : new Response(body, { headers: { "content-type": type } });
}

let reading = 0;
const turns = [];

/** Does something when there is room for it. */
async function inTurn(act) {
  if (reading >= MOST_AT_ONCE) await new Promise((resolve) => turns.push(resolve));
  else reading += 1;
  try {
    return await act();
  } finally {
    // The place goes to whoever waits.
    const next = turns.shift();
    if (next) next();
    else reading -= 1;
  }
}

/** Whether an address is about an exam of a medium: asked of the server it would tell of it. */
const isAbout = (address) => [...shown.keys()].some((study) => address.includes(study));

const network = globalThis.fetch.bind(globalThis);
globalThis.fetch = async (asked, options) => {
  const address = asked instanceof Request ? asked.url : String(asked);
  if (!address.startsWith(SCHEME)) return isAbout(address) ? new Response(null, { status: 404 }) : network(asked, options);
  const signal = options?.signal;
  const answer = await inTurn(() => (signal?.aborted ? null : local(address)));
  signal?.throwIfAborted();
  return answer;
};
