// The shown series as a film or as pictures: the active pane runs through it once, and each picture is taken as it is drawn, with all
// that is written over it. `host.run(name)` does commands, `host.capture(callback)` as in export-picture.js.

const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const names = ["panel-kit.js", "export-picture.js", "film-encoder.js", "film-zip.js"];
const [kit, picture, encoder, archive] = await Promise.all(names.map((name) => import(assets[name])));
const { element, exam, openDialog, save, speaker, styles } = kit;
const { capture, compose, scaleOf } = picture;

/** Images a second where the pane does not say. */
const USUAL_RATE = 10;
const RATES = [0.5, 120];
/** How long one image may take to come, ms. */
const PATIENCE_MS = 60_000;
/** What a ZIP and a phone's memory have room for. */
const MOST_ZIP_BYTES = 2e9;

export async function open(host) {
  const [word, exportWord, summary] = await Promise.all([speaker("film"), speaker(), exam(), styles()]);
  const shown = await active(host);
  const loop = shown && loopOf(summary, shown);
  if (!loop) {
    openDialog("film", word("film.title"), word("film.close"), element("p", {}, word("film.none")));
    return;
  }
  const films = await encoder.formats([shown.pixels.width, shown.pixels.height]);
  const offered = [...films, "zip"];
  new Panel({ host, word, exportWord, summary, loop, offered });
}

/** The picture of the active pane, once it is drawn. */
async function active(host) {
  const all = await capture(host);
  return all.find(({ section }) => section.dataset.active === "true");
}

/** What the cine loop runs through: the frames of one image, or all images. Its first position, count, and rate. */
function loopOf(summary, { uid, frame, section }) {
  const series = summary.series[Number(section.dataset.seriesIndex)];
  const image = series?.images.find((one) => one.sop_instance_uid === uid);
  if (!image) return null;
  const isOne = image.frames > 1 && series.images.length > 1 && !series.frame_order?.length;
  const position = Number(section.dataset.imageIndex);
  const [first, count] = isOne ? [position - frame, image.frames] : [0, Number(section.dataset.imageCount)];
  // As the loop runs in the pane: at the rate of the file, or the one that was chosen.
  const rate = Math.min(Math.max(Number(section.dataset.cineRate) || USUAL_RATE, RATES[0]), RATES[1]);
  return { series, index: Number(section.dataset.seriesIndex), position, first, count, rate: Math.round(rate * 100) / 100, formats: series.formats };
}

class Panel {
  constructor(parts) {
    Object.assign(this, parts);
    const { word, loop, offered } = this;
    this.said = element("p", { class: "panel-said", role: "status" });
    this.bar = element("progress", { max: String(loop.count), value: "0", "aria-label": word("film.title"), hidden: "" });
    this.format = element("select", {}, ...offered.map((value) => element("option", { value }, word(`film.${value}`))));
    this.rate = element("input", { type: "number", min: String(RATES[0]), max: String(RATES[1]), step: "any", value: String(loop.rate) });
    this.identity = element("input", { type: "checkbox", checked: "" });
    const button = (key, click, attributes) => element("button", { type: "button", class: "button", click, ...attributes }, word(key));
    this.start = button("film.start", () => this.record());
    this.stop = button("film.cancel", () => (this.isStopped = true), { hidden: "" });
    const label = (key, input) => element("label", { class: "choice" }, element("span", {}, word(key)), input);
    const dialog = openDialog(
      "film",
      word("film.title"),
      word("film.close"),
      element("p", {}, word("film.note", { count: loop.count })),
      ...(offered.length > 1 ? [] : [element("p", {}, word("film.no_encoder"))]),
      label("film.format", this.format),
      label("film.rate", this.rate),
      element("label", { class: "choice" }, this.identity, element("span", {}, word("film.identity"))),
      element("div", { class: "actions" }, this.start, this.stop),
      this.bar,
      this.said,
    );
    this.dialog = dialog;
    dialog.addEventListener("leave", () => (this.isStopped = true));
  }

  say(key, values) {
    this.said.textContent = this.word(key, values);
  }

  async record() {
    this.isStopped = false;
    this.running(true);
    const maker = this.format.value === "zip" ? new Pictures() : new Video(this.format.value, this.frameRate());
    try {
      const { taken, missing } = await this.run(maker);
      if (this.isStopped) {
        this.say("film.cancelled");
      } else {
        const { series } = this.loop;
        const { blob, extension } = await maker.end();
        save(blob, `serie-${series.number ?? this.loop.index + 1}.${extension}`);
        this.say(missing ? "film.missing" : "film.saved", { count: taken, missing });
      }
    } catch (error) {
      console.error("film", error);
      this.say("film.failed");
    } finally {
      maker.cancel();
      this.goTo(this.loop.position);
      this.running(false);
    }
  }

  frameRate() {
    const rate = Number(this.rate.value);
    return rate >= RATES[0] && rate <= RATES[1] ? rate : this.loop.rate;
  }

  running(isRunning) {
    const hadFocus = this.dialog.contains(document.activeElement);
    for (const input of [this.format, this.rate, this.identity, this.start]) input.disabled = isRunning;
    this.start.hidden = isRunning;
    this.stop.hidden = !isRunning;
    this.bar.hidden = !isRunning;
    if (hadFocus) (isRunning ? this.stop : this.start).focus();
  }

  /** Goes through the loop, a picture of each image that can be read. */
  async run(maker) {
    const { first, count } = this.loop;
    let [taken, missing] = [0, 0];
    for (let index = 0; index < count && !this.isStopped; index += 1) {
      if (index === 0) this.goTo(first);
      else this.host.run("image.next");
      const one = await this.image(first + index);
      if (this.isStopped) break;
      if (one) {
        await maker.add(this.draw(one, maker), taken);
        taken += 1;
      } else {
        missing += 1;
      }
      this.bar.value = index + 1;
      // A screen reader is told now and then.
      if (index % Math.ceil(count / 10) === 0) this.say("film.progress", { index: index + 1, count });
    }
    if (!taken && !this.isStopped) throw new Error("no image could be read");
    return { taken, missing };
  }

  goTo(position) {
    this.host.run("image.first");
    for (let at = 0; at < position; at += 1) this.host.run("image.next");
  }

  /** The picture of this position as soon as it is drawn; null where it cannot be read. */
  async image(position) {
    const until = performance.now() + PATIENCE_MS;
    while (!this.isStopped) {
      const one = await active(this.host);
      const pane = document.querySelector('.pane[data-active="true"]');
      const { frameState, imageIndex, wantedIndex } = pane.dataset;
      if (one && frameState === "ready" && Number(imageIndex) === position && one.section === pane) return one;
      if (frameState === "failed" && Number(wantedIndex) === position) return null;
      if (performance.now() > until) throw new Error(`image ${position + 1} did not come`);
      await new Promise((done) => setTimeout(done, 20));
    }
    return null;
  }

  draw(one, { isLossy }) {
    const { exportWord, loop } = this;
    if (isLossy) one.notes.notice.push({ text: this.word("film.lossy"), color: "#ffd27d" });
    const image = loop.series.images.find(({ sop_instance_uid: uid }) => uid === one.uid);
    const format = (value) => value.toLocaleString(document.documentElement.lang);
    const scale = scaleOf(one, loop.formats[image?.format]?.spacing, exportWord, format);
    return compose(one, { identity: this.identity.checked, scale, word: exportWord });
  }
}

/** Pictures as they come, encoded one after the other. */
class Video {
  isLossy = true;
  constructor(format, rate) {
    Object.assign(this, { format, rate, film: null });
  }
  async add(canvas) {
    this.film ??= await encoder.Film.begin(this.format, [canvas.width, canvas.height], this.rate);
    await this.film.add(canvas);
  }
  async end() {
    return { blob: await this.film.end(), extension: this.format };
  }
  cancel() {
    this.film?.cancel();
  }
}

/** Pictures without loss, each a file. */
class Pictures {
  isLossy = false;
  files = [];
  bytes = 0;
  async add(canvas, index) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    this.bytes += blob.size;
    if (this.bytes > MOST_ZIP_BYTES) throw new Error("more than a ZIP takes");
    this.files.push({ name: `image-${String(index + 1).padStart(4, "0")}.png`, bytes: new Uint8Array(await blob.arrayBuffer()) });
  }
  async end() {
    return { blob: new Blob(archive.zip(this.files), { type: "application/zip" }), extension: "zip" };
  }
  cancel() {
    this.files = [];
  }
}
