// Files as a ZIP, stored as they are: pictures are compressed already (APPNOTE 6.3).

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers of two (`[value]`) or four bytes, little-endian. */
function fields(...values) {
  const bytes = values.flatMap((value) => {
    const [number, length] = Array.isArray(value) ? [value[0], 2] : [value, 4];
    return Array.from({ length }, (_, at) => Math.floor(number / 256 ** at) % 256);
  });
  return Uint8Array.from(bytes);
}

/** 1 January 1980: when a picture was saved tells nothing of it. */
const DATE = [0x21];
const UTF8 = [0x800];

/** The archive of `files` ({ name, bytes }), as parts of a Blob; below 65,535 files and 4 GB, which the caller sees to. */
export function zip(files) {
  const [local, central] = [[], []];
  let offset = 0;
  for (const { name, bytes } of files) {
    const path = new TextEncoder().encode(name);
    const common = [UTF8, [0], [0], DATE, crc32(bytes), bytes.length, bytes.length, [path.length], [0]];
    const header = fields(0x04034b50, [20], ...common);
    local.push(header, path, bytes);
    central.push(fields(0x02014b50, [20], [20], ...common, [0], [0], [0], 0, offset), path);
    offset += header.length + path.length + bytes.length;
  }
  const length = central.reduce((sum, part) => sum + part.length, 0);
  const end = fields(0x06054b50, [0], [0], [files.length], [files.length], length, offset, [0]);
  return [...local, ...central, end];
}
