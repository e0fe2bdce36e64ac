//! `cargo xtask arch`: the rules of docs/ARCHITECTURE.md, checked on the code as it is.

mod checklist;
mod dependencies;
mod files;
mod layers;
mod licences;
mod metadata;
mod source;
mod statement;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// Checks everything and lists every violation.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let metadata = metadata::read(workspace)?;
    let checks: [(&str, Vec<String>); 7] = [
        ("dependencies", dependencies::check(workspace, &metadata)?),
        ("module layers", layers::check(workspace)?),
        ("crates", files::check_crates(workspace, &metadata)?),
        ("source files", files::check_sources(workspace)?),
        ("licences", licences::check(workspace, &metadata)?),
        ("conformance statement", statement::check(workspace)?),
        ("security checklist", checklist::check(workspace)?),
    ];
    let mut violations = 0;
    for (name, found) in &checks {
        println!("{} {name}", if found.is_empty() { "ok  " } else { "FAIL" });
        for violation in found {
            println!("     {violation}");
        }
        violations += found.len();
    }
    if violations > 0 {
        bail!("{violations} violations of the architecture");
    }
    Ok(())
}
