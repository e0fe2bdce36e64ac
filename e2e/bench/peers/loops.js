// Bare loops as the harness wants viewers: what the browser of this machine can show at most, in the same run.
import { readFileSync } from "node:fs";
import http from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const FILES = { "/bare.html": "text/html", "/bare.js": "text/javascript" };
const NOTHING = JSON.stringify({ assets: 0, dicom: 0, reqAssets: 0, reqDicom: 0, js: 0, wasm: 0, css: 0, other: 0 });

/** Serves their page; answers its address. */
export async function startLoops() {
  const server = http.createServer((request, answer) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/__stats") return answer.end(NOTHING);
    if (!FILES[pathname]) return answer.writeHead(404).end();
    answer.writeHead(200, { "content-type": FILES[pathname] }).end(readFileSync(join(here, pathname)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}/bare.html`;
}

/** Adapters of all back ends, to be put into a module: only of uncompressed data, of which they show nothing. */
export const loopAdapters = (address) =>
  ["webgpu", "webgl", "canvas"].map((gpu) => ({
    name: `bare-${gpu}`,
    data: ["raw"],
    url: `${address}?gpu=${gpu}`,
    firstPainted: "() => window.isShown === true",
    loadedCount: "() => (window.isShown ? 300 : 0)",
    scroll: "(image) => window.show(image)",
    error: "() => window.failed",
  }));
