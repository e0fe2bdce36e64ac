// Dedicated module worker for the frames of videos: reads their streams by ranges, has the video module
// take them apart, the browser's own decoder (WebCodecs) decode them, and the module convert what comes
// back. Same messages as worker.js:
//
// First message from the page:  { modules: { video: { module: URL of decode-video.js, wasm: URL of
//                                 decode-video_bg.wasm } } }
// then any number of:           { head: JSON of a request, body: empty ArrayBuffer }
// To the page:                  { head: JSON of a reply, body: ArrayBuffer }
//
// Every picture goes to the decoder with its number as its time and comes back with it: a frame is found
// by counting. What cannot be answered at all becomes an `error` event of the Worker.

/** Streams held open; each has a decoder and the memory below. */
const OPEN_STREAMS = 2;
/** Bytes fetched at a time, and kept of each stream. */
const CHUNK_BYTES = 1 << 20;
const KEPT_CHUNKS = 32;
/** A server that sends the whole stream may send so much. */
const MOST_WHOLE_BYTES = 1 << 30;
/** Decoded pictures kept of each stream, before conversion; and those that a decoder may give ahead. */
const KEPT_PICTURE_BYTES = 96 << 20;
const AHEAD = 32;
/** Units handed to the decoder before it has taken earlier ones. */
const MOST_QUEUED = 6;
const STALLED_AFTER_MS = 20_000;
const TRIES = 5;

/** MatrixCoefficients (ITU-T H.273) by the names of WebCodecs; 2: not stated. */
const MATRICES = { rgb: 0, bt709: 1, bt470bg: 5, smpte170m: 6, "bt2020-ncl": 9 };
const PLANAR = /^(NV12|I4[0-9]{2}A?(P1[02])?)$/;

let video; // exports of the module
const opened = new Map(); // address → Movie, the one used last at the end

/** The server did not deliver; status 0 for no answer. */
class Undelivered extends Error {
  constructor(status) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/** The browser cannot decode this. */
class NoDecoder extends Error {}

/** The stream of a video that the reader opened: the page has it (local-medium.js), and no network knows its address. */
function ofReader(url) {
  return new Promise((resolve, reject) => {
    const channel = new BroadcastChannel(url);
    channel.onmessage = ({ data: { stream } }) => {
      if (stream === undefined) return;
      channel.close();
      stream ? resolve(stream) : reject(new Undelivered(410));
    };
    channel.postMessage({ isWanted: true });
  });
}

/** The bytes of a stream, fetched when they are needed. */
class Bytes {
  constructor(url) {
    this.url = url;
    this.chunks = new Map(); // number → promise of its bytes, the one used last at the end
    this.whole = null;
    this.length = 0;
  }

  /** Asks for the first bytes and learns the length. */
  async open() {
    await this.chunk(0);
  }

  async slice(start, end) {
    if (this.whole) return this.whole.subarray(start, end);
    const first = Math.floor(start / CHUNK_BYTES);
    const last = Math.floor(Math.max(start, end - 1) / CHUNK_BYTES);
    // What follows will be wanted soon.
    if ((last + 1) * CHUNK_BYTES < this.length) this.chunk(last + 1).catch(() => {});
    const out = new Uint8Array(end - start);
    for (let number = first; number <= last; number += 1) {
      const chunk = await this.chunk(number);
      if (this.whole) return this.whole.subarray(start, end);
      const offset = number * CHUNK_BYTES;
      const part = chunk.subarray(Math.max(0, start - offset), Math.max(0, end - offset));
      out.set(part, Math.max(0, offset - start));
    }
    return out;
  }

  chunk(number) {
    const kept = this.chunks.get(number) ?? this.fetch(number);
    this.chunks.delete(number);
    this.chunks.set(number, kept);
    for (const oldest of this.chunks.keys()) {
      if (this.chunks.size <= KEPT_CHUNKS) break;
      this.chunks.delete(oldest);
    }
    // A failure is told to whoever waits, and not kept.
    kept.catch(() => this.chunks.delete(number));
    return kept;
  }

  async fetch(number) {
    const start = number * CHUNK_BYTES;
    if (this.url.startsWith("local:")) {
      const file = await (this.file ??= ofReader(this.url));
      this.length = file.size;
      return new Uint8Array(await file.slice(start, start + CHUNK_BYTES).arrayBuffer());
    }
    const headers = { accept: "video/*", range: `bytes=${start}-${start + CHUNK_BYTES - 1}` };
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.received(await fetch(this.url, { headers }), start);
      } catch (error) {
        const isFinal = error instanceof Undelivered && error.status < 500 && error.status !== 429;
        if (isFinal || failures === TRIES) {
          throw error instanceof Undelivered ? error : new Undelivered(0);
        }
        await new Promise((resolve) => setTimeout(resolve, 250 << failures));
      }
    }
  }

  async received(response, start) {
    if (!response.ok) throw new Undelivered(response.status);
    if (response.status === 206) {
      const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
      this.length = Number(total?.[1] ?? 0);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (bytes.length !== Math.min(CHUNK_BYTES, this.length - start)) throw new Error("cut off");
      return bytes;
    }
    if (Number(response.headers.get("content-length") ?? 0) > MOST_WHOLE_BYTES) {
      throw new Undelivered(413);
    }
    this.whole = new Uint8Array(await response.arrayBuffer());
    this.length = this.whole.length;
    return this.whole;
  }
}

/** One stream with its decoder. */
class Movie {
  constructor(url) {
    this.bytes = new Bytes(url);
    this.stream = null;
    this.decoder = null;
    this.next = -1; // unit to decode next; −1: begin anew
    this.shown = -1; // last picture that came out
    this.target = 0;
    this.pictures = new Map(); // frame → promise of its planes
    this.most = 0; // pictures to keep
    this.failure = null; // of the decoder
    this.broken = null; // of the stream, for good
    this.acceleration = "no-preference";
    this.wake = () => {};
  }

  /** Planes of the frame that a job asks for. */
  async picture(job) {
    if (!this.stream) {
      await this.bytes.open();
      this.stream = job.stream(this.bytes.length);
    }
    await this.read(() => this.stream.wanted(job.frame));
    this.target = job.frame;
    this.forget();
    try {
      return await this.decoded(job.frame);
    } catch (error) {
      this.close();
      const isDecoders = error instanceof DOMException && error.name !== "NotSupportedError";
      if (!isDecoders) throw error;
      // Decoders in hardware give up on streams, and are taken away from pages, that software decodes.
      this.acceleration = "prefer-software";
      return this.decoded(job.frame);
    }
  }

  /** Reads on until nothing more is wanted. */
  async read(ask) {
    if (this.broken) throw this.broken;
    for (let wanted; (wanted = ask()); ) {
      const bytes = await this.bytes.slice(...wanted);
      try {
        this.stream.read(bytes);
      } catch (error) {
        this.broken = error;
        throw error;
      }
    }
  }

  async decoded(frame) {
    if (this.pictures.has(frame)) return this.pictures.get(frame);
    const [first] = this.stream.start_of(frame);
    const isOnTheWay = this.decoder?.state === "configured" && first < this.next && frame > this.shown;
    if (!isOnTheWay) await this.begin(first, frame);
    while (!this.pictures.has(frame)) {
      if (this.failure) throw this.failure;
      if (this.shown > frame) throw new Error(`the decoder left out frame ${frame + 1}`);
      if (this.decoder.decodeQueueSize >= MOST_QUEUED) await this.progress();
      else if (!(await this.feed())) await this.drain();
    }
    return this.pictures.get(frame);
  }

  async begin(first, frame) {
    this.close();
    if (typeof VideoDecoder === "undefined") throw new NoDecoder();
    const description = this.stream.description();
    const [codedWidth, codedHeight] = this.stream.size();
    const config = { codec: this.stream.codec(), codedWidth, codedHeight };
    if (description.length) config.description = description;
    config.hardwareAcceleration = this.acceleration;
    const support = await VideoDecoder.isConfigSupported(config).catch(() => null);
    if (!support?.supported) throw new NoDecoder();
    const decoder = new VideoDecoder({
      output: (picture) => this.took(decoder, picture),
      error: (error) => this.failed(decoder, error),
    });
    decoder.addEventListener("dequeue", () => this.wake());
    decoder.configure(config);
    this.decoder = decoder;
    this.next = await this.sync(first, frame);
  }

  /** The unit to begin with: containers call pictures key frames that decoders do not begin with. */
  async sync(first, frame) {
    for (let unit = first; unit !== undefined; unit = this.stream.sync_before(unit, frame)) {
      if (this.stream.is_sync(await this.accessUnit(unit))) return unit;
    }
    throw new Error("no picture from which decoding can begin");
  }

  /** Hands the next unit to the decoder; false behind the last. */
  async feed() {
    await this.read(() => this.stream.wanted_for_unit(this.next));
    const unit = this.stream.unit(this.next);
    if (!unit) return false;
    const data = await this.accessUnit(this.next);
    const type = this.stream.is_sync(data) ? "key" : "delta";
    if (this.decoder?.state !== "configured") throw this.failure ?? new Error("no decoder");
    this.decoder.decode(new EncodedVideoChunk({ type, timestamp: unit[2], data }));
    this.next += 1;
    return true;
  }

  async accessUnit(index) {
    const [start, end] = this.stream.unit(index);
    return this.stream.access_unit(index, await this.bytes.slice(start, end));
  }

  /** The stream has ended: what the decoder still holds comes out, and it begins anew next time. */
  async drain() {
    await this.decoder.flush();
    this.next = -1;
    const isThere = this.pictures.has(this.target);
    if (!isThere) throw new Error(`the decoder left out frame ${this.target + 1}`);
  }

  /** Waits until the decoder has done something. */
  progress() {
    return new Promise((resolve, reject) => {
      const stalled = setTimeout(() => reject(new Error("the decoder stands still")), STALLED_AFTER_MS);
      this.wake = () => {
        clearTimeout(stalled);
        resolve();
      };
    });
  }

  took(decoder, picture) {
    const frame = picture.timestamp;
    if (decoder !== this.decoder || frame < 0) return picture.close();
    if (frame <= this.shown) {
      // The stream and its decoder disagree on what is shown after what: no number can be trusted.
      this.failure = new Error(`frame ${frame + 1} came after frame ${this.shown + 1}`);
      this.pictures.clear();
      picture.close();
    } else {
      this.shown = frame;
      this.keep(frame, picture);
    }
    this.wake();
  }

  failed(decoder, error) {
    if (decoder !== this.decoder) return;
    this.failure = error;
    this.wake();
  }

  keep(frame, picture) {
    this.most = KEPT_PICTURE_BYTES / (picture.codedWidth * picture.codedHeight * 1.5);
    if (!this.isNear(frame)) return picture.close();
    const copied = planes(picture);
    this.pictures.set(frame, copied);
    copied.catch(() => this.pictures.delete(frame));
  }

  /** Whether a picture is worth keeping: scrolling goes on near the frame that is shown, either way. */
  isNear(frame) {
    const distance = frame - this.target;
    return -distance <= this.most / 2 && distance <= Math.max(AHEAD, this.most / 2);
  }

  forget() {
    for (const frame of this.pictures.keys()) if (!this.isNear(frame)) this.pictures.delete(frame);
  }

  close() {
    const { decoder } = this;
    this.decoder = null;
    this.failure = null;
    this.next = -1;
    this.shown = -1;
    if (decoder && decoder.state !== "closed") decoder.close();
  }

  end() {
    this.close();
    this.stream?.free();
    this.pictures.clear();
  }
}

/** Copies a picture out of the decoder, which has few to give. */
async function planes(picture) {
  try {
    // Read before anything is waited for: a closed picture says nothing more.
    const { format } = picture;
    const isPlanar = PLANAR.test(format ?? "");
    // Without planes the browser converts, by the matrix and range it found itself.
    const options = isPlanar ? {} : { format: "RGBA", colorSpace: "srgb" };
    const data = new Uint8Array(picture.allocationSize(options));
    const layout = await picture.copyTo(data, options);
    const { width, height } = picture.visibleRect;
    const { matrix, fullRange } = picture.colorSpace;
    const places = layout.flatMap(({ offset, stride }) => [offset, stride]);
    const colour = [MATRICES[matrix] ?? 2, Number(fullRange === true)];
    const shape = Uint32Array.of(width, height, ...colour, ...places);
    return { data, format: isPlanar ? format : "RGBA", shape };
  } finally {
    picture.close();
  }
}

function movieOf(url) {
  const movie = opened.get(url) ?? new Movie(url);
  opened.delete(url);
  opened.set(url, movie);
  for (const [address, oldest] of opened) {
    if (opened.size <= OPEN_STREAMS) break;
    oldest.end();
    opened.delete(address);
  }
  return movie;
}

async function answer({ head }) {
  const job = new video.Job(head);
  try {
    const began = performance.now();
    const movie = movieOf(job.url);
    const { data, format, shape } = await movie.picture(job);
    const made = job.convert(movie.stream, data, format, shape, performance.now() - began);
    reply(made.head, made.body.buffer);
    made.free();
  } catch (error) {
    // A module that trapped is of no use any more: the page starts another worker.
    if (error instanceof WebAssembly.RuntimeError || error?.message?.startsWith("panic")) throw error;
    reply(failure(job, error), new ArrayBuffer(0));
  } finally {
    job.free();
  }
}

function failure(job, error) {
  if (error instanceof Undelivered) return job.undelivered(error.status);
  if (error instanceof NoDecoder || error?.name === "NotSupportedError") return job.no_decoder();
  const told = typeof error === "string" ? job.failed(error) : undefined;
  return told ?? job.stopped(String(error));
}

async function start({ module, wasm }) {
  video = await import(new URL(module, self.location.href).href);
  await video.default({ module_or_path: new URL(wasm, self.location.href) });
  reply(video.ready(), new ArrayBuffer(0));
}

function reply(head, body) {
  self.postMessage({ head, body }, [body]);
}

// One after the other: a decoder goes forward only.
let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  queue = queue.then(() => (data.modules ? start(data.modules.video) : answer(data))).catch(self.reportError);
};
