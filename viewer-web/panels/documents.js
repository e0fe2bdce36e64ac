// Objects without pictures: key images, reports, PDF, saved presentations. Begun after the first image where the exam has such objects, else when
// somebody opens its panel: `open(host, what)`. `host` is that of panels, and of comparing (see compare.js); attached to it, this
// script is told what the page shows (`changed`, `draw`, `language`) and may change it.

// Files have a digest in their names, which only the page knows.
const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const names = ["panel-kit.js", "documents-keys.js", "documents-report.js", "documents-state.js"];
const [kit, { KeyImages }, { showReport }, { Presentations }] = await Promise.all(names.map((name) => import(assets[name])));
const { element, exam, json, moment, ofSeries, openDialog, speaker, styles, documentStyles, visit } = kit;

let desk = null; // a promise of what is known of this exam

export async function open(host, what) {
  try {
    desk ??= Desk.load(host);
    const known = await desk;
    if (what === "keys") known.keys.toggle();
    else if (what !== "begin") known.openList();
  } catch (error) {
    desk = null;
    // Nobody has asked for what begins by itself.
    if (what !== "begin") throw error;
    console.error("documents", error);
  }
}

class Desk {
  static async load(host) {
    const [known, word] = await Promise.all([allExams(), speaker("documents"), styles(), documentStyles()]);
    return new Desk(host, known, word);
  }

  constructor(host, known, word) {
    Object.assign(this, { host, word });
    this.view = null;
    this.numbers = [];
    this.stage = document.querySelector(".stage");
    this.said = element("p", { class: "spoken", "aria-live": "polite", "data-test": "documents-said" });
    this.stage.append(this.said);
    this.take(known);
    host.attach(this);
    // Exams that are put beside this one have documents as well.
    addEventListener("negatoscope-grown", ({ detail }) => {
      // Its own summary, with tables of presentations, is no news, but the page makes its strip anew.
      if (detail === this.states.tables.text) {
        const isThere = document.activeElement?.closest(".strip");
        requestAnimationFrame(() => {
          this.strip();
          if (isThere && document.activeElement === document.body) document.querySelector(".documents-strip .button")?.focus({ preventScroll: true });
        });
        return;
      }
      // When everybody has heard of the one without them, and before anything is drawn.
      queueMicrotask(() => {
        this.states.tables.again(detail);
        allExams().then((grown) => this.take(grown)).catch((error) => console.error("documents", error));
      });
    });
  }

  take(known) {
    const { applied, tables } = this.states ?? {};
    Object.assign(this, known);
    this.places = placesOf(this.summary);
    this.keys = new KeyImages(this);
    this.states = new Presentations(this);
    if (applied) Object.assign(this.states, { applied, tables });
    this.strip();
    this.draw(this.numbers);
  }

  // What the page says

  changed(view, sizes) {
    this.view = JSON.parse(view);
    this.sizes = sizes;
    const isMoved = [this.keys.changed(this.view), this.states.follow(this.view)].some(Boolean);
    return isMoved ? JSON.stringify(this.view) : undefined;
  }

  draw(numbers) {
    this.numbers = numbers;
    for (const section of this.stage.querySelectorAll(".pane")) {
      const pane = Number(section.dataset.pane);
      const [series, image, frame, ...map] = numbers.slice(9 * pane, 9 * pane + 9);
      const uid = this.summary.series[series]?.images[image]?.sop_instance_uid;
      const words = [uid ? this.keys.words(series, image, frame) : "", this.states.show(section, pane, uid, frame, map)];
      this.note(section, words.filter(Boolean).join("\n"));
      this.keys.mark(section);
    }
  }

  language() {
    this.said.textContent = "";
    this.strip();
    this.draw(this.numbers);
  }

  // What it does

  /** Shows a frame in the active pane, as one step of undo. */
  go({ series, image, frame }) {
    const { panes, active } = this.view;
    const before = panes[active];
    const isSame = before.reference?.series === series;
    panes[active] = { ...before, reference: { series, image, frame } };
    if (!isSame) panes[active].presentation = { ...before.presentation, zoom: "fit", center: [0.5, 0.5], quarter_turns: 0, mirrored: false };
    if (!isSame) panes[active].data = { ...before.data, voi: "default", invert: false };
    this.host.adopt(JSON.stringify(this.view));
  }

  /** Where the frames that a document names are in this exam. */
  find({ sop_instance_uid: uid, frames = [] }) {
    const all = this.places.get(uid) ?? [];
    return frames.length ? all.filter(({ frame }) => frames.includes(frame + 1)) : all;
  }

  /** `Série 2, image 118`, as the corner of the picture counts. */
  placeWords({ series, position }) {
    const { number: of } = this.summary.series[series];
    return this.word("image.place", { series: of ?? series + 1, image: position + 1 });
  }

  say(words) {
    this.said.textContent = words;
  }

  note(section, words) {
    let note = section.querySelector(":scope > .documents-note");
    if (!note && !words) return;
    if (!note) {
      note = element("p", { class: "documents-note" });
      section.append(note);
    }
    if (note.textContent !== words) note.textContent = words;
  }

  /** At the end of the strip of series, where these objects are named. */
  strip() {
    const list = document.querySelector(".strip ul");
    list?.querySelector(".documents-strip")?.remove();
    if (!list || !this.documents.length) return;
    // What can be opened is not said to be out of reach.
    const isAll = this.documents.every(({ kind }) => kind !== "other") && !this.isCut;
    for (const note of document.querySelectorAll(".strip .strip-note")) note.hidden = isAll;
    const words = this.word("documents.button", { count: this.documents.length });
    const button = element("button", { type: "button", class: "button", click: () => this.openList() }, words);
    list.append(element("li", { class: "documents-strip" }, button, ...this.keys.stripButtons()));
    // Each exam of the page has a list of its own.
    this.keys.markSeries(list.closest(".strip"));
  }

  // The list

  openList() {
    const of = (kind) => this.documents.filter((one) => one.kind === kind);
    const readable = this.documents.filter(({ kind }) => kind === "report" || kind === "pdf");
    const parts = [
      ...this.keys.part(of("key_images"), () => this.dialog.close()),
      ...this.states.part(() => this.dialog.close()),
      ...this.section("documents.reports", readable.map((one) => this.row(one))),
      ...this.section("documents.others", of("other").map((one) => this.row(one))),
    ];
    const none = element("p", {}, this.word("documents.none"));
    const cut = this.isCut ? [element("p", {}, this.word("documents.cut"))] : [];
    const content = parts.length ? [...parts, ...cut] : [none];
    this.dialog = openDialog("documents", this.word("documents.title"), this.word("documents.close"), ...content);
  }

  section(title, rows) {
    if (!rows.length) return [];
    return [element("h3", {}, this.word(title)), element("ul", { class: "document-list" }, ...rows)];
  }

  row(document) {
    const { title, description } = document;
    const name = title || description || this.word("documents.untitled");
    return element("li", {}, element("span", {}, element("strong", {}, name), element("small", {}, this.facts(document))), ...this.actions(document, name));
  }

  facts(document, ...more) {
    return [document.description, ...more, document.class, moment(document), document.of].filter(Boolean).join(" · ");
  }

  actions(document, name) {
    const { kind, series, instance } = document;
    const path = `${document.path}/${series}/${instance}`;
    if (kind === "pdf") return [path.startsWith("local:") ? this.savedPdf(path, name) : this.openedPdf(path, name)];
    if (kind !== "report") return [];
    const read = () => {
      this.dialog.close();
      showReport(this, document, path).catch((error) => {
        console.error("report", error);
        this.host.failed();
      });
    };
    const label = `${this.word("documents.read")} : ${name}`;
    return [element("button", { type: "button", class: "button", "aria-label": label, click: read }, this.word("documents.read"))];
  }

  openedPdf(path, name) {
    const label = `${this.word("documents.open_pdf")} : ${name} (${this.word("documents.new_tab")})`;
    const link = { class: "button", href: `${path}/pdf`, target: "_blank", rel: "noopener", "aria-label": label };
    return element("a", link, `${this.word("documents.open_pdf")} ↗`);
  }

  /** One of a medium has no address with a policy of its own, as one of the server has. */
  savedPdf(path, name) {
    const act = async () => {
      const answer = await fetch(`${path}/pdf`);
      if (answer.ok) kit.save(await answer.blob(), "document.pdf");
      else this.host.failed();
    };
    const words = this.word("documents.save_pdf");
    return element("button", { type: "button", class: "button", "aria-label": `${words} : ${name}`, click: act }, words);
  }
}

/** The documents of all exams of the page, each with its address and, where there are several, of which exam it is. */
async function allExams() {
  const summary = await exam();
  const numbers = [...kit.numbers];
  const lists = await Promise.all(numbers.map(async (number, place) => {
    const { study } = ofSeries(summary, { exam: place });
    // Of a medium of the reader's own the server knows nothing: local-medium.js answers.
    const path = study.is_local ? `local:/documents/${study.study_instance_uid}` : `/api/examen/${encodeURIComponent(visit)}/${number}/documents`;
    const { documents, is_cut: isCut } = await json(path);
    const of = numbers.length > 1 ? [moment(study), study.description].filter(Boolean).join(" · ") : "";
    return { documents: documents.map((one) => ({ ...one, path, of })), isCut };
  }));
  return { summary, documents: lists.flatMap(({ documents }) => documents), isCut: lists.some(({ isCut }) => isCut) };
}

/** Every frame by the name of its image: `[{ series, image, frame, position }]`. */
function placesOf({ series }) {
  const places = new Map();
  series.forEach((one, index) => {
    stackOf(one).forEach(([image, frame], position) => {
      const uid = one.images[image].sop_instance_uid;
      if (!places.has(uid)) places.set(uid, []);
      places.get(uid).push({ series: index, image, frame, position });
    });
  });
  return places;
}

/** Image and frame at each position, as `viewer_core::viewport::Stack` has them. */
function stackOf({ images, frame_order: order = [] }) {
  const plain = images.flatMap(({ frames }, image) => Array.from({ length: Math.max(frames, 1) }, (_, frame) => [image, frame]));
  return order.length === plain.length ? order.map((place) => plain[place]) : plain;
}
