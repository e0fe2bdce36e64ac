// First script of the exam page: asks for the exam at once, picks the build of the viewer that this
// browser can run (WebGPU, else WebGL2, else one that draws with the processor) and starts it. Where none runs, the
// server's own pictures are shown as plain HTML. The page is never left blank.
//
// The few sentences below stand here and not in the catalogue: they are needed when the module that
// carries the catalogue could not be loaded.

const TEXT = {
  fr: {
    loading: "Chargement de l’examen…",
    notDiagnostic: "Visionneuse non destinée au diagnostic",
    failed: "La visionneuse n’a pas pu être chargée. Vérifiez votre connexion puis rechargez la page.",
    reload: "Recharger la page",
    image: (n, total) => `Image ${n} sur ${total}`,
    born: "né(e) le",
  },
  en: {
    loading: "Loading the exam…",
    notDiagnostic: "Viewer not intended for diagnosis",
    failed: "The viewer could not be loaded. Check your connection, then reload the page.",
    reload: "Reload the page",
    image: (n, total) => `Image ${n} of ${total}`,
    born: "born",
  },
};

const app = document.getElementById("app");
const visit = app.dataset.visit;
const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const words = document.documentElement.lang.toLowerCase().startsWith("en") ? TEXT.en : TEXT.fr;

/**
 * Back end asked for by `?gpu=` or an earlier choice on this device (support and tests), or the next one after one
 * that failed in this tab; else null.
 */
function forcedBackend() {
  const asked = new URLSearchParams(location.search).get("gpu");
  return asked || kept(() => localStorage.getItem("negatoscope.gpu") ?? sessionStorage.getItem("negatoscope.gpu"));
}

/** What the browser keeps. Storage may be forbidden; nothing was kept then. */
function kept(read) {
  try {
    return read();
  } catch {
    return null;
  }
}

/** An adapter for WebGPU, null where there is none, or one that is a program and was not asked for. */
async function webGpuAdapter(mayBeProgram) {
  if (!navigator.gpu) return null;
  // Some drivers never answer: do not let the reader wait for them.
  const patience = after(3000).then(() => null);
  try {
    const adapter = await Promise.race([navigator.gpu.requestAdapter(), patience]);
    return !mayBeProgram && (adapter?.info?.isFallbackAdapter ?? adapter?.isFallbackAdapter) ? null : adapter;
  } catch {
    return null;
  }
}

/** Programs that act as GPUs take longer than the build that draws by itself. */
const PROGRAMS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function hasWebGl2(mayBeProgram) {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    if (!context) return false;
    // Some browsers tell the name only by the extension, others only without it.
    const unmasked = context.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL;
    const isProgram = PROGRAMS.test(context.getParameter(unmasked ?? context.RENDERER));
    // Browsers keep few contexts: this one has said what it was asked.
    context.getExtension("WEBGL_lose_context")?.loseContext();
    return mayBeProgram || !isProgram;
  } catch {
    return false;
  }
}

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Below this pace the network counts as slow before the viewer has measured it itself, bytes/ms (24 Mbit/s). */
const SLOW_BELOW = 3000;

/** How a file came, bytes/ms; NaN where it lay in the cache or is not here yet. */
function paceOf(address) {
  const [came] = performance.getEntriesByName(new URL(address, location).href);
  return came?.transferSize ? came.encodedBodySize / (came.responseEnd - came.responseStart) : NaN;
}

/** Whether a file came slowly; where it lay in the cache, what the browser thinks of the network. */
const cameSlowly = (address) => (isNaN(paceOf(address)) ? navigator.connection?.downlink < 5 : paceOf(address) < SLOW_BELOW);

async function startBuild(build, given) {
  // Both at once: on a phone network each wait for an answer is a tenth of the time to the first image.
  const code = assets[`ui-${build}_bg.wasm`];
  const module = fetch(code);
  module.catch(() => {}); // Told by whoever awaits it.
  const ui = await import(assets[`ui-${build}.js`]);
  await ui.default({ module_or_path: module });
  // The viewer takes the worker that asks for a large first frame for the first of its own, and asks itself from then on.
  askForLargeFrame();
  const worker = askingWorker;
  askingWorker = null;
  const run = await ui.start({
    visit,
    assets,
    load,
    isSlow: cameSlowly(code),
    isHere,
    ...given,
    worker,
    // Each attempt reads its own copy of the answer.
    exam: given.exam.then((response) => response.clone()),
  });
  if (run) hasStarted({ run, keys: ui.keys() });
}

const tries = {};

/** What a script that is loaded later makes of a host. One that failed is run again only under another address. */
async function load(name, host) {
  tries[name] = (tries[name] ?? 0) + 1;
  const script = await import(tries[name] > 1 ? `${assets[name]}?${tries[name]}` : assets[name]);
  return script.attach(host);
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function notice(sentence, label, action) {
  const box = element("div", "plain-notice");
  box.setAttribute("role", "alert");
  box.append(element("p", "", sentence));
  const button = element("button", "button", label);
  button.type = "button";
  button.addEventListener("click", action);
  box.append(button);
  return box;
}

function localDate(dicomDate) {
  const [, year, ofYear, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(dicomDate ?? "") ?? [];
  if (!year) return ""; // Below: where the month stands differs among those who read English.
  const [lang, month] = document.documentElement.lang === "en" ? ["en-GB", "short"] : ["fr", "2-digit"];
  return new Intl.DateTimeFormat(lang, { timeZone: "UTC", year: "numeric", month, day: "2-digit" }).format(Date.UTC(year, ofYear - 1, day));
}

/** The exam as pictures drawn by the server (plain.js, where `why` is said), or at least what is wrong. */
async function plainPictures(exam, why) {
  askingWorker?.terminate();
  const reload = (sentence) => notice(sentence, words.reload, () => location.reload());
  try {
    const { show } = await import(assets["plain.js"]);
    app.replaceChildren(await show(exam, { element, notice, reload, localDate, words, why, visit }));
  } catch (error) {
    console.error("plain.js", error);
    app.replaceChildren(reload(words.failed));
  }
}

/** Which exam: a link can name several, then `#2` is the second. */
const number = /^#([1-9]\d?)$/.exec(location.hash)?.[1] ?? "1";
const isFirstExam = number === "1";

/** The exam as it stands in the page, or asked for. */
function examAnswer() {
  const inlined = isFirstExam && document.getElementById("negatoscope-exam");
  if (inlined) return Promise.resolve(new Response(inlined.text, { headers: { "x-studies": inlined.dataset.studies } }));
  // Without headers of its own, so that it is the request the page has preloaded.
  return fetch(examAddress());
}

/** Address of the exam. Of one whose series come one after the other the first will do, but not for a view of all. */
function examAddress() {
  return `/api/examen/${encodeURIComponent(visit)}/${number}${hasSavedView() ? "" : "/debut"}`;
}

/** Who, and not for diagnosis: above any picture, as in the viewer. */
function banner({ patient }) {
  const box = element("header", "banner");
  const who = element("h1", "banner-patient");
  const born = patient.birth_date && `${words.born} ${localDate(patient.birth_date)}`;
  const more = [patient.given_names, patient.sex, born].filter(Boolean).join(" · ");
  who.append(element("strong", "", patient.birth_name), ` ${more}`);
  box.append(who, element("span", "banner-exam"), element("p", "banner-notice", words.notDiagnostic));
  return box;
}

function showLoading() {
  const here = isFirstExam && app.querySelector(".viewer-given"); // with a picture of what is on its way
  if (here) return { page: here, stage: here.querySelector(".stage") };
  const page = element("div", "viewer viewer-loading");
  const stage = element("main", "stage");
  const sentence = element("p", "empty", words.loading);
  sentence.setAttribute("role", "status");
  stage.append(sentence);
  page.append(stage);
  app.replaceChildren(page);
  return { page, stage };
}

/** Whether this tab comes back to a view of its own, which need not begin with the first image. */
const hasSavedView = () => kept(() => Object.keys(sessionStorage).some((name) => name.startsWith(`negatoscope.view.${visit}.`)));

/** What the viewer will show first, by the page or by the exam; `isPlain` where a worker will ask for its frame just so. */
function firstPicture(exam) {
  const series = exam.series.find(({ images }) => images.length);
  const image = series?.images[0];
  const { columns, rows, transfer_syntax_uid: syntax } = series?.formats[image.format] ?? {};
  // The page itself asks for colours that need a profile.
  const isPlain = ENCODED.test(syntax) && !series.icc_profiles?.length;
  const total = series?.images.length;
  const told = isFirstExam && document.querySelector('meta[name="negatoscope-first-picture"]');
  if (told) return { address: told.content, isLarge: "large" in told.dataset, isPlain, total };
  // Frames in an order of their own need not begin with the first.
  if (!image || image.defect || series.frame_order?.length) return null;
  const path = `/dicomweb/studies/${exam.study.study_instance_uid}/series/${series.series_instance_uid}`;
  const isLarge = Math.max(columns, rows) > SMALL_SIDE_PX;
  const address = `${path}/instances/${image.sop_instance_uid}/frames/1/rendered?accept=${isLarge ? QUICK : "image/png"}`;
  return { address, isLarge, isPlain, total };
}

/** Transfer syntaxes of PS3.5 A.4 but videos: such frames come as they are stored, whatever the network. */
const ENCODED = /^1\.2\.840\.10008\.1\.2\.4\.(?!10\d)/;

/** A network of this pace bears a large frame beside what brings the viewer, bytes/ms (8 Mbit/s). */
const SHARED_ABOVE = 1000;

let largeFrame; // address of a large first frame until it is asked for
let askingWorker; // that will ask for it, started while the picture is on its way; null where none will any more

function foreseeLargeFrame(address) {
  if (askingWorker === null) return;
  largeFrame = address;
  askingWorker = new Worker(assets["worker.js"], { type: "module" });
}

function askForLargeFrame() {
  if (largeFrame) askingWorker?.postMessage({ early: largeFrame, accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*' });
  largeFrame = undefined;
}

/** Images up to this size come whole at first, larger ones in a picture to recognise them by (server, `inlined.rs`). */
const SMALL_SIDE_PX = 512;
const QUICK = "image/jpeg&viewport=256,256";

/** The first image as the server draws it, until the viewer has drawn its own: the image's own window, and a small one without loss. */
async function showFirstPicture(examAnswer, decoder, { page, stage }) {
  if (hasSavedView()) return;
  const answer = await examAnswer;
  const exam = answer.ok ? await answer.clone().json() : null;
  const first = exam && firstPicture(exam);
  if (!first || !page.isConnected) return;
  const picture = element("img", "first-picture");
  picture.id = "first-picture";
  picture.alt = words.image(1, first.total);
  picture.fetchPriority = "high";
  picture.src = first.address;
  if (first.isLarge && first.isPlain) foreseeLargeFrame(first.address.split("/rendered")[0]);
  await picture.decode();
  if (!page.isConnected) return;
  page.prepend(banner(exam));
  stage.prepend(picture);
  stage.querySelector(".empty").className = "loading-mark"; // It is not all yet, and says so.
  decoder.then(() => paceOf(assets["decode_bg.wasm"]) > SHARED_ABOVE && askForLargeFrame(), () => {});
}

async function tryBuild(build, given) {
  try {
    await startBuild(build, given);
    return true;
  } catch (error) {
    console.error(`The ${build} build did not start`, error);
    return false;
  }
}

async function boot() {
  const exam = examAnswer();
  exam.then(({ headers }) => {
    isHere = true;
    isWhole = headers.get("x-whole") !== "false";
    if (isWhole) dispatchEvent(new Event("negatoscope-arrived"));
  }, () => {}); // Errors are told further down, where it is awaited.
  const forced = forcedBackend();
  const decoder = compileDecoder();
  const loading = showLoading();
  if ("consultation" in app.dataset) arriving().then((script) => script.wait(exam, loading, banner)).catch(() => {});
  const picture = showFirstPicture(exam, decoder, loading).catch(() => {}); // The viewer will say what is wrong.
  const gpuTurn = Promise.race([picture, after(GPU_AFTER_MS)]);
  const asked = ["webgl", "canvas", "none"].includes(forced) ? null : gpuTurn.then(() => webGpuAdapter(forced === "webgpu"));
  // The picture is small beside the viewer, and goes first on a slow network.
  const here = loading.stage.querySelector("img"); // So is that of what is on its way: the viewer comes meanwhile.
  // Where an archive is waited for, there is nothing that the viewer would be in the way of.
  await Promise.race([picture, exam.then(() => after(PICTURE_FIRST_MS), () => {}), after(ARCHIVE_MS), ...(here ? [here.decode().catch(() => {})] : [])]);
  const adapter = await asked;
  if (adapter && (await tryBuild("webgpu", { exam, decoder, adapter }))) return;
  const mayWebGl = !["canvas", "none"].includes(forced) && hasWebGl2(Boolean(forced));
  if (mayWebGl && (await tryBuild("webgl", { exam, decoder }))) return;
  if (forced !== "none" && (await tryBuild("canvas", { exam, decoder }))) return;
  await plainPictures(exam, forced === "none" ? "noGpu" : "loadFailed");
}

/** The first visit's tour leaves the network to the images that are looked at first, ms. */
const TOUR_AFTER_MS = 1500;

/** How long the viewer waits for the first picture, ms. */
const PICTURE_FIRST_MS = 150;
/** Who has waited for the exam for so long waits for an archive, ms. */
const ARCHIVE_MS = 700;
/** When the GPU is asked for at the latest, ms: the page stands still while its process starts. */
const GPU_AFTER_MS = 100;

let isHere; // the exam, or its beginning
let isWhole; // the exam that the viewer begins with
/** Until then the page has the first series alone. */
globalThis.negatoscopeArrived = new Promise((resolve) => addEventListener("negatoscope-arrived", resolve));
const arriving = () => import(assets["arriving.js"]);

/** Compiles the decoders that most exams need once for all workers, and brings the rest of a worker into the cache. */
function compileDecoder() {
  for (const name of ["worker.js", "decode.js"]) {
    fetch(assets[name], { priority: "low" }).then((answer) => answer.arrayBuffer()).catch(() => {});
  }
  const decoder = WebAssembly.compileStreaming(fetch(assets["decode_bg.wasm"], { priority: "low" }));
  decoder.catch(() => {}); // A worker tries for itself then, and says so.
  return decoder;
}

let hasStarted;
const started = new Promise((resolve) => (hasStarted = resolve));

/** What this device remembers. */
const choice = (name) => kept(() => localStorage.getItem(`negatoscope.${name}`));

let opener; // a promise of what opens help

/** Commands, keys, settings, the first tour: a script of their own. */
async function help(view) {
  opener ??= started.then((viewer) => load("help.js", viewer));
  try {
    await (await opener)(view, typed);
  } catch (error) {
    opener = null;
    throw error;
  }
}

/** What is typed while help is on its way is meant for it, not for the image. */
let typed = [];
function hold(event) {
  const key = event.key === "Enter" && typed.length ? "\n" : event.key;
  if (key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  typed.push(key);
  event.preventDefault();
  event.stopImmediatePropagation();
}

function askForHelp() {
  typed = [];
  addEventListener("keydown", hold, { capture: true });
  help("commands")
    // Without network there are at least the server's words, as soon as it is back.
    .catch(() => open("/aide", "_blank", "noopener"))
    .finally(() => removeEventListener("keydown", hold, { capture: true }));
}

document.documentElement.dataset.theme = choice("theme") ?? "";
addEventListener("negatoscope-help", askForHelp);
addEventListener("negatoscope-first-image", () => {
  // Something is listed that is no picture: key images among it are marked.
  const begin = () => document.querySelector(".strip-note") && started.then(({ run }) => run("documents.begin"));
  begin();
  addEventListener("negatoscope-grown", () => setTimeout(begin)); // an exam beside this one
  if (!isWhole) started.then(({ run }) => run("arriving"));
  // One of several windows (compare-window.js).
  if (window.name.startsWith("negatoscope-")) started.then(({ run }) => run("compare.window"));
  import(assets["local-drop.js"]).then(({ attach }) => attach(() => started.then(({ run }) => run("local"))), () => {});
  if (!choice("tour")) after(TOUR_AFTER_MS).then(() => help("tour")).catch(() => {});
});
// Panels that are loaded when somebody opens them (viewer-web/panels); one that did not come is asked for under another address.
const missed = {};
globalThis.negatoscopePanel = (name, host) => {
  host.cause = globalThis.event; // the key that is still down
  const [file, what] = name.split(".");
  import(assets[`${file}.js`] + (missed[file] ?? "")).then(async (panel) => panel.open(Object.assign(host, await started), what)).catch((error) => {
    console.error(`The panel ${name} did not open`, error);
    missed[file] = `?${Date.now()}`;
    host.failed();
  });
};
addEventListener("hashchange", () => location.reload());
boot();
