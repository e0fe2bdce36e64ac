// Help: what the viewer can do, found by words and done at once; its keys, to be printed and changed; how it looks; a
// first tour. Loaded by boot.js when somebody asks for it, and on a first visit once the first image is there.
//
// viewer.run(name)  does a command of viewer_core::tool::keys, or one of the page (bridge/viewer/scripts.rs)
// viewer.keys       every key: lines of a command's name, a tab, and the key
//
// The parts (help-commands.js, help-keys.js, help-tour.js) get this module's `help` and know nothing else.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const app = document.getElementById("app");
const { element } = await import(assets["panel-kit.js"]);
const THEMES = ["dark", "light", "contrast"];
const ROLES = ["patient", "physician", "radiologist"];

/** A choice that stays on this device; where storage is forbidden it lasts as long as the page. */
const choices = {
  read(name) {
    try {
      return localStorage.getItem(`negatoscope.${name}`);
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(`negatoscope.${name}`, value);
    } catch {
      // Nothing is kept then.
    }
  },
};

const help = {
  element,
  choices,
  viewer: null,
  dialog: null,
  /** Words of the catalogue in the page's language, with values filled in. */
  say(key, values = {}) {
    const found = help.words[key]?.[document.documentElement.lang === "en" ? 1 : 0] ?? key;
    return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`%{${name}}`, value), found);
  },
  has: (key) => key in help.words,
  root: () => document.querySelector(".viewer"),
  role: () => help.root().dataset.role,
  theme: () => document.documentElement.dataset.theme || THEMES[0],
  button: (label, act, attributes = {}) => element("button", { type: "button", class: "button", click: act, ...attributes }, label),
  /** Does a command, after help is out of the way. */
  run(name) {
    help.dialog?.leave();
    const [kind, value] = name.split(".");
    if (kind === "theme") chooseTheme(value);
    else if (kind === "measure") measure(value);
    else if (name === "tour") help.tour.begin();
    else if (name === "sheet") show("keys");
    else help.viewer.run(name);
  },
  show,
};

/** The measuring tools may still have to come: they begin with what is asked for. */
function measure(kind) {
  help.root().dataset.measure = kind;
  dispatchEvent(new Event("negatoscope-measure-kind"));
  help.viewer.run("tool.measure");
}

function chooseTheme(theme) {
  document.documentElement.dataset.theme = theme;
  choices.write("theme", theme);
}

async function load() {
  const part = (name) => import(assets[name]);
  const style = element("link", { rel: "stylesheet", href: assets["help.css"] });
  const styled = new Promise((resolve) => (style.onload = style.onerror = resolve));
  document.head.append(style);
  const [answer, ...parts] = await Promise.all([
    fetch(assets["words-help.json"]),
    ...["help-commands.js", "help-keys.js", "help-tour.js"].map(part),
    styled,
  ]);
  help.words = await answer.json();
  [help.commands, help.keys, help.tour] = parts.slice(0, 3).map((module) => module.make(help));
}

/** Gives what opens `commands`, with what was `typed` before they were here, or begins the `tour`. */
export async function attach(viewer) {
  help.viewer = viewer;
  await load();
  return (view, typed) => (view === "tour" ? help.tour.begin() : show(view, typed.join("")));
}

/** Shows a part in the dialog, made anew: language and role may have changed. */
function show(view, typed = "") {
  const before = document.activeElement;
  help.dialog?.remove();
  const [words, ...entered] = typed.split("\n");
  const { title, body, focus, enter } = help[view].view(words);
  const close = help.button("×", () => help.dialog.leave(), { class: "tool", "aria-label": help.say("help.close") });
  const head = element("div", { class: "help-head" }, element("h2", { id: "help-title", tabindex: "-1" }, title), close);
  const dialog = element("dialog", { class: `help help-${view}`, "aria-labelledby": "help-title" }, head, ...body);
  help.dialog = dialog;
  // Keys typed here are not for the image.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.leave());
  // At once: "close" is told a moment later, and keys pressed until then would be lost in what is hidden.
  dialog.leave = () => {
    if (!dialog.isConnected) return;
    dialog.remove();
    const isGone = !before?.isConnected || before === document.body;
    (isGone ? help.root().querySelector('.pane[data-active="true"]') : before)?.focus({ preventScroll: true });
  };
  dialog.addEventListener("close", dialog.leave); // by Escape
  help.root().append(dialog);
  dialog.showModal();
  focus?.();
  // It was confirmed before the list was here.
  if (entered.length) enter?.();
}

/** What a patient is to know of the images, and whom to ask. */
function plainWords() {
  if (help.role() !== "patient") return null;
  const { centre = "", contact = "" } = app.dataset;
  const keys = ["help.images_are", "help.images_are_not", "help.report"];
  const lines = keys.map((key) => element("p", {}, help.say(key)));
  if (contact) lines.push(element("p", {}, help.say("help.contact", { centre, contact })));
  return element("section", { class: "help-plain", "aria-label": help.say("help.about_images") }, ...lines);
}

/** How much is shown, and in which colours. */
function settings() {
  const choice = (key, values, now, act) => {
    const options = values.map((value) => element("option", { value }, help.say(`choice.${key}.${value}`)));
    const select = element("select", { change: ({ target }) => act(target.value) }, ...options);
    select.value = now;
    return element("label", {}, element("span", {}, help.say(`help.${key}`)), select);
  };
  const role = choice("role", ROLES, help.role(), (value) => help.viewer.run(`role.${value}`));
  return element("div", { class: "help-settings" }, role, choice("theme", THEMES, help.theme(), chooseTheme));
}

/** Where else to go from here. */
function foot() {
  const page = (key, address) => element("a", { href: address, target: "_blank", rel: "noopener" }, help.say(key));
  return element(
    "div",
    { class: "help-foot" },
    help.button(help.say("command.sheet"), () => show("keys")),
    help.button(help.say("command.tour"), () => help.run("tour")),
    element(
      "p",
      {},
      page("help.login_page", "/aide"),
      page("help.accessibility", "/accessibilite"),
      page("help.personal_data", "/donnees-personnelles"),
    ),
  );
}

Object.assign(help, { plainWords, settings, foot });
