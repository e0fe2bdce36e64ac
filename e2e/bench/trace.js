// A performance trace of a page: what its main thread did, task by task, as Chromium tells.

const CATEGORIES = [
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "blink.user_timing",
  "toplevel",
  "__metadata",
];

/** Records a browser while `act` runs; answers what the main thread of the page of `origin` did, in order of time. */
export async function traced(whole, origin, act) {
  await whole.send("Tracing.start", {
    transferMode: "ReturnAsStream",
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ["*"], recordMode: "recordAsMuchAsPossible" },
  });
  await act();
  const complete = new Promise((resolve) => whole.once("Tracing.tracingComplete", resolve));
  await whole.send("Tracing.end");
  const { stream } = await complete;
  let text = "";
  for (let end = false; !end; ) {
    const { data, eof, base64Encoded } = await whole.send("IO.read", { handle: stream, size: 1 << 20 });
    text += base64Encoded ? Buffer.from(data, "base64").toString() : data;
    end = eof;
  }
  return mainThread(JSON.parse(text).traceEvents, origin);
}

/**
 * Events of the main thread that ran the page's own functions. Times in ms; `work` is the processor's, without what the thread
 * waited for: other programs, and a GPU that is none.
 */
function mainThread(events, origin) {
  const threads = new Map();
  for (const { ph, name, args, pid, tid } of events) {
    if (ph === "M" && name === "thread_name" && args.name === "CrRendererMain") threads.set(`${pid}.${tid}`, []);
  }
  for (const event of events) {
    if (event.ph === "M") continue;
    const { ts, dur = 0, tdur = 0 } = event;
    threads.get(`${event.pid}.${event.tid}`)?.push({ ...event, at: ts / 1000, ms: dur / 1000, work: tdur / 1000 });
  }
  const isOwn = ({ name, args }) => name === "FunctionCall" && args.data?.url?.startsWith(origin);
  const own = (list) => list.filter(isOwn).length;
  const [page] = [...threads.values()].sort((a, b) => own(b) - own(a));
  return page.sort((a, b) => a.at - b.at);
}

export const isTask = ({ name }) => name === "RunTask";

/** What took longest within a task, from the outside in. */
export function inside(events, task) {
  const within = events.filter((one) => one !== task && one.at >= task.at && one.at + one.ms <= task.at + task.ms && one.work > 1);
  const told = within.sort((a, b) => b.work - a.work).slice(0, 6);
  return told.map(({ name, work, args }) => `${name} ${args?.data?.functionName ?? args?.data?.type ?? ""} ${work.toFixed(0)}`);
}
