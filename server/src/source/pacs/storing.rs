//! Objects to a PACS by STOW-RS (PS3.18 10.5), one a request, and what it has of a study afterwards.

use std::collections::HashSet;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::Value;

use super::Pacs;
use super::facts::{FIELDS, text};
use crate::source::dimse::{Asked, Candidate};
use crate::source::{SourceError, is_uid};

const DICOM_JSON: &str = "application/dicom+json";
/// Longest answer to one object.
const MAX_ANSWER_BYTES: u64 = 1 << 20;
/// Most instances of a study that are looked for; a server answers fewer at a time where it wants to.
const MAX_INSTANCES: usize = 100_000;
const PAGE: usize = 1000;
const MAX_CANDIDATES: &str = "100";
const FAILED: &str = "00081198";
const FAILURE_REASON: &str = "00081197";
const REFERENCED: &str = "00081199";
const REFERENCED_INSTANCE: &str = "00081155";

/// What a PACS said to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stow {
    /// Taken.
    Stored,
    /// Not taken, with its reason (PS3.18 I.2.2), 0 where it tells none.
    Refused(u16),
}

impl Pacs {
    /// Sends one object: a whole file, its beginning and what follows.
    ///
    /// # Errors
    /// Where the source of the object fails, or the PACS cannot be reached or answers nonsense.
    pub async fn stow(
        &self,
        study: &str,
        instance: &str,
        head: Bytes,
        rest: BoxStream<'static, Result<Bytes, SourceError>>,
    ) -> Result<Stow, SourceError> {
        let boundary = format!("negatoscope-{:032x}", rand::random::<u128>());
        let opening = format!("--{boundary}\r\nContent-Type: application/dicom\r\n\r\n");
        let closing = format!("\r\n--{boundary}--\r\n");
        let first = stream::iter([Ok(Bytes::from(opening)), Ok(head)]);
        let last = stream::iter([Ok(Bytes::from(closing))]);
        let body = reqwest::Body::wrap_stream(first.chain(rest).chain(last));
        let kind = format!("multipart/related; type=\"application/dicom\"; boundary={boundary}");
        let url = self.client.url(&format!("studies/{study}"), &[]);
        let answer = self.client.post(&url, (&kind, DICOM_JSON), body).await?;
        let status = answer.status();
        let bytes = answer.bytes(MAX_ANSWER_BYTES).await?;
        let said: Option<Value> = serde_json::from_slice(&bytes).ok();
        let said = said.as_ref().and_then(|said| outcome(said, instance));
        match (said, status.as_u16()) {
            (Some(outcome), _) => Ok(outcome),
            (None, 200) => Ok(Stow::Stored),
            (None, 400 | 403 | 406 | 409 | 413 | 415) => Ok(Stow::Refused(0)),
            _ => Err(SourceError::Unavailable(format!("the PACS answered {status}"))),
        }
    }

    /// The instances that the PACS has of a study now.
    ///
    /// # Errors
    /// Where it does not answer.
    pub async fn stored(&self, study: &str) -> Result<HashSet<String>, SourceError> {
        let mut found = HashSet::new();
        if !is_uid(study) {
            return Ok(found);
        }
        while found.len() < MAX_INSTANCES {
            let before = found.len();
            let offset = before.to_string();
            let page = PAGE.to_string();
            let query =
                [("limit", page.as_str()), ("offset", &offset), ("includefield", "00080018")];
            let path = format!("studies/{study}/instances");
            let objects = self.asked(&path, &query).await?;
            found.extend(objects.iter().filter_map(|object| text(object, "00080018")));
            if found.len() == before {
                break;
            }
        }
        Ok(found)
    }

    /// The patients under whom the PACS has a study; one without an identifier is empty text.
    ///
    /// # Errors
    /// Where it does not answer.
    pub async fn patients_of(&self, study: &str) -> Result<Vec<String>, SourceError> {
        if !is_uid(study) {
            return Ok(Vec::new());
        }
        let query = [("StudyInstanceUID", study), ("includefield", "00100020")];
        let found = self.asked("studies", &query).await?;
        let is_it = |object: &&Value| text(object, "0020000D").as_deref() == Some(study);
        let patient = |object: &Value| text(object, "00100020").unwrap_or_default();
        Ok(found.iter().filter(is_it).map(patient).collect())
    }

    /// Whom the PACS knows by this; nobody where it is not a single value.
    ///
    /// # Errors
    /// Where it does not answer.
    pub async fn candidates(&self, asked: Asked<'_>) -> Result<Vec<Candidate>, SourceError> {
        if !asked.is_single() {
            return Ok(Vec::new());
        }
        let filter = match asked {
            Asked::Patient(id) => ("PatientID", id.trim()),
            Asked::Accession(number) => ("AccessionNumber", number.trim()),
        };
        let mut query = vec![filter, ("limit", MAX_CANDIDATES)];
        let more = ["00100010", "00100020", "00100021", "00100040", "00081030"];
        query.extend(FIELDS.split(',').chain(more).map(|field| ("includefield", field)));
        let mut candidates: Vec<Candidate> = Vec::new();
        for object in &self.asked("studies", &query).await? {
            let candidate = candidate(object);
            if candidate.is_what(asked) && !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        }
        Ok(candidates)
    }

    async fn asked(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>, SourceError> {
        let url = self.client.url(path, query);
        let answer = match self.client.get(&url, DICOM_JSON).await?.success() {
            Err(SourceError::NotFound) => return Ok(Vec::new()),
            answer => answer?,
        };
        let body = answer.bytes(self.max_object_bytes).await?;
        if body.is_empty() {
            return Ok(Vec::new());
        }
        serde_json::from_slice(&body)
            .map_err(|error| SourceError::Unavailable(format!("answer: {:?}", error.classify())))
    }
}

fn candidate(object: &Value) -> Candidate {
    let name = object.get("00100010").and_then(|name| name.get("Value")?.get(0)?.get("Alphabetic"));
    Candidate {
        id: text(object, "00100020").unwrap_or_default(),
        issuer: text(object, "00100021"),
        name: name.and_then(Value::as_str).unwrap_or_default().trim().to_owned(),
        birth_date: text(object, "00100030"),
        sex: text(object, "00100040"),
        accession: text(object, "00080050"),
        description: text(object, "00081030"),
    }
}

/// What a Store Instances Response says of an instance.
fn outcome(said: &Value, instance: &str) -> Option<Stow> {
    let items = |tag: &str| {
        let value = said.get(tag).and_then(|sequence| sequence.get("Value")?.as_array());
        value.map_or(&[][..], Vec::as_slice)
    };
    let is_it = |item: &&Value| text(item, REFERENCED_INSTANCE).is_none_or(|uid| uid == instance);
    if let Some(failed) = items(FAILED).iter().find(is_it) {
        let reason =
            failed.get(FAILURE_REASON).and_then(|reason| reason.get("Value")?.get(0)?.as_u64());
        return Some(Stow::Refused(reason.and_then(|it| u16::try_from(it).ok()).unwrap_or(0)));
    }
    let stored = items(REFERENCED)
        .iter()
        .find(|item| text(item, REFERENCED_INSTANCE).as_deref() == Some(instance));
    stored.map(|_| Stow::Stored)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_about_the_instance_it_names() {
        let uid = |uid: &str| json!({ "vr": "UI", "Value": [uid] });
        let stored = json!({ REFERENCED: { "Value": [{ REFERENCED_INSTANCE: uid("1.2") }] } });
        assert_eq!(outcome(&stored, "1.2"), Some(Stow::Stored));
        assert_eq!(outcome(&stored, "1.3"), None);
        let reason = json!({ "vr": "US", "Value": [0xA700] });
        let item = json!({ REFERENCED_INSTANCE: uid("1.2"), FAILURE_REASON: reason });
        let failed = json!({ FAILED: { "Value": [item] }, REFERENCED: stored[REFERENCED] });
        assert_eq!(outcome(&failed, "1.2"), Some(Stow::Refused(0xA700)));
        assert_eq!(outcome(&json!({ FAILED: { "Value": [{}] } }), "1.2"), Some(Stow::Refused(0)));
        assert_eq!(outcome(&json!({}), "1.2"), None);
    }
}
