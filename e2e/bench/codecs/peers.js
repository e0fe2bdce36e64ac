// Cornerstone3D's decoders, called as its image loader calls them: one decoder for all frames, the encoded
// bytes copied into the module, the samples copied out of it.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** A decoder of one of the emscripten modules; they share one interface. */
async function emscripten(script, wasm, decoderName) {
  // CommonJS and ES modules among them; either way the factory is what they export by default.
  const { default: factory } = await import(script);
  const module = await factory({ wasmBinary: readFileSync(require.resolve(wasm)) });
  const decoder = new module[decoderName]();
  return (encoded) => {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    decoder.decode();
    return new Uint8Array(decoder.getDecodedBuffer());
  };
}

async function jpegLossless() {
  const { Decoder } = await import("jpeg-lossless-decoder-js");
  return (encoded, format) => {
    const bytes = format.bits_allocated / 8;
    const samples = new Decoder().decode(encoded.buffer, encoded.byteOffset, encoded.length, bytes);
    return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  };
}

/** Its RLE decoder is a script of the image loader, which does not export it. */
async function rle() {
  const loader = dirname(require.resolve("@cornerstonejs/dicom-image-loader/package.json"));
  const { default: decode } = await import(join(loader, "dist/esm/shared/decoders/decodeRLE.js"));
  return async (encoded, format) => {
    const frame = {
      rows: format.rows,
      columns: format.columns,
      samplesPerPixel: format.samples_per_pixel,
      bitsAllocated: format.bits_allocated,
      planarConfiguration: 0,
      pixelRepresentation: 0,
    };
    const { pixelData } = await decode(frame, encoded);
    return new Uint8Array(pixelData.buffer);
  };
}

const of = (name) => `@cornerstonejs/codec-${name}`;
const charls = () => emscripten(`${of("charls")}/decodewasmjs`, `${of("charls")}/decodewasm`, "JpegLSDecoder");
const openjpeg = () => emscripten(`${of("openjpeg")}/decodewasmjs`, `${of("openjpeg")}/decodewasm`, "J2KDecoder");
const openjph = () => emscripten(`${of("openjph")}/wasmjs`, `${of("openjph")}/wasm`, "HTJ2KDecoder");
const turbo = () =>
  emscripten(`${of("libjpeg-turbo-8bit")}/decodewasmjs`, `${of("libjpeg-turbo-8bit")}/decodewasm`, "JPEGDecoder");
const libjxl = () => emscripten(`${of("libjxl")}/decodewasmjs`, `${of("libjxl")}/decodewasm`, "JpegXLDecoder");

/** Family of a case → package and how to load its decoder. */
export const PEERS = {
  "JPEG baseline": { name: "codec-libjpeg-turbo-8bit", load: turbo },
  "JPEG lossless": { name: "jpeg-lossless-decoder-js", load: jpegLossless },
  "JPEG-LS": { name: "codec-charls", load: charls },
  "JPEG-LS near": { name: "codec-charls", load: charls },
  "JPEG 2000": { name: "codec-openjpeg", load: openjpeg },
  "JPEG 2000 lossy": { name: "codec-openjpeg", load: openjpeg },
  HTJ2K: { name: "codec-openjph", load: openjph },
  "JPEG XL": { name: "codec-libjxl", load: libjxl },
  RLE: { name: "dicom-image-loader", load: rle },
};
