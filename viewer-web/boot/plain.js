// The exam as pictures drawn by the server, where the viewer does not run: with the same identity and notice. Loaded by boot.js then. Its sentences
// stand here as those of boot.js stand there: whatever carries the catalogue may be what could not be loaded.

const TEXT = {
  fr: {
    noGpu: "Ce navigateur ne permet pas l’affichage interactif. Voici les images en lecture simple, sans réglage.",
    loadFailed: "La visionneuse n’a pas pu être chargée. Voici les images en lecture simple ; rechargez la page pour réessayer.",
    examFailed: "L’examen n’a pas pu être chargé. Vérifiez votre connexion puis rechargez la page.",
    expired: "Votre session est terminée. Identifiez-vous de nouveau pour revoir l’examen.",
    login: "S’identifier",
    loop: (frames) => `séquence de ${frames} images, la première est montrée`,
    series: "Série",
  },
  en: {
    noGpu: "This browser cannot run the interactive viewer. Here are the plain pictures, without adjustment.",
    loadFailed: "The viewer could not be loaded. Here are the plain pictures; reload the page to try again.",
    examFailed: "The exam could not be loaded. Check your connection, then reload the page.",
    expired: "Your session has ended. Sign in again to see the exam.",
    login: "Sign in",
    loop: (frames) => `loop of ${frames} images, the first one is shown`,
    series: "Series",
  },
};

const text = document.documentElement.lang.toLowerCase().startsWith("en") ? TEXT.en : TEXT.fr;

/** The element that takes the place of the viewer; `boot` is what boot.js lends. */
export async function show(examAnswer, boot) {
  const { element, notice, reload, localDate, words, why, visit } = boot;
  const answer = await examAnswer.catch(() => null);
  if (answer?.status === 401) return notice(text.expired, text.login, () => location.assign(`/entree/${visit}`));
  const exam = answer?.ok ? await answer.clone().json().catch(() => null) : null;
  if (!exam) return reload(text.examFailed);
  const { patient, study } = exam;
  const page = element("main", "plain");
  const born = patient.birth_date ? `${words.born} ${localDate(patient.birth_date)}` : "";
  page.append(
    element("h1", "", [`${patient.birth_name} ${patient.given_names}`, patient.sex, born].filter(Boolean).join(" · ")),
    element("p", "", [localDate(study.date), study.description, study.institution].filter(Boolean).join(" · ")),
    element("p", "plain-not-diagnostic", words.notDiagnostic),
    reload(text[why]),
    ...exam.series.map((series, index) => pictures(boot, exam, series, series.number ?? index + 1)),
  );
  return page;
}

function pictures({ element, words }, exam, series, number) {
  const section = element("section", "plain-series");
  const title = [`${text.series} ${number}`, series.modality, series.description].filter(Boolean).join(" · ");
  section.append(element("h2", "", title));
  const path = `/dicomweb/studies/${exam.study.study_instance_uid}/series/${series.series_instance_uid}/instances/`;
  series.images.forEach((image, index) => {
    const figure = element("figure");
    const picture = element("img");
    const name = words.image(index + 1, series.images.length);
    picture.loading = "lazy";
    picture.alt = name;
    picture.src = `${path}${image.sop_instance_uid}/rendered`;
    const caption = image.frames > 1 ? `${name} (${text.loop(image.frames)})` : name;
    figure.append(picture, element("figcaption", "", caption));
    section.append(figure);
  });
  return section;
}
