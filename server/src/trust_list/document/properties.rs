//! What the signer signed about its own signature (ETSI EN 319 132-1: XAdES).

use time::OffsetDateTime;

use super::DocumentError;
use super::dom::{self, Node, XADES, named, only, text};
use super::hash::Digest;
use super::list::time_of;

/// The signed properties, read from the bytes that were hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Properties {
    /// When it was signed, as the signer says.
    pub signing_time: OffsetDateTime,
    certificate_digest: Digest,
}

impl Properties {
    /// Reads canonical XML whose root is `SignedProperties`.
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        dom::parse(bytes)?.with_view(|view| Self::of(view.document().root_element()))
    }

    fn of(root: Node<'_>) -> Result<Self, DocumentError> {
        if !root.has_tag_name((XADES, "SignedProperties")) {
            return Err(DocumentError::form("what is signed are no SignedProperties"));
        }
        let properties = only(root, XADES, "SignedSignatureProperties")?;
        let signing_time = time_of(&text(only(properties, XADES, "SigningTime")?)?)?;
        Ok(Self { signing_time, certificate_digest: certificate_digest(properties)? })
    }

    /// Whether this certificate, and no other of the same key, signed.
    pub fn is_of_certificate(&self, der: &[u8]) -> bool {
        self.certificate_digest.is_of(der)
    }
}

/// The signer's is the first; those of the authorities may follow.
fn certificate_digest(properties: Node<'_>) -> Result<Digest, DocumentError> {
    let of = |name| named(properties, XADES, name);
    let mut found = of("SigningCertificateV2").chain(of("SigningCertificate"));
    let (Some(signing), None) = (found.next(), found.next()) else {
        return Err(DocumentError::form("there must be one SigningCertificate"));
    };
    let certificate = named(signing, XADES, "Cert").next();
    let certificate =
        certificate.ok_or_else(|| DocumentError::form("SigningCertificate is empty"))?;
    Digest::read(only(certificate, XADES, "CertDigest")?)
}
