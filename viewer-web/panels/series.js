// The series of the page as a list: found by words, in groups, shown in the active pane by a click or Enter. What is shown is done by
// the strip's own buttons, so that both do the same.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const { day, element, exam, moment, ofSeries, openDialog, speaker, styles } = await import(assets["panel-kit.js"]);

/** By what series are put together; the first one is chosen where there are several exams, the second one else. */
const GROUPS = ["exam", "modality", "body_part", "none"];

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const button = (index) => document.querySelector(`button.series[data-series-index="${index}"]`);

export async function open() {
  const [word, summary] = await Promise.all([speaker("series"), exam(), styles()]);
  new Panel(word, summary);
}

/** What is written of a series that has a picture in the strip. */
function facts(word, summary, series, index) {
  const { study } = ofSeries(summary, series);
  const images = series.images.reduce((sum, { frames }) => sum + Math.max(frames, 1), 0);
  const name = button(index)?.querySelector(".series-description")?.textContent || series.description;
  return {
    index,
    name: series.number === null || series.number === undefined ? name : `${series.number} · ${name}`,
    modality: series.modality,
    body_part: series.body_part || word("series.no_body_part"),
    exam: [day(study.date), study.description].filter(Boolean).join(" · "),
    line: [series.modality, word(images === 1 ? "series.image" : "series.images", { count: images }), acquired(series) || day(study.date)]
      .filter(Boolean)
      .join(" · "),
  };
}

/** When its first image was acquired. */
function acquired({ images }) {
  const [, date, time] = /^(\d{8})(\d{4})/.exec(images[0]?.acquired ?? "") ?? [];
  return date ? moment({ date, time }) : "";
}

class Panel {
  constructor(word, summary) {
    this.word = word;
    this.all = summary.series
      .map((series, index) => ({ series, index }))
      .filter(({ index }) => button(index))
      .map(({ series, index }) => facts(word, summary, series, index));
    const groups = GROUPS.filter((group) => group === "none" || new Set(this.all.map((one) => one[group])).size > 1);
    this.search = element("input", { type: "search", "aria-label": word("series.search"), placeholder: word("series.search"), input: () => this.fill() });
    this.group = element(
      "select",
      { "aria-label": word("series.group"), change: () => this.fill() },
      ...groups.map((group) => element("option", { value: group }, word(`series.by_${group}`))),
    );
    this.told = element("p", { class: "panel-said", role: "status" });
    this.list = element("div", { class: "series-list", keydown: (event) => this.move(event) });
    this.search.addEventListener("keydown", (event) => this.move(event));
    const tools = element("div", { class: "tag-tools" }, this.search, this.group);
    this.dialog = openDialog("series-found", word("series.title"), word("series.close"), tools, this.told, this.list);
    this.fill();
    // A finger that wants to read is not to be covered by a keyboard.
    if (!matchMedia("(pointer: coarse)").matches) this.search.focus();
  }

  fill() {
    const wanted = plain(this.search.value).split(/\s+/).filter(Boolean);
    const fits = (one) => wanted.every((part) => plain(`${one.name} ${one.line} ${one.body_part} ${one.exam}`).includes(part));
    const found = this.all.filter(fits);
    const by = this.group.value;
    const titles = by === "none" ? [""] : [...new Set(found.map((one) => one[by]))];
    const part = (title) => {
      const rows = found.filter((one) => by === "none" || one[by] === title).map((one) => element("li", {}, this.row(one)));
      return [title ? element("h3", {}, title) : null, element("ul", {}, ...rows)];
    };
    this.list.replaceChildren(...titles.flatMap(part).filter(Boolean));
    this.told.textContent = found.length ? this.word("series.found", { count: found.length }) : this.word("series.none");
  }

  row(one) {
    const picture = button(one.index).querySelector("img")?.src;
    const act = () => {
      this.dialog.leave();
      button(one.index).click();
      document.querySelector('.pane[data-active="true"]')?.focus({ preventScroll: true });
    };
    return element(
      "button",
      { type: "button", class: "series-row", "aria-pressed": button(one.index).getAttribute("aria-pressed"), click: act },
      picture ? element("img", { src: picture, alt: "", width: "44", height: "44" }) : null,
      element("span", {}, element("strong", {}, one.name), element("small", {}, one.line)),
    );
  }

  /** Arrows go through the rows; Enter in the search takes the first one. */
  move(event) {
    const rows = [...this.list.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const next = rows.indexOf(document.activeElement) + step;
      (next < 0 ? this.search : rows[Math.min(next, rows.length - 1)])?.focus();
    } else if (event.key === "Enter" && event.target === this.search) {
      rows[0]?.click();
    } else {
      return;
    }
    event.preventDefault();
  }
}
