// The bar of measuring tools and the list of measurements: see measure.js.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const { element } = await import(assets["panel-kit.js"]);

/** Kinds with a button of their own; the others are in a menu. */
const FIRST_KINDS = 5;
const SPINE = [
  ...Array.from({ length: 7 }, (_, i) => `C${i + 1}`),
  ...Array.from({ length: 12 }, (_, i) => `T${i + 1}`),
  ...Array.from({ length: 5 }, (_, i) => `L${i + 1}`),
  "S1",
];

/** Puts bar and list on the stage. */
export class Panel {
  constructor(tools, stage) {
    this.tools = tools;
    this.desk = tools.desk;
    this.isListOpen = false;
    this.bar = element("div", { class: "measure-bar", role: "toolbar", hidden: "" });
    this.list = element("section", { class: "measure-list", hidden: "" });
    this.hint = element("p", { class: "measure-hint", "aria-hidden": "true" });
    stage.append(this.bar, this.list);
  }

  button(className, label, act, attributes = {}) {
    const made = element("button", { type: "button", class: className, ...attributes }, label);
    made.addEventListener("click", act);
    return made;
  }

  drawBar() {
    const word = (key) => this.desk.word(key);
    const kinds = JSON.parse(this.desk.kinds());
    const first = kinds.slice(0, FIRST_KINDS).map(([key, name]) =>
      this.button("tool", name, () => this.tools.choose(key), { "data-kind": key, "aria-pressed": "false" }),
    );
    const other = element(
      "select",
      { class: "tool", "aria-label": word("measure.other") },
      element("option", { value: "" }, `${word("measure.other")}…`),
      ...kinds.slice(FIRST_KINDS).map(([key, name]) => element("option", { value: key }, name)),
    );
    other.addEventListener("change", () => this.tools.choose(other.value || "length"));
    const step = (key, isUndo) =>
      this.button("tool", word(key), () => {
        this.desk.step(isUndo);
        this.tools.changed();
      });
    const list = this.button("tool", word("measure.list"), () => {
      this.isListOpen = !this.isListOpen;
      this.tools.changed();
      if (this.isListOpen) this.list.querySelector("h2").focus();
    }, { "aria-expanded": "false", "data-list": "" });
    this.bar.setAttribute("aria-label", word("measure.tools"));
    this.bar.replaceChildren(...first, other, step("measure.undo", true), step("measure.redo", false), list, this.hint);
  }

  /** Shows what is chosen, what can be undone, and the list. */
  draw(kind) {
    for (const button of this.bar.querySelectorAll("[data-kind]")) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    }
    const other = this.bar.querySelector("select");
    other.value = [...other.options].some((option) => option.value === kind) ? kind : "";
    this.hint.textContent = this.desk.hint();
    this.drawList();
  }

  drawList() {
    const word = (key) => this.desk.word(key);
    const { entries, can_undo_redo: can } = JSON.parse(this.desk.list());
    const [undo, redo, open] = [...this.bar.querySelectorAll("button.tool:not([data-kind])")];
    undo.disabled = !can[0];
    redo.disabled = !can[1];
    open.setAttribute("aria-expanded", String(this.isListOpen));
    open.textContent = entries.length ? `${word("measure.list")} (${entries.length})` : word("measure.list");
    this.list.hidden = !this.isListOpen;
    // The field that somebody types in stays as it is.
    if (this.list.hidden || this.list.contains(document.activeElement?.closest("input, select"))) return;
    this.list.setAttribute("aria-label", word("measure.list_title"));
    const rows = entries.map((entry) => this.row(entry));
    this.list.replaceChildren(
      element("h2", { tabindex: "-1" }, word("measure.list_title")),
      this.button("tool close", "×", () => {
        this.isListOpen = false;
        this.tools.changed();
        open.focus();
      }, { "aria-label": word("measure.close") }),
      element("p", {}, word(entries.length ? "measure.list_note" : "measure.list_empty")),
      element("ul", {}, ...rows),
      ...(entries.length ? [this.button("button", word("measure.export"), () => this.export())] : []),
      ...(entries.length ? [this.button("button", word("measure.export_state"), () => this.exportState())] : []),
    );
  }

  row(entry) {
    const filled = (key) => this.desk.word(key).replace("%{name}", entry.name);
    const row = element("li", { "data-entry": entry.id });
    const go = this.button(
      "go",
      "",
      () => {
        this.tools.host.go(entry.sop_instance_uid, entry.frame);
        this.desk.select(entry.id);
        this.tools.changed();
      },
      { title: filled("measure.show") },
    );
    go.append(element("strong", {}, entry.name), ...entry.lines.map((line) => element("span", {}, line)));
    if (entry.provenance && !entry.lines.includes(entry.provenance)) {
      go.append(element("small", {}, entry.provenance));
    }
    const remove = this.button("tool", "×", () => {
      this.desk.remove(entry.id);
      this.tools.changed();
      this.list.querySelector("h2")?.focus();
    }, { "aria-label": filled("measure.remove") });
    row.append(go, remove);
    if (entry.histogram.length) row.append(this.histogram(entry));
    const field = this.field(entry);
    if (field) row.append(field);
    return row;
  }

  /** Gives the reader a DICOM structured report as a file, one for each exam with images that were measured. */
  export() {
    const count = Math.max(this.desk.reports(), 1);
    for (let index = 0; index < count; index += 1) {
      const mark = count > 1 ? `-${index + 1}` : "";
      this.give((now, random) => this.desk.report(index, now, random), "measure.export_nothing", "measure.export_file", mark);
    }
  }

  /** What was drawn on the series in the active pane, as a DICOM presentation state: with its window and turns as the page keeps them. */
  exportState() {
    let view = null;
    try {
      view = sessionStorage.getItem(this.tools.viewName);
    } catch {
      // Where storage is forbidden, there is no saved view.
    }
    if (!view) {
      this.tools.said.textContent = this.desk.word("measure.export_state_nothing");
      return;
    }
    this.give((now, random) => this.desk.presentation(now, random, view), "measure.export_state_nothing", "measure.export_state_file");
  }

  give(make, nothing, fileName, mark = "") {
    const now = new Date();
    const local = new Date(now - now.getTimezoneOffset() * 60_000).toISOString();
    const random = crypto.getRandomValues(new Uint8Array(16));
    const file = make(local.replace(/\D/g, "").slice(0, 14), random);
    if (!file.length) {
      this.tools.said.textContent = this.desk.word(nothing);
      return;
    }
    const address = URL.createObjectURL(new Blob([file], { type: "application/dicom" }));
    element("a", { href: address, download: `${this.desk.word(fileName)}${mark}.dcm` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  histogram(entry) {
    const label = `${this.desk.word("measure.histogram")} : ${entry.lines.join(", ")}`;
    const bars = entry.histogram.map((bar, index) =>
      element("svg:rect", { x: index * 4, y: 32 - bar * 0.32, width: 3, height: Math.max(bar * 0.32, bar ? 1 : 0) }),
    );
    return element("svg:svg", { class: "histogram", role: "img", "aria-label": label, viewBox: "0 0 128 32" }, ...bars);
  }

  /** Words of the reader, the name of a vertebra, or a true length. */
  field(entry) {
    const labelled = (key, input) => element("label", {}, element("span", {}, this.desk.word(key)), input);
    const on = (input, kind, act) => {
      input.addEventListener(kind, () => {
        act(input.value);
        this.tools.changed();
      });
      return input;
    };
    if (entry.is_spine) {
      const names = ["", ...SPINE].map((name) => element("option", { value: name }, name || "–"));
      const choice = element("select", {}, ...names);
      choice.value = entry.text;
      return labelled("measure.spine_field", on(choice, "change", (name) => this.desk.set_text(entry.id, name)));
    }
    if (entry.text !== null && entry.text !== undefined) {
      const input = element("input", { type: "text", maxlength: "200", value: entry.text, autocomplete: "off" });
      return labelled("measure.text_field", on(input, "change", (text) => this.desk.set_text(entry.id, text)));
    }
    if (entry.kind !== "calibration") return null;
    const input = element("input", { type: "number", min: "0.1", step: "any", value: entry.known_mm ?? "" });
    return labelled("measure.known_field", on(input, "change", (mm) => this.desk.set_known_mm(entry.id, Number(mm))));
  }
}
