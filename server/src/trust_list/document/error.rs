//! Why a document is no list.

use thiserror::Error;
use xml_sec::XmlDocumentError;

/// Characters of a document that are repeated.
const MAX_SHOWN: usize = 300;

/// Why a document is not read, or says nothing that can be believed.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// Not XML at all.
    #[error("not an XML document in UTF-8: {0}")]
    NotXml(String),
    /// Larger than anything that can be a list.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// More elements within elements than a list has.
    #[error("elements more than {0} deep")]
    TooDeep(usize),
    /// A document type definition: entities that read files, or that grow without end.
    #[error("it has a document type definition (DTD)")]
    Dtd,
    /// No signature, or more than one.
    #[error("it has {0} signatures, not one")]
    Signatures(usize),
    /// The signature is not where it covers everything else.
    #[error("the signature is not the last element of the document's root")]
    Place,
    /// Something of the signature is not of a form that is known to be safe.
    #[error("signature: {0}")]
    Form(String),
    /// Cryptography says no.
    #[error("the signature does not fit: {0}")]
    Broken(&'static str),
    /// What is signed is no list.
    #[error("the list: {0}")]
    Content(String),
}

impl DocumentError {
    pub(super) fn form(problem: impl AsRef<str>) -> Self {
        Self::Form(shown(problem.as_ref()))
    }

    pub(super) fn content(problem: impl AsRef<str>) -> Self {
        Self::Content(shown(problem.as_ref()))
    }

    /// Whether the document could not even be read, rather than being refused for what it says.
    pub const fn is_unreadable(&self) -> bool {
        matches!(self, Self::NotXml(_))
    }
}

impl From<XmlDocumentError> for DocumentError {
    fn from(error: XmlDocumentError) -> Self {
        match error {
            XmlDocumentError::DocumentTooLarge { maximum, .. } => Self::TooLarge(maximum),
            XmlDocumentError::DocumentTooDeep { maximum, .. } => Self::TooDeep(maximum),
            other => Self::NotXml(other.to_string()),
        }
    }
}

/// Words of the document, fit for a log or a terminal.
pub(crate) fn shown(text: &str) -> String {
    let printable = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(MAX_SHOWN).map(printable).collect()
}
