//! What a PACS knows of a study, by QIDO-RS.

use serde_json::Value;

use super::Pacs;
use crate::source::{ExamFacts, SourceError, is_uid};

const DICOM_JSON: &str = "application/dicom+json";
/// Most studies one accession number may name.
const MAX_STUDIES: &str = "50";
/// Accession Number, its issuer, Patient's Birth Date.
pub(super) const FIELDS: &str = "00080050,00080051,00100030";

impl Pacs {
    /// Facts of the studies that match `filter` in the eyes of the PACS; the caller checks them again.
    async fn search(&self, filter: (&str, &str)) -> Result<Vec<ExamFacts>, SourceError> {
        let mut query = vec![filter, ("limit", MAX_STUDIES)];
        query.extend(FIELDS.split(',').map(|field| ("includefield", field)));
        let url = self.client.url("studies", &query);
        let answer = self.client.get(&url, DICOM_JSON).await?.success()?;
        let body = answer.bytes(self.max_object_bytes).await?;
        if body.is_empty() {
            return Ok(Vec::new());
        }
        let studies: Vec<Value> = serde_json::from_slice(&body).map_err(|error| {
            SourceError::Unavailable(format!("list of studies: {:?}", error.classify()))
        })?;
        Ok(studies.iter().filter_map(facts).collect())
    }

    pub(super) async fn study_facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        if !is_uid(study) {
            return Ok(None);
        }
        let found = self.search(("StudyInstanceUID", study)).await?;
        Ok(found.into_iter().find(|facts| facts.study_instance_uid == study))
    }

    pub(super) async fn accession_facts(
        &self,
        accession: &str,
    ) -> Result<Vec<ExamFacts>, SourceError> {
        let accession = accession.trim();
        // These would be wildcards or lists to the PACS, and an empty value matches everything.
        if accession.is_empty() || accession.contains(['*', '?', '\\']) {
            return Ok(Vec::new());
        }
        let mut found = self.search(("AccessionNumber", accession)).await?;
        found.retain(|facts| facts.accession_number == accession);
        Ok(found)
    }
}

fn facts(study: &Value) -> Option<ExamFacts> {
    let issuer = study.get("00080051").and_then(|issuer| issuer.get("Value")?.get(0));
    let issuer = issuer.and_then(|item| text(item, "00400032").or_else(|| text(item, "00400031")));
    Some(ExamFacts {
        study_instance_uid: text(study, "0020000D").filter(|uid| is_uid(uid))?,
        accession_number: text(study, "00080050").unwrap_or_default(),
        accession_issuer: issuer,
        birth_date: text(study, "00100030")
            .filter(|date| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit())),
    })
}

pub(super) fn text(object: &Value, tag: &str) -> Option<String> {
    let value = object.get(tag)?.get("Value")?.get(0)?.as_str()?;
    let value = value.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn facts_are_trimmed_and_checked() {
        let study = json!({
            "0020000D": { "vr": "UI", "Value": ["1.2.3"] },
            "00080050": { "vr": "SH", "Value": [" A1 "] },
            "00080051": { "vr": "SQ", "Value": [{ "00400032": { "vr": "UT", "Value": ["1.2.250"] } }] },
            "00100030": { "vr": "DA", "Value": ["1970"] },
        });
        let expected = ExamFacts {
            study_instance_uid: "1.2.3".to_owned(),
            accession_number: "A1".to_owned(),
            accession_issuer: Some("1.2.250".to_owned()),
            birth_date: None,
        };
        assert_eq!(facts(&study), Some(expected));
        assert_eq!(facts(&json!({})), None);
        assert_eq!(facts(&json!({ "0020000D": { "Value": ["../x"] } })), None);
    }
}
