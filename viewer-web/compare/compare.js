// Comparing panes: loaded after the first image where there is more than one pane, or when a reader asks for it. Owns
// the lines and the cursor over the images (SVG), the notes on panes and their events; what they mean is known to the
// comparing module (Rust). The menu's part is in compare-menu.js, other windows are in compare-window.js, other exams in
// compare-beside.js. `attach(host)` gives what the page calls:
//
// host.adopt(view)      the page shows this view, as one step of undo
// host.join(summary)    takes in a summary that begins with the exams of the page and says whether it did; of "" it learns that none will come
// host.close()          closes the menu
// host.leave()          back to the tool that scrolls
// host.isUntouched()    whether the exam is as it was opened
// host.name             under which choices are kept in this tab
// changed(view, sizes)  after each change of the view; returns the view in which other panes have followed, if any
// draw(numbers)         in the animation frame that draws the panes
// toggle(name), menu(), language(code)

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
/** CSS pixels that the cursor goes by a key. */
const STEP = 4;
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
let element; // of panel-kit.js
/** Narrower or lower pages stay with one pane until somebody asks for more. */
const ROOM = "(min-width: 701px) and (min-height: 481px)";

export async function attach(host) {
  const { visit } = document.getElementById("app").dataset;
  const number = /^#([1-9]\d?)$/.exec(location.hash)?.[1] ?? "1";
  const wasm = fetch(assets["compare-desk_bg.wasm"]);
  const words = fetch(assets["words-compare.json"]);
  const exam = fetch(`/api/examen/${encodeURI(number === "1" ? visit : `${visit}/${number}`)}`);
  const names = ["compare-desk.js", "compare-menu.js", "panel-kit.js"];
  const [module, panel, kit] = await Promise.all(names.map((name) => import(assets[name])));
  element = kit.element;
  document.head.append(element("link", { rel: "stylesheet", href: assets["compare.css"] }));
  await module.default({ module_or_path: wasm });
  const answers = await Promise.all([exam, words]);
  if (!answers.every(({ ok }) => ok)) throw new Error("no exam, or no words");
  await globalThis.negatoscopeArrived; // Panes may be given any series of it.
  const desk = new module.Desk(await answers[0].text());
  return new Compare(desk, host, await answers[1].json(), panel.fill);
}

class Compare {
  constructor(desk, host, words, fill) {
    Object.assign(this, { desk, host, words, fill });
    this.stage = document.querySelector(".stage");
    this.hasLines = true;
    this.hasCursor = false;
    this.lastLinks = [true, true, true];
    this.pointer = null;
    this.drawn = "";
    this.isNew = true;
    this.said = element("p", { class: "spoken", "aria-live": "polite", "data-test": "compare-said" });
    this.toast = element("p", { class: "compare-toast", "aria-hidden": "true", hidden: "" });
    this.stage.append(this.said, this.toast);
    const on = (kind, handle) => window.addEventListener(kind, handle.bind(this), { capture: true });
    on("pointerdown", this.down);
    on("pointermove", this.moved);
    on("pointerup", this.up);
    on("pointercancel", this.up);
    on("keydown", this.key);
  }

  word(key, values = {}) {
    const [fr, en] = this.words[`compare.${key}`];
    const text = document.documentElement.lang.startsWith("en") ? en : fr;
    return text.replace(/%\{(\w+)\}/g, (_, name) => values[name]);
  }

  number(value) {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    return value.toLocaleString(document.documentElement.lang, digits);
  }

  /** To the eye for a moment, and to screen readers. */
  say(words) {
    this.said.textContent = words;
    this.toast.textContent = words;
    this.toast.hidden = false;
    clearTimeout(this.fading);
    this.fading = setTimeout(() => (this.toast.hidden = true), 4000);
  }

  // What the page says

  changed(view, sizes) {
    const followed = this.desk.changed(view, sizes);
    this.drawn = "";
    this.windows?.tell();
    if (this.isNew) {
      this.isNew = false;
      this.restore();
      queueMicrotask(() => {
        this.begin();
        this.restoreExams();
      });
    }
    return followed;
  }

  draw(numbers) {
    this.numbers = numbers;
    this.desk.draw(numbers);
    const scene = this.desk.scene();
    const sections = this.stage.querySelectorAll(".pane").length;
    const now = `${scene}${sections}${this.links()}${document.documentElement.lang}`;
    if (now === this.drawn) return;
    this.drawn = now;
    const panes = JSON.parse(scene);
    const isWhole = panes.map((pane) => this.drawPane(pane)).every(Boolean);
    // A pane that is new is in the page a little later.
    if (!isWhole && !this.isWaiting) {
      this.isWaiting = true;
      requestAnimationFrame(() => {
        this.isWaiting = false;
        this.drawn = "";
        this.draw(numbers);
      });
    }
  }

  language() {
    this.drawn = "";
    this.said.textContent = "";
    this.besides?.tell();
    // What is written on the panes, too.
    if (this.numbers) this.draw(this.numbers);
  }

  menu() {
    requestAnimationFrame(() => document.querySelectorAll(".compare-menu").forEach((menu) => this.fill(this, menu)));
  }

  toggle(name) {
    if (name === "linked") this.setLinks(this.links().some(Boolean) ? [false, false, false] : this.lastLinks);
    if (name === "lines") this.setLines(!this.hasLines);
    if (name === "cursor") this.setCursor(!this.hasCursor);
    if (name === "window") this.withWindows((windows) => windows.toggle());
    if (name === "beside") this.withBesides((besides) => besides.next());
  }

  /** Other windows: a script of its own. One that comes for a window which belongs to others joins them, and that is all. */
  async withWindows(act) {
    try {
      const isFirst = !this.windows;
      this.windows ??= (await import(assets["compare-window.js"])).join(this);
      if (!isFirst || !this.windows.channel) act(this.windows);
    } catch (error) {
      console.error("compare-window.js", error);
      this.say(this.word("said_window_failed"));
    }
  }

  /** Other exams in panes of this page: a script of its own. */
  async withBesides(act) {
    try {
      this.besides ??= (await import(assets["compare-beside.js"])).attach(this);
      await act(this.besides);
    } catch (error) {
      console.error("compare-beside.js", error);
      this.host.join("");
      this.say(this.word("said_beside_failed"));
    }
  }

  // What is chosen

  links() {
    return [...this.desk.links()].map(Boolean);
  }

  setLinks(links) {
    if (links.some(Boolean)) this.lastLinks = links;
    this.desk.set_links(...links);
    const what = ["scroll", "window", "zoom"].filter((_, index) => links[index]).map((key) => this.word(key));
    this.say(what.length ? this.word("said_linked", { what: what.join(", ").toLowerCase() }) : this.word("said_unlinked"));
    this.chosen();
  }

  setLines(isOn) {
    this.hasLines = isOn;
    this.desk.set_lines(isOn);
    this.say(this.word(isOn ? "said_lines_on" : "said_lines_off"));
    this.chosen();
  }

  setCursor(isOn) {
    this.hasCursor = isOn;
    this.stage.classList.toggle("compare-pointing", isOn);
    if (isOn) this.host.leave();
    else this.desk.clear_point();
    this.say(this.word(isOn ? "said_cursor_on" : "said_cursor_off"));
    this.chosen();
  }

  chosen() {
    this.save();
    this.show(this.desk.view()); // Drawn anew.
  }

  save() {
    const exams = this.besides?.kept() ?? this.keptExams;
    try {
      sessionStorage.setItem(this.host.name, JSON.stringify({ links: this.links(), lines: this.hasLines, exams }));
    } catch {
      // Where storage is forbidden, choices last as long as the page.
    }
  }

  restore() {
    this.keptExams = [];
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.host.name));
      if (!kept) return;
      this.desk.set_links(...kept.links);
      this.hasLines = kept.lines;
      this.desk.set_lines(kept.lines);
      this.keptExams = (kept.exams ?? []).filter((number) => /^[1-9]\d?$/.test(number));
    } catch {
      // Storage may be forbidden, or hold what another version kept.
    }
  }

  /** Exams that were beside this one before a reload come back, and with them the view; where there were none, none will. */
  async restoreExams() {
    const { keptExams } = this;
    if (keptExams.length) await this.withBesides((besides) => besides.add(keptExams));
    else this.host.join("");
  }

  // Layouts

  begin() {
    if (!this.host.isUntouched() || !matchMedia(ROOM).matches) return;
    const view = this.desk.begin();
    if (view) this.hung(view);
  }

  hung(view) {
    this.show(view);
    const current = JSON.parse(this.desk.protocols()).find((protocol) => protocol.is_current);
    if (current) this.say(this.word("said_hung", { name: this.protocolName(current) }));
  }

  protocolName({ key, modality }) {
    return this.word(`protocol_${key}`, { modality });
  }

  setLayout(rows, columns) {
    this.show(this.desk.set_layout(rows, columns));
    this.say(this.word("said_layout", { count: rows * columns }));
  }

  show(view) {
    if (view) this.host.adopt(view);
  }

  // Drawing

  section(pane) {
    return this.stage.querySelector(`.pane[data-pane="${pane}"]`);
  }

  drawPane({ pane, exam, is_other_patient: isOther, line, cross, way, gap_mm: gap, is_mirrored: isMirrored }) {
    const section = this.section(pane);
    if (!section) return false;
    const layer = child(section, "svg:svg", "compare-lines", { "aria-hidden": "true" });
    layer.replaceChildren(...(line ? lineOf(line) : []), ...(cross ? crossOf(cross) : []));
    const note = child(section, "p", "compare-note");
    const linked = way && this.word(`by_${way}`);
    const away = gap && this.word("gap", { mm: this.number(gap) });
    const parts = [isMirrored && this.word("mirrored"), [linked, away].filter(Boolean).join(", ")];
    note.textContent = parts.filter(Boolean).join(" · ");
    // An image of somebody else says so, whatever is said above all of them.
    child(section, "p", "compare-identity").textContent = isOther ? this.word("other_patient") : "";
    child(section, "p", "compare-local").textContent = this.besides?.isLocal(exam) ? this.word("local") : "";
    section.dataset.link = way ?? "";
    section.dataset.exam = exam;
    return true;
  }

  // Hands and keys

  place(event, pane) {
    const box = this.section(pane).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    const picture = event.target.closest?.(".picture");
    if (!this.hasCursor || !picture || event.button !== 0 || this.pointer) return;
    const pane = Number(picture.dataset.pane);
    this.pointer = { id: event.pointerId, pane };
    event.preventDefault();
    event.stopPropagation();
    picture.setPointerCapture(event.pointerId);
    this.section(pane).focus({ preventScroll: true });
    this.point(pane, event);
    this.tellPoint();
  }

  moved(event) {
    if (this.pointer?.id !== event.pointerId) return;
    event.stopPropagation();
    this.point(this.pointer.pane, event);
  }

  up(event) {
    if (this.pointer?.id !== event.pointerId) return;
    event.stopPropagation();
    this.pointer = null;
    this.tellPoint();
  }

  point(pane, event) {
    this.show(this.desk.set_point(pane, ...this.place(event, pane)));
  }

  key(event) {
    if (!this.hasCursor || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest?.("button, input, select, textarea, a, summary, dialog, .menu")) return;
    const section = event.target.closest?.(".pane") ?? this.stage.querySelector('.pane[data-active="true"]');
    const by = event.key === "Enter" ? [0, 0] : event.shiftKey && ARROWS[event.key];
    if (event.key === "Escape") this.setCursor(false);
    else if (by && section) {
      const size = Float64Array.of(section.clientWidth, section.clientHeight);
      this.show(this.desk.move_point(Number(section.dataset.pane), Float64Array.from(by), size));
      this.tellPoint();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** In letters of directions, as at the edges of images. */
  tellPoint() {
    const [x, y, z] = this.desk.point_mm();
    if (x === undefined) {
      this.say(this.word("said_no_point"));
      return;
    }
    const along = (mm, negative, positive) => `${this.number(Math.abs(mm))} ${this.word(mm < 0 ? negative : positive)}`;
    this.say(
      this.word("said_point", {
        x: along(x, "right", "left"),
        y: along(y, "anterior", "posterior"),
        z: along(z, "feet", "head"),
      }),
    );
  }
}

/** The child of a pane with this class, made where it is missing. */
function child(section, name, className, attributes = {}) {
  const found = section.querySelector(`:scope > .${className}`);
  if (found) return found;
  const made = element(name, { class: className, ...attributes });
  section.append(made);
  return made;
}

/** Twice: dark under light, to be seen on black and on white. */
function lineOf([[x1, y1], [x2, y2]]) {
  return ["dark", "light"].map((tone) => element("svg:line", { class: tone, x1, y1, x2, y2 }));
}

function crossOf([x, y]) {
  const d = `M${x - 18} ${y}H${x - 5}M${x + 5} ${y}H${x + 18}M${x} ${y - 18}V${y - 5}M${x} ${y + 5}V${y + 18}`;
  return ["dark", "light"].map((tone) => element("svg:path", { class: `cross ${tone}`, d, "data-x": x, "data-y": y }));
}
