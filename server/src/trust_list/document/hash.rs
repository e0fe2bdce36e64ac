//! The hash functions that a signature may use.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::DocumentError;
use super::dom::{DSIG, Node, algorithm, only, text};
use super::envelope::decode;

/// SHA-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

impl Hash {
    /// RSA (PKCS #1 v1.5) with one of them.
    pub(super) fn of_signature(method: Node<'_>) -> Result<Self, DocumentError> {
        match algorithm(method)? {
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => Ok(Self::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => Ok(Self::Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => Ok(Self::Sha512),
            other => Err(DocumentError::form(format!("signed by the unknown algorithm {other}"))),
        }
    }

    fn of_digest(method: Node<'_>) -> Result<Self, DocumentError> {
        match algorithm(method)? {
            "http://www.w3.org/2001/04/xmlenc#sha256" => Ok(Self::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Ok(Self::Sha384),
            "http://www.w3.org/2001/04/xmlenc#sha512" => Ok(Self::Sha512),
            other => Err(DocumentError::form(format!("hashed by the unknown algorithm {other}"))),
        }
    }
}

/// A hash that somebody has written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    hash: Hash,
    value: Vec<u8>,
}

impl Digest {
    /// `DigestMethod` and `DigestValue` of an element.
    pub(super) fn read(parent: Node<'_>) -> Result<Self, DocumentError> {
        let hash = Hash::of_digest(only(parent, DSIG, "DigestMethod")?)?;
        Ok(Self { hash, value: decode(&text(only(parent, DSIG, "DigestValue")?)?)? })
    }

    pub(super) fn is_of(&self, bytes: &[u8]) -> bool {
        match self.hash {
            Hash::Sha256 => Sha256::digest(bytes).as_slice() == self.value,
            Hash::Sha384 => Sha384::digest(bytes).as_slice() == self.value,
            Hash::Sha512 => Sha512::digest(bytes).as_slice() == self.value,
        }
    }
}
