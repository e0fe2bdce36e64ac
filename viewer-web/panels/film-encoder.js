// Canvases in, a film out, by the browser's own encoder (WebCodecs).

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const [{ webm }, { mp4 }] = await Promise.all(["film-webm.js", "film-mp4.js"].map((name) => import(assets[name])));

/** What may be asked of an encoder, in order. */
const FORMATS = {
  webm: { codecs: ["vp09.00.51.08", "vp8"], type: "video/webm", write: webm },
  mp4: { codecs: ["avc1.640033", "avc1.4d0033", "avc1.42e033"], type: "video/mp4", write: mp4, avc: { format: "avc" } },
};
/** Bits for each pixel of a picture: text stays legible, noise does not fill the disk. */
const BITS_PER_PIXEL = 0.25;
/** A key picture every so many pictures, and after so many seconds at most: players go to those. */
const KEY_EVERY = 30;
const KEY_SECONDS = 20;
/** Pictures that may wait for the encoder. */
const MOST_WAITING = 4;

/** Even, as encoders want it. */
const even = (length) => length - (length % 2);

async function configuration(format, [width, height], rate) {
  const { codecs, avc } = FORMATS[format];
  const bitrate = Math.round(Math.min(Math.max(width * height * rate * BITS_PER_PIXEL, 1e6), 40e6));
  for (const codec of codecs) {
    const wanted = { codec, width, height, bitrate, framerate: rate, latencyMode: "quality", ...(avc && { avc }) };
    const { supported } = await VideoEncoder.isConfigSupported(wanted).catch(() => ({ supported: false }));
    if (supported) return wanted;
  }
  return null;
}

/** Formats that this browser encodes pictures of this size in. */
export async function formats(size) {
  if (!("VideoEncoder" in globalThis)) return [];
  const found = await Promise.all(Object.keys(FORMATS).map(async (format) => [format, await configuration(format, size.map(even), 10)]));
  return found.filter(([, config]) => config).map(([format]) => format);
}

export class Film {
  static async begin(format, [width, height], rate) {
    const config = await configuration(format, [even(width), even(height)], rate);
    if (!config) throw new Error(`no encoder for ${format}`);
    return new Film(FORMATS[format], config);
  }

  constructor(format, config) {
    Object.assign(this, { format, config, chunks: [], count: 0, lastKey: -Infinity, error: null });
    this.track = { codec: config.codec, width: config.width, height: config.height, rate: config.framerate };
    this.encoder = new VideoEncoder({ output: (...given) => this.take(...given), error: (error) => (this.error = error) });
    this.encoder.configure(config);
  }

  take(chunk, { decoderConfig } = {}) {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    this.chunks.push({ bytes, isKey: chunk.type === "key", timestamp: chunk.timestamp });
    if (!decoderConfig) return;
    const { description, colorSpace } = decoderConfig;
    if (description) {
      const { buffer = description, byteOffset = 0, byteLength } = description;
      this.track.description = new Uint8Array(buffer, byteOffset, byteLength);
    }
    this.track.colorSpace = colorSpace;
  }

  /** Takes a picture; one of another size, because the window changed, is fitted. */
  async add(canvas) {
    const { width, height, framerate: rate } = this.config;
    while (!this.error && this.encoder.encodeQueueSize > MOST_WAITING) await new Promise((done) => setTimeout(done, 5));
    if (this.error) throw this.error;
    const micros = Math.round((this.count * 1e6) / rate);
    const keyFrame = this.count - this.lastKey >= Math.min(KEY_EVERY, Math.ceil(KEY_SECONDS * rate));
    if (keyFrame) this.lastKey = this.count;
    const frame = new VideoFrame(samples(canvas, width, height), {
      format: "RGBA",
      codedWidth: width,
      codedHeight: height,
      timestamp: micros,
      duration: Math.round(1e6 / rate),
    });
    this.encoder.encode(frame, { keyFrame });
    frame.close();
    this.count += 1;
  }

  async end() {
    await this.encoder.flush();
    if (this.error) throw this.error;
    this.encoder.close();
    return new Blob(this.format.write(this.track, this.chunks), { type: this.format.type });
  }

  cancel() {
    if (this.encoder.state !== "closed") this.encoder.close();
  }
}

/**
 * The picture's samples, without its odd last row or column, or in the middle of what was begun. Samples rather than the canvas: what the
 * encoder gets then does not depend on when a GPU has drawn.
 */
function samples(canvas, width, height) {
  const made = document.createElement("canvas");
  [made.width, made.height] = [width, height];
  const ink = made.getContext("2d", { willReadFrequently: true });
  const isCut = canvas.width - width < 2 && canvas.height - height < 2 && canvas.width >= width && canvas.height >= height;
  const scale = isCut ? 1 : Math.min(width / canvas.width, height / canvas.height);
  const [wide, high] = [canvas.width * scale, canvas.height * scale];
  if (isCut) ink.drawImage(canvas, 0, 0);
  else ink.drawImage(canvas, (width - wide) / 2, (height - high) / 2, wide, high);
  return ink.getImageData(0, 0, width, height).data;
}
