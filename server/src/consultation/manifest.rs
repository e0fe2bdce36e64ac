//! A manifest (Key Object Selection, PS3.3 A.35.4) as it is consulted: whose exam it is, what it holds, and where that can
//! be had. Tolerant of how real ones are written, strict about whom and what they are about.

use std::{collections::HashMap, io::Cursor};

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use viewer_core::dicom;

use super::{
    patient::Identity,
    series_text::{self, Described},
};
use crate::{
    reports::{
        kos::{MANIFESTS, MAX_INSTANCES, date, items, text, uid},
        manifest::integer,
    },
    source::{KEY_OBJECT_SELECTION, ListedInstance, ListedSeries},
};

/// Code of images picked out for somebody to look at (PS3.16 CID 7010).
const OF_INTEREST: &str = "113000";
/// Code of the free text.
const DESCRIPTION: &str = "113012";
/// Beginning of the reader's warning that a data set could not be read to its end.
const LEFT_OUT: &str = "the rest of the data set was left out";
/// Most addresses of one series.
const MAX_ADDRESSES: usize = 8;
/// Most series of one exam.
const MAX_SERIES: usize = 4096;

/// Why a document is not taken in. Holds no value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// Larger than the site takes.
    #[error("larger than this site takes")]
    TooLarge,
    /// Not DICOM.
    #[error("not a DICOM file")]
    NotDicom,
    /// Cut off.
    #[error("the file is incomplete")]
    Incomplete,
    /// Another kind of object.
    #[error("this DICOM object is no manifest")]
    NotAManifest,
    /// An identifier that cannot be one.
    #[error("a UID of the manifest is missing or malformed")]
    Uid,
    /// Nobody's.
    #[error("the manifest does not say whose exam it is: name and birth date are needed")]
    NoPatient,
    /// No exam, or several.
    #[error("a manifest must list exactly one study")]
    NotOneStudy,
    /// It belongs to another exam than it lists.
    #[error("the manifest belongs to another study than the one it lists")]
    OtherStudy,
    /// Nothing in it.
    #[error("the manifest lists no image")]
    Empty,
    /// More than can be taken in.
    #[error("the manifest lists more than {MAX_INSTANCES} instances")]
    TooMany,
    /// One instance in two places.
    #[error("the manifest lists one instance twice")]
    Twice,
}

impl ManifestError {
    /// Its name in the catalogue, in answers and in the audit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotDicom => "not_dicom",
            Self::Incomplete => "incomplete",
            Self::NotAManifest => "not_a_manifest",
            Self::Uid => "uid",
            Self::NoPatient => "no_patient",
            Self::NotOneStudy => "not_one_study",
            Self::OtherStudy => "other_study",
            Self::Empty => "empty",
            Self::TooMany => "too_many",
            Self::Twice => "twice",
        }
    }
}

/// What a manifest says of its exam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// SOP Instance UID of the manifest itself.
    pub kos: String,
    /// Its Instance Number, higher in later ones.
    pub number: Option<i32>,
    /// Whose exam it is.
    pub patient: Identity,
    /// The exam.
    pub study: Study,
    /// What it holds.
    pub series: Vec<Series>,
}

/// The exam of a manifest, in the words of `ExamSummary`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Study {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// `YYYYMMDD`.
    pub date: Option<String>,
    /// `HHMMSS[.F]`.
    pub time: Option<String>,
    /// Study Description, else the first line of the free text.
    pub description: String,
    /// Accession Number of the request.
    pub accession_number: String,
    /// Name of the institution, without its identifiers.
    pub institution: String,
}

/// A series of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Series {
    /// What it holds.
    #[serde(flatten)]
    pub listed: ListedSeries,
    /// May be empty.
    pub description: String,
    /// Retrieve URLs (0008,1190), without padding, in the order given.
    pub addresses: Vec<String>,
    /// Images that somebody picked out.
    pub key_images: Vec<KeyImage>,
}

/// An image that somebody picked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyImage {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Why, may be empty.
    pub text: String,
}

impl Manifest {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        let stated = dicom::stated_transfer_syntax(Cursor::new(bytes));
        if dicom::is_deflated(&stated.map_err(|_cause| ManifestError::NotDicom)?) {
            // What it unfolds to cannot be told from its size.
            return Err(ManifestError::NotAManifest);
        }
        let file =
            dicom::read_part10(Cursor::new(bytes)).map_err(|_cause| ManifestError::NotDicom)?;
        let object =
            dicom_json::to_value(&file.object).map_err(|_cause| ManifestError::NotDicom)?;
        let read = Self::of(&object);
        // Told last: a file of another kind is no broken manifest.
        let is_cut = file.warnings.iter().any(|warning| warning.starts_with(LEFT_OUT));
        if is_cut && read != Err(ManifestError::NotAManifest) {
            return Err(ManifestError::Incomplete);
        }
        read
    }

    /// Of a data set as DICOM JSON.
    fn of(object: &Value) -> Result<Self, ManifestError> {
        if !is_manifest(object) {
            return Err(ManifestError::NotAManifest);
        }
        let patient = Identity::read(object);
        if !patient.is_somebody() {
            return Err(ManifestError::NoPatient);
        }
        let uid_of = study_uid(object)?;
        let described = items(object, "0040A730")
            .filter(|item| has_code(item, DESCRIPTION))
            .find_map(|item| text(item, "0040A160"));
        let described = series_text::read(described.unwrap_or_default());
        Ok(Self {
            kos: uid(object, "00080018").ok_or(ManifestError::Uid)?,
            number: integer(object, "00200013"),
            patient,
            series: series(object, &described)?,
            study: study(object, uid_of, described),
        })
    }

    /// How many instances it lists.
    #[must_use]
    pub fn count(&self) -> usize {
        self.series.iter().map(|series| series.listed.instances.len()).sum()
    }
}

fn is_manifest(object: &Value) -> bool {
    let title = items(object, "0040A043").next();
    let of_title = |tag| title.and_then(|title| text(title, tag)).unwrap_or_default();
    text(object, "00080016") == Some(KEY_OBJECT_SELECTION)
        && MANIFESTS.contains(&(of_title("00080100"), of_title("00080102")))
}

/// The only study.
fn study_uid(object: &Value) -> Result<String, ManifestError> {
    let mut only = None;
    for evidence in items(object, "0040A375") {
        let found = uid(evidence, "0020000D").ok_or(ManifestError::Uid)?;
        if only.replace(found.clone()).is_some_and(|before| before != found) {
            return Err(ManifestError::NotOneStudy);
        }
    }
    let only = only.ok_or(ManifestError::NotOneStudy)?;
    match text(object, "0020000D") {
        Some(own) if own != only => Err(ManifestError::OtherStudy),
        _ => Ok(only),
    }
}

fn study(object: &Value, study_instance_uid: String, described: Described) -> Study {
    let of_study = |request: &&Value| {
        text(request, "0020000D").is_none_or(|study| study == study_instance_uid)
    };
    let request = items(object, "0040A370").find(of_study);
    let number =
        request.and_then(|request| text(request, "00080050")).or_else(|| text(object, "00080050"));
    // As an HL7 XON it carries identifiers behind the name.
    let institution = text(object, "00080080").and_then(|name| name.split('^').next());
    Study {
        date: text(object, "00080020").and_then(date),
        time: text(object, "00080030").map(str::to_owned),
        description: text(object, "00081030").map_or(described.exam, str::to_owned),
        accession_number: number.unwrap_or_default().to_owned(),
        institution: institution.unwrap_or_default().trim().to_owned(),
        study_instance_uid,
    }
}

fn series(object: &Value, described: &Described) -> Result<Vec<Series>, ManifestError> {
    let mut found: Vec<Series> = Vec::new();
    let mut series_of: HashMap<String, String> = HashMap::new();
    for item in items(object, "0040A375").flat_map(|study| items(study, "00081115")) {
        let mut one = one_series(item, described)?;
        let mut fresh = Vec::new();
        for instance in std::mem::take(&mut one.listed.instances) {
            match series_of.insert(instance.uid.clone(), one.listed.uid.clone()) {
                None => fresh.push(instance),
                Some(known) if known == one.listed.uid => {}
                Some(_) => return Err(ManifestError::Twice),
            }
        }
        one.listed.instances = fresh;
        match found.iter_mut().find(|known| known.listed.uid == one.listed.uid) {
            // Listed once more: another place where it can be had, or more of it.
            Some(known) => merge(known, one),
            None => found.push(one),
        }
        if series_of.len() > MAX_INSTANCES || found.len() > MAX_SERIES {
            return Err(ManifestError::TooMany);
        }
    }
    if series_of.is_empty() { Err(ManifestError::Empty) } else { Ok(found) }
}

fn merge(known: &mut Series, more: Series) {
    known.listed.instances.extend(more.listed.instances);
    known.key_images.extend(more.key_images);
    for address in more.addresses {
        if !known.addresses.contains(&address) && known.addresses.len() < MAX_ADDRESSES {
            known.addresses.push(address);
        }
    }
}

fn one_series(item: &Value, described: &Described) -> Result<Series, ManifestError> {
    let uid_of = uid(item, "0020000E").ok_or(ManifestError::Uid)?;
    let (mut instances, mut key_images) = (Vec::new(), Vec::new());
    for reference in items(item, "00081199") {
        let listed = ListedInstance {
            uid: uid(reference, "00081155").ok_or(ManifestError::Uid)?,
            sop_class_uid: uid(reference, "00081150").ok_or(ManifestError::Uid)?,
            number: integer(reference, "00200013"),
        };
        key_images.extend(key_image(reference, &listed.uid));
        instances.push(listed);
        if instances.len() > MAX_INSTANCES {
            return Err(ManifestError::TooMany);
        }
    }
    let words = described.series.get(&uid_of).cloned().unwrap_or_default();
    Ok(Series {
        description: text(item, "0008103E").map_or(words.description, str::to_owned),
        addresses: addresses(item),
        key_images,
        listed: ListedSeries {
            number: integer(item, "00200011"),
            modality: text(item, "00080060").map_or(words.modality, str::to_owned),
            uid: uid_of,
            instances,
        },
    })
}

/// An image with a note nested in its reference, as the network's manifests have it.
fn key_image(reference: &Value, sop_instance_uid: &str) -> Option<KeyImage> {
    let mut nested = items(reference, "00081199").chain([reference]);
    let note = nested.find(|item| has_code(item, OF_INTEREST))?;
    let text = text(note, "0040A160").unwrap_or_default().to_owned();
    Some(KeyImage { sop_instance_uid: sop_instance_uid.to_owned(), text })
}

fn has_code(item: &Value, code: &str) -> bool {
    items(item, "0040A043").any(|concept| text(concept, "00080100") == Some(code))
}

/// One value (VR UR), or several as some write it.
fn addresses(item: &Value) -> Vec<String> {
    let values = item.get("00081190").and_then(|element| element.get("Value")?.as_array());
    let values = values.into_iter().flatten().filter_map(Value::as_str);
    let trimmed = values
        .flat_map(|value| value.split('\\'))
        .map(|value| value.trim_matches(|mark: char| mark == '\0' || mark.is_whitespace()))
        .filter(|value| !value.is_empty());
    let mut found: Vec<String> = Vec::new();
    for address in trimmed.take(MAX_ADDRESSES) {
        if found.iter().all(|known| known != address) {
            found.push(address.to_owned());
        }
    }
    found
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
