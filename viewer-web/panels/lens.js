// A lens over the image: a square in which the page draws the same frame larger, by the same steps (`host.lens`). It follows the mouse
// or a finger, is moved by Shift and arrows, and says its factor. A key that is held shows it as long as it is held.
//
// host.lens(pane, left, top, side, x, y, factor)   place in the pane and the point below, device pixels; a side of 0 takes it away
// host.cause                                       what asked for it; a key may still be down

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const { element, speaker, styles } = await import(assets["panel-kit.js"]);

const FACTORS = [1.5, 2, 3, 4, 6, 8];
/** Its side as a part of the pane's shorter side, and in CSS pixels at most. */
const SIDE_PART = 0.45;
const MOST_SIDE_PX = 320;
/** Between a finger and the lens above it, CSS pixels. */
const ABOVE_FINGER_PX = 28;
/** How far a key moves it, CSS pixels. */
const STEP_PX = 16;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let lens = null;
let factor = 2; // as it was chosen last

export async function open(host) {
  if (host.cause?.repeat) return;
  if (lens) lens.close();
  else lens = new Lens(host, ...(await Promise.all([speaker("lens"), styles()])));
}

const between = (value, low, high) => Math.max(low, Math.min(value, high));

class Lens {
  constructor(host, word) {
    Object.assign(this, { host, word, heldKey: host.cause?.type === "keydown" ? host.cause.key : null });
    this.isHeld = false; // the key comes again by itself
    this.fingers = new Set();
    this.stage = document.querySelector(".stage");
    this.frame = element("div", { class: "lens", "aria-hidden": "true" });
    this.said = element("p", { class: "spoken", role: "status", "data-test": "lens-said" });
    this.bar = this.makeBar();
    this.stage.append(this.said);
    this.listening = new AbortController();
    const on = (target, kind, handle) =>
      target.addEventListener(kind, handle.bind(this), { capture: true, signal: this.listening.signal });
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) on(window, kind, this.pointer);
    on(window, "keydown", this.key);
    on(window, "keyup", this.keyUp);
    on(window, "resize", this.show);
    // Whatever opens over the image: a saved picture has no lens on it.
    on(document, "focusin", ({ target }) => target.closest("dialog") && this.close());
    const pane = this.stage.querySelector('.pane[data-active="true"]');
    this.move(pane, [pane.clientWidth / 2, pane.clientHeight / 2], false);
    // A live region tells what changes after it has come.
    requestAnimationFrame(() => this.say("lens.said", { factor: this.number() }));
  }

  makeBar() {
    const { word } = this;
    const button = (key, label, click) =>
      element("button", { type: "button", class: "tool", "aria-label": word(key), title: word(key), click }, label);
    this.told = element("span", { class: "lens-factor", "data-test": "lens-factor" });
    return element(
      "div",
      { class: "lens-bar", role: "toolbar", "aria-label": word("lens.title") },
      button("lens.smaller", "−", () => this.change(-1)),
      this.told,
      button("lens.larger", "+", () => this.change(1)),
      button("lens.close", "×", () => this.close()),
    );
  }

  number() {
    return factor.toLocaleString(document.documentElement.lang);
  }

  say(key, values) {
    this.said.textContent = this.word(key, values);
  }

  change(step) {
    factor = FACTORS[between(FACTORS.indexOf(factor) + step, 0, FACTORS.length - 1)];
    this.show();
    this.say("lens.said_factor", { factor: this.number() });
  }

  /** Over a point of a pane, CSS pixels; above the finger that hides what is below it. */
  move(pane, [x, y], isTouch) {
    if (this.pane !== pane) {
      this.pane?.removeAttribute("data-lens");
      pane.dataset.lens = "";
      pane.append(this.frame, this.bar);
    }
    Object.assign(this, { pane, isTouch, at: [between(x, 0, pane.clientWidth), between(y, 0, pane.clientHeight)] });
    this.show();
  }

  show() {
    if (!this.pane.isConnected) return this.close();
    const { pane, at } = this;
    const canvas = this.stage.querySelector(":scope > canvas");
    const ratio = (canvas.dataset.stageWidth ?? canvas.width) / this.stage.clientWidth;
    const [width, height] = [pane.clientWidth, pane.clientHeight].map((length) => Math.floor(length * ratio));
    const side = Math.round(Math.min(Math.min(width, height) * SIDE_PART, MOST_SIDE_PX * ratio));
    const lift = this.isTouch ? side / 2 + ABOVE_FINGER_PX * ratio : 0;
    const [x, y] = at.map((value) => value * ratio);
    const left = between(Math.round(x - side / 2), 0, width - side);
    const top = between(Math.round(y - lift - side / 2), 0, height - side);
    this.host.lens(Number(pane.dataset.pane), left, top, side, x, y, factor);
    for (const [name, value] of Object.entries({ left, top, width: side, height: side })) {
      this.frame.style[name] = `${value / ratio}px`;
    }
    this.told.textContent = this.word("lens.factor", { factor: this.number() });
  }

  pointer(event) {
    const isTouch = event.pointerType === "touch";
    const pane = event.target.closest?.(".picture")?.closest(".pane");
    const isOurs = this.fingers.has(event.pointerId);
    if (isTouch && event.type === "pointerdown" && pane) this.fingers.add(event.pointerId);
    else if (event.type === "pointerup" || event.type === "pointercancel") this.fingers.delete(event.pointerId);
    // A mouse goes on doing what it does; a finger moves the lens, and nothing else.
    const over = isTouch ? (isOurs && this.pane) || pane : pane;
    if (!over || (isTouch && !isOurs && !this.fingers.has(event.pointerId))) return;
    if (isTouch) {
      event.stopPropagation();
      event.preventDefault();
    }
    if (event.type !== "pointerdown" && event.type !== "pointermove") return;
    const box = over.getBoundingClientRect();
    this.move(over, [event.clientX - box.left, event.clientY - box.top], isTouch);
  }

  key(event) {
    const step = event.shiftKey && ARROWS[event.key];
    if (event.repeat && event.key === this.heldKey) {
      this.isHeld = true;
    } else if (event.key === "Escape") this.close();
    else if (step) this.move(this.pane, this.at.map((value, axis) => value + step[axis] * STEP_PX), false);
    else if (["+", "="].includes(event.key)) this.change(1);
    else if (event.key === "-") this.change(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  keyUp(event) {
    if (event.key !== this.heldKey) return;
    this.heldKey = null;
    if (this.isHeld) this.close();
  }

  close() {
    if (lens === this) lens = null;
    this.listening.abort();
    const hadFocus = this.bar.contains(document.activeElement);
    this.host.lens(0, 0, 0, 0, 0, 0, 1);
    this.pane.removeAttribute("data-lens");
    this.frame.remove();
    this.bar.remove();
    if (hadFocus) this.pane.focus({ preventScroll: true });
    this.say("lens.closed");
    setTimeout(() => this.said.remove(), 2000);
  }
}
