//! Inside viewer-core a module uses only modules above it in the list of its `lib.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::source::{RustFile, rust_files};
use crate::workspace::Workspace;

/// What a core without I/O, clock and threads has no business with.
const FORBIDDEN_STD: [&str; 5] =
    ["std::fs", "std::net", "std::thread", "std::time", "std::process"];

/// Violations with file and line.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let source = workspace.root.join("viewer-core/src");
    let library = fs::read_to_string(source.join("lib.rs"))?;
    let order = listed_modules(&library);
    let declared = declared_modules(&library);
    let mut violations: Vec<String> = declared
        .symmetric_difference(&order.iter().cloned().collect())
        .map(|module| format!("viewer-core/src/lib.rs: `{module}` is not both listed and declared"))
        .collect();
    for file in rust_files(&source)? {
        let place = file.path.strip_prefix(&workspace.root).unwrap_or(&file.path);
        violations.extend(standard_library_violations(place, &file));
        let relative = file.path.strip_prefix(&source).context("a file outside its own crate")?;
        let Some(own) = order.iter().position(|module| *module == module_of(relative)) else {
            continue;
        };
        violations.extend(layer_violations(place, &file, &order, own));
    }
    Ok(violations)
}

/// Modules in the order of the table in the crate's documentation.
fn listed_modules(library: &str) -> Vec<String> {
    let rows = library.lines().filter_map(|line| line.strip_prefix("//! | ["));
    rows.flat_map(|row| {
        let cell = row.split([' ', '(']).take_while(|word| *word != "|" && !word.is_empty());
        cell.filter_map(|word| word.split('`').nth(1)).collect::<Vec<_>>()
    })
    .map(str::to_owned)
    .collect()
}

fn declared_modules(library: &str) -> BTreeSet<String> {
    let declarations = library.lines().filter_map(|line| line.strip_prefix("pub mod "));
    declarations.map(|name| name.trim_end_matches(';').to_owned()).collect()
}

/// `display/cpu.rs` and `display.rs` → `display`.
fn module_of(relative: &Path) -> String {
    let first =
        relative.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

fn standard_library_violations(place: &Path, file: &RustFile) -> Vec<String> {
    let lines = file.lines.iter().enumerate();
    lines
        .filter_map(|(index, line)| {
            let used = FORBIDDEN_STD.iter().find(|path| line.contains(*path))?;
            Some(format!("{}:{}: uses {used}", place.display(), index + 1))
        })
        .collect()
}

fn layer_violations(place: &Path, file: &RustFile, order: &[String], own: usize) -> Vec<String> {
    let lines = file.lines.iter().enumerate();
    lines
        .flat_map(|(index, line)| {
            modules_used(line).into_iter().filter_map(move |used| {
                let layer = order.iter().position(|module| *module == used)?;
                let text = || {
                    format!(
                        "{}:{}: `{}` uses `{used}`, which is below it",
                        place.display(),
                        index + 1,
                        order[own]
                    )
                };
                (layer > own).then(text)
            })
        })
        .collect()
}

/// Modules after `crate::` in a line, also in `crate::{a::B, c}`.
fn modules_used(line: &str) -> Vec<String> {
    let identifier = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut modules = Vec::new();
    for rest in line.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => {
                modules.extend(top_level_items(group).iter().map(|item| identifier(item)));
            }
            None => modules.push(identifier(rest)),
        }
    }
    modules
}

/// `a::{b, c}, d}` → `a::{b, c}`, `d`.
fn top_level_items(group: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0_u32;
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => items.push(String::new()),
            _ => {
                depth = match c {
                    '{' => depth + 1,
                    '}' => depth - 1,
                    _ => depth,
                };
                if let Some(item) = items.last_mut() {
                    item.push(c);
                }
            }
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIBRARY: &str = "//! | module | what |\n//! |---|---|\n//! | [`base`] | units |\n//! | [`dicom`] (feature `dicom-rs`) | x |\n//! | [`command`], [`tool`] | y |\npub mod base;\npub mod dicom;\n";

    fn file(text: &str) -> RustFile {
        RustFile { path: "x.rs".into(), lines: text.lines().map(str::to_owned).collect() }
    }

    #[test]
    fn the_list_is_read_in_order() {
        assert_eq!(listed_modules(LIBRARY), ["base", "dicom", "command", "tool"]);
        assert_eq!(declared_modules(LIBRARY), ["base", "dicom"].map(str::to_owned).into());
    }

    #[test]
    fn used_modules_are_found_in_groups() {
        assert_eq!(modules_used("use crate::{pixel::{A, B}, exam::C};"), ["pixel", "exam"]);
        assert_eq!(modules_used("let a = crate::base::X; pub(crate) fn"), ["base"]);
    }

    #[test]
    fn a_module_may_not_use_one_below_it() {
        let order = ["base", "exam", "display"].map(str::to_owned);
        let found = layer_violations(
            Path::new("exam.rs"),
            &file("use crate::base::A;\nuse crate::display::B;"),
            &order,
            1,
        );
        assert_eq!(found, ["exam.rs:2: `exam` uses `display`, which is below it"]);
    }

    #[test]
    fn files_belong_to_their_top_module() {
        assert_eq!(module_of(Path::new("display/cpu.rs")), "display");
        assert_eq!(module_of(Path::new("command.rs")), "command");
    }
}
