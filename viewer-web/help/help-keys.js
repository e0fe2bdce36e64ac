// The sheet of keys and gestures, made of the table that acts (viewer_core::tool::keys): to be read, printed and changed.

/** What the hand does, and what that does. */
const GESTURES = {
  touch: ["one", "two", "double", "long"],
  mouse: ["wheel", "left", "right", "middle", "ctrl_wheel", "double"],
};
const SYMBOLS = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", "-": "−" };
/** Keys that controls, measuring and the browser need. */
const RESERVED = /^(Tab|Enter|Escape|Delete|Dead|Unidentified|ContextMenu|F\d+|Control\+([acfnpqrtvwx0+-]|[^a-z]|.{2,}))$/;
const MODIFIERS = ["Control", "Shift", "Alt", "AltGraph", "Meta", "CapsLock"];
/** Keys that stay as they are. */
const FIXED = ["leave"];

export function make(help) {
  const { element, say } = help;

  /** Every key of the table: its command, ours, and the one to be pressed. */
  function all() {
    const map = chosen();
    return help.viewer.keys.split("\n").map((line) => {
      const [name, ours] = line.split("\t");
      return { name, ours, key: map.get(ours) ?? ours };
    });
  }

  /** Keys that the reader chose, by ours. */
  function chosen() {
    const lines = (help.choices.read("keys") ?? "").split("\n").filter((line) => line.includes("\t"));
    return new Map(lines.map((line) => line.split("\t")));
  }

  function keep(map) {
    help.choices.write("keys", [...map].map((pair) => pair.join("\t")).join("\n"));
    help.viewer.run("keys");
  }

  /** Keys to be pressed for a command. */
  const of = (name) =>
    name === "preset.0" ? ["0"] : all().filter((one) => one.name === name).map(({ key }) => key);

  /** A key as it is printed on keyboards. */
  function printed(key) {
    if (key.startsWith("Control+")) return `Ctrl ${printed(key.slice(8))}`;
    if (help.has(`key.${key}`)) return say(`key.${key}`);
    return SYMBOLS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  }

  /** What keeps this key from being given to `ours`: words, or null. */
  function objection(key, ours) {
    if (RESERVED.test(key)) return say("help.reserved", { key: printed(key) });
    const taken = all().find((one) => one.key === key && one.ours !== ours);
    const name = taken?.name ?? (/^\d$/.test(key) ? "presets" : null);
    return name && say("help.taken", { key: printed(key), command: say(`command.${name}`) });
  }

  function gestures(kind) {
    const rows = GESTURES[kind].map((hand) => {
      const does = element("dt", {}, say(`gesture.${kind}_${hand}_does`));
      return element("div", {}, does, element("dd", {}, say(`gesture.${kind}_${hand}`)));
    });
    return [element("h3", {}, say(`gesture.${kind}`)), element("dl", { class: "help-rows" }, ...rows)];
  }

  function view() {
    const told = element("p", { class: "help-told", role: "status" });
    const rows = element("dl", { class: "help-rows help-commands-keys" });
    let waiting = null; // the button whose key is being chosen

    function stop() {
      waiting?.removeAttribute("data-waiting");
      waiting = null;
    }

    function chip({ name, ours, key }) {
      const label = printed(key);
      if (FIXED.includes(name)) return element("kbd", {}, label);
      const words = say("help.change", { command: say(`command.${name}`), key: label });
      const begin = ({ currentTarget }) => {
        stop();
        waiting = currentTarget;
        waiting.setAttribute("data-waiting", "");
        told.textContent = say("help.press", { command: say(`command.${name}`) });
      };
      return element(
        "button",
        { type: "button", class: "help-key", "data-ours": ours, "aria-label": words, title: words, click: begin, blur: stop },
        element("kbd", {}, label),
      );
    }

    function row(name, keys) {
      const line = help.has(`does.${name}`) ? element("span", { class: "help-line" }, say(`does.${name}`)) : null;
      return element("div", {}, element("dt", {}, say(`command.${name}`), " ", line), element("dd", {}, ...keys));
    }

    function fill() {
      const names = [...new Set(all().map(({ name }) => name))];
      const own = names.map((name) => row(name, all().filter((one) => one.name === name).map(chip)));
      const fixed = (key) => element("kbd", {}, printed(key));
      rows.replaceChildren(...own, row("presets", ["0", "1", "…", "9"].map(fixed)));
      reset.disabled = chosen().size === 0;
    }

    function take(event) {
      if (!waiting) return;
      if (event.key === "Tab") return stop();
      event.preventDefault();
      if (MODIFIERS.includes(event.key)) return;
      const { ours } = waiting.dataset;
      if (event.key === "Escape") {
        stop();
        told.textContent = say("help.kept");
        return;
      }
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const key = event.ctrlKey || event.metaKey ? `Control+${name}` : name;
      const why = event.altKey ? say("help.reserved", { key: `Alt ${printed(name)}` }) : objection(key, ours);
      if (why) {
        told.textContent = why;
        return;
      }
      stop();
      const map = chosen();
      if (key === ours) map.delete(ours);
      else map.set(ours, key);
      keep(map);
      fill();
      rows.querySelector(`[data-ours="${CSS.escape(ours)}"]`).focus();
      told.textContent = say("help.changed", { key: printed(key) });
    }

    const reset = help.button(say("help.reset"), () => {
      keep(new Map());
      fill();
      told.textContent = say("help.reset_done");
      document.getElementById("help-title").focus();
    });
    fill();
    rows.addEventListener("keydown", take);
    const actions = element(
      "div",
      { class: "help-foot" },
      help.button(say("help.print"), () => print()),
      reset,
      help.button(say("help.back"), () => help.show("commands")),
    );
    const keyboard = element(
      "section",
      { class: "help-keyboard" },
      element("h3", {}, say("gesture.keyboard")),
      element("p", { class: "help-note" }, say("help.change_note")),
      rows,
      element("p", { class: "help-note" }, say("help.measure_keys")),
    );
    const [touch, mouse] = ["touch", "mouse"].map((kind) => element("section", { class: `help-${kind}` }, ...gestures(kind)));
    return {
      title: say("help.keys_title"),
      body: [actions, told, touch, mouse, keyboard],
      focus: () => document.getElementById("help-title").focus(),
    };
  }

  return { view, all, of, printed };
}
