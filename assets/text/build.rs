//! Puts the catalogue into one text that is looked up as it is: nothing has to be read when the page starts.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// A key in both languages: one that is missing stops the build.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    fr: String,
    en: String,
}

/// Writes `words.tsv`: a line for each key, in the order of keys.
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    let mut catalogue = BTreeMap::new();
    for file in files()? {
        let found: BTreeMap<String, Words> = serde_saphyr::from_str(&fs::read_to_string(file)?)?;
        for (key, words) in found {
            let line = [key.as_str(), &words.fr, &words.en].join("\t");
            if line.matches(['\t', '\n']).count() != 2 || catalogue.insert(key, line).is_some() {
                return Err("a key is there twice, or a text has tabs or more than a line".into());
            }
        }
    }
    let lines: Vec<String> = catalogue.into_values().collect();
    fs::write(Path::new(&env::var("OUT_DIR")?).join("words.tsv"), lines.join("\n"))?;
    Ok(())
}

/// Those of one module alone for the browser, where the visitor waits for every byte; else all. Words of
/// scripts are in folders of their own, which no module of the browser has compiled in.
fn files() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let is_page = env::var("CARGO_CFG_TARGET_ARCH")? == "wasm32";
    let is_measure = env::var_os("CARGO_FEATURE_MEASURE").is_some();
    let locales = Path::new("locales");
    let folders = match (is_page, is_measure) {
        (true, true) => vec![locales.join("measure")],
        (true, false) => vec![locales.join("viewer")],
        _ => entries(locales)?,
    };
    let mut files = Vec::new();
    for folder in folders {
        files.extend(entries(&folder)?);
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        found.push(entry?.path());
    }
    Ok(found)
}
