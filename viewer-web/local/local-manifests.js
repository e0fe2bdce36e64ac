// Manifests among what the reader opened, in a consultation: they are brought to it when the reader says so, and nothing else is. See local.js.

const { element, visit } = await import(JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content)["panel-kit.js"]);

/** Key Object Selection Document Storage, as the head of a file has it: a manifest, or key images, which the server tells apart. */
const KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59";
const HEAD_BYTES = 2048;
/** As large as a manifest may be, and as many as one form of the consultation's page may have. */
const MOST_BYTES = 8 << 20;
const MOST_FILES = 64;

/** Whether the visit takes manifests. */
export const isConsultation = () => "consultation" in document.getElementById("app").dataset;

export class Manifests {
  constructor(word) {
    this.word = word;
    this.files = [];
  }

  /** Passes files on, and keeps hold of those that may be manifests by their size. */
  async *watch(files) {
    for await (const one of files) {
      if (one[1].size <= MOST_BYTES) this.files.push(one[1]);
      yield one;
    }
  }

  view() {
    const told = element("div", { role: "status" });
    const act = async ({ currentTarget: button }) => {
      button.disabled = true;
      await this.bring(told);
      button.replaceWith(element("a", { class: "button", href: `/consultation/${encodeURIComponent(visit)}` }, this.word("local.manifest_list")));
    };
    return element("div", {}, element("div", { class: "actions" }, element("button", { type: "button", class: "button", click: act }, this.word("local.manifest_bring"))), told);
  }

  async bring(told) {
    const language = document.documentElement.lang === "en" ? "en" : "fr";
    const failed = [{ [language]: this.word("local.manifest_failed") }];
    let count = 0;
    for (const file of this.files) {
      if (count === MOST_FILES) break;
      if (!(await file.slice(0, HEAD_BYTES).text()).includes(KEY_OBJECTS)) continue;
      count += 1;
      const outcomes = await send(file).catch(() => failed);
      told.append(...outcomes.map((one) => element("p", {}, one[language])));
    }
  }
}

/** What became of a file, in words of both languages. */
async function send(file) {
  const headers = { accept: "application/json", "content-type": "application/dicom" };
  const answer = await fetch(`/consultation/${encodeURIComponent(visit)}/manifestes`, { method: "POST", headers, body: file });
  if (!answer.ok && answer.status !== 422) throw new Error(`HTTP ${answer.status}`);
  return (await answer.json()).outcomes;
}
