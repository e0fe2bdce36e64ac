// An exam whose series come to the server one after the other, as those of a PACS or of another centre do: the first one is there, the others are not.

/** Until `release()`, the page knows of the first series of an exam only; `refuse()` lets requests for all of them fail that wait at that moment. */
export async function holdBack(page) {
  let waiting = [];
  let isReleased = false;
  const answerAll = (isGood) => {
    for (const go of waiting) go(isGood);
    waiting = [];
  };
  // Nothing stands in the page.
  await page.route(/\/examen\/\d+(\?.*)?$/, async (route) => {
    if (route.request().resourceType() !== "document") return route.fallback();
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/<script type="application\/json" id="negatoscope-exam"[^]*?<\/script>/, "");
    await route.fulfill({ response: answer, body });
  });
  await page.route(/\/api\/examen\/\d+\/1\/debut$/, async (route) => {
    const answer = await route.fetch();
    const whole = await answer.json();
    const series = whole.series.slice(0, 1);
    await route.fulfill({ response: answer, json: { ...whole, series }, headers: { ...answer.headers(), "x-whole": "false" } });
  });
  await page.route(/\/api\/examen\/\d+(\/1)?$/, async (route) => {
    const isGood = isReleased || (await new Promise((resolve) => waiting.push(resolve)));
    await (isGood ? route.continue() : route.fulfill({ status: 503, body: "" }));
  });
  const release = () => {
    isReleased = true;
    answerAll(true);
  };
  return { release, refuse: () => answerAll(false) };
}
