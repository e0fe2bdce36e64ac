// What stands before our server while it is measured beside others: a proxy like the one they stand behind
// (HTTP/1.1, one process of Node), which has passed the door and counts bytes.
//
// A process of its own, as theirs is: in one with Playwright, each hundred megabytes that pass make the collector go
// through all of Playwright's objects, which was more than half of what the proxy cost.
import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { fileURLToPath } from "node:url";

const KINDS = { "text/javascript": "js", "application/wasm": "wasm", "text/css": "css" };
/** What a response's header weighs, about; the harness counts the same for the others. */
const HEADER_BYTES = 300;

const nothing = () => ({ assets: 0, dicom: 0, reqAssets: 0, reqDicom: 0, js: 0, wasm: 0, css: 0, other: 0 });

function count(stats, response, isImage) {
  const kind = KINDS[response.headers["content-type"]?.split(";")[0]] ?? "other";
  stats[isImage ? "reqDicom" : "reqAssets"] += 1;
  stats[isImage ? "dicom" : "assets"] += HEADER_BYTES;
  response.on("data", (chunk) => {
    stats[isImage ? "dicom" : "assets"] += chunk.length;
    if (!isImage) stats[kind] += chunk.length;
  });
}

/** The harness evaluates text in the page, which our policy forbids. */
function measurable(headers) {
  const policy = headers["content-security-policy"];
  if (!policy) return headers;
  return { ...headers, "content-security-policy": policy.replace("script-src", "script-src 'unsafe-eval'") };
}

/** Starts one, `{ host, port, cookies }`, for the session of `cookies`, until this process ends; answers its port. */
export async function startFront(server) {
  const front = fork(fileURLToPath(import.meta.url));
  front.send(server);
  const [port] = await once(front, "message");
  return port;
}

async function listen({ host, port, cookies }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  let stats = nothing();
  const front = http.createServer((request, answer) => {
    if (request.url.startsWith("/__stats")) {
      answer.end(JSON.stringify(stats));
      if (request.url.includes("reset")) stats = nothing();
      return;
    }
    const headers = { ...request.headers, host: `${host}:${port}`, cookie };
    if (headers.origin) headers.origin = `http://${host}:${port}`;
    const options = { host: "127.0.0.1", port, agent, method: request.method, path: request.url, headers };
    const upstream = http.request(options, (response) => {
      count(stats, response, request.url.includes("/studies/"));
      answer.writeHead(response.statusCode, measurable(response.headers));
      response.pipe(answer);
    });
    upstream.on("error", () => answer.destroy());
    answer.on("close", () => answer.writableEnded || upstream.destroy());
    request.pipe(upstream);
  });
  await new Promise((resolve) => front.listen(0, "127.0.0.1", resolve));
  return front.address().port;
}

const isOwnProcess = process.argv[1] === fileURLToPath(import.meta.url);
if (isOwnProcess) {
  process.on("disconnect", () => process.exit());
  process.once("message", async (server) => process.send(await listen(server)));
}
