// Who the patient is here: found in the worklist or the PACS, or typed; compared trait by trait with the exam. See import.js.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const { day, element } = await import(assets["panel-kit.js"]);

/** What is typed, with the longest value of its VR (PS3.5 6.2). */
const TEXTS = { id: 64, issuer: 64, birth_name: 64, given_names: 64 };
const ORDER = { accession: 16, description: 64 };
/** What tells one person from another (INS strict traits). */
export const TRAITS = ["birth_name", "given_names", "birth_date", "sex"];
const SEXES = ["", "F", "M", "O"];

/** Letters as they are compared: without accents, case, hyphens and apostrophes. */
const plain = (text) => (text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toUpperCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** Fields for an identity under names that begin with `prefix`. */
export class Fields {
  constructor(word, prefix, changed = () => {}) {
    this.word = word;
    this.prefix = prefix;
    this.inputs = {};
    for (const [name, maxlength] of Object.entries({ ...TEXTS, ...ORDER })) {
      this.inputs[name] = element("input", { type: "text", id: `${prefix}-${name}`, maxlength, autocomplete: "off", spellcheck: "false", input: () => changed(name) });
    }
    this.inputs.birth_date = element("input", { type: "date", id: `${prefix}-birth_date`, min: "1870-01-01", input: () => changed("birth_date") });
    const option = (sex) => element("option", { value: sex }, word(`import.sex_${sex}`));
    this.inputs.sex = element("select", { id: `${prefix}-sex`, change: () => changed("sex") }, ...SEXES.map(option));
  }

  field(name) {
    return element("div", { class: "field" }, element("label", { for: `${this.prefix}-${name}` }, this.word(`import.${name}`)), this.inputs[name]);
  }

  value(name) {
    const text = this.inputs[name].value.trim();
    return name === "birth_date" ? text.replaceAll("-", "") : text;
  }

  set(name, text = "") {
    const isDate = /^\d{8}$/.test(text ?? "");
    this.inputs[name].value = name === "birth_date" && isDate ? text.replace(/(....)(..)(..)/, "$1-$2-$3") : (text ?? "");
  }

  clear() {
    for (const name of Object.keys(this.inputs)) this.set(name);
  }

  /** Patient's Name: components joined by `^` (PS3.5 6.2.1). */
  name() {
    return [this.value("birth_name"), this.value("given_names")].join("^").replace(/\^$/, "");
  }

  /** As the server wants it; what is empty is left out. */
  patient(name = this.name()) {
    const all = { id: this.value("id"), issuer: this.value("issuer"), name, birth_date: this.value("birth_date"), sex: this.value("sex") };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
  }
}

export class Identity {
  constructor(desk, patient) {
    Object.assign(this, { desk, patient });
    this.fields = new Fields(desk.word, "import", (name) => this.changed(name));
    /** The name as the institution writes it, as long as nobody changed it; with it the identity was not typed. */
    this.taken = null;
    this.found = element("div", { class: "import-found" });
    this.origin = element("p", { role: "status", "data-test": "identity-origin" });
    this.table = element("div", { class: "import-compared" });
  }

  clear() {
    this.taken = null;
    this.fields.clear();
    this.found.replaceChildren();
  }

  isTyped() {
    return this.taken === null;
  }

  changed(name) {
    if (!(name in ORDER)) this.taken = null;
    this.compare();
  }

  local() {
    const patient = this.fields.patient(this.taken ?? this.fields.name());
    if (!patient.id || !this.fields.value("birth_name")) return null;
    const [number, description] = Object.keys(ORDER).map((name) => this.fields.value(name));
    return { patient, ...(number ? { accession: { number } } : {}), ...(description ? { study_description: description } : {}) };
  }

  view() {
    const { word } = this.desk;
    const by = element("select", { id: "import-by" }, ...["patient", "accession"].map((kind) => element("option", { value: kind }, word(`import.by_${kind}`))));
    const value = element("input", { type: "search", id: "import-value", maxlength: "64", autocomplete: "off", spellcheck: "false" });
    const find = () => this.find(by.value, value.value.trim());
    value.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      find();
    });
    const label = (id, key, control) => element("div", { class: "field" }, element("label", { for: id }, word(key)), control);
    const search = element("div", { class: "import-search", role: "search" }, label("import-by", "import.find_by", by), label("import-value", "import.find_value", value), this.desk.button("import.find", find));
    const names = ["id", "issuer", ...TRAITS, ...Object.keys(ORDER)];
    this.compare();
    return [
      element("h3", {}, word("import.who")),
      search,
      this.found,
      element("div", { class: "import-fields" }, ...names.map((name) => this.fields.field(name))),
      this.origin,
      element("h3", {}, word("import.compare")),
      this.table,
    ];
  }

  async find(kind, value) {
    if (!value) return;
    const question = { target: this.desk.target.value, [kind === "patient" ? "patient_id" : "accession"]: value };
    const all = await this.desk.attempt("import.finding", () => this.desk.ask("import/candidates", question));
    if (!all) return;
    this.desk.say(all.length ? "import.found" : "import.found_none", { count: all.length });
    this.found.replaceChildren(...all.map((one) => this.candidate(one)));
    this.found.querySelector("input")?.focus();
  }

  candidate(one) {
    const { word } = this.desk;
    const sex = SEXES.includes(one.sex ?? "") ? word(`import.sex_${one.sex ?? ""}`) : one.sex;
    const line = [one.id, one.issuer, day(one.birth_date), sex, one.accession, one.description].filter(Boolean).join(" · ");
    const input = element("input", { type: "radio", name: "import-candidate", change: () => this.take(one) });
    const name = one.name.split("=")[0].replaceAll("^", " ").trim();
    return element("label", { class: "choice" }, input, element("span", {}, element("strong", {}, name), element("small", {}, ` ${line}`)));
  }

  take(one) {
    const [birthName, givenNames] = one.name.split("=")[0].split("^");
    const values = { ...one, birth_name: birthName, given_names: givenNames };
    for (const name of ["id", "issuer", ...TRAITS, ...Object.keys(ORDER)]) this.fields.set(name, name === "description" ? "" : values[name]);
    this.taken = one.name;
    this.compare();
  }

  /** Traits that differ. Where one side does not state a trait, nothing is known of it. */
  differing() {
    return TRAITS.filter((trait) => this.verdict(trait) === "differs");
  }

  verdict(trait) {
    const [there, here] = [plain(this.patient()[trait]), plain(this.fields.value(trait))];
    if (!there || !here) return "unknown_verdict";
    return there === here ? "same" : "differs";
  }

  compare() {
    const { word } = this.desk;
    this.origin.textContent = this.fields.value("id") ? word(this.isTyped() ? "import.typed" : "import.taken") : "";
    const shown = (trait, text) => (text ? { birth_date: day, sex: (sex) => word(`import.sex_${sex}`) }[trait]?.(text) ?? text : word("import.unknown"));
    const row = (trait) => {
      const verdict = this.verdict(trait);
      const mark = { same: "= ", differs: "≠ " }[verdict] ?? "";
      const said = element("small", {}, element("span", { "aria-hidden": "true" }, mark), word(`import.${verdict}`));
      const there = element("td", {}, shown(trait, this.patient()[trait]));
      const here = element("td", {}, shown(trait, this.fields.value(trait)), " ", said);
      return element("tr", { "data-verdict": verdict, "data-trait": trait }, element("th", { scope: "row" }, word(`import.${trait}`)), there, here);
    };
    const head = ["trait", "in_exam", "here"].map((key) => element("th", { scope: "col" }, word(`import.${key}`)));
    this.table.replaceChildren(element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...TRAITS.map(row))));
  }
}
