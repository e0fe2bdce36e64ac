//! Facts of a CDA R2 document (PS3.20, CI-SIS IMG-CR-IMG): identifier, what it replaces, accession number,
//! studies, patient. Event by event, without keeping the document; no DTD, bounded depth and size.

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use thiserror::Error;

use super::{
    facts::{AccessionNumber, Exam, Facts, Flags, Report, Traits},
    hl7_report::link_of,
    kos::{date, insee_code, some},
};
use crate::link::{ReportId, is_uid};

/// Deepest nesting; documents of the CI-SIS stay below 40.
const MAX_DEPTH: usize = 100;
/// Most elements.
const MAX_ELEMENTS: usize = 500_000;
/// Longest text that is looked at.
const MAX_TEXT: usize = 256;
/// Code of "DICOM Study" acts (PS3.20) and its code system.
const STUDY_ACT: (&str, &str) = ("113014", "1.2.840.10008.2.16.4");

/// Why a document says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CdaError {
    /// Not XML.
    #[error("not well-formed XML: {0}")]
    Syntax(String),
    /// A document type declaration: it could define entities.
    #[error("a document type declaration is not allowed")]
    DocType,
    /// Too deep or too large.
    #[error("nested too deeply, or too many elements")]
    TooLarge,
    /// Another kind of XML.
    #[error("not a CDA document")]
    NotCda,
    /// No usable identifier.
    #[error("the document has no usable identifier")]
    NoId,
}

/// An open element.
#[derive(Default)]
struct Element {
    name: String,
    type_code: String,
    qualifier: String,
    /// Root of its `id`, for acts.
    id: Option<String>,
}

#[derive(Default)]
struct Collected {
    path: Vec<Element>,
    elements: usize,
    is_cda: bool,
    id: Option<String>,
    replaces: Vec<String>,
    accession: Option<AccessionNumber>,
    studies: Vec<String>,
    traits: Traits,
    flags: Flags,
    text: String,
}

/// Reads a document.
pub(super) fn read(xml: &[u8]) -> Result<Facts, CdaError> {
    let mut reader = Reader::from_reader(xml);
    let mut found = Collected::default();
    loop {
        match reader.read_event().map_err(|cause| CdaError::Syntax(cause.to_string()))? {
            Event::Start(element) => found.open(&element)?,
            Event::Empty(element) => {
                found.open(&element)?;
                found.close();
            }
            Event::End(_) => found.close(),
            Event::Text(text) => found.text(&text),
            Event::GeneralRef(reference) => found.text(resolve(&reference)?.as_bytes()),
            Event::DocType(_) => return Err(CdaError::DocType),
            Event::Eof => break,
            _ => {}
        }
    }
    found.finish()
}

impl Collected {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), CdaError> {
        self.elements += 1;
        if self.path.len() >= MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(CdaError::TooLarge);
        }
        let mut element = Element {
            name: String::from_utf8_lossy(start.local_name().as_ref()).into_owned(),
            ..Element::default()
        };
        let attributes = attributes(start)?;
        let get = |name: &str| {
            let found = attributes.iter().find(|(known, _)| known == name);
            found.map_or("", |(_, value)| value.trim())
        };
        get("typeCode").clone_into(&mut element.type_code);
        get("qualifier").clone_into(&mut element.qualifier);
        if self.path.is_empty() {
            let is_hl7 = attributes.iter().any(|(_, value)| value == "urn:hl7-org:v3");
            self.is_cda = element.name == "ClinicalDocument" && is_hl7;
            if !self.is_cda {
                return Err(CdaError::NotCda);
            }
        }
        self.text.clear();
        self.path.push(element);
        self.look(&get);
        Ok(())
    }

    /// Names of the innermost elements, from the outermost of them.
    fn ends_with(&self, names: &[&str]) -> bool {
        let start = self.path.len().checked_sub(names.len());
        let end = start.and_then(|start| self.path.get(start..)).unwrap_or_default();
        !end.is_empty() && end.iter().zip(names).all(|(element, name)| element.name == *name)
    }

    fn is_at(&self, names: &[&str]) -> bool {
        self.path.len() == names.len() + 1 && self.ends_with(names)
    }

    /// What the attributes of the element just opened say.
    fn look<'a>(&mut self, get: &impl Fn(&str) -> &'a str) {
        if self.is_at(&["id"]) {
            self.id = Some(instance_identifier(get));
        } else if self.is_at(&["confidentialityCode"]) {
            self.look_confidentiality(get("code"));
        } else if self.is_at(&["relatedDocument", "parentDocument", "id"]) {
            if self.path.iter().any(|element| element.type_code == "RPLC") {
                self.replaces.push(instance_identifier(get));
            }
        } else if self.is_at(&["inFulfillmentOf", "order", "accessionNumber"]) {
            self.look_accession(get);
        } else if self.is_at(&["documentationOf", "serviceEvent", "id"]) {
            // With an extension it is another identifier of the act.
            if get("extension").is_empty() {
                self.add_study(get("root"));
            }
        } else if self.ends_with(&["act", "id"]) {
            let root = get("root").to_owned();
            let act = self.path.len().checked_sub(2).and_then(|at| self.path.get_mut(at));
            act.into_iter().for_each(|act| act.id = Some(root.clone()));
        } else if self.ends_with(&["act", "code"]) {
            if (get("code"), get("codeSystem")) == STUDY_ACT {
                let act = self.path.len().checked_sub(2).and_then(|at| self.path.get(at));
                let study = act.and_then(|act| act.id.clone()).unwrap_or_default();
                self.add_study(&study);
            }
        } else if self.ends_with(&["reference"]) {
            let link = link_of(get("value"));
            link.into_iter().flat_map(|link| link.studies).for_each(|study| self.add_study(&study));
        } else if self.is_at(&["recordTarget", "patientRole", "patient", "birthTime"]) {
            self.traits.birth_date = date(get("value"));
        } else if self.is_at(&[
            "recordTarget",
            "patientRole",
            "patient",
            "administrativeGenderCode",
        ]) {
            self.traits.sex = some(get("code")).filter(|sex| sex == "M" || sex == "F");
        }
    }

    fn look_confidentiality(&mut self, code: &str) {
        let flag: fn(&mut Flags) -> &mut Option<bool> = match code {
            "MASQUE_PS" => |flags| &mut flags.masked_professional,
            "INVISIBLE_PATIENT" => |flags| &mut flags.invisible_patient,
            "INVISIBLE_REPRESENTANTS_LEGAUX" => |flags| &mut flags.invisible_representatives,
            _ => return,
        };
        *flag(&mut self.flags) = Some(true);
    }

    fn look_accession<'a>(&mut self, get: &impl Fn(&str) -> &'a str) {
        let root = some(get("root")).filter(|root| is_uid(root));
        if let Some(number) = some(get("extension")) {
            self.accession.get_or_insert(AccessionNumber { number, root });
        }
    }

    fn add_study(&mut self, study: &str) {
        let is_new = !self.studies.iter().any(|known| known == study);
        if is_uid(study) && is_new && self.studies.len() < crate::link::MAX_STUDIES {
            self.studies.push(study.to_owned());
        }
    }

    fn text(&mut self, text: &[u8]) {
        let is_wanted = self.path.get(1).is_some_and(|element| element.name == "recordTarget");
        if is_wanted && self.text.len() + text.len() <= MAX_TEXT {
            self.text.push_str(&String::from_utf8_lossy(text));
        }
    }

    fn close(&mut self) {
        let text = some(self.text.trim());
        self.text.clear();
        let is_birth = self.path.last().is_some_and(|element| element.qualifier.contains("BR"));
        let person = ["recordTarget", "patientRole", "patient"];
        let place = |names: &[&'static str]| [&person, names].concat();
        if is_birth && self.is_at(&place(&["name", "family"])) {
            self.traits.birth_name = self.traits.birth_name.take().or(text);
        } else if is_birth && self.is_at(&place(&["name", "given"])) {
            // The first one is the first name; a list of all of them may follow.
            self.traits.first_name = self.traits.first_name.take().or(text);
        } else if self.is_at(&place(&["birthplace", "place", "addr", "county"])) {
            self.traits.birth_place = text.as_deref().and_then(insee_code);
        }
        self.path.pop();
    }

    fn finish(self) -> Result<Facts, CdaError> {
        if !self.is_cda {
            return Err(CdaError::NotCda);
        }
        if !self.path.is_empty() {
            return Err(CdaError::Syntax("the document ends before its last element".to_owned()));
        }
        let id = self.id.and_then(|id| ReportId::parse(&id).ok()).ok_or(CdaError::NoId)?;
        let exams = self.studies.iter().map(|study| Exam {
            study: study.clone(),
            accession: self.accession.clone(),
            traits: self.traits.clone(),
            retention_end: None,
        });
        let replaces = self.replaces.iter().filter_map(|id| ReportId::parse(id).ok()).collect();
        Ok(Facts {
            exams: exams.collect(),
            report: Some(Report {
                id,
                studies: self.studies.clone(),
                accession: self.accession,
                flags: self.flags,
                retention_end: None,
                replaces,
            }),
            ..Facts::default()
        })
    }
}

/// A character, by its number or as one of the five names of XML; others would need a DTD.
fn resolve(reference: &BytesRef<'_>) -> Result<String, CdaError> {
    let unknown = || CdaError::Syntax("an entity that XML does not define".to_owned());
    if let Some(mark) = reference.resolve_char_ref().map_err(|_wrong| unknown())? {
        return Ok(mark.to_string());
    }
    let name = String::from_utf8_lossy(reference).into_owned();
    quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned).ok_or_else(unknown)
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, CdaError> {
    let mut found = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|cause| CdaError::Syntax(cause.to_string()))?;
        let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
        let value = String::from_utf8_lossy(&attribute.value);
        let value = quick_xml::escape::unescape(&value)
            .map_err(|cause| CdaError::Syntax(cause.to_string()))?;
        found.push((name, value.into_owned()));
    }
    Ok(found)
}

/// `root` or `root^extension`.
fn instance_identifier<'a>(get: &impl Fn(&str) -> &'a str) -> String {
    match get("extension") {
        "" => get("root").to_owned(),
        extension => format!("{}^{extension}", get("root")),
    }
}

#[cfg(test)]
#[path = "cda_tests.rs"]
mod tests;
