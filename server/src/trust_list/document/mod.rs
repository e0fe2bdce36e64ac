//! The signed document: its form, its signature, what is signed. Whose signature it is, and whether that counts, is
//! decided by whoever brings the key.
//!
//! The list and the properties of its signature are read from the very bytes that were hashed, never from the document
//! around them: what the signature does not cover, or what stands inside it, cannot be seen here at all.

mod dom;
mod envelope;
mod error;
mod hash;
mod list;
mod properties;
mod transforms;

use xml_sec::c14n::{C14nAlgorithm, C14nMode, canonicalize};
use xml_sec::{NodeId, XmlDocument};

use envelope::Envelope;

pub use error::DocumentError;
pub(crate) use error::shown;
pub use hash::Hash;
pub use list::{Domain, List, host_name};
pub use properties::Properties;

/// A document with one signature of a known form, not verified yet.
pub struct Document {
    xml: XmlDocument,
    envelope: Envelope,
}

/// What a key has signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The list.
    pub list: List,
    /// What is signed about the signature.
    pub properties: Properties,
}

impl Document {
    /// Reads a document and checks the form of its signature.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let xml = dom::parse(bytes)?;
        let envelope = xml.with_view(|view| Envelope::read(view.document().root_element()))?;
        Ok(Self { xml, envelope })
    }

    /// The certificates that came with it, DER; anybody can put anything here.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.envelope.certificates
    }

    /// Verifies the signature and reads what it covers. `has_signed` tells whether a key has signed these bytes, by a
    /// hash function, with this value.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn verify(
        &self,
        has_signed: impl FnOnce(Hash, &[u8], &[u8]) -> bool,
    ) -> Result<Signed, DocumentError> {
        let Envelope { hash, value, places, list, properties, .. } = &self.envelope;
        if !has_signed(*hash, &self.canonical(Part::Within(places.information))?, value) {
            return Err(DocumentError::Broken("it is not of the signer's key"));
        }
        let list_bytes = self.canonical(Part::Without(places.signature))?;
        if !list.is_of(&list_bytes) {
            return Err(DocumentError::Broken("the list was changed"));
        }
        let properties_bytes = self.canonical(Part::Within(places.properties))?;
        if !properties.is_of(&properties_bytes) {
            return Err(DocumentError::Broken("the properties of the signature were changed"));
        }
        let properties = Properties::read(&properties_bytes)?;
        Ok(Signed { list: List::read(&list_bytes)?, properties })
    }

    /// By exclusive canonicalization without comments.
    fn canonical(&self, part: Part) -> Result<Vec<u8>, DocumentError> {
        let algorithm = C14nAlgorithm::new(C14nMode::Exclusive1_0, false);
        let mut bytes = Vec::new();
        let is_in = |node: xml_sec::Node<'_, '_>| part.has(node);
        let written = self
            .xml
            .with_view(|view| canonicalize(view.document(), Some(&is_in), &algorithm, &mut bytes));
        written.map_err(|error| DocumentError::form(error.to_string()))?;
        Ok(bytes)
    }
}

/// A part of the document.
#[derive(Clone, Copy)]
enum Part {
    /// This element.
    Within(NodeId),
    /// Everything but this element.
    Without(NodeId),
}

impl Part {
    fn has(self, node: xml_sec::Node<'_, '_>) -> bool {
        let is_within = |id| node.ancestors().any(|ancestor| ancestor.id() == id);
        match self {
            Self::Within(id) => is_within(id),
            Self::Without(id) => !is_within(id),
        }
    }
}
