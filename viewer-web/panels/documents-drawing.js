// What a saved presentation draws: its shutter, lines and words, as SVG over the picture. Lines lie in the image's own points under
// its map to the screen; words stay as large as they can be read. See documents-state.js.

const COLOUR = "rgb(255, 213, 74)";
/** Far beyond any image: what a shutter covers. */
const FAR = 100_000;
const LINE_PX = 17;

/** Draws a state over a pane, or takes away what was drawn; `map` is xx, xy, x0, yx, yy, y0 in CSS pixels. */
export function draw(section, state, { uid, frame, map, words, size }) {
  const layer = section.querySelector(":scope > .documents-lines");
  if (!state) {
    layer?.remove();
    return;
  }
  const now = `${uid}/${frame}/${map.join()}/${words}`;
  if (layer?.dataset.of === now && layer.state === state) return;
  const made = svg("svg", { class: "documents-lines", role: "img", "aria-label": words });
  made.dataset.of = now;
  made.state = state;
  const [xx, xy, x0, yx, yy, y0] = map;
  const inImage = svg("g", { transform: `matrix(${xx} ${yx} ${xy} ${yy} ${x0} ${y0})` });
  const point = ([x, y]) => [xx * x + xy * y + x0, yx * x + yy * y + y0];
  if (state.shutter) inImage.append(...shutterOf(state, size));
  made.append(inImage);
  for (const { images = [], what } of state.drawings) {
    if (images.length && !images.some((image) => covers(image, uid, frame))) continue;
    const colour = what.rgb ? `rgb(${what.rgb.join()})` : COLOUR;
    const group = svg("g", { "data-layer": what.layer, stroke: colour, fill: "none" });
    const lines = svg("g", { transform: inImage.getAttribute("transform") });
    if (what.runs) lines.append(svg("path", { class: "pixels", d: pixels(what.runs), fill: colour, stroke: "none" }));
    for (const shape of what.shapes) lines.append(...shapeOf(shape, colour, xx, yx));
    group.append(lines, ...what.texts.flatMap((text) => textOf(text, colour, point)));
    made.append(group);
  }
  if (layer) layer.replaceWith(made);
  // Under what is written in the corners: a shutter covers the picture, never whose it is.
  else section.querySelector(":scope > .picture").after(made);
}

/** Whether a reference of a document means this frame (from 0). */
export function covers({ sop_instance_uid: named, frames = [] }, uid, frame) {
  return named === uid && (!frames.length || frames.includes(frame + 1));
}

/** Height of a pixel in units of its width, as `viewer_core::geometry::pixel_shape`. */
export function aspectOf({ spacing, aspect_ratio: ratio }) {
  if (spacing) return spacing.between_rows_mm / spacing.between_columns_mm;
  return ratio && ratio[0] > 0 && ratio[1] > 0 ? ratio[0] / ratio[1] : 1;
}

function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Dark under light, to be seen on black and on white. */
function shapeOf({ kind, points, is_filled: isFilled }, colour, xx, yx) {
  const d = pathOf(kind, points, Math.hypot(xx, yx));
  const fill = isFilled ? { fill: colour, "fill-opacity": "0.35" } : {};
  return [svg("path", { class: "dark", d }), svg("path", { class: "light", d, "data-kind": kind, ...fill })];
}

function pathOf(kind, points, scale) {
  const [[x, y], other] = points;
  if (kind === "point") {
    const arm = 5 / scale;
    return `M${x - arm} ${y}h${2 * arm}M${x} ${y - arm}v${2 * arm}`;
  }
  if (kind === "circle") return ellipse([x, y], Math.hypot(other[0] - x, other[1] - y));
  if (kind === "ellipse") {
    const [long, short] = [points.slice(0, 2), points.slice(2)];
    const [dx, dy] = [long[1][0] - long[0][0], long[1][1] - long[0][1]];
    const down = Math.hypot(short[1][0] - short[0][0], short[1][1] - short[0][1]) / 2;
    const degrees = (Math.atan2(dy, dx) * 180) / Math.PI;
    return `M${long[0].join(" ")}A${Math.hypot(dx, dy) / 2} ${down} ${degrees} 1 1 ${long[1].join(" ")}A${Math.hypot(dx, dy) / 2} ${down} ${degrees} 1 1 ${long[0].join(" ")}`;
  }
  return kind === "interpolated" ? smooth(points) : `M${points.map((one) => one.join(" ")).join("L")}`;
}

function ellipse([x, y], radius) {
  return `M${x - radius} ${y}A${radius} ${radius} 0 1 1 ${x + radius} ${y}A${radius} ${radius} 0 1 1 ${x - radius} ${y}`;
}

/** A curve through all points (Catmull and Rom); closed where it ends where it began. */
function smooth(points) {
  const last = points.length - 1;
  const isClosed = last > 2 && points[0][0] === points[last][0] && points[0][1] === points[last][1];
  const at = (index) => (isClosed ? points[(index + last) % last] : points[Math.min(Math.max(index, 0), last)]);
  let d = `M${points[0].join(" ")}`;
  for (let index = 0; index < last; index += 1) {
    const [a, b, c, e] = [at(index - 1), at(index), at(index + 1), at(index + 2)];
    const toward = (one, from, to, sign) => [one[0] + (sign * (to[0] - from[0])) / 6, one[1] + (sign * (to[1] - from[1])) / 6];
    d += `C${toward(b, a, c, 1).join(" ")} ${toward(c, b, e, -1).join(" ")} ${c.join(" ")}`;
  }
  return d;
}

// Words

function textOf({ text, corners, alignment, anchor, has_leader: hasLeader }, colour, point) {
  const lines = text.split(/\r\n|\r|\n/);
  const target = anchor && point(anchor);
  const place = corners ? boxOf(corners.map(point), alignment) : { x: target[0] + 8, y: target[1] - 8, align: "start" };
  const made = svg("text", { x: place.x, y: place.y, "text-anchor": place.align, fill: colour });
  lines.forEach((line, index) => made.append(svg("tspan", { x: place.x, dy: index ? LINE_PX : 0 }, line)));
  if (!target || !hasLeader || !corners) return [made];
  const d = `M${place.x} ${place.y}L${target.join(" ")}`;
  return [svg("path", { class: "dark", d }), svg("path", { class: "light", d }), made];
}

function boxOf([[x0, y0], [x1, y1]], alignment) {
  const [left, right] = [Math.min(x0, x1), Math.max(x0, x1)];
  const ends = { CENTER: [(left + right) / 2, "middle"], RIGHT: [right, "end"] };
  const [x, align] = ends[alignment] ?? [left, "start"];
  return { x, y: Math.min(y0, y1) + LINE_PX - 3, align };
}

// Shutter: all around each of its shapes. Rows and columns count from 1, those on an edge are seen.

function shutterOf({ shutter: { shapes, rgb }, shutter_runs: runs = [] }, size) {
  const aspect = size ? aspectOf(size) : 1;
  const around = `M${-FAR} ${-FAR}H${FAR}V${FAR}H${-FAR}Z`;
  const fill = `rgb(${rgb.join()})`;
  const covered = shapes.map((shape) => svg("path", { class: "shutter", d: around + openOf(shape, aspect), fill, "fill-rule": "evenodd" }));
  if (runs.length) covered.push(svg("path", { class: "shutter pixels", d: pixels(runs), fill }));
  return covered;
}

/** Pixels of an overlay, side by side in their rows. */
function pixels(runs) {
  return runs.map(([row, from, to]) => `M${from} ${row}H${to}v1H${from}z`).join("");
}

function openOf({ rectangle, circle, polygon }, aspect) {
  if (rectangle) {
    const { columns: [left, right], rows: [upper, lower] } = rectangle;
    return `M${left - 1} ${upper - 1}H${right}V${lower}H${left - 1}Z`;
  }
  if (circle) {
    const [row, column] = circle.center;
    const [x, y, down] = [column - 0.5, row - 0.5, circle.radius / aspect];
    return `M${x - circle.radius} ${y}A${circle.radius} ${down} 0 1 1 ${x + circle.radius} ${y}A${circle.radius} ${down} 0 1 1 ${x - circle.radius} ${y}Z`;
  }
  return `M${polygon.vertices.map(([row, column]) => `${column - 0.5} ${row - 0.5}`).join("L")}Z`;
}
