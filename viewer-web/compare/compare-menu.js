// The part of the layout menu that is about comparing: see compare.js.

const MOST_ROWS = 3;
const MOST_COLUMNS = 4;

/** Fills an open menu. */
export function fill(compare, menu) {
  menu.replaceChildren(...grid(compare), ...links(compare), ...exams(compare), ...windows(compare), ...protocols(compare));
}

function make(name, attributes, text) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

const title = (text) => make("h2", {}, text);

function button(label, act, pressed, key) {
  const made = make("button", { type: "button", class: "tool" });
  made.append(make("span", { class: "label" }, label));
  if (key) {
    made.append(make("kbd", {}, key.toUpperCase()));
    made.setAttribute("aria-keyshortcuts", key);
  }
  if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
  made.addEventListener("click", act);
  return made;
}

// The grid: a button for each layout, whose row and column say how many.

function grid(compare) {
  const cells = [];
  const box = make("div", { class: "compare-grid", role: "group", "aria-label": compare.word("grid") });
  const told = make("p", { class: "menu-note", "aria-hidden": "true" }, compare.word("grid_help"));
  const now = [...compare.desk.layout()];
  const mark = ([rows, columns], isPointed) => {
    for (const { cell, place } of cells) cell.dataset.in = String(place[0] <= rows && place[1] <= columns);
    if (isPointed) told.textContent = compare.word("grid_cell", { rows, columns });
  };
  const choose = ([rows, columns]) => {
    compare.host.close();
    compare.setLayout(rows, columns);
  };
  for (let rows = 1; rows <= MOST_ROWS; rows += 1) {
    for (let columns = 1; columns <= MOST_COLUMNS; columns += 1) {
      const place = [rows, columns];
      const isNow = rows === now[0] && columns === now[1];
      const label = compare.word("grid_cell", { rows, columns });
      const cell = make("button", { type: "button", "aria-label": label, "aria-pressed": String(isNow) });
      cell.tabIndex = isNow ? 0 : -1;
      cell.addEventListener("pointerenter", () => mark(place, true));
      cell.addEventListener("focus", () => mark(place, true));
      cell.addEventListener("click", () => choose(place));
      cells.push({ cell, place });
      box.append(cell);
    }
  }
  box.addEventListener("pointerleave", () => mark(now, false));
  box.addEventListener("pointerdown", (event) => event.target.releasePointerCapture?.(event.pointerId));
  // A drag ends in another cell than it began in: the browser makes no click of that.
  box.addEventListener("pointerup", (event) => {
    const over = cells.find(({ cell }) => cell === document.elementFromPoint(event.clientX, event.clientY));
    if (over && over.cell !== document.activeElement) choose(over.place);
  });
  box.addEventListener("pointermove", (event) => {
    const over = cells.find(({ cell }) => cell === document.elementFromPoint(event.clientX, event.clientY));
    if (over) mark(over.place, true);
  });
  box.addEventListener("keydown", (event) => walk(event, cells));
  mark(now, false);
  return [title(compare.word("grid")), box, told];
}

function walk(event, cells) {
  const [down, right] =
    { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [0, 0];
  if (!down && !right) return;
  const { place } = cells.find(({ cell }) => cell === document.activeElement) ?? cells[0];
  const next = cells.find((other) => other.place[0] === place[0] + down && other.place[1] === place[1] + right);
  for (const { cell } of cells) cell.tabIndex = cell === (next?.cell ?? document.activeElement) ? 0 : -1;
  next?.cell.focus();
  event.preventDefault();
  event.stopPropagation();
}

/** Does something that changes the menu, which keeps the keyboard where it is. */
const again = (compare, act) => ({ currentTarget }) => {
  const menu = currentTarget.closest(".compare-menu");
  const index = [...menu.querySelectorAll("button, input")].indexOf(currentTarget);
  act();
  fill(compare, menu);
  menu.querySelectorAll("button, input")[index]?.focus();
};

// What panes do together, and what is drawn on them.

function links(compare) {
  const now = compare.links();
  const choices = ["scroll", "window", "zoom"].map((key, index) => {
    const label = make("label", { class: "compare-choice" });
    const box = make("input", { type: "checkbox" });
    box.checked = now[index];
    const change = () => compare.setLinks(now.map((isOn, other) => (other === index ? box.checked : isOn)));
    box.addEventListener("change", again(compare, change));
    label.append(box, make("span", {}, compare.word(key)));
    return label;
  });
  const toggle = (name) => again(compare, () => compare.toggle(name));
  return [
    title(compare.word("title")),
    button(compare.word("linked"), toggle("linked"), now.some(Boolean), "y"),
    ...choices,
    button(compare.word("lines"), toggle("lines"), compare.hasLines, "t"),
    button(compare.word("cursor"), toggle("cursor"), compare.hasCursor, "x"),
  ];
}

/** Other exams of the link, in panes of this page. */
function exams(compare) {
  const opened = /^#([1-9]\d?)$/.exec(location.hash)?.[1] ?? "1";
  const here = compare.besides?.numbers ?? [opened];
  const linked = [...document.querySelectorAll(".exam-links a")].map((link) => link.hash.slice(1));
  const free = [...new Set(linked)].filter((number) => !here.includes(number));
  if (!free.length && here.length < 2) return [];
  const act = (run) => () => {
    compare.host.close();
    compare.withBesides(run);
  };
  const key = (index) => (index === 0 ? "b" : undefined);
  return [
    title(compare.word("exams")),
    ...free.map((number, index) =>
      button(compare.word("beside", { number }), act((besides) => besides.show(number)), undefined, key(index))),
    ...(here.length > 1 ? [button(compare.word("beside_leave"), act((besides) => besides.leave()))] : []),
  ];
}

/** Other windows: with this exam, and with each other one of the link. */
function windows(compare) {
  const open = (number) => () => {
    compare.host.close();
    compare.withWindows((windows) => windows.open(number));
  };
  const isThere = compare.windows?.others.size > 0;
  const exams = [...document.querySelectorAll(".exam-links a")];
  const shown = /^#([1-9]\d?)$/.exec(location.hash)?.[1] ?? "1";
  const others = exams.map((link) => link.hash.slice(1)).filter((number) => number !== shown);
  const follow = () => compare.windows.setLinked(!compare.windows.isLinked);
  return [
    title(compare.word("windows")),
    ...(isThere ? [button(compare.word("window_linked"), again(compare, follow), compare.windows.isLinked, "n")] : []),
    button(compare.word("window_open"), open(shown), undefined, isThere ? undefined : "n"),
    ...others.map((number) => button(compare.word("window_prior", { number }), open(number))),
  ];
}

function protocols(compare) {
  const offers = JSON.parse(compare.desk.protocols());
  if (!offers.length) return [];
  const act = (run) => () => {
    compare.host.close();
    run();
  };
  return [
    title(compare.word("protocols")),
    ...offers.map((offer, index) =>
      button(compare.protocolName(offer), act(() => compare.hung(compare.desk.hang(index))), offer.is_current),
    ),
    button(compare.word("plain"), act(() => compare.show(compare.desk.plain()))),
  ];
}
