//! Every dependency may be given to anybody: licences that ask for no more than to be named.

use super::metadata::Metadata;

const ALLOWED: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "IJG",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "OpenSSL",
];

/// Packages whose licence is none of the allowed.
pub(crate) fn check(metadata: &Metadata) -> Vec<String> {
    let refused =
        metadata.foreign().filter(|package| !package.license.as_deref().is_some_and(allowed));
    refused
        .map(|package| {
            let licence = package.license.as_deref().unwrap_or("none stated");
            format!("{} {}: {licence}", package.name, package.version)
        })
        .collect()
}

/// Whether an SPDX expression lets us choose allowed licences only: `OR` needs one side, `AND` both.
fn allowed(expression: &str) -> bool {
    let expression = expression.trim();
    if let Some((left, right)) = split_top_level(expression, " AND ") {
        return allowed(left) && allowed(right);
    }
    if let Some((left, right)) =
        split_top_level(expression, " OR ").or_else(|| split_top_level(expression, "/"))
    {
        return allowed(left) || allowed(right);
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => allowed(inner),
        None => ALLOWED.contains(&expression),
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
        assert!(allowed("MIT OR GPL-3.0"));
        assert!(allowed("MIT/Apache-2.0"));
        assert!(!allowed("MIT AND GPL-3.0"));
        assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(!allowed("(MIT AND GPL-3.0) AND ISC"));
        assert!(!allowed("LGPL-2.1"));
    }
}
