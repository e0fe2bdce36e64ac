//! The table of reference samples.

use std::path::PathBuf;

/// One row that has expected samples.
pub struct Reference {
    /// Path of the file, relative.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Transfer Syntax UID; may be empty.
    pub transfer_syntax: String,
    /// SHA-256 of the stored samples, hexadecimal.
    pub sha256: String,
    /// Smallest, largest and mean sample of the reference.
    pub statistics: [f64; 3],
    /// 16 samples of the first frame.
    pub grid: Vec<f64>,
}

/// Rows with expected samples, or `None` (and a word about it) where the data is not there.
pub fn read_manifest() -> Option<Vec<Reference>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let Ok(text) = std::fs::read_to_string(root.join("MANIFEST.tsv")) else {
        eprintln!("skipped: no ../shared");
        return None;
    };
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().expect("a header line").split('\t').collect();
    let column = |name: &str| columns.iter().position(|c| *c == name).expect(name);
    let [path, syntax, hash] = ["path", "transfer_syntax", "expected_pixels_sha256"].map(column);
    let statistics = ["pixel_min", "pixel_max", "pixel_mean"].map(column);
    let grid = column("grid16");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
        Reference {
            name: cells[path].to_owned(),
            path: root.join(cells[path]),
            transfer_syntax: cells[syntax].to_owned(),
            sha256: cells[hash].to_owned(),
            statistics: statistics.map(|index| number(cells[index])),
            grid: cells[grid].split(',').map(number).collect(),
        }
    };
    Some(lines.map(row).filter(|row| !row.sha256.is_empty()).collect())
}
