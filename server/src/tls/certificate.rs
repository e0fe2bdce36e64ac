//! A certificate chain with its private key, as it is served.

use std::{io, path::PathBuf, sync::Arc};

use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    sign::CertifiedKey,
};
use thiserror::Error;
use x509_parser::{
    certificate::X509Certificate,
    extensions::{GeneralName, ParsedExtension, X509Extension},
    prelude::FromDer,
};

use crate::{
    config::TlsConfig,
    secret_file::{self, SecretFileError},
};

/// Why a certificate is not used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The key's file.
    #[error(transparent)]
    Key(#[from] SecretFileError),
    /// Not PEM, or not what is expected in it.
    #[error("not a PEM file with what belongs in it: {0}")]
    Pem(#[from] pem::Error),
    /// The key is of an unknown kind, or another certificate's.
    #[error("{0}")]
    Pair(rustls::Error),
    /// The first certificate cannot be understood.
    #[error("the certificate cannot be read")]
    Content,
}

/// A chain that can be served, and what is written in its first certificate.
#[derive(Debug)]
pub struct Certificate {
    /// Chain and key.
    pub key: Arc<CertifiedKey>,
    /// Unix time from which it counts.
    pub not_before: i64,
    /// Unix time after which it no longer does.
    pub not_after: i64,
    /// DNS names it is for, in lower case.
    pub names: Vec<String>,
    /// Identifiers of its policies: 2.23.140.1.2.2 is "organisation validated", for example.
    pub policies: Vec<String>,
    /// Whether each certificate of the chain is followed by that of its issuer.
    pub is_in_order: bool,
}

impl Certificate {
    /// Reads a pair of files; others must not be able to read the key's.
    ///
    /// # Errors
    /// [`CertificateError`], also where key and certificate do not belong together.
    pub fn load(files: &TlsConfig) -> Result<Self, CertificateError> {
        let chain = std::fs::read(&files.certificate).map_err(|cause| {
            CertificateError::Unreadable { path: files.certificate.clone(), cause }
        })?;
        Self::from_pem(&chain, secret_file::read(&files.key)?.as_bytes())
    }

    /// From PEM: the certificate with its chain, and the key.
    ///
    /// # Errors
    /// As [`Certificate::load`].
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(CertificateError::Pem)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(CertificateError::Pem)?;
        let first = chain.first().ok_or(CertificateError::Content)?.clone();
        let (_, parsed) = X509Certificate::from_der(&first)
            .map_err(|_details_of_the_parser| CertificateError::Content)?;
        let (names, policies) = (names(&parsed), policies(&parsed));
        let (not_before, not_after) =
            (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
        let is_in_order = is_in_order(&chain);
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(CertificateError::Pair)?;
        let key = Arc::new(key);
        Ok(Self { key, not_before, not_after, names, policies, is_in_order })
    }

    /// Whether it is for this host.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let of_parent = host.split_once('.').map(|(_, parent)| format!("*.{parent}"));
        self.names.iter().any(|name| name == host || Some(name) == of_parent.as_ref())
    }

    /// Whether it has one of these policies; any will do where none is asked for.
    #[must_use]
    pub fn has_policy_of(&self, wanted: &[String]) -> bool {
        wanted.is_empty() || self.policies.iter().any(|policy| wanted.contains(policy))
    }

    /// Unix time at which two thirds of its life are over.
    #[must_use]
    pub const fn renewal(&self) -> i64 {
        self.not_before + (self.not_after - self.not_before) / 3 * 2
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternatives)) = certificate.subject_alternative_name() else { return Vec::new() };
    let names = alternatives.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    names.collect()
}

fn policies(certificate: &X509Certificate<'_>) -> Vec<String> {
    let of_extension = |extension: &X509Extension<'_>| match extension.parsed_extension() {
        ParsedExtension::CertificatePolicies(policies) => {
            policies.iter().map(|policy| policy.policy_id.to_id_string()).collect()
        }
        _ => Vec::new(),
    };
    certificate.extensions().iter().flat_map(of_extension).collect()
}

/// By names only: who serves a chain need not trust it.
fn is_in_order(chain: &[CertificateDer<'_>]) -> bool {
    chain.windows(2).all(|pair| {
        let names = |one: &CertificateDer<'_>| {
            let (_, parsed) = X509Certificate::from_der(one).ok()?;
            Some([parsed.subject().as_raw().to_vec(), parsed.issuer().as_raw().to_vec()])
        };
        let (Some(first), Some(second)) = (pair.first(), pair.last()) else { return false };
        matches!((names(first), names(second)), (Some([_, issuer]), Some([subject, _])) if issuer == subject)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(names: &[&str]) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let pair = rcgen::generate_simple_self_signed(names).unwrap();
        (pair.cert.pem(), pair.signing_key.serialize_pem())
    }

    #[test]
    fn names_and_times_are_read() {
        let (chain, key) = pair(&["VI1.example.fr", "*.vi.example.fr"]);
        let read = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        let hosts = ["vi1.example.fr", "a.vi.example.fr", "b.a.vi.example.fr", "example.fr"];
        assert_eq!(hosts.map(|host| read.covers(host)), [true, true, false, false]);
        // What rcgen writes where it is told nothing.
        assert_eq!((read.not_before, read.not_after), (157_766_400, 67_090_118_400));
        assert_eq!(read.renewal(), 157_766_400 + 66_932_352_000 / 3 * 2);
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let ((chain, _), (_, key)) = (pair(&["a"]), pair(&["a"]));
        let refused = Certificate::from_pem(chain.as_bytes(), key.as_bytes());
        assert!(matches!(refused, Err(CertificateError::Pair(_))), "{refused:?}");
        for (chain, key) in [("", key.as_str()), ("junk", &key), (&chain, ""), (&chain, &chain)] {
            assert!(Certificate::from_pem(chain.as_bytes(), key.as_bytes()).is_err());
        }
    }
}
