// Dedicated module worker around the decode modules.
//
// First message from the page:  { modules: { base, common, rare } }, each { module: URL of its glue,
//                                 wasm: URL of its code }
// then any number of:           { head: JSON of a request, body: ArrayBuffer }
//                               and for colours by a profile: { profile: its number, icc: base64, the
//                                 first time }
// To the page:                  { head: JSON of a reply, body: ArrayBuffer }
//
// `base` is loaded at once, the others when a frame needs them, and kept. A trap (panic, memory) leaves a
// wasm instance unusable: the request gets a failure as its reply and a fresh instance takes over. What
// cannot be answered at all becomes an `error` event of the Worker.

class DecodeModule {
  #addresses;
  #compiled; // WebAssembly.Module, compiled once
  #instances = 0;
  #exports;

  constructor(addresses) {
    this.#addresses = addresses;
  }

  /** The exports of the current instance. */
  async ready() {
    if (!this.#compiled) {
      const { wasm } = this.#addresses;
      this.#compiled = await WebAssembly.compileStreaming(fetch(new URL(wasm, self.location.href)));
    }
    this.#exports ??= await this.#instantiate();
    return this.#exports;
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
    this.#exports = undefined;
  }

  // An ES module is evaluated once per URL: a fragment makes a new one of the same file.
  async #instantiate() {
    const url = new URL(this.#addresses.module, self.location.href);
    if (this.#instances > 0) url.hash = `instance-${this.#instances}`;
    this.#instances += 1;
    const exports = await import(url.href);
    await exports.default({ module_or_path: this.#compiled });
    return exports;
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

async function answer({ head, body, profile, icc }) {
  let working = current;
  if (icc) profiles.set(profile, icc);
  try {
    let answer = (await working.reached()).decode(head, new Uint8Array(body));
    while (answer.ask) {
      current = working = modules[answer.ask];
      answer.free();
      answer = (await working.reached()).decode(head, new Uint8Array(body));
    }
    let samples = answer.body;
    if (profile !== undefined && answer.is_colour) {
      working = modules.rare;
      samples = toSrgb(await working.reached(), profile, answer.head, samples);
    }
    reply(answer.head, samples.buffer);
    answer.free();
  } catch (error) {
    if (error instanceof UnreachableDecoder) throw error;
    working.drop();
    reply((await working.reached()).stopped(head, String(error)), new ArrayBuffer(0));
  }
}

function toSrgb(rare, profile, head, samples) {
  return rare.to_srgb(profile, rare.has_profile(profile) ? "" : profiles.get(profile), head, samples);
}

function reply(head, body) {
  self.postMessage({ head, body }, [body]);
}

// Messages are handled one after the other, also while an instance is being replaced.
let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  queue = queue.then(() => (data.modules ? start(data.modules) : answer(data))).catch(self.reportError);
};
