// Every attribute of the image in the active pane, with names, nested sequences and a search. Loaded when somebody asks for it:
// `open(host)`, see export.js. Names and what is personal come with the attributes from the server.

// Files have a digest in their names, which only the page knows.
const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const { element, exam, json, ofSeries, openDialog, speaker, styles } = await import(assets["panel-kit.js"]);

/** Height of a row, CSS pixels, as in panels.css: rows out of sight are not in the page. A narrow one has two lines. */
const ROW_PX = 28;
const NARROW_ROW_PX = 48;
const narrow = matchMedia("(width < 640px)");
const SPARE_ROWS = 8;

export async function open(host) {
  const [word] = await Promise.all([speaker(), styles()]);
  const uid = await shownInstance(host);
  const of = uid && (await seriesOf(uid));
  if (!of) {
    openDialog("tags", word("tags.title"), word("export.close"), element("p", {}, word("tags.none")));
    return;
  }
  new Browser(word, await attributes(of, uid));
}

function shownInstance(host) {
  return new Promise((resolve) => {
    setTimeout(resolve, 5000, null);
    host.capture((shown) => {
      const active = document.querySelector('.pane[data-active="true"]')?.dataset.pane;
      resolve(shown.find(([pane]) => String(pane) === active)?.[1] ?? null);
    });
  });
}

/** The series of an image, and the study of that. */
async function seriesOf(uid) {
  const summary = await exam();
  const own = summary.series.find(({ images }) => images.some((image) => image.sop_instance_uid === uid));
  return { own, study: ofSeries(summary, own).study };
}

/** `[{ depth, tag, vr, name, value, personal }]`, each item of a sequence after it. */
function attributes({ own, study }, uid) {
  // Images of a medium of the reader's own are read where they are (local-medium.js).
  const path = `${study.is_local ? "local:" : ""}/dicomweb/studies/${study.study_instance_uid}/series/${own.series_instance_uid}/instances/${uid}`;
  return json(`${path}/attributes`);
}

class Browser {
  constructor(word, all) {
    this.word = word;
    this.all = all;
    this.rows = all;
    this.selected = 0;
    this.said = element("p", { class: "panel-said", role: "status" });
    this.search = element("input", { type: "search", "aria-label": word("tags.search"), placeholder: word("tags.search"), input: () => this.find() });
    this.hide = element("input", { type: "checkbox", change: () => this.find() });
    this.space = element("div", { class: "tag-space", role: "presentation" });
    // A value that is longer than its row, for those who cannot hover over it. The list itself is what is read out.
    this.whole = element("p", { class: "tag-whole", "aria-hidden": "true" });
    this.list = element("div", {
      class: "tag-list", role: "listbox", tabindex: "0", "aria-label": word("tags.list"),
      scroll: () => this.draw(), keydown: (event) => this.key(event),
      click: ({ target }) => this.select(Number(target.closest("[data-row]")?.dataset.row ?? this.selected)),
    }, this.space);
    const button = (key, act) => element("button", { type: "button", class: "button", click: act }, word(key));
    this.dialog = openDialog(
      "tags", word("tags.title"), word("export.close"),
      element("div", { class: "tag-tools" }, this.search, element("label", { class: "choice" }, this.hide, element("span", {}, word("tags.hide")))),
      this.list,
      this.whole,
      element("div", { class: "actions" },
        button("tags.copy_one", () => this.copy(this.rows.slice(this.selected, this.selected + 1))),
        button("tags.copy_all", () => this.copy(this.rows))),
      this.said,
    );
    new ResizeObserver(() => this.layOut()).observe(this.list);
    this.find();
  }

  get rowPx() {
    return narrow.matches ? NARROW_ROW_PX : ROW_PX;
  }

  layOut() {
    this.space.style.height = `${this.rows.length * this.rowPx}px`;
    this.draw();
  }

  value(row) {
    return this.hide.checked && row.personal ? this.word("tags.hidden") : row.value;
  }

  /** Rows that hold all the words looked for, in the order they stand in. */
  find() {
    const wanted = plain(this.search.value).split(/\s+/).filter(Boolean);
    const is_found = (row) => {
      const text = plain(`${row.tag} ${label(row.tag)} ${row.name} ${row.vr} ${this.value(row)}`);
      return wanted.every((part) => text.includes(part));
    };
    this.rows = wanted.length ? this.all.filter(is_found) : this.all;
    this.said.textContent = this.word("tags.count", { count: this.rows.length });
    this.layOut();
    this.select(0);
  }

  select(row) {
    this.selected = Math.max(0, Math.min(row, this.rows.length - 1));
    const [top, height] = [this.selected * this.rowPx, this.list.clientHeight];
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    if (top + this.rowPx > this.list.scrollTop + height) this.list.scrollTop = top + this.rowPx - height;
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / this.rowPx) - SPARE_ROWS);
    const count = Math.ceil(this.list.clientHeight / this.rowPx) + 2 * SPARE_ROWS;
    const rows = this.rows.slice(first, first + count).map((row, index) => this.row(row, first + index));
    const isIn = this.selected >= first && this.selected < first + count;
    if (this.rows.length && isIn) this.list.setAttribute("aria-activedescendant", `tag-${this.selected}`);
    else this.list.removeAttribute("aria-activedescendant");
    this.space.replaceChildren(...rows);
    this.whole.textContent = this.rows.length ? this.value(this.rows[this.selected]) : "";
  }

  row({ depth, tag, vr, name, personal, ...row }, index) {
    const value = this.value({ personal, ...row });
    const isSelected = index === this.selected;
    const made = element(
      "div",
      {
        id: `tag-${index}`, class: "tag-row", role: "option", "data-row": index, "aria-selected": String(isSelected),
        "aria-setsize": this.rows.length, "aria-posinset": index + 1, "data-personal": personal ? "" : null, title: value,
      },
      element("code", {}, tag.startsWith("#") ? "" : label(tag)),
      // On a phone there is no room for tags: what has no name is called by its own.
      element("span", { class: "tag-name" }, name || label(tag)), element("small", {}, vr), element("span", { class: "tag-value" }, value),
    );
    // The page's policy allows no style attribute.
    made.style.top = `${index * this.rowPx}px`;
    made.style.paddingInlineStart = `${8 + depth * 16}px`;
    return made;
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / this.rowPx) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.select(this.selected + steps[event.key]);
    else if ((event.ctrlKey || event.metaKey) && event.key === "c") this.copy(this.rows.slice(this.selected, this.selected + 1));
    else return;
    event.preventDefault();
  }

  /** As text with tabs, which a table takes; without what is hidden. */
  async copy(rows) {
    const lines = rows.map((row) => `${"  ".repeat(row.depth)}${label(row.tag)}\t${row.name}\t${row.vr}\t${this.value(row)}`);
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      this.said.textContent = this.word("tags.copied");
    } catch {
      this.said.textContent = this.word("export.failed");
    }
  }
}

/** `00100010` as it is printed in the standard; items of sequences have a number instead. */
function label(tag) {
  return tag.length === 8 ? `(${tag.slice(0, 4)},${tag.slice(4)})` : tag;
}

/** Without case and accents. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
}
