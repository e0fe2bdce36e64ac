// Exams that the phantoms are not: what the server tells of one is changed on its way into the page.

/** Lets the page have another exam than the server's: its summary passes through `change`, which stands for itself. */
export async function changeExam(page, change) {
  await page.addInitScript(`{
    const changed = (text) => JSON.stringify((${change})(JSON.parse(text)));
    const { get } = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, "text");
    Object.defineProperty(HTMLScriptElement.prototype, "text", {
      get() {
        return this.id === "negatoscope-exam" ? changed(get.call(this)) : get.call(this);
      },
    });
    const plainFetch = window.fetch.bind(window);
    window.fetch = async (...asked) => {
      const response = await plainFetch(...asked);
      if (!response.ok || !/\\/api\\/examen\\/\\d+$/.test(response.url)) return response;
      return new Response(changed(await response.text()), { headers: response.headers });
    };
  }`);
}

/** Slices of the CT as if they were four mammograms, in no order, one of them the wrong way round. */
export function asMammograms(exam) {
  const views = [["L", "MLO", "P\\FL"], ["R", "CC", "P\\L"], ["L", "CC", "A\\R"], ["R", "MLO", "P\\FL"]];
  const ct = exam.series.find(({ modality }) => modality === "CT");
  const series = views.map(([laterality, view, directions], index) => {
    const image = { ...ct.images[40 + index], planes: [], laterality, view, patient_orientation: directions.split("\\") };
    return { ...ct, modality: "MG", description: `${laterality} ${view}`, slices: null, images: [image] };
  });
  return { ...exam, series };
}
