//! Patients: the pivot identity of FranceConnect, held against the exams of one link.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use viewer_core::exam::Patient;

use super::Proof;
use crate::{
    auth::{
        Granted, Reason,
        identity_match::{Proven, Recorded, Verdict, compare},
    },
    error::Failure,
    link::Link,
    reports::{Reports, Traits},
    sites::Site,
    source::SourceError,
};

/// Reads the pivot identity; `None` where the provider gave none.
#[must_use]
pub fn pivot(claims: &Map<String, Value>) -> Option<Proven> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let listed = claims.get("given_name_array").and_then(Value::as_array);
    let listed: Vec<String> =
        listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let joined = || text("given_name").split_whitespace().map(str::to_owned).collect();
    let proven = Proven {
        family_name: text("family_name"),
        given_names: if listed.is_empty() { joined() } else { listed },
        birth_date: text("birthdate"),
        gender: text("gender"),
        birth_place: text("birthplace"),
        birth_country: text("birthcountry"),
    };
    (!proven.family_name.is_empty() && !proven.birth_date.is_empty()).then_some(proven)
}

/// Who, for the audit: a person's name at the provider is only told hashed.
#[must_use]
pub fn subject(proof: &Proof) -> String {
    let mut digest = Sha256::new();
    digest.update(&proof.issuer);
    digest.update([0]);
    digest.update(&proof.subject);
    let short: String =
        digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("fc:{short}")
}

/// The exams of the link whose patient this person is, or why there is none.
///
/// # Errors
/// When the source does not answer, or the database fails.
pub async fn entitle(
    (reports, now): (&Reports, i64),
    site: &Site,
    link: &Link,
    person: &Proven,
    subject: String,
) -> Result<Result<Granted, Reason>, Failure> {
    let found = reports.find_exams(site, link, now).await??;
    if found.is_empty() {
        return Ok(Err(Reason::UnknownExam));
    }
    let (mut studies, mut reason) = (Vec::new(), Reason::OtherPatient);
    for facts in found {
        match verdict(reports, site, &facts.study_instance_uid, person).await? {
            Verdict::Match => studies.push(facts.study_instance_uid),
            Verdict::No => {}
            Verdict::Undecided => reason = Reason::PatientUndecided,
        }
    }
    Ok(if studies.is_empty() { Err(reason) } else { Ok(Granted { subject, studies }) })
}

/// The patient is the one in the images, completed by what the site knows; by that alone where the images
/// are gone. With neither it is undecided: the visitor must not learn that the exam exists.
async fn verdict(
    reports: &Reports,
    site: &Site,
    study: &str,
    person: &Proven,
) -> Result<Verdict, Failure> {
    let patient = match patient(site, study).await {
        Ok(patient) => patient,
        Err(cause @ SourceError::Unavailable(_)) => return Err(cause.into()),
        Err(cause) => {
            tracing::warn!(%cause, "the images of an exam do not tell whose it is");
            Patient::default()
        }
    };
    let known = reports.exam(&site.id, study).await?;
    Ok(compare(person, &recorded(patient, known.map_or_else(Traits::default, |exam| exam.traits))))
}

/// Nothing is fetched for somebody who may be anybody.
async fn patient(site: &Site, study: &str) -> Result<Patient, SourceError> {
    match site.source.known_patient(study).await? {
        Some(known) => Ok(known),
        None => Ok(site.source.summary(study).await?.patient.clone()),
    }
}

fn recorded(patient: Patient, known: Traits) -> Recorded {
    let text = |text: String, other: Option<String>| {
        if text.trim().is_empty() { other.unwrap_or_default() } else { text }
    };
    Recorded {
        birth_name: text(patient.birth_name, known.birth_name),
        given_names: text(patient.given_names, known.first_name),
        birth_date: patient.birth_date.or(known.birth_date),
        sex: patient.sex.or(known.sex),
        // DICOM has no attribute for it.
        birth_place: known.birth_place,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_images_lack_is_taken_from_what_the_site_knows() {
        let known = || Traits {
            birth_name: Some("MARTIN".to_owned()),
            first_name: Some("ZOE".to_owned()),
            birth_date: Some("19620824".to_owned()),
            sex: Some("F".to_owned()),
            birth_place: Some("75107".to_owned()),
        };
        let found = recorded(Patient::default(), known());
        assert_eq!((found.birth_name.as_str(), found.given_names.as_str()), ("MARTIN", "ZOE"));
        assert_eq!(
            (found.birth_date.as_deref(), found.sex.as_deref()),
            (Some("19620824"), Some("F"))
        );
        let images = Patient {
            birth_name: "DUBOIS".to_owned(),
            birth_date: Some("20010101".to_owned()),
            ..Patient::default()
        };
        let found = recorded(images, known());
        assert_eq!((found.birth_name.as_str(), found.given_names.as_str()), ("DUBOIS", "ZOE"));
        assert_eq!(found.birth_date.as_deref(), Some("20010101"), "the images come first");
        assert_eq!(found.birth_place.as_deref(), Some("75107"));
        let nobody = Recorded::default();
        assert_eq!(recorded(Patient::default(), Traits::default()), nobody);
        assert_eq!(compare(&Proven::default(), &nobody), Verdict::Undecided);
    }

    #[test]
    fn the_pivot_identity_is_read_with_and_without_list_of_names() {
        let claims = json!({ "sub": "x", "family_name": "DUBOIS", "given_name": "Angela Claire",
            "birthdate": "1962-08-24", "gender": "female", "birthplace": "75107", "birthcountry": "99100" });
        let read = pivot(claims.as_object().unwrap()).unwrap();
        assert_eq!(read.given_names, ["Angela", "Claire"]);
        let mut claims = claims.as_object().unwrap().clone();
        claims.insert("given_name_array".to_owned(), json!(["Anne Laure", 1, "Zoë"]));
        assert_eq!(pivot(&claims).unwrap().given_names, ["Anne Laure", "Zoë"]);
        claims.remove("birthdate");
        assert_eq!(pivot(&claims), None);
    }
}
