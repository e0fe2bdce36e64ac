//! Tables of what is known of files.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// One line of a table with a header line: a cell by the name of its column.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    cells: HashMap<String, String>,
}

impl Row {
    /// A cell; empty where it is, or where there is no such column.
    pub(super) fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// A cell as a whole number; 0 where it is empty or something else.
    pub(super) fn number(&self, column: &str) -> u64 {
        self.get(column).parse().unwrap_or(0)
    }

    /// Bytes that the header promises of decoded samples.
    pub(super) fn declared_bytes(&self) -> u64 {
        let frames = self.number("frames").max(1);
        let sides = self.number("rows").saturating_mul(self.number("columns"));
        let pixel = self.number("samples_per_pixel") * self.number("bits_allocated").div_ceil(8);
        sides.saturating_mul(pixel).saturating_mul(frames)
    }
}

/// Reads a tab-separated table, without quoting.
pub(super) fn read(file: &Path) -> Result<Vec<Row>> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(parse(&text))
}

fn parse(text: &str) -> Vec<Row> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let row = |line: &str| {
        let names = header.iter().map(|&name| name.to_owned());
        Row { cells: names.zip(line.split('\t').map(str::to_owned)).collect() }
    };
    lines.filter(|line| !line.is_empty()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_name() {
        let rows = parse(
            "path\trows\tcolumns\tbits_allocated\tsamples_per_pixel\tframes\na\t2\t3\t12\t1\t\n",
        );
        assert_eq!(rows[0].get("path"), "a");
        assert_eq!(rows[0].get("nothing"), "");
        assert_eq!(rows[0].declared_bytes(), 12);
    }
}
