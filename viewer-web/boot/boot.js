// First script of the exam page: asks for the exam at once, picks the build of the viewer that this
// browser can run (WebGPU, else WebGL2) and starts it. Where neither runs, the server's own pictures
// are shown as plain HTML. The page is never left blank.
//
// The few sentences below stand here and not in the catalogue: they are needed when the module that
// carries the catalogue could not be loaded.

const TEXT = {
  fr: {
    loading: "Chargement de l’examen…",
    notDiagnostic: "Visionneuse non destinée au diagnostic",
    noGpu: "Ce navigateur ne permet pas l’affichage interactif. Voici les images en lecture simple, sans réglage.",
    loadFailed: "La visionneuse n’a pas pu être chargée. Voici les images en lecture simple ; rechargez la page pour réessayer.",
    examFailed: "L’examen n’a pas pu être chargé. Vérifiez votre connexion puis rechargez la page.",
    expired: "Votre session est terminée. Identifiez-vous de nouveau pour revoir l’examen.",
    login: "S’identifier",
    reload: "Recharger la page",
    image: (n, total) => `Image ${n} sur ${total}`,
    loop: (frames) => `séquence de ${frames} images, la première est montrée`,
    series: "Série",
    born: "né(e) le",
  },
  en: {
    loading: "Loading the exam…",
    notDiagnostic: "Viewer not intended for diagnosis",
    noGpu: "This browser cannot run the interactive viewer. Here are the plain pictures, without adjustment.",
    loadFailed: "The viewer could not be loaded. Here are the plain pictures; reload the page to try again.",
    examFailed: "The exam could not be loaded. Check your connection, then reload the page.",
    expired: "Your session has ended. Sign in again to see the exam.",
    login: "Sign in",
    reload: "Reload the page",
    image: (n, total) => `Image ${n} of ${total}`,
    loop: (frames) => `loop of ${frames} images, the first one is shown`,
    series: "Series",
    born: "born",
  },
};

const app = document.getElementById("app");
const visit = app.dataset.visit;
const assets = JSON.parse(document.querySelector('meta[name="negatoscope-assets"]').content);
const words = document.documentElement.lang.toLowerCase().startsWith("en") ? TEXT.en : TEXT.fr;

/** Back end asked for by `?gpu=` or an earlier choice on this device (support and tests), else null. */
function forcedBackend() {
  const asked = new URLSearchParams(location.search).get("gpu");
  if (asked) return asked;
  try {
    return localStorage.getItem("negatoscope.gpu");
  } catch {
    return null; // Storage may be forbidden; nothing was asked for then.
  }
}

async function hasWebGpu() {
  if (!navigator.gpu) return false;
  // Some drivers never answer: do not let the reader wait for them.
  const patience = new Promise((resolve) => setTimeout(() => resolve(null), 3000));
  try {
    return (await Promise.race([navigator.gpu.requestAdapter(), patience])) !== null;
  } catch {
    return false;
  }
}

function hasWebGl2() {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    // Browsers keep few contexts: this one has said what it was asked.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}

async function startBuild(build, exam) {
  // Both at once: on a phone network each wait for an answer is a tenth of the time to the first image.
  const module = fetch(assets[`ui-${build}_bg.wasm`]);
  module.catch(() => {}); // Told by whoever awaits it.
  const ui = await import(assets[`ui-${build}.js`]);
  await ui.default({ module_or_path: module });
  await ui.start({
    visit,
    assets,
    backend: build,
    // Each attempt reads its own copy of the answer.
    exam: exam.then((response) => response.clone()),
  });
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
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(dicomDate ?? "");
  if (!match) return "";
  const date = new Date(Date.UTC(+match[1], +match[2] - 1, +match[3]));
  return new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: "UTC" }).format(date);
}

function plainSeries(exam, series, number) {
  const section = element("section", "plain-series");
  const title = [`${words.series} ${number}`, series.modality, series.description].filter(Boolean).join(" · ");
  section.append(element("h2", "", title));
  const path = `/dicomweb/studies/${exam.study.study_instance_uid}/series/${series.series_instance_uid}/instances/`;
  series.images.forEach((image, index) => {
    const figure = element("figure");
    const picture = element("img");
    const name = words.image(index + 1, series.images.length);
    picture.loading = "lazy";
    picture.alt = name;
    picture.src = `${path}${image.sop_instance_uid}/rendered`;
    const caption = image.frames > 1 ? `${name} (${words.loop(image.frames)})` : name;
    figure.append(picture, element("figcaption", "", caption));
    section.append(figure);
  });
  return section;
}

/** The exam as pictures rendered by the server, with the same identity and notice as the viewer. */
async function plainPictures(examAnswer, why) {
  const answer = await examAnswer.catch(() => null);
  if (answer?.status === 401) {
    app.replaceChildren(notice(words.expired, words.login, () => location.assign(`/entree/${visit}`)));
    return;
  }
  const exam = answer?.ok ? await answer.clone().json().catch(() => null) : null;
  if (!exam) {
    app.replaceChildren(notice(words.examFailed, words.reload, () => location.reload()));
    return;
  }
  const { patient, study } = exam;
  const page = element("main", "plain");
  const born = patient.birth_date ? `${words.born} ${localDate(patient.birth_date)}` : "";
  page.append(
    element("h1", "", [`${patient.birth_name} ${patient.given_names}`, patient.sex, born].filter(Boolean).join(" · ")),
    element("p", "", [localDate(study.date), study.description, study.institution].filter(Boolean).join(" · ")),
    element("p", "plain-not-diagnostic", words.notDiagnostic),
    notice(why, words.reload, () => location.reload()),
    ...exam.series.map((series, index) => plainSeries(exam, series, series.number ?? index + 1)),
  );
  app.replaceChildren(page);
}

/** Address of the exam; a link can name several, then `#2` is the second. */
function examAddress() {
  const number = /^#([1-9]\d?)$/.exec(location.hash)?.[1];
  const address = `/api/examen/${encodeURIComponent(visit)}`;
  return number && number !== "1" ? `${address}/${number}` : address;
}

function showLoading() {
  const page = element("main", "viewer viewer-loading");
  const sentence = element("p", "empty", words.loading);
  sentence.setAttribute("role", "status");
  page.append(sentence);
  app.replaceChildren(page);
}

async function tryBuild(build, exam) {
  try {
    await startBuild(build, exam);
    return true;
  } catch (error) {
    console.error(`The ${build} build did not start`, error);
    return false;
  }
}

async function boot() {
  // Without headers of its own, so that it is the request the page has preloaded.
  const exam = fetch(examAddress());
  exam.catch(() => {}); // Told further down, where it is awaited.
  warmUp();
  showLoading();
  const forced = forcedBackend();
  const canWebGpu = !["webgl", "none"].includes(forced) && (await hasWebGpu());
  if (canWebGpu && (await tryBuild("webgpu", exam))) return;
  const canWebGl2 = forced !== "none" && hasWebGl2();
  if (canWebGl2 && (await tryBuild("webgl", exam))) return;
  await plainPictures(exam, canWebGpu || canWebGl2 ? words.loadFailed : words.noGpu);
}

/** Brings what the decode workers need into the cache, while the browser looks for its GPU and after that. */
function warmUp() {
  for (const name of ["worker.js", "decode.js", "decode_bg.wasm"]) {
    fetch(assets[name], { priority: "low" }).then((answer) => answer.arrayBuffer()).catch(() => {});
  }
}

addEventListener("hashchange", () => location.reload());
boot();
