// What scripts share that are loaded when somebody needs them: elements, words, a dialog.

export const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
export const visit = document.getElementById("app").dataset.visit;
/** Which exam of the visit is shown, from 1. */
export const number = /^#([1-9]\d?)$/.exec(location.hash)?.[1] ?? "1";

/** An element of HTML, or of SVG by `svg:`, with attributes (functions are listeners) and children; what is missing is left out. */
export function element(name, attributes = {}, ...children) {
  const made = name.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Loads once what this page needs of a file, and again where that failed. */
function once(load) {
  let loaded = null;
  return () => (loaded ??= load().catch((error) => {
    loaded = null;
    throw error;
  }));
}

async function json(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

const wordFiles = {};
const words = (name) => (wordFiles[name] ??= once(() => json(assets[`words-${name}.json`])))();
const ofLink = once(() => json(`/api/examen/${encodeURI(number === "1" ? visit : `${visit}/${number}`)}`));

/** The summary of all exams of the page, once there are several, as text; and their numbers in the link. */
let grown = null;
export let numbers = [number];
/** Exams were put beside the first (compare-beside.js): whoever keeps a summary is told by the event "negatoscope-grown". */
export function grow(text, all) {
  grown = text;
  numbers = [...all];
  dispatchEvent(new CustomEvent("negatoscope-grown", { detail: text }));
}
export const grownSummary = () => grown;
/** Exams that the reader opened of a medium of their own (local.js), on their way into the panes: `{ number, text, isAlone }`. */
export const opened = [];
/** What stands for the number of such an exam, which the link does not have: the server is not asked for anything of it. */
export const localNumber = (count) => `local-${count}`;
export const isLocal = (number) => number.startsWith("local-");
/** What is known of the exams of the page. A series of another one than the first has its place among `joined`, from 1, as `exam`. */
export const exam = async () => (grown ? JSON.parse(grown) : ofLink());
/** Whose and which: `{ patient, study }` of a series. */
export const ofSeries = (summary, { exam: place = 0 }) => (place ? summary.joined[place - 1] : summary);
export { json };

/** `word(key)` in the language of the page, with `%{name}` filled in; of which words there are by the name of their folder. */
export async function speaker(name = "export") {
  const all = await words(name);
  return (key, values = {}) => {
    const language = document.documentElement.lang === "en" ? 1 : 0;
    return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`%{${name}}`, value), all[key]?.[language] ?? key);
  };
}

/** A DICOM date as it is read; English has the month in words, for day and month could be mixed up. As it is where it is none. */
export function day(date) {
  const [, year, month, of] = /^(\d{4})(\d{2})(\d{2})$/.exec(date ?? "") ?? [];
  if (!year) return date ?? "";
  const isEnglish = document.documentElement.lang === "en";
  const parts = { timeZone: "UTC", year: "numeric", month: isEnglish ? "short" : "2-digit", day: "2-digit" };
  return new Intl.DateTimeFormat(isEnglish ? "en-GB" : "fr-FR", parts).format(new Date(Date.UTC(+year, +month - 1, +of)));
}

/** A DICOM date with the time, to the minute, where it has one. */
export function moment({ date, time }) {
  const clock = /^(\d{2})(\d{2})/.exec(time ?? "");
  return date && clock ? `${day(date)} ${clock[1]}:${clock[2]}` : day(date);
}

/** Loads a style sheet once. */
export const sheet = (name) => once(() => {
  const link = element("link", { rel: "stylesheet", href: assets[name] });
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error(name));
    });
    document.head.append(link);
  });
});
export const styles = sheet("panels.css");
export const documentStyles = sheet("documents.css");

/**
 * Opens a dialog, which `dialog.leave()` takes away, as Escape does; it is told by the event "leave". The keyboard goes back to where it
 * was at once: "close" is told a moment later, and keys pressed until then would be lost in what is hidden.
 */
export function openDialog(className, title, closeLabel, ...content) {
  const before = document.activeElement;
  const close = element("button", { type: "button", class: "tool close", "aria-label": closeLabel, click: () => dialog.leave() }, "×");
  const heading = element("h2", { id: "panel-title", tabindex: "-1" }, title);
  const head = element("div", { class: "sheet-head" }, heading, close);
  const dialog = element("dialog", { class: `sheet ${className}`, "aria-labelledby": "panel-title" }, head, ...content);
  // Its keys are not those of the picture behind it.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.leave = () => {
    if (!dialog.isConnected) return;
    dialog.remove();
    const isGone = !before?.isConnected || before === document.body;
    (isGone ? document.querySelector('.pane[data-active="true"]') : before)?.focus({ preventScroll: true });
    dialog.dispatchEvent(new Event("leave"));
  };
  dialog.addEventListener("close", dialog.leave); // by Escape
  // Within the viewer, whose colours it has.
  (document.querySelector(".viewer") ?? document.body).append(dialog);
  dialog.showModal();
  heading.focus();
  return dialog;
}

/** Gives the reader a file. */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
