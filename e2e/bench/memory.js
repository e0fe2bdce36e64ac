// Memory of the processes of a browser, as Linux counts it.
import { readFileSync, readdirSync } from "node:fs";

const SAMPLE_MS = 100;

/**
 * Peaks of private and shared memory of the largest renderer and the GPU process of a browser, MiB. What both share, as the
 * pictures they hand over, is in each of them; in `once` it is there once.
 */
export function watchMemory(browserPid) {
  const peak = { renderer: 0, gpu: 0, both: 0, once: 0 };
  const timer = setInterval(() => {
    const now = memoryNow(browserPid);
    peak.renderer = Math.max(peak.renderer, now.renderer);
    peak.gpu = Math.max(peak.gpu, now.gpu);
    peak.both = Math.max(peak.both, now.renderer + now.gpu);
    peak.once = Math.max(peak.once, now.once);
  }, SAMPLE_MS);
  return { peak, stop: () => clearInterval(timer) };
}

/** MiB now. The page is the largest renderer: the browser's own pages and spare renderers are small. */
export function memoryNow(browserPid) {
  const now = { renderer: 0, gpu: 0, once: 0 };
  const shares = { renderer: 0, gpu: 0 };
  for (const pid of descendants(browserPid)) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      const kind = /--type=(renderer|gpu-process)/.exec(command)?.[1].replace("-process", "");
      const mib = kind ? residentMib(pid) : 0;
      if (mib > now[kind]) {
        now[kind] = mib;
        shares[kind] = shareMib(pid);
      }
    } catch {
      // The process ended meanwhile.
    }
  }
  now.once = shares.renderer + shares.gpu;
  return now;
}

const residentMib = (pid) => sumMib(`/proc/${pid}/status`, ["RssAnon", "RssShmem"]);

/** A page that several processes have counts for each as its part of it ("proportional set size"). */
const shareMib = (pid) => sumMib(`/proc/${pid}/smaps_rollup`, ["Pss_Anon", "Pss_Shmem"]);

function sumMib(file, names) {
  const text = readFileSync(file, "latin1");
  const kib = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0);
  return names.reduce((sum, name) => sum + kib(name), 0) / 1024;
}

function descendants(root) {
  const children = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    } catch {
      // The process ended meanwhile.
    }
  }
  const found = [];
  const queue = [String(root)];
  while (queue.length > 0) {
    const below = children.get(queue.pop()) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}
