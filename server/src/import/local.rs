//! What the local side calls the patient and the exam: asked from its worklist or PACS, or typed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::Invalid;
use crate::source::is_uid;

/// Characters of LO, and of each component group of PN (PS3.5 6.2).
const LONG: usize = 64;
/// Characters of SH.
const SHORT: usize = 16;
/// Series that may be named anew.
const MAX_SERIES: usize = 1000;

/// Everything that an import writes into the objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// The patient.
    pub patient: LocalPatient,
    /// The local order, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accession: Option<LocalAccession>,
    /// Study Description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study_description: Option<String>,
    /// Series Description, by Series Instance UID.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub series_descriptions: BTreeMap<String, String>,
}

/// A patient as the local PACS knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalPatient {
    /// Patient ID.
    pub id: String,
    /// Issuer of Patient ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Universal Entity ID (an OID) of that issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_oid: Option<String>,
    /// Patient's Name, components joined by `^`.
    pub name: String,
    /// `YYYYMMDD`; where it is not known, that of the objects stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// `M`, `F` or `O`; where it is not known, that of the objects stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
}

/// An accession number as the local side gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalAccession {
    /// Accession Number.
    pub number: String,
    /// Universal Entity ID (an OID) of who gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_oid: Option<String>,
}

impl Local {
    /// Without spaces around values, and without empty ones.
    ///
    /// # Errors
    /// [`Invalid`] where something is missing, or no value of its VR.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        let patient = &mut self.patient;
        tidy(&mut patient.id);
        tidy(&mut patient.name);
        let optional = [
            &mut patient.issuer,
            &mut patient.issuer_oid,
            &mut patient.birth_date,
            &mut patient.sex,
        ];
        optional.into_iter().for_each(tidy_optional);
        tidy_optional(&mut self.study_description);
        if let Some(accession) = &mut self.accession {
            tidy(&mut accession.number);
            tidy_optional(&mut accession.issuer_oid);
        }
        self.accession.take_if(|accession| accession.number.is_empty());
        self.series_descriptions.values_mut().for_each(tidy);
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), Invalid> {
        let Self { patient, accession, study_description, series_descriptions } = self;
        if patient.id.is_empty() || patient.name.is_empty() {
            return Err(Invalid::Missing);
        }
        let is_ok = |text: Option<&str>, most| text.is_none_or(|text| is_text(text, most));
        let is_oid = |text: Option<&str>| text.is_none_or(is_uid);
        let number = accession.as_ref().map(|accession| accession.number.as_str());
        let number_oid = accession.as_ref().and_then(|it| it.issuer_oid.as_deref());
        let checks = [
            ("PatientID", is_text(&patient.id, LONG)),
            ("PatientName", is_name(&patient.name)),
            ("IssuerOfPatientID", is_ok(patient.issuer.as_deref(), LONG)),
            ("UniversalEntityID", is_oid(patient.issuer_oid.as_deref()) && is_oid(number_oid)),
            ("PatientBirthDate", patient.birth_date.as_deref().is_none_or(is_date)),
            ("PatientSex", is_sex(patient.sex.as_deref())),
            ("AccessionNumber", is_ok(number, SHORT)),
            ("StudyDescription", is_ok(study_description.as_deref(), LONG)),
            ("SeriesDescription", are_descriptions(series_descriptions)),
        ];
        match checks.into_iter().find(|(_, is_good)| !is_good) {
            Some((attribute, _)) => Err(Invalid::Value(attribute)),
            None => Ok(()),
        }
    }

    /// A name of exactly this, which says nothing of it to those who do not know it.
    #[must_use]
    pub fn digest(&self, more: &[&str]) -> String {
        let mut hash = Sha256::new();
        hash.update(serde_json::to_vec(self).unwrap_or_default());
        for part in more {
            hash.update([0]);
            hash.update(part);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn tidy(text: &mut String) {
    *text = text.trim().to_owned();
}

fn tidy_optional(text: &mut Option<String>) {
    text.iter_mut().for_each(tidy);
    text.take_if(|text| text.is_empty());
}

/// One value of LO or SH: no control characters, no backslash, which separates values.
fn is_text(text: &str, most: usize) -> bool {
    !text.contains(|sign: char| sign.is_control() || sign == '\\') && text.chars().count() <= most
}

/// Up to three groups of up to five components (PS3.5 6.2.1).
fn is_name(name: &str) -> bool {
    let mut groups = name.split('=');
    let is_group = |group: &str| group.split('^').count() <= 5 && is_text(group, LONG);
    name.split('=').count() <= 3 && groups.all(is_group)
}

fn is_date(date: &str) -> bool {
    let format = time::macros::format_description!("[year][month][day]");
    date.len() == 8 && time::Date::parse(date, format).is_ok()
}

fn is_sex(sex: Option<&str>) -> bool {
    sex.is_none_or(|sex| matches!(sex, "M" | "F" | "O"))
}

fn are_descriptions(descriptions: &BTreeMap<String, String>) -> bool {
    descriptions.len() <= MAX_SERIES
        && descriptions.iter().all(|(uid, text)| is_uid(uid) && is_text(text, LONG))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(id: &str, name: &str) -> Local {
        let patient = LocalPatient { id: id.into(), name: name.into(), ..LocalPatient::default() };
        Local { patient, ..Local::default() }
    }

    #[test]
    fn values_are_those_that_dicom_allows() {
        assert!(local(" P1 ", "LEFÈVRE^ÉLISE").checked().is_ok_and(|it| it.patient.id == "P1"));
        assert_eq!(local(" ", "A").checked(), Err(Invalid::Missing));
        assert_eq!(local("P\\1", "A").checked(), Err(Invalid::Value("PatientID")));
        assert_eq!(local("P", "A\nB").checked(), Err(Invalid::Value("PatientName")));
        assert_eq!(local("P", "A^B^C^D^E^F").checked(), Err(Invalid::Value("PatientName")));
        let with = |change: fn(&mut Local)| {
            let mut local = local("P", "A");
            change(&mut local);
            local.checked().err()
        };
        let date = |it: &mut Local| it.patient.birth_date = Some("19740231".to_owned());
        assert_eq!(with(date), Some(Invalid::Value("PatientBirthDate")));
        let sex = |it: &mut Local| it.patient.sex = Some("X".to_owned());
        assert_eq!(with(sex), Some(Invalid::Value("PatientSex")));
        let long = |it: &mut Local| {
            let number = "A".repeat(17);
            it.accession = Some(LocalAccession { number, issuer_oid: None });
        };
        assert_eq!(with(long), Some(Invalid::Value("AccessionNumber")));
        let empty = |it: &mut Local| it.accession = Some(LocalAccession::default());
        assert_eq!(with(empty), None, "an empty one is none");
    }

    #[test]
    fn a_digest_is_of_everything() {
        let one = local("P", "A");
        assert_eq!(one.digest(&["x"]), one.clone().digest(&["x"]));
        assert_ne!(one.digest(&["x", "y"]), one.digest(&["xy"]));
        assert_ne!(one.digest(&[]), local("P", "B").digest(&[]));
    }
}
