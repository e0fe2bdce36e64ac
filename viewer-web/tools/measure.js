// Measuring: loaded when a reader first chooses to measure, or comes back to what was measured. Owns what is
// drawn over the canvas (SVG), the bar and the list of measurements, and their events; what it all means is
// known to the measuring module (Rust). Says that it is there by the event `negatoscope-measure` on the window,
// whose detail is `(host) => tools`, or null where it could not be loaded:
//
// host.samples(uid, frame)  → { kind, columns, bytes } of a decoded frame, or undefined
// host.go(uid, frame)         shows a frame in the active pane
// host.leave()                the reader is done measuring
// tools.active(isOn), tools.language(code), tools.hide(pane)
// tools.show(pane, uid, frame, map)   in the animation frame that draws it; map: image pixels → CSS pixels

/** How near counts as on, CSS pixels. */
const REACH = { mouse: 8, touch: 20 };
const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const visit = document.getElementById("app").dataset.visit;
const number = /^#([1-9]\d?)$/.exec(location.hash)?.[1] ?? "1";
let Panel; // of measure-panel.js
let element;
const stored = `negatoscope.measures.${visit}.${number}`;

/**
 * Enter pressed on an image while the tools are on their way: it is meant for them. They take it with the first
 * picture they are told of.
 */
let early = 0;
function hold(event) {
  if (event.key !== "Enter" || !event.target.matches?.(".pane")) return;
  early += 1;
  event.preventDefault();
  event.stopImmediatePropagation();
}
window.addEventListener("keydown", hold, { capture: true });

async function load() {
  const wasm = fetch(assets["tools_bg.wasm"]);
  const path = number === "1" ? visit : `${visit}/${number}`;
  const exam = fetch(`/api/examen/${encodeURI(path)}`);
  const names = ["tools.js", "measure-panel.js", "panel-kit.js"];
  const [module, panel, kit] = await Promise.all(names.map((name) => import(assets[name])));
  [Panel, element] = [panel.Panel, kit.element];
  document.head.append(element("link", { rel: "stylesheet", href: assets["measure.css"] }));
  await module.default({ module_or_path: wasm });
  const answer = await exam;
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const summary = await answer.text();
  const desk = new module.Desk(kit.grownSummary() ?? summary, document.documentElement.lang);
  try {
    const kept = sessionStorage.getItem(stored);
    if (kept) desk.restore(kept);
  } catch {
    // Storage may be forbidden, or hold what another version kept: nothing was measured then.
  }
  return desk;
}

class Tools {
  constructor(desk, host) {
    this.desk = desk;
    this.host = host;
    this.viewName = stored.replace("measures", "view"); // as the page keeps its view in this tab
    this.stage = document.querySelector(".stage");
    this.panes = new Map(); // number → what it shows, as one text
    this.isActive = false;
    this.kind = wanted();
    this.pointer = null; // the one that draws: { id, pane, event, picture }
    this.passing = new Set(); // pointers that are the page's
    this.said = element("p", { class: "spoken", "aria-live": "polite", "data-test": "measure-said" });
    this.panel = new Panel(this, this.stage);
    this.stage.append(this.said);
    this.listen();
    this.language(document.documentElement.lang);
  }

  // What the page says

  active(isOn) {
    if (isOn === this.isActive) return;
    this.isActive = isOn;
    this.desk.choose(isOn ? this.kind : "");
    this.panel.bar.hidden = !isOn;
    if (!isOn) this.panel.isListOpen = false;
    this.changed();
  }

  language(code) {
    this.desk.set_lang(code);
    this.panel.drawBar();
    this.changed();
  }

  show(pane, uid, frame, map) {
    const section = this.section(pane);
    const size = section ? [section.clientWidth, section.clientHeight] : [0, 0];
    const now = [uid, frame, ...map, ...size].join();
    if (this.panes.get(pane) === now) return;
    this.panes.set(pane, now);
    this.desk.show(pane, uid, frame, Float64Array.of(...map, ...size));
    this.sample();
    // A pane that is new is in the page a little later.
    if (section) this.draw(pane);
    else requestAnimationFrame(() => this.panes.delete(pane) && this.show(pane, uid, frame, map));
    if (section?.dataset.active === "true") this.takeEarly(pane);
  }

  takeEarly(pane) {
    window.removeEventListener("keydown", hold, { capture: true });
    for (; early > 0; early -= 1) {
      if (this.isActive && this.desk.key("Enter", false, false, pane, 0)) this.finished();
    }
  }

  hide(pane) {
    if (!this.panes.delete(pane)) return;
    this.desk.hide(pane);
    this.draw(pane);
  }

  // Drawing

  section(pane) {
    return this.stage.querySelector(`.pane[data-pane="${pane}"]`);
  }

  changed() {
    this.sample();
    for (const pane of this.panes.keys()) this.draw(pane);
    this.panel.draw(this.kind);
    this.speak();
    this.save();
  }

  speak() {
    const words = this.desk.take_said();
    if (words) this.said.textContent = words;
  }

  save() {
    const kept = this.desk.saved();
    try {
      if (kept !== "[]") sessionStorage.setItem(stored, kept);
      else sessionStorage.removeItem(stored);
    } catch {
      // Where storage is forbidden or full, measurements last as long as the page.
    }
  }

  /** Hands over the samples that values wait for, where the page has them. */
  sample() {
    for (const { id, sop_instance_uid: uid, frame, rows } of JSON.parse(this.desk.wanted())) {
      const samples = this.host.samples(uid, frame);
      if (!samples) continue;
      const { kind, columns, bytes, row_bytes: rowBytes } = samples;
      this.desk.sampled(id, kind, columns, rows[0], bytes.subarray(rows[0] * rowBytes, rows[1] * rowBytes));
    }
  }

  draw(pane) {
    const section = this.section(pane);
    if (!section) return;
    const scene = JSON.parse(this.desk.scene(pane));
    let layer = section.querySelector(":scope > .measures");
    if (!layer) {
      layer = element("svg:svg", { class: "measures" });
      section.append(layer);
    }
    const focused = layer.contains(document.activeElement) ? document.activeElement.dataset.measure : null;
    const shapes = scene.shapes.map((shape) => this.shape(shape));
    if (scene.cursor) shapes.push(cross(scene.cursor));
    layer.replaceChildren(...shapes);
    section.dataset.measures = String(scene.shapes.filter((shape) => shape.id).length);
    if (focused) layer.querySelector(`[data-measure="${focused}"]`)?.focus({ preventScroll: true });
  }

  shape(shape) {
    const group = element("svg:g", { class: shape.is_selected ? "measure selected" : "measure", "data-kind": shape.kind });
    if (shape.id) {
      group.dataset.measure = shape.id;
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.setAttribute("aria-roledescription", this.desk.word("measure.role"));
      group.setAttribute("aria-label", shape.spoken);
    }
    // Twice: dark under light, to be seen on black and on white.
    for (const tone of ["dark", "light"]) {
      if (shape.path) group.append(element("svg:path", { class: tone, d: shape.path }));
      if (shape.leaders) group.append(element("svg:path", { class: `${tone} leader`, d: shape.leaders }));
    }
    shape.handles.forEach(([x, y], index) => {
      const isHeld = index === shape.handle;
      group.append(element("svg:circle", { class: isHeld ? "handle held" : "handle", cx: x, cy: y, r: isHeld ? 6 : 4 }));
    });
    const [x, y] = shape.label;
    const text = element("svg:text", { x: x + 10, y: y + 4, "aria-hidden": "true" });
    shape.lines.forEach((line, index) => {
      text.append(element("svg:tspan", { x: x + 10, dy: index ? "1.25em" : "0" }, line));
    });
    group.append(text);
    return group;
  }

  choose(kind) {
    this.kind = kind;
    this.desk.choose(kind);
    this.changed();
  }

  // Hands and keys

  listen() {
    const on = (kind, handle) => this.stage.addEventListener(kind, handle.bind(this), { capture: true });
    on("pointerdown", this.down);
    on("pointermove", this.moved);
    on("pointerup", this.up);
    on("pointercancel", this.cancelled);
    // Before the page's own keys.
    window.addEventListener("keydown", this.key.bind(this), { capture: true });
    window.addEventListener("negatoscope-grown", ({ detail }) => {
      this.desk.grow(detail);
      this.changed();
    });
    window.addEventListener("negatoscope-measure-kind", () => {
      if (this.isActive) this.choose(wanted());
      else this.kind = wanted();
    });
    this.stage.addEventListener("focusin", ({ target }) => {
      const id = Number(target.dataset?.measure ?? 0);
      if (id) {
        this.desk.select(id);
        for (const group of this.stage.querySelectorAll("[data-measure]")) {
          group.classList.toggle("selected", group === target);
        }
      }
    });
  }

  place(event, pane) {
    const box = this.section(pane).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  reach(event) {
    return event.pointerType === "touch" ? REACH.touch : REACH.mouse;
  }

  down(event) {
    const picture = event.target.closest?.(".picture");
    if (!this.isActive || !picture || event.button !== 0) return;
    if (this.pointer || this.passing.size) {
      this.handOver(event);
      return;
    }
    const pane = Number(picture.dataset.pane);
    const [x, y] = this.place(event, pane);
    if (!this.desk.down(pane, x, y, this.reach(event))) return;
    this.pointer = { id: event.pointerId, pane, event, picture };
    event.preventDefault();
    event.stopPropagation();
    this.section(pane).focus({ preventScroll: true });
    picture.setPointerCapture(event.pointerId);
    this.changed();
  }

  /** A second finger came: both are the page's, which pinches and pans. */
  handOver(event) {
    if (this.pointer) {
      const { event: last, picture } = this.pointer;
      const { pointerId, pointerType, clientX, clientY } = last;
      this.pointer = null;
      this.desk.cancel();
      this.changed();
      this.passing.add(pointerId);
      const down = { pointerId, pointerType, clientX, clientY, button: 0, buttons: 1, bubbles: true, cancelable: true };
      picture.dispatchEvent(new PointerEvent("pointerdown", down));
    }
    this.passing.add(event.pointerId);
  }

  moved(event) {
    const pane = this.pointer?.pane ?? Number(event.target.closest?.(".picture")?.dataset.pane ?? -1);
    if (!this.isActive || pane < 0 || this.passing.size) return;
    const isOurs = this.pointer?.id === event.pointerId;
    if (!isOurs && (this.pointer || !this.desk.is_drawing())) return;
    if (isOurs) {
      event.stopPropagation();
      this.pointer.event = event;
    }
    this.desk.moved(pane, ...this.place(event, pane));
    this.sample();
    for (const shown of this.panes.keys()) this.draw(shown);
  }

  up(event) {
    this.passing.delete(event.pointerId);
    if (this.pointer?.id !== event.pointerId) return;
    const { pane } = this.pointer;
    this.pointer = null;
    event.stopPropagation();
    this.desk.up(pane, ...this.place(event, pane), this.reach(event));
    this.finished();
  }

  cancelled(event) {
    this.passing.delete(event.pointerId);
    if (this.pointer?.id !== event.pointerId) return;
    this.pointer = null;
    this.desk.cancel();
    this.changed();
  }

  /** Tells the value of what was just drawn; what wants words gets the field for them. */
  finished() {
    const added = this.desk.take_added();
    if (added) {
      this.sample();
      this.desk.say(added);
    }
    const wantsWords = ["arrow", "text", "spine", "calibration"].includes(this.kind);
    if (added && wantsWords) this.panel.isListOpen = true;
    this.changed();
    if (added && wantsWords) this.panel.list.querySelector(`[data-entry="${added}"] :is(input, select)`)?.focus();
  }

  key(event) {
    const { target } = event;
    const section = target.closest?.(".pane");
    const id = Number(target.dataset?.measure ?? 0);
    const control = event.ctrlKey || event.metaKey;
    // Controls keep their keys; a button has no use for Ctrl Z.
    const isField = target.matches?.("input, select, textarea, dialog *");
    const isButton = target.matches?.("button, a, summary");
    if (event.altKey || isField || (isButton && !control) || !(this.isActive || id)) return;
    const pane = Number((section ?? this.stage.querySelector('.pane[data-active="true"]'))?.dataset.pane ?? 0);
    const isOurs = this.desk.key(event.key, event.shiftKey, control, pane, id);
    if (isOurs) {
      event.preventDefault();
      event.stopPropagation();
      this.finished();
    }
    const isGone = id && !this.stage.querySelector(`[data-measure="${id}"]`);
    if (isGone || (id && !isOurs && event.key === "Escape")) {
      event.stopPropagation();
      section?.focus({ preventScroll: true });
    } else if (!id && !isOurs && event.key === "Escape") {
      event.stopPropagation();
      this.host.leave();
    }
  }
}

/** What is to be measured, where the palette was asked for it. */
const wanted = () => document.querySelector(".viewer").dataset.measure ?? "length";

/** Where the keyboard points. */
function cross([x, y]) {
  const d = `M${x - 14} ${y}H${x - 3}M${x + 3} ${y}H${x + 14}M${x} ${y - 14}V${y - 3}M${x} ${y + 3}V${y + 14}`;
  const path = (tone) => element("svg:path", { class: tone, d });
  return element("svg:g", { class: "measure-cursor", "aria-hidden": "true" }, path("dark"), path("light"));
}

function tell(detail) {
  dispatchEvent(new CustomEvent("negatoscope-measure", { detail }));
}

load().then(
  (desk) => tell((host) => new Tools(desk, host)),
  (error) => {
    window.removeEventListener("keydown", hold, { capture: true });
    console.error("The measuring module did not load", error);
    tell(null);
  },
);
