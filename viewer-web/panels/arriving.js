// An exam that is still on its way to the server. Before the viewer has begun: how much has come, and one picture of it. After it has begun with
// the first series alone: the others, as soon as all are there. Loaded by boot.js when either is needed.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const { element, grownSummary, number, speaker, visit } = await import(assets["panel-kit.js"]);

/** How often is asked how much has come as long as there is nothing to see, each so many times; and then. */
const FIRST_ASKS = [[80, 10], [250, 40]];
const ASK_MS = 1000;
/** What comes sooner than this is not counted before the reader's eyes. */
const COUNT_AFTER_MS = 500;
/** A picture to recognise, not to read: as many pixels on a side. */
const PICTURE_PX = 512;

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Before the viewer

/** Tells what comes of another centre's exam until there is an answer, in place of the page that only says that it loads. */
export async function wait(answer, { page, stage }, banner) {
  let isOver = false;
  answer.catch(() => {}).finally(() => (isOver = true));
  const word = await speaker("arriving");
  if (isOver) return; // It was there.
  const waiting = new Waiting(page, stage, banner, word);
  answer.catch(() => {}).finally(() => waiting.leave());
  const pauses = FIRST_ASKS.flatMap(([pause, times]) => Array(times).fill(pause));
  while (!waiting.isOver && page.isConnected) {
    waiting.tell(await told().catch(() => null));
    await after((!waiting.picture && pauses.shift()) || ASK_MS);
  }
}

/** The exam of this page in its consultation, with its patient. */
async function told() {
  const answer = await fetch(`/api/consultation/${encodeURIComponent(visit)}`);
  const { patient, exams } = await answer.json();
  const exam = exams.find(({ place }) => String(place) === number);
  return exam && { patient, exam };
}

class Waiting {
  constructor(page, stage, banner, word) {
    Object.assign(this, { page, stage, banner, word, isOver: false, began: performance.now() });
    this.tried = new Set();
    // It changes all the time: it is not spoken.
    this.line = element("p", { class: "arriving-count", "aria-hidden": "true", "data-test": "arriving" });
    this.box = stage.querySelector("[role=status]");
    this.box.append(this.line);
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

  tell(known) {
    if (!known || this.isOver) return;
    const { study, progress } = known.exam;
    const sum = (of) => progress.reduce((all, one) => all + (of(one) ?? 0), 0);
    const arrived = sum((one) => one.arrived);
    const seconds = Math.max(0, ...progress.map((one) => one.remaining_seconds ?? 0));
    const isStopped = progress.some(({ state }) => state === "stopped");
    const counts = performance.now() - this.began > COUNT_AFTER_MS;
    const words = [
      arrived ? this.word("arriving.received", { arrived, listed: sum((one) => one.listed) }) : this.word("arriving.waiting"),
      seconds && !isStopped ? this.word("arriving.estimate", { seconds }) : null,
      isStopped ? this.word("arriving.stopped") : null,
    ];
    this.line.textContent = counts ? words.filter(Boolean).join(" ") : "";
    if (isStopped) this.lead();
    const first = progress.find((one) => one.arrived_first && !this.tried.has(one.arrived_first));
    if (first && !this.picture) this.show(known.patient, `/dicomweb/studies/${study.study_instance_uid}/series/${first.series_instance_uid}/instances/`, first.arrived_first);
  }

  /** Where it can be made to go on. */
  lead() {
    this.link ??= element("a", { class: "button", href: `/consultation/${encodeURIComponent(visit)}` }, this.word("arriving.list"));
    if (!this.link.isConnected) this.line.after(this.link);
  }

  /** One picture, under the name of whom it shows. */
  async show(patient, instances, uid) {
    this.tried.add(uid);
    this.picture = element("img", { class: "arriving-picture", alt: this.word("arriving.picture") });
    this.picture.src = `${instances}${uid}/rendered?accept=image/jpeg&viewport=${PICTURE_PX},${PICTURE_PX}`;
    try {
      await this.picture.decode();
    } catch {
      this.picture = null; // A document, or an image that cannot be drawn: another series may have one.
      return;
    }
    if (this.isOver || !this.page.isConnected || document.getElementById("first-picture")) return;
    this.head = this.banner({ patient });
    this.page.prepend(this.head);
    this.box.prepend(this.picture);
  }
}

// Beside the viewer

/** Brings the series that were not there when the viewer began. */
export async function open(host) {
  const word = await speaker("arriving");
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
