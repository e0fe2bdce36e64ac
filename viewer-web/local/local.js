// Exams of the reader's own media: chosen or dropped, read in a worker, listed, and put beside the exam of the page or in its place. Loaded when
// somebody asks for it: `open(host)`, see panels/export.js. Nothing of them is sent or kept.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const [kit, media, manifests] = await Promise.all(["panel-kit.js", "local-medium.js", "local-manifests.js"].map((name) => import(assets[name])));
const { day, element, exam, openDialog, opened, speaker, styles } = kit;
const { Medium, chosen, dropped } = media;
const { Manifests, isConsultation } = manifests;

/** How often the count of files is said to those who listen, ms. */
const SAY_MS = 2000;
/** Before anything was said. Not 0: a page may be younger than that. */
const NEVER = Number.NEGATIVE_INFINITY;

/** Exams that were put on the page, by their studies: the numbers they have there. */
const numbers = new Map();
const sheet = element("link", { rel: "stylesheet", href: assets["local.css"] });

export async function open(host) {
  const entries = globalThis.negatoscopeDropped;
  delete globalThis.negatoscopeDropped;
  if (!sheet.isConnected) document.head.append(sheet);
  const [word, summary] = await Promise.all([speaker("local"), exam(), styles()]);
  document.querySelector("dialog.local")?.leave();
  const panel = new Panel(host, word, summary);
  if (entries) await panel.read(dropped(entries));
}

class Panel {
  constructor(host, word, summary) {
    Object.assign(this, { host, word, summary });
    const files = (attributes) =>
      element("input", { type: "file", multiple: "", hidden: "", tabindex: "-1", ...attributes, change: ({ target }) => this.take(target) });
    this.folder = files({ webkitdirectory: "", "data-test": "folder" });
    this.files = files({ "data-test": "files" });
    // The same choice again is one, too.
    const ask = (input) => () => {
      input.value = "";
      input.click();
    };
    const button = (key, click, attributes) => element("button", { type: "button", class: "button", click, ...attributes }, word(key));
    const mayFolder = "webkitdirectory" in HTMLInputElement.prototype;
    this.choose = element("div", { class: "actions" },
      mayFolder ? button("local.folder", ask(this.folder)) : null,
      button("local.files", ask(this.files)), this.folder, this.files);
    this.stop = button("local.stop", () => this.medium.stop(), { hidden: "" });
    this.bar = element("progress", { hidden: "", "aria-label": word("local.reading") });
    // Counts change all the time: they are said now and then.
    this.count = element("p", { "aria-hidden": "true", class: "panel-said", "data-test": "count" });
    this.said = element("p", { class: "spoken", role: "status", "data-test": "said" });
    this.found = element("div", { "data-test": "found" });
    this.dialog = openDialog("local", word("local.title"), word("local.close"),
      element("p", {}, word("local.note")), this.choose, this.bar, this.count, this.said, element("div", { class: "actions" }, this.stop), this.found);
    this.dialog.addEventListener("leave", () => this.release());
  }

  /** What is not shown is not kept either. */
  release() {
    if (this.medium && !this.medium.isShown) this.medium.close();
  }

  take(input) {
    if (input.files.length) this.read(chosen(input.files));
  }

  async read(files) {
    this.release();
    this.found.replaceChildren();
    this.medium = new Medium((told) => this.told(told));
    this.spoken = NEVER;
    this.running(true);
    this.counts({ read: 0, exams: 0 });
    this.manifests = isConsultation() ? new Manifests(this.word) : null;
    await this.medium.add(this.manifests ? this.manifests.watch(files) : files);
  }

  running(isRunning) {
    const hadFocus = this.dialog.contains(document.activeElement);
    this.choose.hidden = isRunning;
    this.bar.hidden = this.stop.hidden = !isRunning;
    if (hadFocus) (isRunning ? this.stop : (this.found.querySelector("button") ?? this.choose.querySelector("button"))).focus();
  }

  told({ progress, ahead, complete, offers, failed }) {
    if (!this.dialog.isConnected) return;
    if (progress) this.counts(JSON.parse(progress), ahead);
    if (complete) {
      this.progress = JSON.parse(complete);
      this.medium.offers(this.summary.patient);
    }
    if (offers) this.list(JSON.parse(offers));
    if (failed) this.fail();
  }

  number(value) {
    return value.toLocaleString(document.documentElement.lang);
  }

  counts({ read, exams, waiting = 0 }, ahead = 0) {
    const text = this.word("local.read", { read: this.number(read), exams: this.number(exams) });
    this.count.textContent = text;
    const left = waiting + ahead;
    if (left) Object.assign(this.bar, { max: read + left, value: read });
    if (performance.now() - this.spoken < SAY_MS) return;
    this.spoken = performance.now();
    this.said.textContent = text;
  }

  fail() {
    this.running(false);
    this.said.textContent = "";
    this.found.replaceChildren(element("p", { role: "alert" }, this.word("local.failed")));
  }

  // What was found

  list(offers) {
    const { progress } = this;
    this.spoken = NEVER;
    this.counts(progress);
    const images = offers.filter(({ images }) => images);
    const said = images.length ? null : element("p", { role: "alert" }, this.word(offers.length ? "local.no_images" : "local.none"));
    const brought = this.manifests && offers.some((offer) => offer.manifests) ? this.manifests.view() : null;
    this.found.replaceChildren(
      ...[said, brought, element("ul", { class: "local-exams" }, ...offers.map((offer) => this.row(offer))), ...this.notes(progress)].filter(Boolean));
    this.running(false);
  }

  row(offer) {
    const { patient, date, description, modalities, images, documents, manifests } = offer;
    const { word } = this;
    const name = [patient.birth_name, patient.given_names].filter(Boolean).join(" ") || word("local.no_name");
    const born = patient.birth_date && word("local.born", { date: day(patient.birth_date) });
    const line = [day(date), description, modalities.join(", "), images && word(images === 1 ? "local.image" : "local.images", { count: this.number(images) })];
    const differs = offer.is_other_patient ? word("local.other_patient") : offer.differing.length ? word("local.differs") : null;
    const label = (key) => `${word(key)} : ${[name, day(date), description].filter(Boolean).join(", ")}`;
    const act = (key, isAlone) =>
      element("button", { type: "button", class: "button", "aria-label": label(key), click: (event) => this.show(event, offer, isAlone) }, word(key));
    return element("li", { "data-study": offer.study },
      element("p", {}, element("strong", {}, name), " ", [patient.sex, born].filter(Boolean).join(" · ")),
      element("p", {}, line.filter(Boolean).join(" · ")),
      differs ? element("p", { class: "local-other" }, differs) : null,
      documents ? element("p", {}, word("local.documents", { count: documents })) : null,
      manifests && !images ? element("p", {}, word(this.manifests ? "local.manifest_here" : "local.manifest")) : null,
      images ? element("div", { class: "actions" }, act("local.beside", false), act("local.alone", true)) : null);
  }

  notes({ others, duplicates, left_out: leftOut, damaged, named }) {
    const { word } = this;
    const line = (key, count) => (count ? element("p", {}, word(key, { count: this.number(count) })) : null);
    const names = named.map(([name, reason]) => element("li", {}, element("b", {}, name), ` : ${word(`local.reason_${reason}`)}`));
    return [
      damaged ? element("details", { class: "local-damaged" }, element("summary", {}, word("local.damaged", { count: this.number(damaged) })), element("ul", {}, ...names)) : null,
      line("local.others", others),
      line("local.duplicates", duplicates),
      line("local.left_out", leftOut),
    ];
  }

  /** Hands the exam to what puts exams beside each other (compare-beside.js). */
  async show({ currentTarget }, { study }, isAlone) {
    currentTarget.disabled = true;
    const { study: first, joined = [] } = await exam();
    const isKnown = [first, ...joined.map((one) => one.study)].some((one) => one.study_instance_uid === study && !one.is_local);
    const text = isKnown ? null : await this.medium.show(study);
    if (!text) {
      currentTarget.disabled = false;
      this.found.querySelector("[role=alert]")?.remove();
      this.found.prepend(element("p", { role: "alert" }, this.word(isKnown ? "local.known" : "local.mixed")));
      return;
    }
    if (!numbers.has(study)) numbers.set(study, kit.localNumber(numbers.size + 1));
    opened.push({ number: numbers.get(study), text, isAlone });
    this.dialog.leave();
    this.host.run("compare.beside");
  }
}
