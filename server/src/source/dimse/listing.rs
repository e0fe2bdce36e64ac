//! What the PACS knows of studies, by C-FIND at the levels STUDY, SERIES and IMAGE.

use std::collections::HashSet;

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::InMemDicomObject;
use sha2::{Digest, Sha256};
use viewer_core::dicom::DicomFile;
use viewer_core::exam::{Instance, Patient};

use super::association::Association;
use super::c_find::{Query, find};
use super::client::Client;
use super::error::DimseError;
use super::syntaxes::KEY_OBJECT;
use crate::source::received::{ListedInstance, ListedSeries, Listing};
use crate::source::{ExamFacts, is_uid};

/// Most studies one accession number may name.
const MAX_STUDIES: usize = 50;
/// Most series of a study.
const MAX_SERIES: usize = 1000;

const SOP_CLASS_UID: u32 = 0x0008_0016;
const SOP_INSTANCE_UID: u32 = 0x0008_0018;
pub(super) const ACCESSION_NUMBER: u32 = 0x0008_0050;
const ACCESSION_ISSUER: u32 = 0x0008_0051;
const MODALITY: u32 = 0x0008_0060;
pub(super) const PATIENT_NAME: u32 = 0x0010_0010;
pub(super) const PATIENT_ID: u32 = 0x0010_0020;
pub(super) const BIRTH_DATE: u32 = 0x0010_0030;
pub(super) const PATIENT_SEX: u32 = 0x0010_0040;
pub(super) const STUDY_UID: u32 = 0x0020_000D;
const SERIES_UID: u32 = 0x0020_000E;
const SERIES_NUMBER: u32 = 0x0020_0011;
const INSTANCE_NUMBER: u32 = 0x0020_0013;

impl Client {
    /// Facts of a study.
    pub(super) async fn study_facts(&self, study: &str) -> Result<Option<ExamFacts>, DimseError> {
        let found = self.facts((STUDY_UID, study)).await?;
        Ok(found.into_iter().find(|facts| facts.study_instance_uid == study))
    }

    /// Facts of the studies with an accession number.
    pub(super) async fn accession_facts(
        &self,
        accession: &str,
    ) -> Result<Vec<ExamFacts>, DimseError> {
        let mut found = self.facts((ACCESSION_NUMBER, accession)).await?;
        found.retain(|facts| facts.accession_number == accession);
        Ok(found)
    }

    async fn facts(&self, key: (u32, &str)) -> Result<Vec<ExamFacts>, DimseError> {
        let all = [ACCESSION_NUMBER, ACCESSION_ISSUER, BIRTH_DATE, STUDY_UID];
        let wanted: Vec<u32> = all.into_iter().filter(|tag| *tag != key.0).collect();
        let query = Query { level: "STUDY", keys: &[key], wanted: &wanted, limit: MAX_STUDIES };
        let mut open = self.open_find().await?;
        let found = find(&mut open.association, &query).await?;
        open.association.release().await;
        Ok(found.iter().filter_map(|answer| facts(&answer.object)).collect())
    }

    /// Whose study it is; what the PACS does not tell stays empty.
    pub(super) async fn patient(&self, study: &str) -> Result<Patient, DimseError> {
        let query = Query {
            level: "STUDY",
            keys: &[(STUDY_UID, study)],
            wanted: &[PATIENT_NAME, PATIENT_ID, BIRTH_DATE, PATIENT_SEX],
            limit: MAX_STUDIES,
        };
        let mut open = self.open_find().await?;
        let found = find(&mut open.association, &query).await?;
        open.association.release().await;
        Ok(found.into_iter().find_map(|answer| patient(answer, study)).unwrap_or_default())
    }

    /// The instances of a study; `None` where the PACS has none.
    pub(super) async fn list(
        &self,
        study: &str,
        max_instances: usize,
    ) -> Result<Option<Listing>, DimseError> {
        let mut open = self.open_find().await?;
        let association = &mut open.association;
        let query = Query {
            level: "SERIES",
            keys: &[(STUDY_UID, study)],
            wanted: &[MODALITY, SERIES_UID, SERIES_NUMBER],
            limit: MAX_SERIES,
        };
        let mut listing = Listing::default();
        let mut left = max_instances;
        for DicomFile { object: found, .. } in find(association, &query).await? {
            let Some(uid) = within(&found, &[(STUDY_UID, study)], SERIES_UID) else { continue };
            if listing.series.iter().any(|series| series.uid == uid) {
                continue;
            }
            let modality = text(&found, MODALITY).unwrap_or_default();
            let mut instances = instances(association, study, &uid, left).await?;
            left -= instances.len();
            if modality == "KO" {
                // What was rejected must be known, also where the PACS does not name the class.
                let nameless = instances.iter_mut().filter(|one| one.sop_class_uid.is_empty());
                nameless.for_each(|one| KEY_OBJECT.clone_into(&mut one.sop_class_uid));
            }
            let number = number(&found, SERIES_NUMBER);
            listing.series.push(ListedSeries { uid, number, modality, instances });
        }
        open.association.release().await;
        listing.series.retain(|series| !series.instances.is_empty());
        // In whatever order the PACS answers: the same study has the same version.
        listing.series.sort_by(|a, b| a.uid.cmp(&b.uid));
        listing.version = version(&listing.series);
        Ok((!listing.series.is_empty()).then_some(listing))
    }
}

async fn instances(
    association: &mut Association,
    study: &str,
    series: &str,
    limit: usize,
) -> Result<Vec<ListedInstance>, DimseError> {
    let keys = [(STUDY_UID, study), (SERIES_UID, series)];
    let wanted = [SOP_CLASS_UID, SOP_INSTANCE_UID, INSTANCE_NUMBER];
    let query = Query { level: "IMAGE", keys: &keys, wanted: &wanted, limit };
    let mut seen = HashSet::new();
    let mut listed: Vec<ListedInstance> = Vec::new();
    for DicomFile { object: found, .. } in find(association, &query).await? {
        let Some(uid) = within(&found, &keys, SOP_INSTANCE_UID) else { continue };
        if seen.insert(uid.clone()) {
            let class = text(&found, SOP_CLASS_UID).filter(|uid| is_uid(uid));
            listed.push(ListedInstance {
                uid,
                sop_class_uid: class.unwrap_or_default(),
                number: number(&found, INSTANCE_NUMBER),
            });
        }
    }
    listed.sort_by(|a, b| a.uid.cmp(&b.uid));
    Ok(listed)
}

fn version(series: &[ListedSeries]) -> String {
    let mut hash = Sha256::new();
    for series in series {
        hash.update(format!("{}/", series.uid));
        series.instances.iter().for_each(|instance| hash.update(format!("{}:", instance.uid)));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The UID of an answer that is of what was asked for; what it does not say is believed.
fn within(found: &InMemDicomObject, keys: &[(u32, &str)], uid: u32) -> Option<String> {
    let is_asked = |(tag, value): &(u32, &str)| text(found, *tag).is_none_or(|text| text == *value);
    text(found, uid).filter(|uid| is_uid(uid) && keys.iter().all(is_asked))
}

/// A patient is read as that of an instance, of which an answer has no name.
fn patient(mut answer: DicomFile, study: &str) -> Option<Patient> {
    within(&answer.object, &[], STUDY_UID).filter(|uid| uid == study)?;
    for name in [SERIES_UID, SOP_INSTANCE_UID] {
        answer.object.put(DataElement::new(tag(name), VR::UI, PrimitiveValue::from("0")));
    }
    Some(Instance::from_file(&answer).ok()?.patient)
}

fn facts(study: &InMemDicomObject) -> Option<ExamFacts> {
    let issuer = study.get(tag(ACCESSION_ISSUER)).and_then(|issuer| issuer.items()?.first());
    let issuer =
        issuer.and_then(|item| text(item, 0x0040_0032).or_else(|| text(item, 0x0040_0031)));
    Some(ExamFacts {
        study_instance_uid: text(study, STUDY_UID).filter(|uid| is_uid(uid))?,
        accession_number: text(study, ACCESSION_NUMBER).unwrap_or_default(),
        accession_issuer: issuer,
        birth_date: text(study, BIRTH_DATE)
            .filter(|date| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit())),
    })
}

fn number(object: &InMemDicomObject, name: u32) -> Option<i32> {
    text(object, name)?.parse().ok()
}

pub(super) fn text(object: &InMemDicomObject, name: u32) -> Option<String> {
    let value = object.get(tag(name))?.to_str().ok()?;
    let value = value.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    (!value.is_empty()).then(|| value.to_owned())
}

const fn tag(name: u32) -> Tag {
    Tag((name >> 16) as u16, name as u16)
}
