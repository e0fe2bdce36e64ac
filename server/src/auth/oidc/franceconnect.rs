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
    link::{self, Link},
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
/// When the source does not answer.
pub async fn entitle(
    site: &Site,
    link: &Link,
    person: &Proven,
    subject: String,
) -> Result<Result<Granted, Reason>, Failure> {
    let found = link::find_exams(site, link).await?;
    if found.is_empty() {
        return Ok(Err(Reason::UnknownExam));
    }
    let (mut studies, mut reason) = (Vec::new(), Reason::OtherPatient);
    for facts in found {
        match verdict(site, &facts.study_instance_uid, person).await? {
            Verdict::Match => studies.push(facts.study_instance_uid),
            Verdict::No => {}
            Verdict::Undecided => reason = Reason::PatientUndecided,
        }
    }
    Ok(if studies.is_empty() { Err(reason) } else { Ok(Granted { subject, studies }) })
}

/// An exam that cannot be read is undecided: the visitor must not learn that it exists.
async fn verdict(site: &Site, study: &str, person: &Proven) -> Result<Verdict, Failure> {
    match site.source.summary(study).await {
        Ok(summary) => Ok(compare(person, &recorded(&summary.patient))),
        Err(cause @ SourceError::Unavailable(_)) => Err(cause.into()),
        Err(cause) => {
            tracing::warn!(%cause, "an exam cannot be compared with an identity");
            Ok(Verdict::Undecided)
        }
    }
}

fn recorded(patient: &Patient) -> Recorded {
    Recorded {
        birth_name: patient.birth_name.clone(),
        given_names: patient.given_names.clone(),
        birth_date: patient.birth_date.clone(),
        sex: patient.sex.clone(),
        // DICOM has no attribute for it.
        birth_place: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
