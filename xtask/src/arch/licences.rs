//! Every dependency may be given to anybody: licences that ask for no more than to be named.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::metadata::Metadata;
use crate::workspace::Workspace;

/// The part of deny.toml that is read.
#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
}

/// Licences that are allowed.
#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

/// Packages whose licence is none of the allowed.
pub(crate) fn check(workspace: &Workspace, metadata: &Metadata) -> Result<Vec<String>> {
    let text = fs::read_to_string(workspace.root.join("deny.toml"))
        .context("cannot read deny.toml, the list of licences")?;
    let licences = toml::from_str::<Deny>(&text).context("deny.toml")?.licenses;
    let is_fine = |licence: &String| licences.allows(licence);
    let refused =
        metadata.foreign().filter(|package| !package.license.as_ref().is_some_and(is_fine));
    let told = refused.map(|package| {
        let licence = package.license.as_deref().unwrap_or("none stated");
        format!("{} {}: {licence}", package.name, package.version)
    });
    Ok(told.collect())
}

impl Licences {
    /// Whether an SPDX expression lets us choose allowed licences only: `OR` needs one side, `AND` both.
    fn allows(&self, expression: &str) -> bool {
        let expression = expression.trim();
        if let Some((left, right)) = split_top_level(expression, " AND ") {
            return self.allows(left) && self.allows(right);
        }
        if let Some((left, right)) =
            split_top_level(expression, " OR ").or_else(|| split_top_level(expression, "/"))
        {
            return self.allows(left) || self.allows(right);
        }
        match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => self.allows(inner),
            None => self.allow.iter().any(|allowed| allowed == expression),
        }
    }
}

/// Splits at the first separator outside parentheses.
fn split_top_level<'a>(expression: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let outside = |position: usize| {
        let before = &expression[..position];
        before.matches('(').count() == before.matches(')').count()
    };
    let position = expression.match_indices(separator).map(|(at, _)| at).find(|at| outside(*at))?;
    Some((&expression[..position], &expression[position + separator.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_side_of_or_is_enough_and_both_of_and_are_needed() {
        let allow = ["MIT", "Apache-2.0", "Unicode-3.0", "ISC"].map(str::to_owned).into();
        let licences = Licences { allow };
        assert!(licences.allows("MIT OR GPL-3.0"));
        assert!(licences.allows("MIT/Apache-2.0"));
        assert!(!licences.allows("MIT AND GPL-3.0"));
        assert!(licences.allows("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(!licences.allows("(MIT AND GPL-3.0) AND ISC"));
        assert!(!licences.allows("LGPL-2.1"));
    }
}
