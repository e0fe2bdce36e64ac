//! The signer: one name, whatever else its authority certifies.

use rustls::pki_types::CertificateDer;
use webpki::{EndEntityCert, aws_lc_rs as algorithms};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::document::{Hash, shown};
use super::error::Refusal;
use super::name::DistinguishedName;

/// Who signs the list. Its authority certifies every health organisation of the country: the name makes the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// CN
    pub common_name: String,
    /// OU
    pub unit: String,
    /// O; any where it is not given.
    pub organization: Option<String>,
}

impl Default for Signer {
    /// The agency that runs the network.
    fn default() -> Self {
        Self {
            common_name: "Liste Blanche DRIM-M".to_owned(),
            unit: "318751275100020".to_owned(),
            organization: Some("AGENCE DU NUMERIQUE EN SANTE".to_owned()),
        }
    }
}

impl Signer {
    /// Its certificate among these, DER; it may sign.
    pub(super) fn certificate<'a>(&self, candidates: &'a [Vec<u8>]) -> Result<&'a [u8], Refusal> {
        let is_own = |der: &&Vec<u8>| {
            DistinguishedName::of_certificate(der).is_some_and(|name| self.is_called(&name))
        };
        let mut own = candidates.iter().filter(is_own);
        let (Some(certificate), None) = (own.next(), own.next()) else {
            return Err(Refusal::OtherSigner {
                expected: self.to_string(),
                found: names(candidates),
            });
        };
        check_usage(certificate)?;
        Ok(certificate)
    }

    fn is_called(&self, name: &DistinguishedName) -> bool {
        let is = |kind, wanted: &str| name.only(kind) == Some(wanted.to_lowercase().as_str());
        is("cn", &self.common_name)
            && is("ou", &self.unit)
            && self.organization.as_ref().is_none_or(|wanted| is("o", wanted))
    }
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CN={}, OU={}", self.common_name, self.unit)?;
        self.organization.as_ref().map_or(Ok(()), |name| write!(f, ", O={name}"))
    }
}

/// For whoever reads why.
fn names(candidates: &[Vec<u8>]) -> String {
    let name = |der: &Vec<u8>| match X509Certificate::from_der(der) {
        Ok((_, certificate)) => certificate.subject().to_string(),
        Err(_) => "(unreadable)".to_owned(),
    };
    shown(&candidates.iter().map(name).collect::<Vec<_>>().join("; "))
}

/// Digital signature or non-repudiation.
fn check_usage(der: &[u8]) -> Result<(), Refusal> {
    let (_, certificate) =
        X509Certificate::from_der(der).map_err(|_details_of_the_parser| Refusal::Certificate)?;
    let usage = certificate.key_usage().map_err(|_twice| Refusal::Certificate)?;
    let usage = usage.ok_or(Refusal::KeyUsage)?.value;
    if usage.digital_signature() || usage.non_repudiation() {
        Ok(())
    } else {
        Err(Refusal::KeyUsage)
    }
}

/// Unix time at which a certificate ends.
pub(super) fn not_after(der: &[u8]) -> Result<i64, Refusal> {
    let (_, certificate) =
        X509Certificate::from_der(der).map_err(|_details_of_the_parser| Refusal::Certificate)?;
    Ok(certificate.validity().not_after.timestamp())
}

/// The key of a certificate: RSA of 2048 bits or more, by the library that verifies certificates too.
pub(super) struct Key<'a>(EndEntityCert<'a>);

impl<'a> Key<'a> {
    pub(super) fn of(certificate: &'a CertificateDer<'a>) -> Result<Self, Refusal> {
        Ok(Self(EndEntityCert::try_from(certificate).map_err(Refusal::Chain)?))
    }

    pub(super) fn has_signed(&self, hash: Hash, bytes: &[u8], value: &[u8]) -> bool {
        let algorithm = match hash {
            Hash::Sha256 => algorithms::RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha384 => algorithms::RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => algorithms::RSA_PKCS1_2048_8192_SHA512,
        };
        self.0.verify_signature(algorithm, bytes, value).is_ok()
    }
}
