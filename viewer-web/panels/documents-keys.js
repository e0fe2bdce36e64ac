// Key images: which there are, their marks, and the filter by which scrolling goes from one to the next. See documents.js.

const { element } = await import(JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content)["panel-kit.js"]);

export class KeyImages {
  constructor(desk) {
    this.desk = desk;
    this.isOn = false;
    this.last = [];
    /** By series: position → what is said of it. */
    this.series = new Map();
    this.elsewhere = 0;
    for (const document of desk.documents.filter(({ kind }) => kind === "key_images")) this.take(document.key_images);
    this.count = [...this.series.values()].reduce((count, { size }) => count + size, 0);
  }

  take(selection) {
    for (const image of selection.images) {
      const places = this.desk.find(image);
      if (!places.length) this.elsewhere += 1;
      for (const { series, position } of places) {
        if (!this.series.has(series)) this.series.set(series, new Map());
        const words = this.series.get(series);
        words.set(position, [...(words.get(position) ?? []), selection]);
      }
    }
  }

  /** Title in the language of the page where it is one of the standard's, and what its author wrote. */
  titleOf({ title, title_code: code, description }) {
    const known = this.desk.word(`title.${code}`);
    return [known === `title.${code}` ? title : known, description].filter(Boolean).join(" : ");
  }

  positions(series) {
    return [...(this.series.get(series)?.keys() ?? [])].sort((one, other) => one - other);
  }

  positionOf(series, image, frame) {
    const uid = this.desk.summary.series[series]?.images[image]?.sop_instance_uid;
    const places = this.desk.places.get(uid) ?? [];
    return places.find((place) => place.series === series && place.image === image && place.frame === frame)?.position;
  }

  // The filter

  toggle() {
    if (!this.count) this.desk.say(this.desk.word("keys.none"));
    else this.set(!this.isOn);
    if (!this.count) this.desk.openList();
  }

  set(isOn) {
    this.isOn = isOn;
    this.desk.say(this.desk.word(isOn ? "keys.said_on" : "keys.said_off", { count: this.count }));
    this.desk.strip();
    // A series without key images gives way to the first that has some.
    const { panes, active } = this.desk.view;
    const shown = panes[active].reference?.series;
    if (isOn && !this.series.has(shown)) this.desk.go(this.first());
    else this.desk.host.adopt(JSON.stringify(this.desk.view));
  }

  first() {
    const series = Math.min(...this.series.keys());
    const [position] = this.positions(series);
    return this.all(series).find((place) => place.position === position);
  }

  all(series) {
    return this.desk.summary.series[series].images.flatMap((image) => this.desk.places.get(image.sop_instance_uid)).filter((place) => place.series === series);
  }

  /** Moves panes from images that are no key images to the next one in the direction they were scrolled. */
  changed(view) {
    let isMoved = false;
    view.panes.forEach((pane, number) => {
      if (!pane.reference) return;
      const { series, image, frame } = pane.reference;
      const now = this.positionOf(series, image, frame);
      const before = this.last[number];
      const keys = this.isOn ? this.positions(series) : [];
      let position = now;
      if (keys.length && !keys.includes(now)) {
        const isBack = before?.series === series && now < before.position;
        position = (isBack ? keys.findLast((key) => key < now) : keys.find((key) => key > now)) ?? nearest(keys, now);
        const place = this.all(series).find((one) => one.position === position);
        pane.reference = { series, image: place.image, frame: place.frame };
        isMoved = true;
      }
      this.last[number] = { series, position };
    });
    return isMoved;
  }

  // What is seen of it

  words(series, image, frame) {
    const { word } = this.desk;
    const keys = this.positions(series);
    const position = this.positionOf(series, image, frame);
    const index = keys.indexOf(position);
    if (index < 0) return this.isOn && !keys.length ? word("keys.not_in_series") : "";
    const mark = this.isOn ? word("keys.mark_of", { index: index + 1, total: keys.length }) : word("keys.mark");
    const titles = this.series.get(series).get(position).map((one) => this.titleOf(one));
    return [mark, ...new Set(titles), this.isOn ? word("keys.filtered") : ""].filter(Boolean).join(" · ");
  }

  /** Where they are on the scroll bar. */
  mark(section) {
    const track = section.querySelector(".slider-track");
    const series = Number(section.dataset.seriesIndex ?? -1);
    const keys = this.positions(series);
    const now = `${series}/${section.dataset.imageCount}`;
    const old = track?.querySelector(".key-marks");
    if (!track || old?.dataset.of === now || (!old && !keys.length)) return;
    old?.remove();
    const marks = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const set = (name, value) => marks.setAttribute(name, value);
    set("class", "key-marks");
    set("aria-hidden", "true");
    set("viewBox", `0 0 1 ${section.dataset.imageCount}`);
    set("preserveAspectRatio", "none");
    marks.dataset.of = now;
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    // Never thinner than can be seen.
    const half = Math.max(0.5, Number(section.dataset.imageCount) / 160);
    path.setAttribute("d", keys.map((key) => `M0 ${key + 0.5 - half}h1v${2 * half}H0z`).join(""));
    marks.append(path);
    track.append(marks);
  }

  stripButtons() {
    if (!this.count) return [];
    const label = this.desk.word("keys.only_count", { count: this.count });
    const attributes = { type: "button", class: "button", "aria-pressed": String(this.isOn), "aria-keyshortcuts": "k", click: () => this.toggle() };
    return [element("button", attributes, label)];
  }

  markSeries(strip) {
    for (const [series, keys] of this.series) {
      const facts = strip.querySelector(`[data-series-index="${series}"] .series-facts`);
      facts?.querySelectorAll(".series-keys").forEach((old) => old.remove());
      const words = this.desk.word("keys.in_series", { count: keys.size });
      facts?.append(element("span", { class: "series-keys" }, element("span", { "aria-hidden": "true" }, `★ ${keys.size}`), element("span", { class: "spoken" }, words)));
    }
  }

  /** Their part of the list of documents. */
  part(documents, close) {
    if (!documents.length) return [];
    const { desk } = this;
    const choice = element("input", { type: "checkbox", change: ({ target }) => this.set(target.checked) });
    choice.checked = this.isOn;
    const label = element("label", { class: "choice" }, choice, element("span", {}, desk.word("keys.only")));
    const go = (place) => {
      close();
      desk.go(place);
    };
    const button = (place) => element("button", { type: "button", class: "button", click: () => go(place) }, desk.placeWords(place));
    const rows = documents.map(({ key_images: selection }) => {
      const places = selection.images.flatMap((image) => desk.find(image));
      const name = this.titleOf(selection) || desk.word("documents.untitled");
      return element("li", {}, element("span", {}, element("strong", {}, `★ ${name}`)), element("div", { class: "places" }, ...places.map(button)));
    });
    const missing = this.elsewhere ? [element("p", {}, desk.word("keys.elsewhere", { count: this.elsewhere }))] : [];
    return [
      element("h3", {}, desk.word("keys.title")),
      ...(this.count ? [label, element("p", {}, desk.word("keys.note"))] : []),
      element("ul", { class: "document-list" }, ...rows),
      ...missing,
    ];
  }
}

function nearest(keys, position) {
  return keys.reduce((best, key) => (Math.abs(key - position) < Math.abs(best - position) ? key : best));
}
