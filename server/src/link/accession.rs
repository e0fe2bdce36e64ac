//! Accession numbers of links and of sources: `root.extension`, `extension`, `extension^^^root`.
//!
//! The CI-SIS concatenates the root (an OID) and the extension; images carry the extension alone,
//! with the root as their Issuer of Accession Number.

use serde::{Deserialize, Serialize};

use super::{LinkError, Parameter, is_uid, parse::check_identifier};

/// An accession number as the link has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accession {
    /// Text before the first `^`.
    value: String,
    /// Root named apart from the value (`value^^^root`).
    root: Option<String>,
}

impl Accession {
    pub(super) fn parse(text: &str) -> Result<Self, LinkError> {
        check_identifier(text, Parameter::AccessionNumber)?;
        let mut parts = text.split('^');
        let value = parts.next().unwrap_or_default().trim().to_owned();
        // HL7 CX or EI: the authority is `namespace&OID&ISO` or the OID itself.
        let root = parts.flat_map(|part| part.split('&')).map(str::trim).find(|part| is_uid(part));
        if value.is_empty() {
            return Err(LinkError::Identifier(Parameter::AccessionNumber));
        }
        Ok(Self { value, root: root.map(str::to_owned) })
    }

    /// The number as printed, without a root named apart.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What to ask a source for: the accession numbers without root that this one can stand for.
    /// Their number depends on the link and the configuration only, never on what a source holds.
    #[must_use]
    pub fn candidates(&self, roots: &[String]) -> Vec<String> {
        let known = roots.iter().filter_map(|root| strip_root(&self.value, root));
        let last_dot = self.value.rsplit_once('.').filter(|(root, _)| is_uid(root));
        let mut candidates = vec![self.value.clone()];
        for candidate in known.chain(last_dot.map(|(_, extension)| extension)) {
            if !candidate.is_empty() && !candidates.iter().any(|other| other == candidate) {
                candidates.push(candidate.to_owned());
            }
        }
        candidates
    }

    /// Whether this is the accession number of an exam, stored as `stored` with its issuer where the
    /// images state one, on a site whose accession numbers have one of `roots`.
    ///
    /// Where neither images nor site know a root, any root is believed: the number itself must match.
    #[must_use]
    pub fn matches(&self, stored: &str, issuer: Option<&str>, roots: &[String]) -> bool {
        let stored = stored.trim();
        if stored.is_empty() {
            return false;
        }
        let is_known = |root: &str| match issuer.map(str::trim).filter(|issuer| !issuer.is_empty())
        {
            Some(issuer) => issuer == root || roots.iter().any(|known| known == root),
            None => roots.is_empty() || roots.iter().any(|known| known == root),
        };
        if self.root.as_deref().is_some_and(|root| !is_known(root)) {
            return false;
        }
        self.value == stored
            || self
                .value
                .strip_suffix(stored)
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|root| is_uid(root) && is_known(root))
    }
}

fn strip_root<'a>(value: &'a str, root: &str) -> Option<&'a str> {
    value.strip_prefix(root)?.strip_prefix('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "1.2.250.1.925.994044785528.27";

    fn matches(link: &str, stored: &str, issuer: Option<&str>, roots: &[&str]) -> bool {
        let roots: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
        Accession::parse(link).unwrap().matches(stored, issuer, &roots)
    }

    #[test]
    fn every_printed_form_matches_the_stored_number() {
        let concatenated = format!("{ROOT}.ACN103");
        let apart = format!("ACN103^^^{ROOT}");
        let hl7 = format!("ACN103^^^CENTRE&{ROOT}&ISO");
        for link in ["ACN103", &concatenated, &apart, &hl7] {
            assert!(matches(link, "ACN103", Some(ROOT), &[]), "{link}: issuer in the images");
            assert!(matches(link, " ACN103 ", None, &[ROOT]), "{link}: root of the site");
            assert!(matches(link, "ACN103", None, &[]), "{link}: root unknown");
            assert!(!matches(link, "ACN104", Some(ROOT), &[]), "{link}: other number");
            assert!(!matches(link, "", Some(ROOT), &[]), "{link}: images without number");
        }
    }

    #[test]
    fn another_root_is_another_number() {
        assert!(!matches("9.9.ACN103", "ACN103", Some(ROOT), &[]));
        assert!(!matches("9.9.ACN103", "ACN103", None, &[ROOT]));
        assert!(!matches("ACN103^^^9.9", "ACN103", Some(ROOT), &[]));
        assert!(matches("9.9.ACN103", "ACN103", Some(ROOT), &["9.9"]));
    }

    #[test]
    fn a_suffix_is_not_the_number() {
        assert!(!matches("XACN103", "ACN103", None, &[]));
        assert!(!matches("A.ACN103", "ACN103", None, &[]));
        assert!(!matches("1.2.9103", "103", None, &[]));
        assert!(matches("1.2.103", "103", None, &[]));
    }

    #[test]
    fn candidates_come_from_the_link_alone() {
        let roots = vec![ROOT.to_owned(), "9.9".to_owned()];
        let candidates = |text: &str| Accession::parse(text).unwrap().candidates(&roots);
        let concatenated = format!("{ROOT}.A.B");
        assert_eq!(candidates(&concatenated), [concatenated.as_str(), "A.B"]);
        assert_eq!(candidates("ACN103"), ["ACN103"]);
        assert_eq!(candidates("1.2.3"), ["1.2.3", "3"]);
        assert_eq!(candidates("ACN103^^^9.9"), ["ACN103"]);
    }
}
