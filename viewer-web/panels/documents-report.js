// A structured report as a document to be read. What is in it was written by somebody else: it becomes text, never anything else.
// See documents.js.

const { element, json, moment, openDialog } = await import(JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content)["panel-kit.js"]);

const DEEPEST_HEADING = 6;

export async function showReport(desk, document, path) {
  const { word } = desk;
  const body = element("div", { class: "report" }, element("p", { role: "status" }, word("documents.loading")));
  const back = () => {
    dialog.close();
    desk.openList();
  };
  const backButton = element("button", { type: "button", class: "button", click: back }, word("documents.back"));
  const title = document.title || document.description || word("documents.untitled");
  const dialog = openDialog("documents report-sheet", title, word("documents.close"), body, element("div", { class: "actions" }, backButton));
  try {
    const report = await json(path);
    body.replaceChildren(...content(desk, element, report, dialog));
  } catch (error) {
    console.error("report", error);
    body.replaceChildren(element("p", { role: "alert" }, word("documents.failed")));
  }
}

function content(desk, element, report, dialog) {
  const { word } = desk;
  const made = [element("p", { class: "report-facts" }, facts(word, report))];
  let list = null; // the one that rows go to
  for (const item of report.items) {
    if (item.kind === "container") {
      list = null;
      const level = Math.min(item.depth + 3, DEEPEST_HEADING);
      if (item.name) made.push(element(`h${level}`, { class: "report-heading" }, item.name));
      continue;
    }
    const value = valueOf(desk, element, item, dialog);
    if (value === null) continue;
    if (!list) {
      list = element("dl", {});
      made.push(list);
    }
    const depth = Math.min(item.depth, 8);
    list.append(element("div", { "data-depth": depth, "data-kind": item.kind }, element("dt", {}, item.name), element("dd", {}, value)));
  }
  if (!report.items.length) made.push(element("p", {}, word("report.empty")));
  if (report.is_cut) made.push(element("p", { role: "note" }, word("report.cut")));
  return made;
}

function facts(word, report) {
  const complete = { true: "report.complete", false: "report.partial" }[report.is_complete];
  const names = report.verified_by.join(", ");
  const verified = names ? word("report.verified_by", { name: names }) : word("report.verified");
  const parts = [moment(report), complete && word(complete), report.is_verified ? verified : word("report.unverified")];
  return parts.filter(Boolean).join(" · ");
}

/** Text, or an element; null for what is no reading matter. */
function valueOf(desk, element, { kind, name, value = "", unit = "", image }, dialog) {
  const { word } = desk;
  if (kind === "image") return imageOf(desk, element, image, dialog);
  if (kind === "object") return word("report.object");
  if (kind === "place") return word("report.place");
  if (kind === "number") return [decimal(value), unit].filter(Boolean).join(" ");
  if (kind === "date") return dateTime(value);
  return value || name ? value : null;
}

function imageOf(desk, element, image, dialog) {
  const [place] = image ? desk.find(image) : [];
  if (!place) return desk.word("image.elsewhere");
  const go = () => {
    dialog.close();
    desk.go(place);
  };
  return element("button", { type: "button", class: "button", click: go }, desk.placeWords(place));
}

/** Digits as they are written, with the mark of the language; what is no number stays words. */
function decimal(text) {
  return document.documentElement.lang === "en" ? text : text.replace(/^([-+]?\d+)\.(\d+)$/, "$1,$2");
}

/** `20261104`, `101500` or both. */
function dateTime(text) {
  if (/^\d{8}/.test(text)) return moment({ date: text.slice(0, 8), time: text.slice(8) });
  return /^\d{4}/.test(text) ? `${text.slice(0, 2)}:${text.slice(2, 4)}` : text;
}
