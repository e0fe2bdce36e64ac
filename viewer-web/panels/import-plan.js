// The dry run as a list, and the second confirmation of who it is. See import.js.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const [{ element }, { Fields, TRAITS }] = await Promise.all(["panel-kit.js", "import-identity.js"].map((name) => import(assets[name])));

export class PlanView {
  constructor(desk, order, plan) {
    Object.assign(this, { desk, order, plan, word: desk.word });
  }

  /** How many would leave. */
  count() {
    return Math.max(this.plan.instances - this.plan.duplicates - this.plan.impossible.length, 0);
  }

  view() {
    const { word, plan, order } = this;
    const { target } = order;
    const back = this.desk.button("import.back", () => this.desk.form());
    const summary = element("p", { "data-test": "plan-count" }, word("import.plan_count", { count: this.count(), target, duplicates: plan.duplicates }));
    const lists = [element("h3", {}, word("import.plan_title")), summary, ...this.impossible(), ...this.changes()];
    if (plan.other_patient) {
      const warning = element("p", { class: "import-warning", role: "alert" }, word("import.other_patient", { target }));
      return [...lists, warning, element("div", { class: "actions" }, back)];
    }
    const start = this.desk.button("import.start", () => this.start(), { count: this.count(), target });
    start.classList.add("button-main");
    return [...lists, ...this.confirmation(), element("div", { class: "actions" }, start, back)];
  }

  impossible() {
    const { impossible } = this.plan;
    if (!impossible.length) return [];
    const counts = new Map();
    for (const { code } of impossible) counts.set(code, (counts.get(code) ?? 0) + 1);
    const lines = [...counts].map(([code, count]) => element("li", {}, `${this.word(`import.because_${code}`)} : ${count}`));
    return [element("p", { class: "import-warning" }, this.word("import.impossible", { count: impossible.length })), element("ul", {}, ...lines)];
  }

  changes() {
    const { word } = this;
    const all = this.plan.changes.filter(({ attributes }) => attributes.length);
    if (!all.length) return [element("p", {}, word("import.nothing_changes"))];
    return all.map(({ instances, attributes }) => {
      const title = word("import.changes", { count: instances });
      const head = ["attribute", "before", "after"].map((key) => element("th", { scope: "col" }, word(`import.${key}`)));
      const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...attributes.map((one) => this.row(one))));
      return element("details", { class: "import-changes", open: "" }, element("summary", {}, `${title} (${attributes.length})`), element("div", { class: "import-table", tabindex: "0", role: "region", "aria-label": title }, table));
    });
  }

  row({ tag, keyword, from, to, reason }) {
    const value = (text) => element("td", { class: "import-value" }, text ?? this.word("import.absent"));
    const small = `(${tag.slice(0, 4)},${tag.slice(4)}) ${this.word(`import.reason_${reason}`)}`;
    const name = element("th", { scope: "row" }, element("span", { lang: "en" }, ...keyword.split(/(?=[A-Z][a-z])/).flatMap((part) => [element("wbr"), part])), " ", element("small", {}, small));
    return element("tr", { "data-tag": tag }, name, value(from), value(to));
  }

  /** Somebody who typed an identity types it again; and whoever imports says that it is the same person. */
  confirmation() {
    const { word } = this;
    const { identity } = this.desk;
    const traits = identity.differing().map((trait) => word(`import.${trait}`)).join(", ");
    this.sure = element("input", { type: "checkbox", id: "import-sure" });
    const words = traits ? word("import.sure_differs", { traits }) : word("import.sure");
    const box = element("label", { class: `choice${traits ? " import-warning" : ""}` }, this.sure, element("span", {}, words));
    const title = element("h3", {}, word("import.confirm"));
    if (!identity.isTyped()) return [title, box];
    this.again = new Fields(word, "again");
    const fields = ["id", ...TRAITS].filter((name) => identity.fields.value(name)).map((name) => this.again.field(name));
    return [title, element("p", {}, word("import.again")), element("div", { class: "import-fields" }, ...fields), box];
  }

  start() {
    const { identity } = this.desk;
    const compared = this.again ? ["id", ...TRAITS] : [];
    const differing = compared.filter((name) => this.again.value(name) !== identity.fields.value(name));
    if (differing.length) {
      const traits = differing.map((name) => this.word(`import.${name}`)).join(", ");
      return this.desk.say("import.again_differs", { traits });
    }
    if (!this.sure.checked) return this.desk.say("import.needs_sure");
    return this.desk.start(this.order, this.twice(), this.plan);
  }

  /** The identity once more, as it was typed the second time. */
  twice() {
    if (!this.again) return this.order.local;
    const issuer = this.order.local.patient.issuer;
    return { ...this.order.local, patient: { ...this.again.patient(), ...(issuer ? { issuer } : {}) } };
  }
}
