// Another exam of the link in panes of this page: loaded by compare.js when somebody asks for one, or had one there before a reload. The comparing
// module puts its series behind those that are here; the page, the measuring tools and the panels take the summary of all over. What differs
// between its patient and the one of the exam that was opened is said, trait by trait, for as long as both are on the page.

// Files have a digest in their names, which only the page knows.
const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const { day, element, grow, isLocal, number: opened, opened: ofMedia, visit } = await import(assets["panel-kit.js"]);

export const attach = (compare) => new Besides(compare);

/** The other exams of the link, by their numbers there. */
export const others = () =>
  [...document.querySelectorAll(".exam-links a")].map((link) => link.hash.slice(1)).filter((number) => number !== opened);

class Besides {
  constructor(compare) {
    this.compare = compare;
    /** Numbers of the exams of the page in the link, the one that was opened first. */
    this.numbers = [opened];
    this.isBusy = false;
  }

  /** Those that can be put beside the others. */
  free() {
    return [...new Set(others())].filter((number) => !this.numbers.includes(number));
  }

  /** What the reader opened of a medium of their own (local.js), else, by the key, the next one in the order of the link. */
  async next() {
    const local = ofMedia.shift();
    if (local) return this.showLocal(local);
    const [number] = this.free();
    if (number) await this.show(number);
    else this.say(this.numbers.length > 1 ? "said_beside_all" : "said_beside_none");
  }

  say(key, values) {
    this.compare.say(this.compare.word(key, values));
  }

  /** Puts an exam beside the others and shows it. */
  async show(number) {
    if (this.isBusy || this.numbers.includes(number)) return;
    this.say("said_beside_coming", { number });
    if (!(await this.add([number]))) return;
    const at = this.numbers.length - 1;
    this.compare.show(this.compare.desk.show_exam(at));
    this.compare.save(); // Panes are linked now.
    this.say("said_beside", { name: this.names()[at] });
  }

  /** Puts an exam that the server does not know beside the others, or shows it alone. */
  showLocal({ number, text, isAlone }) {
    const isNew = !this.numbers.includes(number);
    try {
      if (isNew) this.take(number, text);
    } catch (error) {
      console.error("compare-beside.js", error);
      this.say(String(error).includes("is on the page") ? "said_local_known" : "said_local_failed");
      return;
    }
    const at = this.numbers.indexOf(number);
    const { desk } = this.compare;
    this.compare.show(isAlone ? desk.show_exam_alone(at) : desk.show_exam(at));
    this.compare.save();
    this.say(isAlone ? "said_local_alone" : "said_local", { name: this.names()[at] });
  }

  /** Whether an exam of the page, by its place, is of a medium of the reader's own. */
  isLocal(place) {
    return isLocal(this.numbers[place] ?? "");
  }

  /** Numbers of the exams that come back after a reload: those of the link, up to one that does not. */
  kept() {
    const first = this.numbers.findIndex(isLocal);
    return this.numbers.slice(1, first < 0 ? undefined : first);
  }

  /** Puts exams beside the others, as after a reload: the view of all of them comes back with the last one. */
  async add(numbers) {
    this.isBusy = true;
    try {
      const texts = await Promise.all(numbers.map(summary));
      texts.forEach((text, index) => this.take(numbers[index], text));
      return true;
    } catch (error) {
      console.error("compare-beside.js", error);
      this.say("said_beside_failed");
      this.compare.host.join("");
      return false;
    } finally {
      this.isBusy = false;
      this.compare.save();
    }
  }

  take(number, text) {
    const { desk, host } = this.compare;
    desk.join(text);
    const all = desk.exam();
    if (!host.join(all)) {
      // The page has it otherwise than this script: both begin anew.
      this.leave();
      throw new Error("the summary does not begin with that of the page");
    }
    this.numbers.push(number);
    grow(all, this.numbers);
    this.tell();
  }

  /** The exam that was opened alone again. */
  leave() {
    this.numbers = [opened];
    this.compare.save();
    location.reload();
  }

  exams() {
    return JSON.parse(this.compare.desk.exams());
  }

  /** Date and description of each. */
  names() {
    return this.exams().map(({ date, description }, index) =>
      [day(date), description].filter(Boolean).join(" · ") || this.compare.word("beside_exam", { number: this.numbers[index] }));
  }

  /** Says whose exams are beside each other where that is not one and the same; it stays as long as they are. */
  tell() {
    const names = this.names();
    const differing = this.exams().map(({ differing: traits }, index) => ({ traits, index })).filter(({ traits }) => traits.length);
    const viewer = document.querySelector(".viewer");
    viewer.querySelector(".beside-identity")?.remove();
    viewer.toggleAttribute("data-identities", differing.length > 0);
    if (!differing.length) return;
    const word = (key, values) => this.compare.word(key, values);
    const value = (key, text) => (key === "birth_date" ? day(text) : text) || word("trait_missing");
    const lines = differing.flatMap(({ traits, index }) =>
      traits.map(([key, there, here]) =>
        element("li", {}, element("b", {}, word(`trait_${key}`)),
          ` : ${value(key, there)} (${names[0]}) ≠ ${value(key, here)} (${names[index]})`)));
    const isOther = ({ traits }) => ["birth_name", "given_names", "birth_date"].every((wanted) => traits.some(([key, there, here]) => key === wanted && there && here));
    const title = element("strong", {}, word(differing.some(isOther) ? "identity_other" : "identity_title"));
    const box = { class: "beside-identity", role: "alert", tabindex: "0", "aria-label": word("identity_label"), "data-test": "identity" };
    viewer.append(element("section", box, title, element("ul", {}, ...lines)));
  }
}

async function summary(number) {
  const answer = await fetch(`/api/examen/${encodeURI(number === "1" ? visit : `${visit}/${number}`)}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.text();
}
