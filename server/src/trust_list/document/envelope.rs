//! The form of the signature: checked as a whole before any of it is computed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use xml_sec::NodeId;

use super::DocumentError;
use super::dom::{DSIG, Node, XADES, elements, named, only, text};
use super::hash::{Digest, Hash};
use super::transforms;

const PROPERTIES_TYPE: &str = "http://uri.etsi.org/01903#SignedProperties";
/// Signer, authority, root, and some to spare.
const MAX_CERTIFICATES: usize = 8;

/// A signature of the form that is known: it covers the whole document and its own properties, nothing else and
/// nothing less.
#[derive(Debug)]
pub(super) struct Envelope {
    /// DER, as they come; nothing says yet whose they are.
    pub(super) certificates: Vec<Vec<u8>>,
    /// By which the signature is computed.
    pub(super) hash: Hash,
    pub(super) value: Vec<u8>,
    pub(super) list: Digest,
    pub(super) properties: Digest,
    /// `Signature`, `SignedInfo` and `SignedProperties`.
    pub(super) places: Places,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) signature: NodeId,
    pub(super) information: NodeId,
    pub(super) properties: NodeId,
}

impl Envelope {
    pub(super) fn read(root: Node<'_>) -> Result<Self, DocumentError> {
        let signature = the_signature(root)?;
        if elements(signature).count() != 4 {
            return Err(DocumentError::form("it must have four parts and no others"));
        }
        let value = decode(&text(only(signature, DSIG, "SignatureValue")?)?)?;
        let properties_element = properties(signature)?;
        let information = only(signature, DSIG, "SignedInfo")?;
        let [list, properties] = references(information, properties_element)?;
        Ok(Self {
            certificates: certificates(only(signature, DSIG, "KeyInfo")?)?,
            hash: Hash::of_signature(only(information, DSIG, "SignatureMethod")?)?,
            value,
            list,
            properties,
            places: Places {
                signature: signature.id(),
                information: information.id(),
                properties: properties_element.id(),
            },
        })
    }
}

fn the_signature(root: Node<'_>) -> Result<Node<'_>, DocumentError> {
    let is_signature = |node: &Node<'_>| node.has_tag_name((DSIG, "Signature"));
    let found: Vec<_> = root.descendants().filter(is_signature).collect();
    let [signature] = found.as_slice() else {
        return Err(DocumentError::Signatures(found.len()));
    };
    if root.last_element_child() == Some(*signature) {
        Ok(*signature)
    } else {
        Err(DocumentError::Place)
    }
}

/// The only signed properties there are: those of this signature.
fn properties(signature: Node<'_>) -> Result<Node<'_>, DocumentError> {
    let object = only(signature, DSIG, "Object")?;
    let qualifying = only(object, XADES, "QualifyingProperties")?;
    if elements(object).count() != 1 {
        return Err(DocumentError::form("Object holds more than QualifyingProperties"));
    }
    let target = qualifying.attribute("Target").and_then(|target| target.strip_prefix('#'));
    if target.is_none() || target != signature.attribute("Id") {
        return Err(DocumentError::form("QualifyingProperties of another signature"));
    }
    only(qualifying, XADES, "SignedProperties")
}

/// The hashes of the list and of the properties.
fn references(information: Node<'_>, properties: Node<'_>) -> Result<[Digest; 2], DocumentError> {
    transforms::check_canonical(only(information, DSIG, "CanonicalizationMethod")?)?;
    let references: Vec<_> = named(information, DSIG, "Reference").collect();
    if references.len() != 2 || elements(information).count() != 4 {
        return Err(DocumentError::form("it must have two references and no others"));
    }
    let (whole, part): (Vec<_>, Vec<_>) =
        references.into_iter().partition(|reference| reference.attribute("URI") == Some(""));
    let ([whole], [part]) = (whole.as_slice(), part.as_slice()) else {
        return Err(DocumentError::form("no reference to the whole document"));
    };
    transforms::check_of_list(*whole)?;
    check_properties_reference(*part, properties)?;
    Ok([Digest::read(*whole)?, Digest::read(*part)?])
}

fn check_properties_reference(
    reference: Node<'_>,
    properties: Node<'_>,
) -> Result<(), DocumentError> {
    let target = reference.attribute("URI").and_then(|uri| uri.strip_prefix('#'));
    let is_own = target.is_some() && target == properties.attribute("Id");
    if !is_own || reference.attribute("Type") != Some(PROPERTIES_TYPE) {
        return Err(DocumentError::form("no reference to its own SignedProperties"));
    }
    transforms::check_of_properties(reference)
}

fn certificates(key_info: Node<'_>) -> Result<Vec<Vec<u8>>, DocumentError> {
    let data = named(key_info, DSIG, "X509Data");
    let encoded: Vec<_> = data.flat_map(|data| named(data, DSIG, "X509Certificate")).collect();
    if encoded.is_empty() || encoded.len() > MAX_CERTIFICATES {
        let count = encoded.len();
        return Err(DocumentError::form(format!("{count} certificates with it")));
    }
    encoded.into_iter().map(|certificate| decode(&text(certificate)?)).collect()
}

/// Base64 with line breaks.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, DocumentError> {
    let compact: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(compact).map_err(|error| DocumentError::form(format!("base64: {error}")))
}
