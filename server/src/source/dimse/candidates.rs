//! Whom the local side knows: by its worklist (PS3.4 annex K), or by the studies of its PACS.

use dicom_object::InMemDicomObject;
use serde::Serialize;
use viewer_core::dicom::DicomFile;

use super::c_find::ask;
use super::client::query;
use super::elements::Writer;
use super::error::DimseError;
use super::listing::{ACCESSION_NUMBER, BIRTH_DATE, PATIENT_ID, PATIENT_NAME, PATIENT_SEX, text};
use super::syntaxes::{STUDY_ROOT_FIND, WORKLIST_FIND};
use super::upstream::Dimse;

/// Most answers to one question.
const MAX_CANDIDATES: usize = 100;

const LEVEL: u32 = 0x0008_0052;
const STUDY_DESCRIPTION: u32 = 0x0008_1030;
const ISSUER: u32 = 0x0010_0021;
const PROCEDURE_DESCRIPTION: u32 = 0x0032_1060;
const SCHEDULED_STEPS: u32 = 0x0040_0100;
/// One empty item: all there is.
const ANY_STEP: &[u8] = b"\xFE\xFF\x00\xE0\0\0\0\0";

/// What is asked: one of both.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// Patient ID.
    Patient(&'a str),
    /// Accession Number.
    Accession(&'a str),
}

/// A patient with an order or study of theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Patient ID.
    pub id: String,
    /// Issuer of Patient ID.
    pub issuer: Option<String>,
    /// Patient's Name.
    pub name: String,
    /// `YYYYMMDD`
    pub birth_date: Option<String>,
    /// As stored.
    pub sex: Option<String>,
    /// Accession Number.
    pub accession: Option<String>,
    /// Requested Procedure Description, or Study Description.
    pub description: Option<String>,
}

impl Asked<'_> {
    /// Whether it is one value: neither a wildcard nor a list, in the characters that need no character set.
    pub(crate) fn is_single(self) -> bool {
        let (Self::Patient(text) | Self::Accession(text)) = self;
        let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        !text.trim().is_empty() && is_plain && !text.contains(['*', '?', '\\'])
    }
}

impl Dimse {
    /// Whom the worklist, or else the PACS, knows by this; nobody where it is not a single value.
    ///
    /// # Errors
    /// [`DimseError`].
    pub async fn candidates(
        &self,
        asked: Asked<'_>,
        worklist: bool,
    ) -> Result<Vec<Candidate>, DimseError> {
        if !asked.is_single() {
            return Ok(Vec::new());
        }
        let model = if worklist { WORKLIST_FIND } else { STUDY_ROOT_FIND };
        let mut association = self.client.open(&[query(model)]).await?;
        let identifier = identifier(asked, worklist);
        let found = ask(&mut association, model, &identifier, MAX_CANDIDATES).await?;
        association.release().await;
        let mut candidates: Vec<Candidate> = Vec::new();
        for DicomFile { object, .. } in &found {
            let candidate = candidate(object, worklist);
            if candidate.is_what(asked) && !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        }
        Ok(candidates)
    }
}

impl Candidate {
    /// What a PACS answers is not believed until it fits the question.
    pub(crate) fn is_what(&self, asked: Asked<'_>) -> bool {
        match asked {
            Asked::Patient(id) => self.id == id.trim(),
            Asked::Accession(number) => self.accession.as_deref() == Some(number.trim()),
        }
    }
}

fn identifier(asked: Asked<'_>, worklist: bool) -> Vec<u8> {
    let (patient, accession) = match asked {
        Asked::Patient(id) => (id.trim(), ""),
        Asked::Accession(number) => ("", number.trim()),
    };
    let mut writer = Writer::default();
    writer.text(ACCESSION_NUMBER, accession, b' ');
    if !worklist {
        writer.text(LEVEL, "STUDY", b' ').text(STUDY_DESCRIPTION, "", b' ');
    }
    writer
        .text(PATIENT_NAME, "", b' ')
        .text(PATIENT_ID, patient, b' ')
        .text(ISSUER, "", b' ')
        .text(BIRTH_DATE, "", b' ')
        .text(PATIENT_SEX, "", b' ');
    if worklist {
        writer.text(PROCEDURE_DESCRIPTION, "", b' ').element(SCHEDULED_STEPS, ANY_STEP);
    }
    writer.bytes()
}

fn candidate(object: &InMemDicomObject, worklist: bool) -> Candidate {
    let description = if worklist { PROCEDURE_DESCRIPTION } else { STUDY_DESCRIPTION };
    Candidate {
        id: text(object, PATIENT_ID).unwrap_or_default(),
        issuer: text(object, ISSUER),
        name: text(object, PATIENT_NAME).unwrap_or_default(),
        birth_date: text(object, BIRTH_DATE),
        sex: text(object, PATIENT_SEX),
        accession: text(object, ACCESSION_NUMBER),
        description: text(object, description),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_one_value_and_its_answers_fit() {
        for text in ["", " ", "A*", "A?", "A\\B", "É"] {
            assert!(!Asked::Patient(text).is_single(), "{text}");
        }
        assert!(Asked::Accession("ACN 1").is_single());
        let known = Candidate { id: "P1".to_owned(), ..Candidate::default() };
        assert!(known.is_what(Asked::Patient(" P1")));
        assert!(!known.is_what(Asked::Accession("P1")));
    }

    #[test]
    fn keys_are_in_order() {
        for worklist in [false, true] {
            let bytes = identifier(Asked::Patient("P"), worklist);
            let mut tags = Vec::new();
            let mut rest = &bytes[..];
            while let Some((head, after)) = rest.split_at_checked(8) {
                tags.push([head[1], head[0], head[3], head[2]]);
                let length = u32::from_le_bytes(head[4..].try_into().unwrap());
                rest = &after[length as usize..];
            }
            assert!(tags.is_sorted() && tags.len() > 6, "{tags:?}");
        }
    }
}
