// Saved presentations (Grayscale and Color Softcopy Presentation States): applied to a pane on the reader's choice, by the view that
// the page keeps, and drawn over it. What they mean is worked out by the server: viewer_core::dicom::presentation_state, and for each
// image viewer_core::viewport::looks. See documents.js.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const names = ["panel-kit.js", "documents-drawing.js", "documents-tables.js"];
const [{ element, json }, { aspectOf, covers, draw }, { Tables }] = await Promise.all(names.map((name) => import(assets[name])));

/** What of a pane's view a state sets. */
const SET = {
  data: ["invert", "overlays_hidden", "shutter_open", "voi"],
  presentation: ["zoom", "center", "quarter_turns", "mirrored"],
};

export class Presentations {
  constructor(desk) {
    this.desk = desk;
    this.documents = desk.documents.filter(({ kind }) => kind === "presentation");
    /** By pane: what is applied, and how the pane was before. */
    this.applied = new Map();
    this.tables = new Tables(desk.host);
  }

  isFor(document, uid) {
    return document.images.some((image) => image.sop_instance_uid === uid);
  }

  // On and off

  async apply(document) {
    const { desk } = this;
    const { word } = desk;
    const state = await json(`${document.path}/${document.series}/${document.instance}/presentation`);
    const place = this.placeOf(document, desk.view.panes[desk.view.active].reference);
    if (!place) {
      desk.say(word("state.elsewhere"));
      return;
    }
    const key = `${document.series}/${document.instance}`;
    // The tables change the summary of the page, which changes nothing that is drawn before a pane asks for one.
    const summary = this.tables.add(desk.summary, key, word("state.on", { name: nameOf(word, document) }), state.looks);
    if (!summary) {
      desk.host.failed();
      return;
    }
    desk.summary = summary;
    const { panes, active } = desk.view;
    // One after the other: the view before is that without any.
    const before = this.applied.get(active)?.before ?? panes[active];
    const look = this.lookOf(state, key, place, active);
    panes[active] = {
      reference: { series: place.series, image: place.image, frame: place.frame },
      presentation: look.presentation,
      data: { ...panes[active].data, ...look.data },
    };
    this.applied.set(active, { document, state, key, before, look });
    desk.host.adopt(JSON.stringify(desk.view));
    desk.say([word("state.said_on", { name: nameOf(word, document) }), leftOut(word, look.left)].filter(Boolean).join(". "));
  }

  /**
   * A pane that came to another image of its presentation gets what that has for it: values and place each for itself, unless the reader
   * has changed it; says whether anything is.
   */
  follow({ panes }) {
    let isMoved = false;
    for (const [pane, applied] of this.applied) {
      const { series, image, frame } = panes[pane].reference ?? {};
      const uid = this.desk.summary.series[series]?.images[image]?.sop_instance_uid;
      if (!uid || !applied.document.images.some((one) => covers(one, uid, frame))) continue;
      const look = this.lookOf(applied.state, applied.key, panes[pane].reference, pane);
      for (const part of ["data", "presentation"]) {
        if (isSameIn(part, look, panes[pane]) || !isSameIn(part, applied.look, panes[pane])) continue;
        panes[pane][part] = { ...panes[pane][part], ...look[part] };
        isMoved = true;
      }
      applied.look = look;
    }
    return isMoved;
  }

  /** In the terms of the view that the page keeps; and what is not done. */
  lookOf(state, key, { series, image, frame }, pane) {
    const { formats, images } = this.desk.summary.series[series];
    const { sop_instance_uid: uid, format } = images[image];
    const found = forImage(state.looks, uid, frame);
    // Of images of another exam the server told nothing.
    const own = found ?? { invert: false, overlays_hidden: false, left_out: ["voi_lut"] };
    const data = { invert: own.invert, overlays_hidden: own.overlays_hidden, shutter_open: true, voi: "default" };
    if (own.window) data.voi = { user: own.window };
    if (own.table) data.voi = { voi_lut: this.tables.place(key, series) };
    const presentation = { zoom: "fit", center: [0.5, 0.5], quarter_turns: state.quarter_turns, mirrored: state.is_mirrored };
    const area = forImage(state.areas, uid, frame);
    const size = this.desk.sizes.slice(2 * pane, 2 * pane + 2);
    if (area) Object.assign(presentation, zoomOf(area, formats[format], state.quarter_turns, size));
    return { data, presentation, left: [...new Set([...state.left_out, ...own.left_out])] };
  }

  /** The first frame of the exam that it is about, or the one that is shown. */
  placeOf(document, shown) {
    const places = document.images.flatMap((image) => this.desk.find(image));
    const isShown = ({ series, image, frame }) => series === shown?.series && image === shown.image && frame === shown.frame;
    return places.find(isShown) ?? places[0];
  }

  remove() {
    const { desk } = this;
    const { panes, active } = desk.view;
    const applied = this.applied.get(active);
    if (!applied) return;
    this.applied.delete(active);
    const { presentation, data } = applied.before;
    panes[active] = { ...panes[active], presentation, data };
    desk.host.adopt(JSON.stringify(desk.view));
    desk.say(desk.word("state.said_off"));
  }

  // What is seen of it

  /** What is said on the image, and the lines over it. */
  show(section, pane, uid, frame, map) {
    if (this.isUndone(pane)) this.applied.delete(pane);
    const applied = this.applied.get(pane);
    const isOn = applied && uid && applied.document.images.some((image) => covers(image, uid, frame));
    draw(section, isOn ? applied.state : null, { uid, frame, map, words: isOn ? this.spoken(applied) : "", size: this.sizeOf(uid) });
    return this.words(pane, applied, isOn, uid);
  }

  /** The pane looks as it did before; where a state changes nothing but what is drawn, that says nothing. */
  isUndone(pane) {
    const applied = this.applied.get(pane);
    const now = this.desk.view?.panes[pane];
    if (!applied || !now || isSame(applied.look, applied.before)) return false;
    return now.reference?.series === applied.before.reference?.series && isSame(now, applied.before);
  }

  sizeOf(uid) {
    const [place] = this.desk.places.get(uid) ?? [];
    if (!place) return null;
    const { formats, images } = this.desk.summary.series[place.series];
    return formats[images[place.image].format];
  }

  words(pane, applied, isOn, uid) {
    const { word } = this.desk;
    if (isOn) {
      const changed = isChanged(applied.look, this.desk.view?.panes[pane]) ? word("state.changed") : "";
      const left = leftOut(word, applied.look.left);
      return [word("state.on", { name: nameOf(word, applied.document) }), changed, left].filter(Boolean).join(" · ");
    }
    const isOfSeries = applied && this.desk.find(applied.document.images[0])[0]?.series === this.desk.view?.panes[pane].reference?.series;
    if (isOfSeries) return word("state.other_image", { name: nameOf(word, applied.document) });
    return uid && this.documents.some((one) => this.isFor(one, uid)) ? word("state.available") : "";
  }

  spoken({ document, state }) {
    const texts = state.drawings.flatMap(({ what }) => what.texts.map(({ text }) => text.trim()));
    return [this.desk.word("state.drawn", { name: nameOf(this.desk.word, document) }), ...texts].join(". ");
  }

  /** Their part of the list of documents. */
  part(close) {
    const { desk } = this;
    const { word } = desk;
    if (!this.documents.length) return [];
    const now = this.applied.get(desk.view.active)?.document;
    const rows = this.documents.map((document) => {
      const isNow = document === now;
      const act = () => {
        close();
        if (isNow) this.remove();
        else this.apply(document).catch((error) => {
          console.error("presentation", error);
          desk.host.failed();
        });
      };
      const label = word(isNow ? "state.remove" : "state.apply");
      const name = nameOf(word, document);
      const button = element("button", { type: "button", class: "button", "aria-label": `${label} : ${name}`, click: act }, label);
      const places = document.images.flatMap((image) => desk.find(image));
      const where = places.length ? desk.placeWords(places[0]) : word("image.elsewhere");
      const more = places.length > 1 ? word("state.images", { place: where, count: places.length }) : where;
      return element("li", {}, element("span", {}, element("strong", {}, name), element("small", {}, desk.facts(document, more))), button);
    });
    return [element("h3", {}, word("state.title")), element("p", {}, word("state.note")), element("ul", { class: "document-list" }, ...rows)];
  }
}

function nameOf(word, { title, description }) {
  return title || description || word("documents.untitled");
}

/** The first of some items that is for an image. */
function forImage(items, uid, frame) {
  return items.find(({ images = [] }) => !images.length || images.some((image) => covers(image, uid, frame)))?.what;
}

/** How large and where, so that an area fills the canvas. */
function zoomOf({ edges, magnification }, { columns, rows, ...format }, turns, [width, height]) {
  const [left, top, right, bottom] = edges;
  const aspect = aspectOf(format);
  const fit = (across, down) => (turns % 2 ? Math.min(width / down, height / across) : Math.min(width / across, height / down));
  const whole = fit(columns, rows * aspect);
  const wanted = magnification ?? fit(right - left, (bottom - top) * aspect);
  return { zoom: { from_fit: wanted / whole }, center: [(left + right) / 2 / columns, (top + bottom) / 2 / rows] };
}

/** Whether two looks show an image alike. */
function isSame(one, other) {
  return Object.keys(SET).every((part) => isSameIn(part, one, other));
}

function isSameIn(part, one, other) {
  return SET[part].every((key) => JSON.stringify(one[part][key]) === JSON.stringify(other[part][key]));
}

/** Whether the reader has changed what was applied. */
function isChanged({ data, presentation }, pane) {
  if (!pane) return false;
  const differs = (one, other, keys) => keys.some((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]));
  return differs(data, pane.data, ["voi", "invert", "overlays_hidden"]) || differs(presentation, pane.presentation, ["quarter_turns", "mirrored"]);
}

function leftOut(word, names) {
  if (!names.length) return "";
  return word("state.left_out", { what: names.map((name) => word(`left.${name}`)).join(", ") });
}
