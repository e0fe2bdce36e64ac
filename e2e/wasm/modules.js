// The decode modules of a built site, for Node.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The modules that decode images, the one with the fewest decoders first; videos are the browser's. */
export function decodeModules(site) {
  const manifest = JSON.parse(readFileSync(join(site, "manifest.json"), "utf8"));
  const names = Object.keys(manifest).flatMap((file) => /^(decode.*)_bg\.wasm$/.exec(file)?.[1] ?? []);
  return names
    .filter((name) => name !== "decode-video")
    .map((name) => ({ name, source: join(site, manifest[`${name}.js`]), wasm: readFileSync(join(site, manifest[`${name}_bg.wasm`])) }))
    .sort((a, b) => a.wasm.length - b.wasm.length);
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
