//! What is done to the document before it is hashed. A signature covers what comes out of this and nothing else, so
//! only the three ways are taken that are known to leave out the signature alone, and all come to the same: in a document
//! with one signature, whoever names "the signature", "whatever is within signatures" or "all signatures" means it.

use super::DocumentError;
use super::dom::{Node, algorithm, elements, named, text};

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const FILTER2: &str = "http://www.w3.org/2002/06/xmldsig-filter2";

/// The list's own reference: everything but the signature, then exclusive canonicalization.
pub(super) fn check_of_list(reference: Node<'_>) -> Result<(), DocumentError> {
    let transforms = of(reference)?;
    let [without_signature, canonical] = transforms.as_slice() else {
        return Err(DocumentError::form("the list's reference must have two transforms"));
    };
    check_canonical(*canonical)?;
    match algorithm(*without_signature)? {
        ENVELOPED => check_bare(*without_signature),
        XPATH => check_xpath(*without_signature),
        FILTER2 => check_filter2(*without_signature),
        other => Err(DocumentError::form(format!("unknown transform {other}"))),
    }
}

/// The reference of the signed properties: exclusive canonicalization.
pub(super) fn check_of_properties(reference: Node<'_>) -> Result<(), DocumentError> {
    match of(reference)?.as_slice() {
        [canonical] => check_canonical(*canonical),
        _ => Err(DocumentError::form("the properties' reference must have one transform")),
    }
}

/// Exclusive canonicalization without parameters, which could leave out namespaces.
pub(super) fn check_canonical(element: Node<'_>) -> Result<(), DocumentError> {
    match algorithm(element)? {
        EXCLUSIVE => check_bare(element),
        other => Err(DocumentError::form(format!("canonicalization {other} is not exclusive"))),
    }
}

fn of<'a>(reference: Node<'a>) -> Result<Vec<Node<'a>>, DocumentError> {
    let transforms = super::dom::only(reference, super::dom::DSIG, "Transforms")?;
    let all: Vec<_> = elements(transforms).collect();
    let known = named(transforms, super::dom::DSIG, "Transform").count();
    if all.len() == known { Ok(all) } else { Err(DocumentError::form("unknown transform")) }
}

fn check_bare(transform: Node<'_>) -> Result<(), DocumentError> {
    match transform.first_element_child() {
        None => Ok(()),
        Some(child) => {
            let name = child.tag_name().name();
            Err(DocumentError::form(format!("a transform with the parameter {name}")))
        }
    }
}

fn check_xpath(transform: Node<'_>) -> Result<(), DocumentError> {
    let xpath = super::dom::only(transform, super::dom::DSIG, "XPath")?;
    check_expression(xpath, "not(ancestor-or-self::", ":Signature)")
}

fn check_filter2(transform: Node<'_>) -> Result<(), DocumentError> {
    let xpath = super::dom::only(transform, FILTER2, "XPath")?;
    if xpath.attribute("Filter") != Some("subtract") {
        return Err(DocumentError::form("an XPath filter that does not subtract"));
    }
    check_expression(xpath, "/descendant::", ":Signature")
}

/// The one expression, with whatever prefix stands for signatures there.
fn check_expression(xpath: Node<'_>, before: &str, after: &str) -> Result<(), DocumentError> {
    let only_child = xpath.parent_element().map(|parent| elements(parent).count()) == Some(1);
    let expression = text(xpath)?;
    let prefix = expression.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    let namespace = prefix.and_then(|prefix| xpath.lookup_namespace_uri(Some(prefix)));
    if only_child && namespace == Some(super::dom::DSIG) {
        return Ok(());
    }
    Err(DocumentError::form(format!("the XPath `{expression}` leaves out more than the signature")))
}
