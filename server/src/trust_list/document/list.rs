//! The list itself: which boxes there are, and what their certificates are called.

use std::net::IpAddr;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::DocumentError;
use super::dom::{self, Node, elements, text};

const ROOT: &str = "ListeBlancheDRIM-M";
/// The format's major version.
const VERSION: &str = "1.";

/// `ListeBlancheDRIM-M`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// `DateDeGeneration`
    pub generated: OffsetDateTime,
    /// Every `Domaine` with a usable `db`; others name nobody who could be asked.
    pub domains: Vec<Domain>,
}

/// `Domaine`: one box. What it holds beside this is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// `db`: host name of the box, in lower case.
    pub box_host: String,
    /// `vi`: host name of its viewer; often there is none.
    pub viewer_host: Option<String>,
    /// `Denomination`: the operator's name.
    pub operator: String,
    /// `DNCertificatOperateur`: subject of the box's certificate, as written.
    pub certificate_name: Option<String>,
}

impl List {
    /// Reads canonical XML whose root is the list.
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        dom::parse(bytes)?.with_view(|view| Self::of(view.document().root_element()))
    }

    /// The agency's lists are of different namespaces; each keeps to one.
    fn of(root: Node<'_>) -> Result<Self, DocumentError> {
        if root.tag_name().name() != ROOT {
            return Err(DocumentError::content(format!("its root is not {ROOT}")));
        }
        let version = root.attribute("versionFormat").unwrap_or_default();
        if !version.starts_with(VERSION) {
            return Err(DocumentError::content(format!("version `{version}` is unknown")));
        }
        let generated = field(root, "DateDeGeneration")?;
        let generated =
            generated.ok_or_else(|| DocumentError::content("it has no DateDeGeneration"))?;
        let domains = child(root, "ListeDomaines")?;
        let domains = domains.ok_or_else(|| DocumentError::content("it has no ListeDomaines"))?;
        let domains = elements(domains).filter(|child| is_called(*child, root, "Domaine"));
        let domains: Result<Vec<_>, _> = domains.map(Domain::of).collect();
        Ok(Self {
            generated: time_of(&generated)?,
            domains: domains?.into_iter().flatten().collect(),
        })
    }
}

impl Domain {
    fn of(element: Node<'_>) -> Result<Option<Self>, DocumentError> {
        let viewer_host = field(element, "vi")?.as_deref().and_then(host_name);
        let operator = field(element, "Denomination")?.unwrap_or_default();
        let certificate_name = field(element, "DNCertificatOperateur")?;
        let box_host = field(element, "db")?.as_deref().and_then(host_name);
        Ok(box_host.map(|box_host| Self { box_host, viewer_host, operator, certificate_name }))
    }
}

/// A host name in lower case, without the dot of the root; no address, no port.
pub fn host_name(text: &str) -> Option<String> {
    let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let is_label = |label: &str| {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(is_good)
    };
    let is_good = name.len() <= 253 && name.split('.').all(is_label);
    (is_good && name.parse::<IpAddr>().is_err()).then_some(name)
}

/// `2026-11-23T06:00:00Z`
pub(super) fn time_of(text: &str) -> Result<OffsetDateTime, DocumentError> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|error| DocumentError::content(format!("`{text}` is no time: {error}")))
}

/// The text of a child that is there at most once; `None` where it is missing or empty.
fn field(parent: Node<'_>, name: &str) -> Result<Option<String>, DocumentError> {
    let found = child(parent, name)?.map(text).transpose()?;
    Ok(found.filter(|text| !text.is_empty()))
}

fn child<'a>(parent: Node<'a>, name: &str) -> Result<Option<Node<'a>>, DocumentError> {
    let mut found = elements(parent).filter(|child| is_called(*child, parent, name));
    let first = found.next();
    if found.next().is_some() {
        return Err(DocumentError::content(format!("{name} is there twice")));
    }
    Ok(first)
}

fn is_called(element: Node<'_>, of_family: Node<'_>, name: &str) -> bool {
    let (element, family) = (element.tag_name(), of_family.tag_name());
    element.name() == name && element.namespace() == family.namespace()
}
