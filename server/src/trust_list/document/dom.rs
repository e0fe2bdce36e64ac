//! Looking around in an XML tree.

use xml_sec::XmlDocument;

use super::DocumentError;

pub(super) type Node<'a> = xml_sec::Node<'a, 'a>;

pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(super) const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

/// Lists of several hundred boxes have a few hundred KiB.
const MAX_BYTES: usize = 5 << 20;
/// The signature goes nine deep.
const MAX_DEPTH: usize = 24;

/// UTF-8 only, so that what is looked for below cannot hide in another encoding.
pub(super) fn parse(bytes: &[u8]) -> Result<XmlDocument, DocumentError> {
    if bytes.len() > MAX_BYTES {
        return Err(DocumentError::TooLarge(MAX_BYTES));
    }
    let text = str::from_utf8(bytes).map_err(|error| DocumentError::NotXml(error.to_string()))?;
    // Not in a comment either: no list needs the word.
    if text.contains("<!DOCTYPE") {
        return Err(DocumentError::Dtd);
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let document = XmlDocument::parse(text)?;
    document.with_view(|view| check_depth(view.document().root_element()))?;
    Ok(document)
}

/// Ancestors are counted of no node that lies deeper than the limit.
fn check_depth(root: Node<'_>) -> Result<(), DocumentError> {
    let is_deep = |node: Node<'_>| node.ancestors().count() > MAX_DEPTH + 1;
    if root.descendants().any(is_deep) { Err(DocumentError::TooDeep(MAX_DEPTH)) } else { Ok(()) }
}

pub(super) fn elements<'a>(parent: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    parent.children().filter(Node::is_element)
}

/// Those children that are called so.
pub(super) fn named<'a>(
    parent: Node<'a>,
    namespace: &str,
    name: &str,
) -> impl Iterator<Item = Node<'a>> {
    elements(parent).filter(move |child| child.has_tag_name((namespace, name)))
}

/// The child that is called so, if there is exactly one.
pub(super) fn only<'a>(
    parent: Node<'a>,
    namespace: &str,
    name: &str,
) -> Result<Node<'a>, DocumentError> {
    let mut found = named(parent, namespace, name);
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        _ => {
            let parent = parent.tag_name().name();
            Err(DocumentError::form(format!("{parent} must have exactly one {name}")))
        }
    }
}

/// An element without children: its text, trimmed. Comments within would cut it in two.
pub(super) fn text(element: Node<'_>) -> Result<String, DocumentError> {
    if element.children().any(|child| !child.is_text()) {
        let name = element.tag_name().name();
        return Err(DocumentError::form(format!("{name} must hold text and nothing else")));
    }
    let parts: String = element.children().filter_map(|child| child.text()).collect();
    Ok(parts.trim().to_owned())
}

pub(super) fn algorithm(element: Node<'_>) -> Result<&str, DocumentError> {
    let name = element.tag_name().name();
    element
        .attribute("Algorithm")
        .ok_or_else(|| DocumentError::form(format!("{name} names no algorithm")))
}
