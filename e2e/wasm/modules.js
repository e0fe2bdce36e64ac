// The decode modules of a built site, for Node.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Files of the modules that decode images, by their names in worker.js; videos are the browser's. */
const FILES = { base: "decode", common: "decode-common", rare: "decode-rare" };

/** The modules that decode images, by name. */
export function decodeModules(site) {
  const manifest = JSON.parse(readFileSync(join(site, "manifest.json"), "utf8"));
  const at = (file) => join(site, manifest[file]);
  const entry = ([name, file]) => [name, { source: at(`${file}.js`), wasm: readFileSync(at(`${file}_bg.wasm`)) }];
  return Object.fromEntries(Object.entries(FILES).map(entry));
}

let instances = 0;

/** A fresh instance of a module. */
export async function instantiate({ source, wasm }) {
  // The site's scripts are modules for browsers; Node takes the same text from a data address, once each.
  instances += 1;
  const text = `${readFileSync(source, "utf8")}\n// ${instances}`;
  const module = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  await module.default({ module_or_path: wasm });
  return module;
}
