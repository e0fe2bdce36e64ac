// The picture of a pane as it is on the screen: its pixels, and over them what the page writes there. A canvas of the GPU gives its
// pixels only in the frame that draws it: the page calls back then (`host.capture`).

/** How long the page may take to draw, ms. */
const PATIENCE_MS = 5000;
/** Text over the picture, CSS pixels. */
const FONT_PX = 13;
const LINE_PX = 17;
const EDGE_PX = 8;
/** How long a scale bar may be, as a part of the picture. */
const BAR_PART = 0.35;
/** What is said of a scale, by where it comes from; nothing where a millimetre is one in the patient. */
const SCALE_MARKS = {
  pixel_spacing: null,
  ultrasound_region: null,
  imager_pixel_spacing: "export.scale_detector",
  nominal_scanned: "export.scale_detector",
};

/** All panes that show something, in their order: `{ pane, section, uid, frame, map, pixels }`. */
export async function capture(host) {
  const taken = await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no picture was drawn")), PATIENCE_MS);
    host.capture((shown) => resolve(take(shown)));
  });
  // What the page says of the picture is changed in the same frame, a little later.
  for (let turn = 0; turn < 4; turn += 1) await null;
  return taken.map((one) => ({ ...one, notes: notes(one.section), measures: measures(one.section) }));
}

/** Takes the pixels while they are there. */
function take(shown) {
  const stage = document.querySelector(".stage");
  const canvas = stage.querySelector(":scope > canvas");
  // Drawn by the processor, it lies only where pictures are: these are its place in the stage, and how wide that is.
  const { left: from = 0, top: above = 0, stageWidth = canvas.width } = canvas.dataset;
  const ratio = stageWidth / stage.clientWidth;
  return shown.map(([pane, uid, frame, ...map]) => {
    const section = stage.querySelector(`.pane[data-pane="${pane}"]`);
    const [left, top, width, height] = ["left", "top", "width", "height"]
      .map((side) => Math.round(parseFloat(section.style[side]) * ratio));
    const pixels = document.createElement("canvas");
    [pixels.width, pixels.height] = [width, height];
    const ink = pixels.getContext("2d");
    ink.fillRect(0, 0, width, height);
    ink.drawImage(canvas, left - from, top - above, width, height, 0, 0, width, height);
    return { pane, section, uid, frame, map, pixels, ratio };
  });
}

/** What the page writes over the picture; who it is, and what the picture is not, also where there is no room for it. */
function notes(section) {
  const lines = (selector, all) =>
    [...section.querySelectorAll(`:scope > ${selector} > *`)]
      .filter((line) => line.textContent.trim() && (all || line.getClientRects().length))
      .map((line) => ({ text: line.textContent.trim(), color: getComputedStyle(line.firstElementChild ?? line).color }));
  const letter = (side) => section.querySelector(`:scope > .letter-${side}`)?.textContent ?? "";
  return {
    patient: lines(".note-patient", true),
    series: lines(".note-series", false),
    view: lines(".note-view", false),
    notice: lines(".note-notice", true),
    letters: ["top", "right", "bottom", "left"].map(letter),
  };
}

/** What is drawn over the picture by the measuring tools, as strokes and words. */
function measures(section) {
  return [...section.querySelectorAll(".measures .measure")].flatMap((group) =>
    [...group.querySelectorAll("path, circle, text")].map((shape) => {
      const { stroke, strokeWidth, strokeDasharray, fill, fontSize, fontWeight, fontFamily } = getComputedStyle(shape);
      const style = { stroke, width: parseFloat(strokeWidth) || 1, dashes: (strokeDasharray.match(/[\d.]+/g) ?? []).map(Number), fill };
      if (shape.tagName === "path") return { ...style, path: new Path2D(shape.getAttribute("d")) };
      if (shape.tagName === "circle") {
        const path = new Path2D();
        path.arc(...["cx", "cy", "r"].map((name) => Number(shape.getAttribute(name))), 0, 2 * Math.PI);
        return { ...style, path };
      }
      const place = ["x", "y"].map((name) => Number(shape.getAttribute(name)));
      return { ...style, lines: [...shape.children].map((line) => line.textContent), place, font: `${fontWeight} ${fontSize} ${fontFamily}`, size: parseFloat(fontSize) };
    }),
  );
}

/** A canvas with the picture and, unless it is to be bare, all that is written over it. */
export function compose(one, { identity, scale, word }) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [one.pixels.width, one.pixels.height];
  const ink = canvas.getContext("2d");
  ink.drawImage(one.pixels, 0, 0);
  ink.scale(one.ratio, one.ratio);
  const size = [canvas.width / one.ratio, canvas.height / one.ratio];
  for (const shape of one.measures) drawShape(ink, shape);
  const { patient, series, view, notice, letters } = one.notes;
  const who = identity ? patient : [{ text: word("export.no_identity"), color: "#fff" }];
  corner(ink, size, who, "left", "top");
  corner(ink, size, series, "right", "top");
  corner(ink, size, view, "left", "bottom");
  corner(ink, size, notice, "right", "bottom");
  drawLetters(ink, size, letters);
  if (scale) drawScale(ink, size, scale);
  return canvas;
}

function drawShape(ink, shape) {
  ink.lineWidth = shape.width;
  ink.strokeStyle = shape.stroke;
  ink.fillStyle = shape.fill;
  ink.setLineDash(shape.dashes);
  if (shape.path) {
    if (shape.fill !== "none") ink.fill(shape.path);
    if (shape.stroke !== "none") ink.stroke(shape.path);
  } else {
    ink.font = shape.font;
    ink.setLineDash([]);
    shape.lines.forEach((line, index) => {
      write(ink, line, shape.place[0], shape.place[1] + index * 1.25 * shape.size, shape.fill, "left", "alphabetic");
    });
  }
  ink.setLineDash([]);
}

/** Text that is seen on black and on white. */
function write(ink, text, x, y, color, align, baseline) {
  ink.textAlign = align;
  ink.textBaseline = baseline;
  ink.lineJoin = "round";
  ink.lineWidth = 3;
  ink.strokeStyle = "#000";
  ink.fillStyle = color;
  ink.strokeText(text, x, y);
  ink.fillText(text, x, y);
}

function corner(ink, [width, height], lines, side, edge) {
  ink.font = `${FONT_PX}px system-ui, sans-serif`;
  const most = width * 0.5 - 2 * EDGE_PX;
  const wrapped = lines.flatMap(({ text, color }) => wrap(ink, text, most).map((part) => ({ text: part, color })));
  const first = edge === "top" ? EDGE_PX : height - EDGE_PX - LINE_PX * wrapped.length;
  wrapped.forEach(({ text, color }, index) => {
    write(ink, text, side === "left" ? EDGE_PX : width - EDGE_PX, first + LINE_PX * index, color, side, "top");
  });
}

function wrap(ink, text, most) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && ink.measureText(longer).width <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function drawLetters(ink, [width, height], [top, right, bottom, left]) {
  ink.font = `600 ${FONT_PX + 2}px system-ui, sans-serif`;
  write(ink, top, width / 2, EDGE_PX, "#fff", "center", "top");
  write(ink, right, width - EDGE_PX, height / 2, "#fff", "right", "middle");
  write(ink, bottom, width / 2, height - EDGE_PX, "#fff", "center", "bottom");
  write(ink, left, EDGE_PX, height / 2, "#fff", "left", "middle");
}

/** The longest round length that has room; nothing where a pixel has no known size in the patient. */
export function scaleOf(one, spacing, word, format) {
  if (!spacing) return null;
  const [xx, xy, , yx, yy] = one.map;
  const determinant = xx * yy - xy * yx;
  // How far one goes in the image for one CSS pixel to the right, in mm.
  const [across, down] = [yy / determinant, -yx / determinant];
  const mm = Math.hypot(across * spacing.between_columns_mm, down * spacing.between_rows_mm);
  const most = (one.pixels.width / one.ratio) * BAR_PART * mm;
  if (!(mm > 0) || !Number.isFinite(most)) return null;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= most);
  const text = length >= 10 ? `${format(length / 10)} cm` : `${format(length)} mm`;
  const mark = SCALE_MARKS[spacing.source];
  return { px: length / mm, text: mark === null ? text : `${text} (${word(mark ?? "export.scale_estimated")})` };
}

function drawScale(ink, [width, height], { px, text }) {
  const [left, right, y] = [(width - px) / 2, (width + px) / 2, height - EDGE_PX - 34];
  const bar = new Path2D(`M${left} ${y - 5}V${y}H${right}V${y - 5}`);
  for (const [color, thick] of [["#000", 4], ["#fff", 2]]) {
    ink.strokeStyle = color;
    ink.lineWidth = thick;
    ink.stroke(bar);
  }
  ink.font = `${FONT_PX}px system-ui, sans-serif`;
  write(ink, text, width / 2, y - 5, "#fff", "center", "bottom");
}
