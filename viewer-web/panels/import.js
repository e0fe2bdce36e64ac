// An exam into the local PACS: what, where to, under which identity; a list of everything that will change; then how far it has come.
// Loaded when somebody asks for it: `open()`. Only who may import is offered it (`data-import` of the page); the server decides again.

// Files have a digest in their names, which only the page knows.
const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const names = ["panel-kit.js", "import-choice.js", "import-identity.js", "import-plan.js", "import-jobs.js"];
const [kit, { Choice }, { Identity }, { PlanView }, { Jobs }] = await Promise.all(names.map((name) => import(assets[name])));
const { element, exam, openDialog, sheet, speaker, styles, visit } = kit;

const importStyles = sheet("import.css");

const ASK_AGAIN_MS = 1000;

/** What the server says when it does not do it, by status. */
const ERRORS = { 401: "session", 404: "session", 422: "values", 429: "busy", 502: "silent" };

export async function open() {
  const [word, summary, offer] = await Promise.all([speaker("import"), exam(), ask("import"), styles(), importStyles()]);
  if (!offer.import) {
    openDialog("import", word("import.title"), word("import.close"), element("p", {}, word("import.none")));
    return;
  }
  const documents = await Promise.all(kit.numbers.map((number) => ask(`${number}/documents`).catch(() => ({ documents: [] }))));
  new Desk(word, summary, documents, offer.targets).begin();
}

/** The server's answer to a request of this visit; throws with `status` where it is none. */
async function ask(path, body) {
  const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`/api/examen/${encodeURIComponent(visit)}/${path}`, options ?? {});
  if (!answer.ok) throw Object.assign(new Error(`HTTP ${answer.status}`), { status: answer.status });
  return answer.json();
}

/** Steps through the import; each step is a view in the one dialog. */
class Desk {
  constructor(word, summary, documents, targets) {
    Object.assign(this, { word, ask, element });
    this.said = element("p", { class: "panel-said", role: "status" });
    this.body = element("div", { class: "import-body" });
    this.choice = new Choice(this, summary, documents);
    this.identity = new Identity(this, () => this.choice.patient());
    this.target = element("select", { id: "import-target" }, ...targets.map((name) => element("option", { value: name }, name)));
    this.dialog = openDialog("import", word("import.title"), word("import.close"), this.body, this.said);
    this.jobs = new Jobs(this);
    this.dialog.addEventListener("leave", () => this.jobs.stop());
  }

  /** What is under way comes first. */
  async begin() {
    const known = await this.attempt("", () => ask("imports"));
    if (known?.length) this.jobs.show(known);
    else this.form();
  }

  say(key, values) {
    this.said.textContent = key ? this.word(key, values) : "";
  }

  /** Does what may fail, and says so in words. */
  async attempt(working, act) {
    this.say(working);
    try {
      const done = await act();
      this.say("");
      return done;
    } catch (error) {
      console.error("import", error.status ?? error);
      this.say(`import.error_${ERRORS[error.status] ?? "other"}`);
      return null;
    }
  }

  button(key, act, values) {
    return element("button", { type: "button", class: "button", click: act }, this.word(key, values));
  }

  /** Puts a view in place; the keyboard goes to its beginning where the reader went on to it. */
  put(...content) {
    this.body.replaceChildren(...content.filter(Boolean));
    const heading = this.body.querySelector("h3");
    heading?.setAttribute("tabindex", "-1");
    if (this.isOpen) heading?.focus();
    this.isOpen = true;
    this.dialog.scrollTop = 0;
  }

  form() {
    this.jobs.stop();
    const { word } = this;
    const target = this.target.options.length > 1
      ? element("div", { class: "field" }, element("label", { for: "import-target" }, word("import.target")), this.target)
      : null;
    this.put(
      element("p", {}, word("import.intro")),
      ...this.choice.view(),
      target,
      ...this.identity.view(),
      element("div", { class: "actions" }, this.button("import.plan", () => this.check())),
    );
  }

  /** The whole order: what the server wants for the dry run and again for the import. */
  order() {
    const choice = this.choice.chosen();
    if (!choice) return this.say("import.needs_series");
    const local = this.identity.local();
    if (!local) return this.say("import.needs_identity");
    return { target: this.target.value, study: this.choice.study(), choice, local };
  }

  async check() {
    const order = this.order();
    const plan = order && (await this.attempt("import.planning", () => this.plan(order)));
    if (plan) this.put(...new PlanView(this, order, plan).view());
  }

  /** The dry run; of an exam that is still coming from another centre once all of it is here. Nothing where the reader has left. */
  async plan(order) {
    while (this.dialog.isConnected) {
      const plan = await ask("import/plan", order);
      if (!plan.arriving) return this.dialog.isConnected ? plan : null;
      this.say("import.arriving", { here: plan.arriving.here, count: plan.arriving.instances });
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
    return null;
  }

  async start(order, again, plan) {
    const confirmed = { ...order, again, token: plan.token };
    const started = await this.attempt("import.starting", () => ask("import", confirmed));
    if (!started) return;
    // Several clicks later somebody may want another one: nothing typed is left behind.
    this.identity.clear();
    const known = await this.attempt("", () => ask("imports"));
    if (known) this.jobs.show(known);
  }
}
