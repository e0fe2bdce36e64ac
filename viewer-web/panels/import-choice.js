// Which exam of the page, and what of it: everything, some series, or the key images. See import.js.

const { day, element } = await import(JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content)["panel-kit.js"]);

export class Choice {
  constructor(desk, summary, documents) {
    Object.assign(this, { desk, summary, documents });
    this.place = 0;
    this.kind = "whole";
    this.chosenSeries = new Set();
  }

  exams() {
    return [this.summary, ...(this.summary.joined ?? [])];
  }

  study() {
    return this.exams()[this.place].study.study_instance_uid;
  }

  patient() {
    return this.exams()[this.place].patient;
  }

  /** Series of the exam as DICOM has them: the viewer may have made several stacks of one. */
  series() {
    const all = new Map();
    for (const one of this.summary.series.filter(({ exam = 0 }) => exam === this.place)) {
      const known = all.get(one.series_instance_uid) ?? { ...one, images: [] };
      known.images = [...known.images, ...one.images];
      all.set(one.series_instance_uid, known);
    }
    return [...all.values()].filter(({ images }) => images.length);
  }

  /** Instances that an author of a document called key images. */
  keys() {
    const there = new Set(this.series().flatMap(({ images }) => images.map((image) => image.sop_instance_uid)));
    const { documents } = this.documents[this.place] ?? { documents: [] };
    const named = documents.filter(({ kind }) => kind === "key_images").flatMap(({ key_images: keys }) => keys.images);
    return [...new Set(named.map((image) => image.sop_instance_uid))].filter((uid) => there.has(uid));
  }

  /** As the server wants it; nothing where nothing is chosen. */
  chosen() {
    if (this.kind === "whole") return {};
    if (this.kind === "keys") return { instances: this.keys() };
    return this.chosenSeries.size ? { series: [...this.chosenSeries] } : null;
  }

  view() {
    this.list = element("div", { class: "import-choice" });
    this.fill();
    return [...this.examPart(), element("h3", {}, this.desk.word("import.what")), this.list];
  }

  examPart() {
    const exams = this.exams();
    if (exams.length < 2) return [];
    const act = ({ target }) => {
      this.place = Number(target.value);
      this.kind = "whole";
      this.chosenSeries.clear();
      this.fill();
      this.desk.identity.compare();
    };
    const select = element("select", { id: "import-exam", change: act }, ...exams.map(({ study }, place) => {
      const chosen = place === this.place ? { selected: "" } : {};
      return element("option", { value: place, ...chosen }, [day(study.date), study.description].filter(Boolean).join(" · "));
    }));
    return [element("div", { class: "field" }, element("label", { for: "import-exam" }, this.desk.word("import.exam")), select)];
  }

  fill() {
    const { word } = this.desk;
    const keys = this.keys();
    const kinds = ["whole", "series", ...(keys.length ? ["keys"] : [])];
    const radio = (kind) => {
      const attributes = { type: "radio", name: "import-kind", value: kind, change: () => this.choose(kind) };
      const input = element("input", { ...attributes, ...(kind === this.kind ? { checked: "" } : {}) });
      return element("label", { class: "choice" }, input, element("span", {}, word(`import.${kind}`, { count: keys.length })));
    };
    this.boxes = element("div", { class: "import-series", role: "group", "aria-label": word("import.series"), ...(this.kind === "series" ? {} : { hidden: "" }) }, ...this.series().map((one) => this.box(one)));
    const group = element("div", { role: "radiogroup", "aria-label": word("import.what") }, ...kinds.map(radio));
    this.list.replaceChildren(group, this.boxes);
  }

  choose(kind) {
    this.kind = kind;
    this.boxes.hidden = kind !== "series";
  }

  box(one) {
    const uid = one.series_instance_uid;
    const act = ({ target }) => this.chosenSeries[target.checked ? "add" : "delete"](uid);
    const input = element("input", { type: "checkbox", value: uid, change: act, ...(this.chosenSeries.has(uid) ? { checked: "" } : {}) });
    const count = one.images.length;
    const images = this.desk.word(count === 1 ? "import.image" : "import.images", { count });
    const name = [one.number, one.description || one.modality].filter((part) => part !== null && part !== undefined && part !== "").join(" · ");
    return element("label", { class: "choice" }, input, element("span", {}, element("strong", {}, name), element("small", {}, ` ${one.modality} · ${images}`)));
  }
}
