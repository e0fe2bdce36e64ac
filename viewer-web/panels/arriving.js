// An exam that is still on its way to the server. Before the viewer has begun: how much has come, and one picture of it. After it has begun with
// the first series alone: the others, as soon as all are there. Loaded by boot.js when either is needed.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const { element, grownSummary, number, sheet, speaker, visit } = await import(assets["panel-kit.js"]);
const style = sheet("arriving.css");

/** How often is asked how much has come. */
const ASK_MS = 1000;
/** What comes sooner than this is not counted before the reader's eyes. */
const COUNT_AFTER_MS = 500;

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Before the viewer

/** Tells what comes of another centre's exam until there is an answer, in place of the page that only says that it loads. */
export async function wait(answer, { page, stage }, banner) {
  const { patient, pictures } = JSON.parse(document.getElementById("app").dataset.consultation);
  const waiting = new Waiting(page, stage);
  answer.catch(() => {}).finally(() => waiting.leave());
  await after(0);
  if (waiting.isOver) return; // It was there.
  const words = speaker("arriving");
  const given = page.querySelector(".arriving-picture");
  if (given) waiting.take(given); // The page has the style as well.
  else style().then(() => waiting.show(pictures[number - 1], banner({ patient }), words), () => {});
  await after(COUNT_AFTER_MS);
  waiting.speak(await words);
  while (!waiting.isOver && page.isConnected) {
    waiting.tell(await told().catch(() => null));
    await after(ASK_MS);
  }
}

/** How far the series of this page's exam are. */
async function told() {
  const answer = await fetch(`/api/consultation/${encodeURIComponent(visit)}`);
  const { exams } = await answer.json();
  return exams.find(({ place }) => String(place) === number)?.progress;
}

class Waiting {
  constructor(page, stage) {
    Object.assign(this, { page, stage, isOver: false, box: stage.querySelector("[role=status]") });
  }

  /** There is an answer. The picture stays until that of the exam is there, so that the page is not empty in between. */
  leave() {
    this.isOver = true;
    for (const one of [this.line, this.link]) one?.remove();
    const makeWay = () => {
      if (!document.getElementById("first-picture")) return;
      for (const one of [this.picture, this.head]) one?.remove();
    };
    new MutationObserver(makeWay).observe(this.stage, { childList: true });
    makeWay();
  }

  /** The picture that stood in the page. */
  take(picture) {
    Object.assign(this, { picture, head: this.page.querySelector(".banner") });
    picture.decode().catch(() => picture.remove()); // Of documents alone there is none.
  }

  /** One picture of what has come, under the name of whom it shows: of an exam that the page was not made for. */
  async show(address, head, words) {
    const picture = element("img", { class: "arriving-picture", alt: "" });
    picture.src = address;
    try {
      await picture.decode();
    } catch {
      return;
    }
    if (this.isOver || !this.page.isConnected || document.getElementById("first-picture")) return;
    Object.assign(this, { picture, head });
    this.page.prepend(head);
    this.box.prepend(picture);
    picture.alt = (await words)("arriving.picture");
  }

  speak(word) {
    this.word = word;
    // It changes all the time: it is not spoken.
    this.line = element("p", { class: "arriving-count", "aria-hidden": "true", "data-test": "arriving" });
    if (!this.isOver) this.box.append(this.line);
  }

  tell(progress) {
    if (!progress || this.isOver) return;
    const sum = (of) => progress.reduce((all, one) => all + (of(one) ?? 0), 0);
    const arrived = sum((one) => one.arrived);
    const seconds = Math.max(0, ...progress.map((one) => one.remaining_seconds ?? 0));
    const isStopped = progress.some(({ state }) => state === "stopped");
    const words = [
      arrived ? this.word("arriving.received", { arrived, listed: sum((one) => one.listed) }) : this.word("arriving.waiting"),
      seconds && !isStopped ? this.word("arriving.estimate", { seconds }) : null,
      isStopped ? this.word("arriving.stopped") : null,
    ];
    this.line.textContent = words.filter(Boolean).join(" ");
    if (isStopped) this.lead();
  }

  /** Where it can be made to go on. */
  lead() {
    this.link ??= element("a", { class: "button", href: `/consultation/${encodeURIComponent(visit)}` }, this.word("arriving.list"));
    if (!this.link.isConnected) this.line.after(this.link);
  }
}

// Beside the viewer

/** Brings the series that were not there when the viewer began. */
export async function open(host) {
  const word = await speaker("arriving");
  await style();
  const row = element("p", { role: "status", "data-test": "arriving" }, word("arriving.others"));
  const item = element("li", { class: "strip-coming" }, row);
  document.querySelector(".strip ul")?.append(item);
  const offer = (sentence, label, click) =>
    row.replaceChildren(word(sentence), " ", element("button", { type: "button", class: "button", click }, word(label)));
  try {
    const text = await whole();
    // Somebody who needed all of it for something else may have been first.
    if (grownSummary() || host.join(text)) {
      item.remove();
      say(word("arriving.complete"));
      if (document.querySelector(".strip-note")) host.run("documents.begin");
      dispatchEvent(new Event("negatoscope-arrived"));
    } else {
      offer("arriving.anew", "arriving.show", () => location.reload());
    }
  } catch (error) {
    console.error("arriving.js", error);
    offer("arriving.failed", "arriving.again", () => {
      item.remove();
      open(host);
    });
  }
}

async function whole() {
  const answer = await fetch(`/api/examen/${encodeURIComponent(visit)}/${number}`);
  if (answer.status === 401) location.reload(); // It says that the session has ended.
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.text();
}

function say(words) {
  document.querySelector(".stage").append(element("p", { class: "spoken", role: "status" }, words));
}
