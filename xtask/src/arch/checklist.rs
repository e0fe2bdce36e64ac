//! Every number of the security checklist is in the name of a test, or docs/SECURITY.md says why not.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use super::statement::known_tests;
use crate::workspace::Workspace;

/// The checklist has this many items.
const ITEMS: u32 = 70;

/// The table of what is not done.
const NOT_DONE: &str = "## Not done, and why";

/// Items that nothing is said about, and lines about items that there are not.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let document = fs::read_to_string(workspace.root.join("docs/SECURITY.md"))
        .context("cannot read docs/SECURITY.md")?;
    Ok(violations(&document, &known_tests(workspace)?))
}

fn violations(document: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let tested: BTreeSet<u32> = tests.iter().flat_map(|test| items_of_test(test)).collect();
    let Some((_, not_done)) = document.split_once(NOT_DONE) else {
        return vec![format!("docs/SECURITY.md has no section `{NOT_DONE}`")];
    };
    let excused: BTreeSet<u32> = not_done.lines().flat_map(items_of_row).collect();
    let silent = (1..=ITEMS).filter(|item| !tested.contains(item) && !excused.contains(item));
    let silent = silent
        .map(|item| format!("item {item}: no test `item_{item}_…`, no line in docs/SECURITY.md"));
    let unknown = tested.union(&excused).filter(|item| !(1..=ITEMS).contains(*item));
    silent.chain(unknown.map(|item| format!("item {item}: not in the checklist"))).collect()
}

/// `item_9_and_23_user_information…` → 9, 23.
fn items_of_test(name: &str) -> Vec<u32> {
    let Some(rest) = name.strip_prefix("item_") else { return Vec::new() };
    let words = rest.split('_').filter(|word| *word != "and");
    words.map_while(|word| word.parse().ok()).collect()
}

/// `| 28, 30–32 | what | why |` → 28, 30, 31, 32.
fn items_of_row(line: &str) -> Vec<u32> {
    let Some(cell) = line.strip_prefix('|').and_then(|row| row.split('|').next()) else {
        return Vec::new();
    };
    let ranges = cell.split(',').filter_map(|part| {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    });
    ranges.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read() {
        assert_eq!(items_of_test("item_9_and_23_user_information"), [9, 23]);
        assert_eq!(items_of_test("item_47_49_certificates"), [47, 49]);
        assert!(items_of_test("items_9").is_empty() && items_of_test("an_item_9").is_empty());
        assert_eq!(items_of_row("| 28, 30–32 | what | why |"), [28, 30, 31, 32]);
        assert!(items_of_row("| – | what | 7 |").is_empty() && items_of_row("70").is_empty());
    }

    #[test]
    fn what_nothing_is_said_about_is_named() {
        let tests: BTreeSet<String> = ["item_1_a".to_owned(), "item_71_b".to_owned()].into();
        let document = format!("| 2 | done | |\n{NOT_DONE}\n| 3–69 | what | why |\n");
        let found = violations(&document, &tests);
        assert_eq!(found.len(), 3, "{found:?}");
        for (violation, item) in found.iter().zip(["item 2:", "item 70:", "item 71:"]) {
            assert!(violation.starts_with(item), "{violation}");
        }
    }
}
