// What the server under test has to show: written by `cargo xtask test`.
import { readFileSync } from "node:fs";

const file = process.env.NEGATOSCOPE_STAND;
if (!file) throw new Error("run these tests with: cargo xtask test e2e");

export const stand = JSON.parse(readFileSync(file, "utf8"));

/** A series of an exam by what the phantom calls it: Ct, SharpCt, Mr, Cr, Us, MultiFrame. */
export function seriesOf(door, kind) {
  const found = door.series.find((series) => series.kind === kind);
  if (!found) throw new Error(`the phantom has no series ${kind}`);
  return found;
}

/** Host of a door's site, with port. */
export function originOf(door) {
  return new URL(door.link).origin;
}
