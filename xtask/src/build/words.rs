//! The words of scripts that are loaded when they are needed: a folder of the catalogue, `locales/export`,
//! becomes the file `words-export.json`, `{"key": ["français", "English"]}`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::files_with_extension;

/// Folders whose words are compiled into modules and the server.
const COMPILED: [&str; 3] = ["viewer", "door", "measure"];

/// A key in both languages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    fr: String,
    en: String,
}

/// Names and contents of the files made of the catalogue in `locales`.
pub(crate) fn files(locales: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut made = Vec::new();
    for entry in fs::read_dir(locales).context("cannot list the catalogue")? {
        let folder = entry?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !COMPILED.contains(&name.as_str()) {
            let words = read(&folder).with_context(|| format!("words of {name}"))?;
            made.push((format!("words-{name}.json"), serde_json::to_vec(&words)?));
        }
    }
    Ok(made)
}

fn read(folder: &Path) -> Result<BTreeMap<String, [String; 2]>> {
    let mut all = BTreeMap::new();
    for file in files_with_extension(folder, "yml")? {
        let found: BTreeMap<String, Words> = serde_saphyr::from_str(&fs::read_to_string(file)?)?;
        for (key, Words { fr, en }) in found {
            if all.insert(key.clone(), [fr, en]).is_some() {
                bail!("the key {key} is there twice");
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_becomes_a_file_with_both_languages() {
        let locales = std::env::temp_dir().join(format!("words-{}", std::process::id()));
        for folder in ["viewer", "help"] {
            fs::create_dir_all(locales.join(folder)).unwrap();
            let words = "help.title:\n  fr: \"Aide\"\n  en: \"Help\"\n";
            fs::write(locales.join(folder).join("words.yml"), words).unwrap();
        }
        let made = files(&locales).unwrap();
        fs::remove_dir_all(&locales).unwrap();
        let expected = br#"{"help.title":["Aide","Help"]}"#.to_vec();
        assert_eq!(made, [("words-help.json".to_owned(), expected)]);
    }
}
