// Dedicated module worker around the decode modules.
//
// First message from the page:  { modules: { base, common, rare } }, each { module: URL of its glue,
//                                 wasm: URL of its code, compiled: the code, where the page has it }
// then any number of:           { head: JSON of a request, body: ArrayBuffer }
//                               and for colours by a profile: { profile: its number, icc: base64, the
//                                 first time }
// and of streams:               { stream: its number, url, accept, heads: JSON of the requests whose bodies
//                                 are the parts of the answer, in this order }, taken back by { abort: number }
// It may be preceded by:        { early: url, accept }: the answer is asked for at once, and is that of the first
//                               stream if this has the same url; otherwise nobody wants it
// To the page:                  { head: JSON of a reply, body: ArrayBuffer }, of a stream with { bytes: size
//                                 of the part }; of a stream as a whole { answered: its number } and { ended: its
//                                 number, status: of the answer, 0 where it did not come or broke off }
//
// `base` is loaded at once, the others when a frame needs them, and kept. A trap (panic, memory) leaves a
// wasm instance unusable: the request gets a failure as its reply and a fresh instance takes over. What
// cannot be answered at all becomes an `error` event of the Worker.

class DecodeModule {
  #addresses;
  #compiled; // WebAssembly.Module, compiled once
  #instances = 0;
  #coming; // a promise of the exports of the current instance
  here; // those exports, once they are

  constructor(addresses) {
    this.#addresses = addresses;
    this.#compiled = addresses.compiled;
  }

  /** The exports of the current instance. */
  ready() {
    if (!this.#coming) {
      this.#coming = this.#load();
      this.#coming.catch(() => this.drop());
    }
    return this.#coming;
  }

  /** The same, but a lost connection is waited for: the frame is not to blame. */
  async reached() {
    for (let wait_ms = 500; wait_ms < 60_000; wait_ms *= 2) {
      try {
        return await this.ready();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, wait_ms));
      }
    }
    throw new UnreachableDecoder();
  }

  /** Gives up the current instance. */
  drop() {
    this.#coming = this.here = undefined;
  }

  async #load() {
    if (!this.#compiled) {
      const { wasm } = this.#addresses;
      this.#compiled = await WebAssembly.compileStreaming(fetch(new URL(wasm, self.location.href)));
    }
    return this.#instantiate();
  }

  // An ES module is evaluated once per URL: a fragment makes a new one of the same file.
  async #instantiate() {
    const url = new URL(this.#addresses.module, self.location.href);
    if (this.#instances > 0) url.hash = `instance-${this.#instances}`;
    this.#instances += 1;
    const exports = await import(url.href);
    await exports.default({ module_or_path: this.#compiled });
    return (this.here = exports);
  }
}

class UnreachableDecoder extends Error {}

const modules = {};
const profiles = new Map(); // number → base64
let current; // decoded the last frame, and is asked first about the next one

async function start(addresses) {
  for (const name in addresses) modules[name] = new DecodeModule(addresses[name]);
  current = modules.base;
  reply((await current.ready()).ready(), new ArrayBuffer(0));
}

async function answer({ head, body, type, profile, icc, ahead }) {
  let working = ahead?.module ?? current;
  if (icc) profiles.set(profile, icc);
  const encoded = ArrayBuffer.isView(body) ? body : new Uint8Array(body); // Of a view a new one would be a copy.
  const bytes = encoded.length;
  try {
    let answer = ahead?.module ? ahead.finish(encoded) : (await working.reached()).decode(head, encoded, type);
    while (answer.ask) {
      current = working = modules[answer.ask];
      answer.free();
      answer = (await working.reached()).decode(head, encoded, type);
    }
    let samples = answer.body ?? encoded;
    if (profile !== undefined && answer.is_colour) {
      working = modules.rare;
      samples = toSrgb(await working.reached(), profile, answer.head, samples);
    }
    reply(answer.head, whole(samples), bytes);
    answer.free();
  } catch (error) {
    if (error instanceof UnreachableDecoder) throw error;
    working.drop();
    reply((await working.reached()).stopped(head, String(error)), new ArrayBuffer(0), bytes);
  }
}

/** Brings the module that will decode a frame, which is on its way. */
async function foresee(head) {
  const module = modules[(await current.ready()).foresee(head)] ?? current;
  await module.ready();
  return module;
}

/** Smaller frames are decoded when all of them is here, bytes. */
const LARGE_BYTES = 1 << 20;
/** A large one when so much of it has come, and again each time so much more has. */
const PIECE_SHARE = 1 / 32;

/** Decodes a large frame while it comes, where its module can do that. */
class Ahead {
  #head;
  #module;
  #exports; // of the instance that is at it
  #frame;
  #size = 0; // of the frame, given to it

  constructor(head) {
    this.#head = head;
  }

  /** Of a frame of `length` bytes these are here. */
  came(module, type, length, bytes) {
    if (!module?.here?.begin || length < LARGE_BYTES || bytes.length - this.#size < length * PIECE_SHARE) return;
    if (!this.#module) [this.#module, this.#exports] = [module, module.here];
    try {
      if (!this.#size) this.#frame = this.#exports.begin(this.#head, type, length);
      this.#push(bytes);
    } catch {
      module.drop(); // Another instance will try the whole frame, and answer if it cannot either.
    }
  }

  #push(bytes) {
    if (this.module) this.#frame.push(bytes.subarray(this.#size));
    this.#size = bytes.length;
  }

  /** The module that is at it; undefined where none is, or its instance was given up. */
  get module() {
    return this.#frame && this.#module.here === this.#exports ? this.#module : undefined;
  }

  /** The answer: these are all bytes. */
  finish(bytes) {
    this.#push(bytes);
    const frame = this.#frame;
    this.#frame = undefined; // Gone with its answer.
    return frame.finish();
  }

  free() {
    if (this.module) this.#frame.free();
  }
}

function toSrgb(rare, profile, head, samples) {
  return rare.to_srgb(profile, rare.has_profile(profile) ? "" : profiles.get(profile), head, samples);
}

/** A buffer of these bytes alone. */
function whole(bytes) {
  return bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

function reply(head, body, bytes) {
  self.postMessage({ head, body, bytes }, [body]);
}

const HEAD_BYTES = 8192; // More than the head of a part has, and little beside a part.
const streams = new Map(); // number → AbortController

let early; // { url, abort, answer: a promise }

function askEarly({ early: url, accept }) {
  const abort = new AbortController();
  const answer = fetch(url, { headers: { accept }, signal: abort.signal });
  answer.catch(() => {}); // Told by whoever awaits it.
  early = { url, abort, answer };
}

/** What was asked for early, if it is this; otherwise it is taken back. */
function takeEarly(url) {
  const taken = early;
  early = undefined;
  if (taken?.url === url) return taken;
  taken?.abort.abort();
  return undefined;
}

/** Decodes frames while they come: the next one is on its way meanwhile. */
async function stream({ stream: number, url, accept, heads }) {
  const { abort = new AbortController(), answer: asked } = takeEarly(url) ?? {};
  streams.set(number, abort);
  let status = 0;
  try {
    let module; // that will decode the frames, once it is here
    foresee(heads[0]).then((foreseen) => (module = foreseen), () => {}); // The frame will ask again.
    const response = await (asked ?? fetch(url, { headers: { accept }, signal: abort.signal }));
    self.postMessage({ answered: number });
    if (response.ok) {
      const parts = new Parts(response);
      for (const head of heads) {
        const ahead = new Ahead(head);
        try {
          const { type, bytes } = await parts.next((...came) => ahead.came(module, ...came));
          if (abort.signal.aborted) break;
          await answer({ head, body: bytes, type, ahead });
        } finally {
          ahead.free();
        }
      }
      await parts.finish();
    }
    status = response.status;
  } catch (error) {
    if (error instanceof UnreachableDecoder) throw error;
  }
  streams.delete(number);
  self.postMessage({ ended: number, status });
}

/**
 * A multipart answer, taken apart while it comes: one part at a time, each read into a buffer of its own, which is used
 * again where it was not given away. Parts have to tell their length. Anything unexpected is an exception.
 */
class Parts {
  #reader;
  #isByob = true;
  #delimiter;
  #ahead = new Uint8Array(HEAD_BYTES); // what came of the next head, and perhaps of its part
  #start = 0;
  #end = 0;
  #body; // of the last part
  #rest = new Uint8Array(0); // of what came, where no buffer can be given to be filled

  constructor(response) {
    const [, boundary] = /boundary="?([^";,]+)/i.exec(response.headers.get("content-type"));
    this.#delimiter = `--${boundary}\r\n`;
    try {
      this.#reader = response.body.getReader({ mode: "byob" });
    } catch {
      this.#reader = response.body.getReader();
      this.#isByob = false;
    }
  }

  /**
   * Content-Type and bytes of the next part; the bytes until the next call only. `came` is told what of it is here,
   * each time some more is: Content-Type, length, and the bytes until it returns.
   */
  async next(came) {
    const head = await this.#head();
    if (!head.startsWith(this.#delimiter)) throw new Error("no delimiter");
    const field = (name) => new RegExp(`\r\n${name}: *([^\r]*)`, "i").exec(head)?.[1];
    const length = Number(field("content-length"));
    if (!(length >= 0 && length < 1 << 30)) throw new Error("no length");
    const type = field("content-type") ?? "";
    const bytes = await this.#part(length, (here) => came?.(type, length, here));
    await this.#fill(2);
    this.#start += 2;
    return { type, bytes };
  }

  /** From the delimiter to the empty line. */
  async #head() {
    for (let size = 64; size < 4096; size += 1) {
      if (this.#end - this.#start < size) await this.#fill(size);
      const at = this.#start + size - 4;
      if (this.#ahead[at] === 13 && this.#ahead[at + 2] === 13 && this.#ahead[at + 3] === 10) {
        const head = String.fromCharCode(...this.#ahead.subarray(this.#start, this.#start + size));
        this.#start += size;
        return head;
      }
    }
    throw new Error("endless head");
  }

  async #part(length, tell) {
    // Parts of one length fit exactly; others get room for a somewhat longer one.
    const isFirst = !this.#body?.byteLength;
    if (isFirst) this.#body = new ArrayBuffer(length);
    else if (this.#body.byteLength < length) this.#body = new ArrayBuffer(length + (length >> 3));
    const here = this.#ahead.subarray(this.#start, Math.min(this.#start + length, this.#end));
    new Uint8Array(this.#body).set(here);
    this.#start += here.length;
    for (let size = here.length; size < length;) {
      const room = new Uint8Array(this.#body, size, length - size);
      const came = await this.#read(room);
      if (!came) throw new Error("cut off");
      if (this.#isByob) this.#body = came.buffer;
      size += came.length;
      if (size < length) tell(new Uint8Array(this.#body, 0, size));
    }
    return new Uint8Array(this.#body, 0, length);
  }

  /** Waits until so many bytes, not more than a head has, are ahead. */
  async #fill(size) {
    if (this.#start + size > this.#ahead.length) {
      this.#ahead.copyWithin(0, this.#start, this.#end);
      [this.#start, this.#end] = [0, this.#end - this.#start];
    }
    while (this.#end - this.#start < size) {
      const came = await this.#read(this.#ahead.subarray(this.#end));
      if (!came) throw new Error("cut off");
      if (this.#isByob) this.#ahead = new Uint8Array(came.buffer);
      this.#end += came.length;
    }
  }

  /** Takes what is left, so that the connection can be used again. */
  async finish() {
    await this.#fill(this.#delimiter.length);
    for (let came = true; came;) {
      came = await this.#read(this.#ahead);
      if (came && this.#isByob) this.#ahead = new Uint8Array(came.buffer);
    }
  }

  /** Fills some of `room`: what of it is filled, which lies in another buffer now where a reader takes buffers; nothing at the end. */
  async #read(room) {
    if (this.#isByob) {
      const { done, value } = await this.#reader.read(room);
      return done ? undefined : value;
    }
    while (!this.#rest.length) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#rest = value;
    }
    const came = this.#rest.subarray(0, room.length);
    this.#rest = this.#rest.subarray(came.length);
    room.set(came);
    return came;
  }
}

// Messages are handled one after the other, also while an instance is being replaced; streams beside them.
let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  if (data.early) {
    askEarly(data);
  } else if (data.abort !== undefined) {
    streams.get(data.abort)?.abort();
  } else if (data.stream !== undefined) {
    queue = queue.then(() => void stream(data).catch(self.reportError));
  } else {
    if (data.head) takeEarly();
    queue = queue.then(() => (data.modules ? start(data.modules) : answer(data))).catch(self.reportError);
  }
};
