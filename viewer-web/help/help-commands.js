// Every command, found by words and done at once: a combobox whose list stays open (WAI-ARIA Authoring Practices).

/** What can be measured, by the keys of viewer_core::annotate::Kind. */
const KINDS = [
  "length", "angle", "cobb", "polyline", "ellipse", "rectangle",
  "polygon", "freehand", "circle", "bidirectional", "probe", "plumb_line",
  "cardiothoracic", "arrow", "text", "spine", "calibration",
];
/** Commands that have no key of their own, in the order of the list. */
const WITHOUT_KEY = [
  "series",
  "local",
  "menu.windows",
  "menu.layout",
  "menu.more",
  "export",
  "import",
  "film",
  "tags",
  "fullscreen",
  "strip",
  "language",
  "sheet",
  "tour",
  "role.patient",
  "role.physician",
  "role.radiologist",
  "theme.dark",
  "theme.light",
  "theme.contrast",
];
/** Keys that help itself is opened with. */
const OWN = ["help", "leave"];
/** What a patient is shown before anything is typed. */
const PLAIN = ["tool.window", "zoom.in", "zoom.out", "zoom.fit", "lens", "reset", "cine", "menu.more", "sheet", "tour"];
const PAGE_STEP = 8;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function make(help) {
  const { element, say } = help;
  let found = [];
  let chosen = 0;

  function commands() {
    const names = [...new Set(help.keys.all().map(({ name }) => name))].filter((name) => !OWN.includes(name));
    const mayImport = "import" in document.getElementById("app").dataset;
    const all = [...names, "preset.0", ...KINDS.map((kind) => `measure.${kind}`), ...WITHOUT_KEY];
    return all.filter((name) => name !== "import" || mayImport);
  }

  /** Those in which every word typed occurs, what begins with it first. */
  function search(typed) {
    const wanted = plain(typed).split(/\s+/).filter(Boolean);
    if (!wanted.length && help.role() === "patient") return PLAIN;
    const texts = (name) => plain([say(`command.${name}`), say(`does.${name}`), ...help.keys.of(name)].join(" "));
    const fitting = commands().filter((name) => wanted.every((word) => texts(name).includes(word)));
    const begins = (name) => (wanted.length && plain(say(`command.${name}`)).startsWith(wanted[0]) ? 0 : 1);
    return fitting.sort((one, other) => begins(one) - begins(other));
  }

  function option(name, index) {
    const keys = help.keys.of(name).map((key) => element("kbd", {}, help.keys.printed(key)));
    return element(
      "li",
      { role: "option", id: `help-option-${index}`, "data-command": name, "aria-selected": "false", click: () => help.run(name) },
      element("span", { class: "help-name" }, say(`command.${name}`)),
      " ",
      help.has(`does.${name}`) ? element("span", { class: "help-line" }, say(`does.${name}`)) : null,
      element("span", { class: "help-keys-of" }, ...keys.flatMap((key) => [" ", key])),
    );
  }

  function view(typed) {
    const list = element("ul", { id: "help-list", role: "listbox", "aria-label": say("help.commands") });
    const told = element("p", { class: "spoken", role: "status" });
    const none = element("p", { class: "help-none", hidden: "" }, say("help.none"));
    const input = element("input", {
      id: "help-search",
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-autocomplete": "list",
      "aria-expanded": "true",
      "aria-controls": "help-list",
    });

    function choose(index) {
      list.children[chosen]?.setAttribute("aria-selected", "false");
      chosen = Math.min(Math.max(index, 0), found.length - 1);
      const now = list.children[chosen];
      now?.setAttribute("aria-selected", "true");
      now?.scrollIntoView({ block: "nearest" });
      if (now) input.setAttribute("aria-activedescendant", now.id);
      else input.removeAttribute("aria-activedescendant");
    }

    function fill() {
      found = search(input.value);
      list.replaceChildren(...found.map(option));
      list.hidden = !found.length;
      none.hidden = found.length > 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
      told.textContent = found.length ? say("help.found", { count: found.length }) : say("help.none");
      choose(0);
    }

    const enter = () => help.run(found[chosen]);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_STEP, PageUp: -PAGE_STEP };
    input.addEventListener("input", fill);
    input.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (move) {
        const isStep = Math.abs(move) === 1;
        // From the last to the first and back, as in the menus of the system.
        choose(isStep ? (chosen + move + found.length) % Math.max(found.length, 1) : chosen + move);
      } else if (event.key === "Enter" && found[chosen]) {
        enter();
      } else if (event.key === "Escape" && input.value) {
        input.value = "";
        fill();
      } else {
        return;
      }
      event.preventDefault();
    });
    input.value = typed;
    fill();
    const label = element("label", { class: "help-label", for: "help-search" }, say("help.search"));
    const body = [help.plainWords(), label, input, list, none, told, help.settings(), help.foot()];
    return {
      title: say("help.title"),
      body: body.filter(Boolean),
      enter: found.length ? enter : undefined,
      // A finger that wants to read is not to be covered by a keyboard.
      focus: () => (matchMedia("(pointer: coarse)").matches ? document.getElementById("help-title") : input).focus(),
    };
  }

  return { view };
}
