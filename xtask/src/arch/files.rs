//! Rules on manifests, documentation and single files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::metadata::Metadata;
use crate::process;
use crate::workspace::Workspace;

/// The longest a source file may get.
const MAX_LINES: usize = 400;

const SOURCE_EXTENSIONS: [&str; 9] = ["rs", "js", "mjs", "ts", "css", "wgsl", "py", "sh", "html"];

/// Left-overs that do not belong into a finished file.
///
/// Written in two halves, so that this file does not hold them.
const LEFTOVERS: [[&str; 2]; 6] = [
    ["TO", "DO"],
    ["FIX", "ME"],
    ["todo", "!("],
    ["dbg", "!("],
    ["#[ig", "nore"],
    ["#[al", "low("],
];

/// Every crate follows the workspace's lints and stands in docs/ARCHITECTURE.md, which names no other.
pub(crate) fn check_crates(workspace: &Workspace, metadata: &Metadata) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for package in metadata.members() {
        if !follows_workspace_lints(&fs::read_to_string(&package.manifest_path)?) {
            violations.push(format!("{} has no `[lints] workspace = true`", package.name));
        }
    }
    let names = metadata.members().map(|package| package.name.clone()).collect();
    match fs::read_to_string(workspace.root.join("docs/ARCHITECTURE.md")) {
        Ok(document) => violations.extend(document_violations(&document, &names)),
        Err(_) => violations.push("docs/ARCHITECTURE.md is missing".to_owned()),
    }
    Ok(violations)
}

fn follows_workspace_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]");
    lines.nth(1) == Some("workspace = true")
}

fn document_violations(document: &str, crates: &BTreeSet<String>) -> Vec<String> {
    let listed = crates_in_table(document);
    let missing = crates.difference(&listed);
    let unknown = listed.difference(crates);
    missing
        .map(|name| format!("docs/ARCHITECTURE.md does not list {name}"))
        .chain(unknown.map(|name| format!("docs/ARCHITECTURE.md lists {name}, which is no crate")))
        .collect()
}

/// Names in the first column of the table whose first heading is `crate`.
fn crates_in_table(document: &str) -> BTreeSet<String> {
    let table = document.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2);
    table
        .take_while(|line| line.starts_with('|'))
        .filter_map(|row| row.split('`').nth(1))
        .map(str::to_owned)
        .collect()
}

/// No file is too long, unfinished or tied to one registry.
pub(crate) fn check_sources(workspace: &Workspace) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for file in tracked_files(workspace)? {
        let Ok(text) = fs::read_to_string(workspace.root.join(&file)) else { continue };
        let extension = file.extension().unwrap_or_default().to_string_lossy().into_owned();
        if SOURCE_EXTENSIONS.contains(&extension.as_str()) {
            violations.extend(length_violation(&file, &text));
            violations.extend(leftover_violations(&file, &text));
        }
        if file.ends_with("package-lock.json") && text.contains("\"resolved\"") {
            violations.push(format!("{} names a registry host", file.display()));
        }
    }
    Ok(violations)
}

pub(super) fn tracked_files(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root);
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names = process::output_of(&mut git)?;
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

fn length_violation(file: &Path, text: &str) -> Option<String> {
    let lines = text.lines().count();
    let what = || format!("{}: {lines} lines, more than {MAX_LINES}", file.display());
    (lines > MAX_LINES).then(what)
}

fn leftover_violations(file: &Path, text: &str) -> Vec<String> {
    let mut violations = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for leftover in LEFTOVERS.map(|halves| halves.concat()) {
            if line.contains(&leftover) {
                violations.push(format!("{}:{}: {leftover}", file.display(), index + 1));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lints_must_come_from_the_workspace() {
        assert!(follows_workspace_lints("[package]\n[lints]\nworkspace = true\n"));
        assert!(!follows_workspace_lints("[package]\nworkspace = true\n"));
        assert!(!follows_workspace_lints("[lints]\n[dependencies]\n"));
    }

    #[test]
    fn the_document_lists_exactly_the_crates() {
        let document =
            "text `x`\n| crate | what |\n|---|---|\n| `a` | one |\n| `b` | two |\n\n| `c` |";
        let crates = ["a", "d"].map(str::to_owned).into();
        assert_eq!(
            document_violations(document, &crates),
            [
                "docs/ARCHITECTURE.md does not list d",
                "docs/ARCHITECTURE.md lists b, which is no crate"
            ]
        );
    }

    #[test]
    fn long_and_unfinished_files_are_named() {
        let file = Path::new("a.rs");
        assert!(length_violation(file, &"x\n".repeat(401)).is_some());
        assert!(length_violation(file, &"x\n".repeat(400)).is_none());
        let word = LEFTOVERS[0].concat();
        assert_eq!(
            leftover_violations(file, &format!("a\n// {word}: b")),
            [format!("a.rs:2: {word}")]
        );
    }
}
