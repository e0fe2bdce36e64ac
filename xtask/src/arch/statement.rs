//! The tests that docs/CONFORMANCE.md names exist, and every line that claims something names one.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use super::files::tracked_files;
use crate::workspace::Workspace;

/// Lines of the statement that claim what no test of this tree proves.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let document = fs::read_to_string(workspace.root.join("docs/CONFORMANCE.md"))
        .context("cannot read docs/CONFORMANCE.md")?;
    Ok(violations(&document, &known_tests(workspace)?))
}

/// Functions and titles of every test of this tree.
pub(super) fn known_tests(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for file in tracked_files(workspace)? {
        let Ok(text) = fs::read_to_string(workspace.root.join(&file)) else { continue };
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => known.extend(rust_tests(&text)),
            Some("js") => known.extend(browser_tests(&text)),
            _ => {}
        }
    }
    Ok(known)
}

fn violations(document: &str, known: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for (index, line) in document.lines().enumerate() {
        let place = format!("docs/CONFORMANCE.md:{}", index + 1);
        let Some(row) = Row::read(line) else { continue };
        if row.tests.is_empty() && row.mark == "✅" {
            found.push(format!("{place}: honoured, and no test says so"));
        }
        if row.notes.is_empty() && row.mark == "🟧" {
            found.push(format!("{place}: partly honoured, and not said what is missing"));
        }
        let missing = row.tests.iter().filter(|test| !known.contains(**test));
        found.extend(missing.map(|test| format!("{place}: there is no test {test}")));
    }
    found
}

/// A row of a table: mark, key, name, notes, tests.
struct Row<'a> {
    mark: &'a str,
    notes: &'a str,
    tests: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let &["", mark @ ("✅" | "🟧" | "❌"), _key, _name, notes, tests, ""] = cells.as_slice()
        else {
            return None;
        };
        Some(Self { mark, notes, tests: named_tests(tests) })
    }
}

/// Functions between backticks, titles between double quotes.
fn named_tests(cell: &str) -> Vec<&str> {
    let functions = cell.split('`').skip(1).step_by(2);
    let titles = cell.split('"').skip(1).step_by(2);
    functions.chain(titles).collect()
}

/// Functions after `#[test]` or a test attribute of a library.
fn rust_tests(text: &str) -> Vec<String> {
    let mut is_test = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.contains("::test");
        } else if let Some((_, rest)) = line.split_once("fn ") {
            if is_test {
                found.extend(rest.split(['(', '<']).next().map(str::to_owned));
            }
            is_test = false;
        }
    }
    found
}

/// Titles of `test("…"` in the browser tests.
fn browser_tests(text: &str) -> Vec<String> {
    let titles = text.split("test(\"").skip(1);
    titles.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_are_tests() {
        let text = "#[test]\nfn one() {}\nfn two() {}\n#[tokio::test(flavor = \"x\")]\n\
                    #[expect(y)]\nasync fn three() {}\n#[derive(Z)]\nstruct A;\nfn four() {}";
        assert_eq!(rust_tests(text), ["one", "three"]);
        assert_eq!(browser_tests("x\n  test(\"a b\", async () => {});"), ["a b"]);
    }

    #[test]
    fn claims_without_proof_are_named() {
        let known = ["here", "a title"].map(str::to_owned).into();
        let document = "| | UID | name | notes | tests |\n|---|---|---|---|---|\n\
            | ✅ | 1 | a | | `here` \"a title\" |\n| ✅ | 2 | b | | |\n\
            | 🟧 | 3 | c | | `here` |\n| ❌ | 4 | d | | |\n| 🟧 | 5 | e | some | `gone` |\n";
        assert_eq!(
            violations(document, &known),
            [
                "docs/CONFORMANCE.md:4: honoured, and no test says so",
                "docs/CONFORMANCE.md:5: partly honoured, and not said what is missing",
                "docs/CONFORMANCE.md:7: there is no test gone"
            ]
        );
    }
}
