//! Key Object Selection documents (PS3.3 A.35.4) as facts: manifests, which list an exam, and rejection
//! notes (IHE IOCM), which list what must not be shown any more. Read from DICOM JSON, which files,
//! archives and PACS all come as.

use serde_json::Value;

use super::{
    facts::{AccessionNumber, Exam, Traits},
    manifest::{self, Manifest},
};
use crate::{link::is_uid, source::KEY_OBJECT_SELECTION};

/// Scheme of the codes of DICOM.
const DCM: &str = "DCM";
/// Titles of manifests, with their scheme: PS3.16 CID 7010, and the provisional one of IHE MADO.
pub(crate) const MANIFESTS: [(&str, &str); 2] = [("113030", DCM), ("MADOTEMP001", "99IHE")];
/// Titles of rejection notes (PS3.16 CID 7010): for quality, for patient safety, for a wrong worklist
/// entry, and because the retention is over.
const REJECTIONS: [&str; 4] = ["113001", "113037", "113038", "113039"];
/// Most instances one document may name.
pub(crate) const MAX_INSTANCES: usize = 100_000;

/// A rejection note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Its SOP Instance UID.
    pub note: String,
    /// Study and SOP Instance UIDs.
    pub instances: Vec<(String, String)>,
}

/// What a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyObject {
    /// A list of exams, and of what they hold.
    Manifest(Vec<Exam>, Vec<Manifest>),
    /// A list of what must not be shown.
    Rejection(Rejection),
    /// Anything else: key images, for example.
    Other,
}

/// Reads a data set as DICOM JSON.
pub(super) fn read(object: &Value) -> KeyObject {
    if text(object, "00080016") != Some(KEY_OBJECT_SELECTION) {
        return KeyObject::Other;
    }
    let title = items(object, "0040A043").next();
    let of_title = |tag| title.and_then(|title| text(title, tag)).unwrap_or_default();
    let title = (of_title("00080100"), of_title("00080102"));
    if MANIFESTS.contains(&title) {
        return KeyObject::Manifest(exams(object), manifest::read(object));
    }
    let is_rejection = REJECTIONS.contains(&title.0) && title.1 == DCM;
    match rejection(object).filter(|_| is_rejection) {
        Some(rejection) => KeyObject::Rejection(rejection),
        None => KeyObject::Other,
    }
}

fn rejection(object: &Value) -> Option<Rejection> {
    let note = uid(object, "00080018")?;
    let mut instances = Vec::new();
    for study in items(object, "0040A375") {
        let Some(study_uid) = uid(study, "0020000D") else { continue };
        let referenced = items(study, "00081115").flat_map(|series| items(series, "00081199"));
        for instance in referenced.filter_map(|reference| uid(reference, "00081155")) {
            if instances.len() < MAX_INSTANCES {
                instances.push((study_uid.clone(), instance));
            }
        }
    }
    Some(Rejection { note, instances })
}

/// The exams of a manifest. Its own accession number is empty by rule; the requests carry it.
fn exams(object: &Value) -> Vec<Exam> {
    let traits = traits(object);
    let mut exams: Vec<Exam> = Vec::new();
    for study in items(object, "0040A375").filter_map(|study| uid(study, "0020000D")) {
        if exams.iter().all(|exam| exam.study != study) {
            let accession = accession(object, &study);
            exams.push(Exam { study, accession, traits: traits.clone(), retention_end: None });
        }
    }
    exams
}

fn accession(object: &Value, study: &str) -> Option<AccessionNumber> {
    let requests = || items(object, "0040A370");
    let of_study = requests().find(|request| uid(request, "0020000D").as_deref() == Some(study));
    // One request that names no study can only mean the only study.
    let only = requests()
        .next()
        .filter(|request| uid(request, "0020000D").is_none() && requests().count() == 1);
    let holder = of_study.or(only).unwrap_or(object);
    let number = text(holder, "00080050")?.to_owned();
    let issuer = items(holder, "00080051").next();
    let root = issuer.and_then(|issuer| uid(issuer, "00400032"));
    Some(AccessionNumber { number, root })
}

/// The names are those of the birth record: Patient's Name is birth name and first name in France.
fn traits(object: &Value) -> Traits {
    let name = person_name(object, "00100010").unwrap_or_default();
    let mut parts = name.split('^').map(|part| some(part.trim()));
    let family = parts.next().flatten();
    let birth_name = person_name(object, "00101005");
    let birth_name = birth_name.as_deref().and_then(|name| some(name.split('^').next()?.trim()));
    Traits {
        birth_name: birth_name.or(family),
        first_name: parts.next().flatten(),
        birth_date: text(object, "00100030").and_then(date),
        sex: text(object, "00100040").filter(|sex| ["M", "F", "O"].contains(sex)).and_then(some),
        birth_place: text(object, "00104000").and_then(insee_code),
    }
}

/// `YYYYMMDD`, where it begins with one.
pub(crate) fn date(text: &str) -> Option<String> {
    let digits = text.get(..8)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.to_owned())
}

/// Five digits, or a Corsican or overseas code.
pub(super) fn insee_code(text: &str) -> Option<String> {
    let is_code = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| text.to_ascii_uppercase())
}

pub(super) fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The items of a sequence.
pub(crate) fn items<'a>(object: &'a Value, tag: &str) -> impl Iterator<Item = &'a Value> {
    let values = object.get(tag).and_then(|element| element.get("Value")?.as_array());
    values.into_iter().flatten()
}

/// The first value of an element, without padding: manifests are known to have line breaks in it.
pub(crate) fn text<'a>(object: &'a Value, tag: &str) -> Option<&'a str> {
    let value = object.get(tag)?.get("Value")?.get(0)?.as_str()?;
    let value = value.trim_matches(|mark: char| mark == '\0' || mark.is_whitespace());
    (!value.is_empty()).then_some(value)
}

pub(crate) fn uid(object: &Value, tag: &str) -> Option<String> {
    text(object, tag).filter(|uid| is_uid(uid)).map(str::to_owned)
}

fn person_name(object: &Value, tag: &str) -> Option<String> {
    let value = object.get(tag)?.get("Value")?.get(0)?;
    let name = value.get("Alphabetic").unwrap_or(value).as_str()?;
    some(name.trim_matches(|mark: char| mark == '\0' || mark.is_whitespace()))
}

#[cfg(test)]
#[path = "kos_tests.rs"]
mod tests;
