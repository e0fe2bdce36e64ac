// The words of the product in either language, as its catalogue has them, so that one script works in both.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const LOCALES = new URL("../../assets/text/locales/", import.meta.url).pathname;

/** `{ key: { fr, en } }` of every file; they are lists of a key with one line for each language. */
function catalogue() {
  const all = {};
  for (const entry of readdirSync(LOCALES, { recursive: true }).filter((name) => name.endsWith(".yml"))) {
    let words;
    for (const line of readFileSync(join(LOCALES, entry), "utf8").split("\n")) {
      const key = /^([\w.]+):$/.exec(line)?.[1];
      const [, language, text] = /^ {2}(fr|en): (".*")$/.exec(line) ?? [];
      if (key) words = all[key] = {};
      else if (language) words[language] = JSON.parse(text);
    }
  }
  return all;
}

const all = catalogue();

/** `say(key)` in a language. */
export function speaking(language) {
  return (key) => {
    const text = all[key]?.[language];
    if (!text) throw new Error(`the catalogue has no ${key} in ${language}`);
    return text;
  };
}
