// Chunks of an H.264 encoder as an MP4 file (ISO/IEC 14496-12 and -15): one track whose pictures last equally long.

const text = (value) => new TextEncoder().encode(value);
const lengthOf = (parts) => parts.reduce((sum, { length }) => sum + length, 0);

/** Big-endian numbers of so many bytes each. */
function numbers(bytes, ...values) {
  const made = new Uint8Array(values.length * bytes);
  const view = new DataView(made.buffer);
  values.forEach((value, index) => (bytes === 4 ? view.setUint32(4 * index, value) : view.setUint16(2 * index, value)));
  return made;
}
const u16 = (...values) => numbers(2, ...values);
const u32 = (...values) => numbers(4, ...values);

/** A box as the parts it consists of. */
function box(type, ...parts) {
  const content = parts.flat();
  return [u32(lengthOf(content) + 8), text(type), ...content];
}
const full = (type, flags, ...parts) => box(type, u32(flags), ...parts);

/** Nothing is turned or moved. */
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const PER_SECOND = 90_000;

function sampleEntry({ width, height, description }) {
  const entry = [
    new Uint8Array(6),
    u16(1), // where its data lies
    new Uint8Array(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    new Uint8Array(32),
    u16(24, 0xffff),
  ];
  return full("stsd", 0, u32(1), box("avc1", entry, box("avcC", description)));
}

function table(track, chunks, duration, offset) {
  const keys = chunks.flatMap(({ isKey }, index) => (isKey ? [index + 1] : []));
  return box(
    "stbl",
    sampleEntry(track),
    full("stts", 0, u32(1, chunks.length, duration)),
    full("stss", 0, u32(keys.length, ...keys)),
    full("stsc", 0, u32(1, 1, chunks.length, 1)),
    full("stsz", 0, u32(0, chunks.length, ...chunks.map(({ bytes }) => bytes.length))),
    full("stco", 0, u32(1, offset)),
  );
}

function movie(track, chunks, offset) {
  const { width, height, rate } = track;
  const duration = Math.round(PER_SECOND / rate);
  const total = duration * chunks.length;
  const header = full("mvhd", 0, u32(0, 0, PER_SECOND, total, 0x10000), u16(0x100, 0), u32(0, 0), MATRIX, new Uint8Array(24), u32(2));
  const place = full("tkhd", 3, u32(0, 0, 1, 0, total, 0, 0), u16(0, 0, 0, 0), MATRIX, u32(width * 0x10000, height * 0x10000));
  const media = box(
    "mdia",
    full("mdhd", 0, u32(0, 0, PER_SECOND, total), u16(0x55c4, 0)), // language: und
    full("hdlr", 0, u32(0), text("vide"), new Uint8Array(13)),
    box(
      "minf",
      full("vmhd", 1, u16(0, 0, 0, 0)),
      box("dinf", full("dref", 0, u32(1), full("url ", 1))),
      table(track, chunks, duration, offset),
    ),
  );
  return box("moov", header, box("trak", place, media));
}

/** The file of `chunks` ({ bytes, isKey }; `track.description` is the encoder's avcC), as parts of a Blob. */
export function mp4(track, chunks) {
  const type = box("ftyp", text("isom"), u32(0x200), text("isomiso2avc1mp41"));
  const before = lengthOf(type) + lengthOf(movie(track, chunks, 0)) + 8;
  return [...type, ...movie(track, chunks, before), ...box("mdat", chunks.map(({ bytes }) => bytes))];
}
