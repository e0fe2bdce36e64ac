// An exam that comes to the server little by little, as those of a PACS or of another centre do: what the page gets is held back in the page itself.

/** Runs in the page: its exam does not stand in it. */
const forgetExam = () => {
  const find = document.getElementById.bind(document);
  document.getElementById = (id) => (id === "negatoscope-exam" ? null : find(id));
};

/** Until `release()`, the page knows of the first series of an exam only; `refuse()` lets requests for all of them fail that wait at that moment. */
export async function holdBackOthers(page) {
  await page.addInitScript(forgetExam);
  await page.addInitScript(() => {
    const { fetch: network } = window;
    window.held = [];
    const mayGo = () => sessionStorage.getItem("test-released") ?? new Promise((resolve) => window.held.push(resolve));
    window.fetch = async (asked, options) => {
      const path = new URL(asked.url ?? asked, location.href).pathname;
      if (/^\/api\/examen\/\d+\/\d+\/debut$/.test(path)) {
        const answer = await network(asked, options);
        const whole = await answer.json();
        return Response.json({ ...whole, series: whole.series.slice(0, 1) }, { headers: { "x-whole": "false", "x-studies": answer.headers.get("x-studies") } });
      }
      if (/^\/api\/examen\/\d+(\/\d+)?$/.test(path) && !(await mayGo())) return new Response("", { status: 503 });
      return network(asked, options);
    };
  });
  const answerAll = (isGood) => page.evaluate((go) => window.held.splice(0).forEach((resolve) => resolve(go)), isGood);
  return {
    refuse: () => answerAll(false),
    release: async () => {
      await page.evaluate(() => sessionStorage.setItem("test-released", "yes"));
      await answerAll(true);
    },
  };
}

/** The page hears nothing of an exam before `release()`, though the server has been asked for it. */
export async function holdBackAll(page) {
  await page.addInitScript(forgetExam);
  await page.addInitScript(() => {
    const { fetch: network } = window;
    const released = new Promise((resolve) => (window.release = resolve));
    window.fetch = async (asked, options) => {
      const answer = await network(asked, options);
      if (/\/debut$/.test(answer.url)) await released;
      return answer;
    };
  });
  return { release: () => page.evaluate(() => window.release()) };
}
