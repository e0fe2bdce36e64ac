// Chunks of a video encoder as a WebM file: EBML elements (RFC 8794) of Matroska (RFC 9559), as far as a film of one track needs them.

const ID = {
  EBML: 0x1a45dfa3,
  EBMLVersion: 0x4286,
  EBMLReadVersion: 0x42f7,
  EBMLMaxIDLength: 0x42f2,
  EBMLMaxSizeLength: 0x42f3,
  DocType: 0x4282,
  DocTypeVersion: 0x4287,
  DocTypeReadVersion: 0x4285,
  Segment: 0x18538067,
  Info: 0x1549a966,
  TimestampScale: 0x2ad7b1,
  Duration: 0x4489,
  MuxingApp: 0x4d80,
  WritingApp: 0x5741,
  Tracks: 0x1654ae6b,
  TrackEntry: 0xae,
  TrackNumber: 0xd7,
  TrackUID: 0x73c5,
  TrackType: 0x83,
  FlagLacing: 0x9c,
  CodecID: 0x86,
  DefaultDuration: 0x23e383,
  Video: 0xe0,
  PixelWidth: 0xb0,
  PixelHeight: 0xba,
  Colour: 0x55b0,
  MatrixCoefficients: 0x55b1,
  Range: 0x55b9,
  Cues: 0x1c53bb6b,
  CuePoint: 0xbb,
  CueTime: 0xb3,
  CueTrackPositions: 0xb7,
  CueTrack: 0xf7,
  CueClusterPosition: 0xf1,
  Cluster: 0x1f43b675,
  Timestamp: 0xe7,
  SimpleBlock: 0xa3,
};
const CODECS = { vp8: "V_VP8", vp09: "V_VP9" };
/** ISO/IEC 23091-4, as WebCodecs names them. */
const MATRICES = { rgb: 0, bt709: 1, bt470bg: 5, smpte170m: 6, "bt2020-ncl": 9 };
const VIDEO_TRACK = 1;
const NAME = "negatoscope";

/** Big-endian in `length` bytes, or as few as it takes. */
function whole(value, length = Math.max(1, Math.ceil(Math.log2(value + 1) / 8))) {
  const bytes = new Uint8Array(length);
  for (let at = length - 1, rest = value; at >= 0; at -= 1, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

function float(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

const text = (value) => new TextEncoder().encode(value);

/** The size of an element, in eight bytes: room for any. */
function size(bytes) {
  const made = whole(bytes, 8);
  made[0] = 0x01;
  return made;
}

const lengthOf = (parts) => parts.reduce((sum, { length }) => sum + length, 0);

/** An element as the parts it consists of. */
const element = (name, ...parts) => {
  const content = parts.flat();
  return [whole(ID[name]), size(lengthOf(content)), ...content];
};

function head() {
  return element(
    "EBML",
    element("EBMLVersion", whole(1)),
    element("EBMLReadVersion", whole(1)),
    element("EBMLMaxIDLength", whole(4)),
    element("EBMLMaxSizeLength", whole(8)),
    element("DocType", text("webm")),
    element("DocTypeVersion", whole(4)),
    element("DocTypeReadVersion", whole(2)),
  );
}

function colour({ matrix, fullRange } = {}) {
  if (!(matrix in MATRICES)) return [];
  return element("Colour", element("MatrixCoefficients", whole(MATRICES[matrix])), element("Range", whole(fullRange ? 2 : 1)));
}

function tracks({ codec, width, height, rate, colorSpace }) {
  return element(
    "Tracks",
    element(
      "TrackEntry",
      element("TrackNumber", whole(1)),
      element("TrackUID", whole(1)),
      element("TrackType", whole(VIDEO_TRACK)),
      element("FlagLacing", whole(0)),
      element("CodecID", text(CODECS[codec.split(".")[0]])),
      element("DefaultDuration", whole(Math.round(1e9 / rate))),
      element("Video", element("PixelWidth", whole(width)), element("PixelHeight", whole(height)), colour(colorSpace)),
    ),
  );
}

function block({ bytes, isKey }, ms) {
  const header = Uint8Array.of(0x81, ...whole(ms, 2), isKey ? 0x80 : 0);
  return element("SimpleBlock", header, bytes);
}

/** Pictures from one key picture to before the next: less than 32 seconds, which a block's time can tell. */
function clusters(chunks) {
  const groups = [];
  for (const chunk of chunks) {
    const ms = Math.round(chunk.timestamp / 1000);
    if (chunk.isKey) groups.push({ ms, chunks: [] });
    groups.at(-1).chunks.push({ ...chunk, ms });
  }
  return groups.map(({ ms, chunks: own }) => ({
    ms,
    parts: element("Cluster", element("Timestamp", whole(ms)), ...own.map((chunk) => block(chunk, chunk.ms - ms))),
  }));
}

/** Where clusters begin, so that players can go to any of them; as long whatever the places are. */
function cues(made, first) {
  let at = first;
  const points = made.map(({ ms, parts }) => {
    const place = element("CueTrackPositions", element("CueTrack", whole(1)), element("CueClusterPosition", whole(at, 8)));
    at += lengthOf(parts);
    return element("CuePoint", element("CueTime", whole(ms, 8)), place);
  });
  return element("Cues", ...points);
}

/** The file of `chunks` ({ bytes, isKey, timestamp } in microseconds; the first is a key picture), as parts of a Blob. */
export function webm(track, chunks) {
  const seconds = chunks.length / track.rate;
  const made = clusters(chunks);
  const info = element(
    "Info",
    element("TimestampScale", whole(1e6)),
    element("Duration", float(seconds * 1000)),
    element("MuxingApp", text(NAME)),
    element("WritingApp", text(NAME)),
  );
  const before = [...info, ...tracks(track)];
  const first = lengthOf(before) + lengthOf(cues(made, 0));
  return [...head(), ...element("Segment", before, cues(made, first), ...made.map(({ parts }) => parts))];
}
