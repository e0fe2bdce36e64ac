// Media as a reader has them: the phantom's files as files of another exam, archives, and what is dropped on a page.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";

/** A UID of the same length that nobody else has, so that files stay as long as they are. */
const another = (uid) => uid.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));

/** The phantom's files as those of another exam of the same patient, which no server knows: `{ uids, files: [{ name, mimeType, buffer }] }`. */
export function asAnotherExam(door, files) {
  const known = [door.study_instance_uid, ...door.series.map((series) => series.series_instance_uid)];
  const changed = files.map((file) => {
    const text = known.reduce((all, uid) => all.replaceAll(uid, another(uid)), readFileSync(file).toString("latin1"));
    return { name: basename(file), mimeType: "", buffer: Buffer.from(text, "latin1") };
  });
  return { uids: known.map(another), files: changed };
}

/** Little-endian fields `[bytes, value]` one after the other. */
function record(...fields) {
  const made = Buffer.alloc(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  fields.reduce((at, [bytes, value]) => made.writeUIntLE(value, at, bytes), 0);
  return made;
}

/** A ZIP archive of `[name, content]`, deflated. */
export function zipOf(entries) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [name, content] of entries) {
    const packed = deflateRawSync(content);
    const common = [[2, 20], [2, 0x800], [2, 8], [4, 0], [4, crc32(content)], [4, packed.length], [4, content.length], [2, Buffer.byteLength(name)]];
    parts.push(record([4, 0x04034b50], ...common, [2, 0]), Buffer.from(name), packed);
    directory.push(record([4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, at]), Buffer.from(name));
    at += 30 + Buffer.byteLength(name) + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = record([4, 0x06054b50], [4, 0], [2, entries.length], [2, entries.length], [4, list.length], [4, at], [2, 0]);
  return Buffer.concat([...parts, list, end]);
}

/** Drops files or folders of this machine on the middle of an element, as a hand does it. */
export async function dropFiles(page, element, paths) {
  const box = await element.boundingBox();
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files: paths, dragOperationsMask: 1 } };
  const session = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, ...at });
  await session.detach();
}

/** What the page asks of anybody from now on: addresses and what is sent with them. */
export function watchRequests(page) {
  const asked = [];
  page.on("request", (request) => asked.push({ url: request.url(), body: request.postData() ?? "" }));
  page.on("websocket", (socket) => asked.push({ url: socket.url(), body: "" }));
  return asked;
}
