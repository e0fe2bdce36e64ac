// Imports of this visitor: how far they have come, asked for as long as somebody looks. See import.js.

const { element } = await import(JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content)["panel-kit.js"]);

const PAUSE_MS = 1000;
/** Reasons that have a number of the target behind them. */
const NUMBERED = /^(no_room|refused)_([0-9A-F]{4})$/;
const KNOWN = ["no_room", "refused", "not_taken", "unreadable", "missing", "too_large", "unconfirmed", "cancelled", "unavailable", "other_patient", "session_ended", "undelivered", "source_unavailable"];

export class Jobs {
  constructor(desk) {
    this.desk = desk;
    this.timer = null;
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
  }

  show(known) {
    this.list = element("div");
    const { desk } = this;
    desk.put(element("h3", {}, desk.word("import.jobs")), this.list, element("div", { class: "actions" }, desk.button("import.new", () => desk.form())));
    this.fill(known);
  }

  /** Rows stay, so that the keyboard does: only what is written in them changes. */
  fill(known) {
    for (const job of known) {
      const row = this.list.querySelector(`[data-job="${CSS.escape(job.job)}"]`) ?? this.list.appendChild(this.row(job));
      this.update(row, job);
    }
    this.stop();
    if (known.some(({ progress }) => progress.state === "running")) this.timer = setTimeout(() => this.look(), PAUSE_MS);
  }

  async look() {
    try {
      const known = await this.desk.ask("imports");
      if (this.timer !== null) this.fill(known);
    } catch (error) {
      // A server that restarts goes on with the import; this goes on asking.
      console.error("imports", error.status ?? error);
      if (this.timer !== null) this.timer = setTimeout(() => this.look(), 5 * PAUSE_MS);
    }
  }

  row({ job, created, target }) {
    const { word } = this.desk;
    const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }).format(new Date(created * 1000));
    const title = word("import.job", { when, target });
    const act = (what) => async () => {
      const done = await this.desk.attempt("", () => this.desk.ask(`imports/${job}/${what}`, {}));
      if (done) this.look();
    };
    const actions = [["stop", "cancel"], ["resume", "resume"]].map(([key, what]) => Object.assign(this.desk.button(`import.${key}`, act(what)), { className: `button ${key}` }));
    return element(
      "section",
      { class: "import-job", "data-job": job, "aria-label": title },
      element("h4", {}, title),
      element("p", { class: "import-state", role: "status" }),
      element("progress", { max: "1", value: "0", "aria-label": title }),
      element("p", { class: "import-counts" }),
      element("ul", {}),
      element("div", { class: "actions" }, ...actions),
    );
  }

  update(row, { progress: { state, steps, failures, to_come: toCome = 0, is_spool_full: isFull = false } }) {
    const { word } = this.desk;
    const count = Object.values(steps).reduce((sum, some) => sum + some, 0);
    const [arrived, duplicates, failed] = ["confirmed", "duplicate", "failed"].map((step) => steps[step] ?? 0);
    row.dataset.state = state;
    const write = (selector, text) => {
      const place = row.querySelector(selector);
      if (place.textContent !== text) place.textContent = text;
    };
    const mayLeave = toCome ? word("import.stay", { count: toCome }) : word("import.leave");
    const running = state === "running" ? [mayLeave, isFull && word("import.spool_full")] : [];
    write(".import-state", [word(`import.state_${state}`), ...running].filter(Boolean).join(" — "));
    const lines = [word("import.progress", { arrived, count: count - duplicates })];
    if (duplicates) lines.push(word("import.duplicates", { count: duplicates }));
    if (failed) lines.push(word("import.failed_count", { count: failed }));
    write(".import-counts", lines.join(" · "));
    Object.assign(row.querySelector("progress"), { max: Math.max(count, 1), value: arrived + duplicates + failed });
    const reasons = Object.entries(failures).map(([reason, some]) => `${this.because(reason)} : ${some}`);
    row.querySelector("ul").replaceChildren(...reasons.map((line) => element("li", {}, line)));
    row.querySelector(".stop").hidden = state !== "running";
    row.querySelector(".resume").hidden = !["partial", "cancelled"].includes(state);
  }

  because(reason) {
    const [, kind = reason, status] = NUMBERED.exec(reason) ?? [];
    const words = this.desk.word(`import.because_${KNOWN.includes(kind) ? kind : "other"}`);
    return status ? `${words} (${status})` : words;
  }
}
