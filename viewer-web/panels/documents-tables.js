// Tables of saved presentations: each stands behind the VOI LUTs of the images that it is for, in the summary that all parts of the page
// share, so that a pane takes one as it takes a curve of the image, and other panes stay as they are. The table itself is worked
// out by the server (viewer_core::viewport::looks). See documents-state.js.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const kit = await import(assets["panel-kit.js"]);
const { covers } = await import(assets["documents-drawing.js"]);

/** Keeps a place among curves, and is none. */
const NOTHING = { first_mapped: 0, bits: 16, entries: [], explanation: "" };

export class Tables {
  constructor(host) {
    this.host = host;
    /** Presentations whose tables are in: `{ key, name, looks }`. */
    this.added = [];
    /** Where each is found: by presentation and series. */
    this.places = new Map();
    this.text = null;
  }

  /** The summary with the tables of a presentation, which the page has then; `null` where it does not take it. */
  add(summary, key, name, looks) {
    const one = { key, name, looks: looks.filter(({ what }) => what.table) };
    if (!one.looks.length || this.added.some((other) => other.key === key)) return summary;
    const made = this.with(summary, [one]);
    if (!this.tell(made)) return null;
    this.added.push(one);
    return made;
  }

  /** The number of the curve of a presentation in a series. */
  place(key, series) {
    return this.places.get(`${key}/${series}`);
  }

  /** Exams came beside this one, by a summary that knows nothing of tables. */
  again(text) {
    if (this.added.length) this.tell(this.with(JSON.parse(text), this.added));
  }

  tell(summary) {
    const text = JSON.stringify(summary);
    if (!this.host.join(text)) return false;
    this.text = text;
    kit.grow(text, kit.numbers);
    return true;
  }

  with(summary, added) {
    const series = summary.series.map((one, index) => added.reduce((now, state) => this.inSeries(now, index, state), one));
    return { ...summary, series };
  }

  inSeries(series, index, { key, name, looks }) {
    const uids = new Set(looks.flatMap(({ images }) => images.map(({ sop_instance_uid: uid }) => uid)));
    if (!series.images.some(({ sop_instance_uid: uid }) => uids.has(uid))) return series;
    const displays = [...series.displays];
    const place = placeFor(displays);
    this.places.set(`${key}/${index}`, place);
    const known = new Map();
    const images = series.images.map((image) => {
      const { sop_instance_uid: uid, displays: own } = image;
      if (!uids.has(uid)) return image;
      const frames = Math.max(image.frames, 1);
      const made = Array.from({ length: frames }, (_, frame) => {
        const before = own.length === 1 ? own[0] : own[frame];
        const look = looks.findIndex(({ images: of }) => of.some((reference) => covers(reference, uid, frame)));
        if (look < 0) return before;
        const both = `${before}/${look}`;
        if (!known.has(both)) known.set(both, displays.push(withTable(displays[before], place, name, looks[look].what.table)) - 1);
        return known.get(both);
      });
      return { ...image, displays: made.every((one) => one === made[0]) ? [made[0]] : made };
    });
    return { ...series, displays, images };
  }
}

/** Behind all that there are. An image without window and curve would take the first as its own: there it is never the first. */
function placeFor(displays) {
  const isBare = displays.some(({ windows, voi_luts: luts }) => !windows.length && !luts.length);
  return Math.max(isBare ? 1 : 0, ...displays.map(({ voi_luts: luts }) => luts.length));
}

function withTable(display, place, name, table) {
  const before = Array.from({ length: place }, (_, at) => display.voi_luts[at] ?? NOTHING);
  return { ...display, voi_luts: [...before, { ...table, explanation: name }] };
}
