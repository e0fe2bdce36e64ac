//! What docs/CONFORMANCE.md says is not honoured: refused files of that kind are as stated.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// The UIDs with a ❌.
pub(super) struct Statement {
    not_honoured: BTreeSet<String>,
}

impl Statement {
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let document = fs::read_to_string(workspace.root.join("docs/CONFORMANCE.md"))
            .context("cannot read docs/CONFORMANCE.md")?;
        Ok(Self::parse(&document))
    }

    fn parse(document: &str) -> Self {
        let rows = document.lines().filter_map(|line| line.strip_prefix("| ❌ |"));
        let keys = rows.filter_map(|row| row.split('|').next());
        Self { not_honoured: keys.map(|key| key.trim().to_owned()).collect() }
    }

    /// Whether a UID is honoured, at least partly. Private ones, which stand nowhere, are not.
    pub(super) fn honours(&self, uid: &str) -> bool {
        let is_standard = uid.is_empty() || uid.starts_with("1.2.840.10008.");
        is_standard && !self.not_honoured.contains(uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cross_says_no() {
        let statement =
            Statement::parse("| ✅ | 1.2.840.10008.1 | a |\n| ❌ | 1.2.840.10008.2 | b |\n");
        assert!(statement.honours("1.2.840.10008.1") && !statement.honours("1.2.840.10008.2"));
        assert!(!statement.honours("1.3.6") && statement.honours(""));
    }
}
