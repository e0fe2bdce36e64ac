//! Test data beside the project, where it is present.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

/// One row of the manifest.
pub(crate) struct Row {
    /// Path of the file below the data folder.
    pub(crate) path: String,
    values: HashMap<String, String>,
}

impl Row {
    /// A column; empty where it is.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.values.get(column).map_or("", String::as_str)
    }

    /// Whether a column holds anything.
    pub(crate) fn has(&self, column: &str) -> bool {
        !self.get(column).is_empty()
    }
}

/// The data folder; `None`, with a word on standard error, where it is not there.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no ../shared");
    None
}

/// The data folder and its manifest.
pub(crate) fn rows() -> Option<(PathBuf, Vec<Row>)> {
    let folder = folder()?;
    let rows = table(&folder.join("MANIFEST.tsv"), "path");
    Some((folder, rows))
}

/// A tab-separated table with a header line; `path` names its first column.
pub(crate) fn table(file: &std::path::Path, path: &str) -> Vec<Row> {
    let text = fs::read_to_string(file).expect("the table is readable");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header line").split('\t').collect();
    lines
        .map(|line| {
            let cells = line.split('\t').map(str::to_owned);
            let values: HashMap<String, String> =
                header.iter().map(|&name| name.to_owned()).zip(cells).collect();
            Row { path: values.get(path).cloned().unwrap_or_default(), values }
        })
        .collect()
}
