// Out of the viewer: the picture as a file, on paper, and the exam as DICOM. Loaded when somebody asks for it: `open(host)`, where
// `host.capture(callback)` calls back in the frame that draws, with `[pane, uid, frame, ...map]` of each pane that shows a picture.

// Files have a digest in their names, which only the page knows.
const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const [kit, picture] = await Promise.all(["panel-kit.js", "export-picture.js"].map((name) => import(assets[name])));
const { element, exam, json, ofSeries, openDialog, save, speaker, styles, visit } = kit;
const { capture, compose, scaleOf } = picture;

const JPEG_QUALITY = 0.92;
const KINDS = { png: "image/png", jpeg: "image/jpeg" };

export async function open(host) {
  const [word] = await Promise.all([speaker(), styles()]);
  const said = element("p", { class: "panel-said", role: "status" });
  const identity = element("input", { type: "checkbox", checked: "" });
  const tell = (key) => (said.textContent = word(key));
  const attempt = (act) => () => {
    tell("export.working");
    act().catch((error) => {
      console.error("export", error);
      tell("export.failed");
    });
  };
  const button = (key, act, attributes = {}) =>
    element("button", { type: "button", class: "button", click: attempt(act), ...attributes }, word(key));
  const saver = (kind) => async () => {
    await savePicture(host, word, kind, identity.checked);
    tell("export.saved");
  };
  const dialog = openDialog(
    "export",
    word("export.title"),
    word("export.close"),
    element("h3", {}, word("export.picture")),
    element("p", {}, word("export.picture_note")),
    element("label", { class: "choice" }, identity, element("span", {}, word("export.with_identity"))),
    element("div", { class: "actions" }, button("export.png", saver("png")), button("export.jpeg", saver("jpeg"))),
    element("div", { class: "actions" }, button("export.film", async () => {
      dialog.leave();
      globalThis.negatoscopePanel("film", host);
    })),
    element("h3", {}, word("export.paper")),
    element("p", {}, word("export.paper_note")),
    element("div", { class: "actions" }, button("export.print", async () => {
      dialog.leave();
      await print(host, word, identity.checked);
    })),
    element("h3", {}, word("export.exam")),
    await examPart(word),
    said,
  );
}

// The picture

async function details() {
  const summary = await exam();
  return (uid) => {
    for (const series of summary.series) {
      const image = series.images.find((one) => one.sop_instance_uid === uid);
      if (image) return { series, image, format: series.formats[image.format], study: ofSeries(summary, series).study };
    }
    return null;
  };
}

async function pictures(host, word, identity) {
  // What takes time comes first: pixels and words are of the moment when they are taken.
  const find = await details();
  const format = (value) => value.toLocaleString(document.documentElement.lang);
  return (await capture(host)).map((one) => {
    const found = find(one.uid);
    const scale = scaleOf(one, found?.format.spacing, word, format);
    return { ...one, found, canvas: compose(one, { identity, scale, word }) };
  });
}

async function savePicture(host, word, kind, identity) {
  const all = await pictures(host, word, identity);
  const one = all.find(({ section }) => section.dataset.active === "true") ?? all[0];
  if (!one) throw new Error("no picture");
  const blob = await new Promise((resolve) => one.canvas.toBlob(resolve, KINDS[kind], JPEG_QUALITY));
  save(blob, `${fileName(one)}.${kind === "jpeg" ? "jpg" : kind}`);
}

/** Where the picture is in the exam, and nothing of whose it is. */
function fileName({ found, section }) {
  const series = found?.series.number ?? Number(section.dataset.seriesIndex) + 1;
  const of = found?.series.exam ? `-examen-${kit.numbers[found.series.exam]}` : "";
  return `image${of}-serie-${series}-${Number(section.dataset.imageIndex) + 1}`;
}

// Paper

async function print(host, word, identity) {
  const all = await pictures(host, word, identity);
  if (!all.length) throw new Error("no picture");
  document.querySelector(".print-sheet")?.remove();
  const sheet = element("div", { class: "print-sheet", lang: document.documentElement.lang });
  sheet.append(...all.map((one, index) => paper(one, word, identity, `${index + 1} / ${all.length}`)));
  document.body.append(sheet);
  const title = document.title;
  // The browser puts it on the paper and proposes it as a name for the file.
  document.title = word("export.paper_title");
  const done = () => {
    sheet.remove();
    document.title = title;
  };
  addEventListener("afterprint", done, { once: true });
  window.print();
}

/** One image a page: who, what, the picture, and what it is not. */
function paper({ canvas, notes, found }, word, identity, page) {
  const text = (lines) => lines.map(({ text: line }) => line);
  const [name, ...rest] = text(notes.patient);
  const who = identity ? [element("strong", {}, name ?? ""), rest.join(" · ")] : [word("export.no_identity")];
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", text(notes.series).join(" · "));
  return element(
    "section",
    { class: "print-page" },
    element("header", {}, element("p", {}, ...who.flatMap((part) => [part, " "])), ...(identity ? [element("p", {}, found?.study.description ?? "")] : [])),
    canvas,
    element("footer", {}, element("p", {}, [...text(notes.series), ...text(notes.view)].join(" · ")), element("p", {}, [...text(notes.notice), page].join(" · "))),
  );
}

// The exam

async function examPart(word) {
  const part = element("div");
  let offer;
  try {
    offer = await json(`/api/examen/${encodeURI(visit)}/copies`);
  } catch {
    part.append(element("p", {}, word("export.failed")));
    return part;
  }
  if (!offer.dicom) {
    part.append(element("p", {}, word("export.exam_none")));
    return part;
  }
  // A copy is of one exam: where several are on the page, there is one for each.
  const numbers = kit.numbers.filter((number) => !kit.isLocal(number));
  const isAlone = numbers.length === 1;
  const words = (number) => (isAlone ? word("export.download") : word("export.download_exam", { number }));
  const link = (number) => element("a", { class: "button", download: "", "data-test": "copy", "data-number": number }, words(number));
  const links = numbers.map(link);
  const anonymous = element("input", { type: "checkbox" });
  const pixels = element("input", { type: "checkbox" });
  const label = (input, key) => element("label", { class: "choice" }, input, element("span", {}, word(key)));
  const more = element("div", { hidden: "" }, element("p", {}, word("export.anonymous_note")), label(pixels, "export.with_pixels"));
  const aim = () => {
    more.hidden = !anonymous.checked;
    const query = anonymous.checked ? `?anonyme=true&pixels=${pixels.checked}` : "";
    for (const one of links) one.href = `/api/examen/${encodeURI(visit)}/${one.dataset.number}/dicom.zip${query}`;
  };
  for (const input of [anonymous, pixels]) input.addEventListener("change", aim);
  aim();
  part.append(element("p", {}, word("export.exam_note")));
  if (offer.anonymised) part.append(label(anonymous, "export.anonymous"), more);
  part.append(element("div", { class: "actions" }, ...links));
  return part;
}
