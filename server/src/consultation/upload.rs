//! Manifests as they are brought: from a form, or one alone.

use axum::http::StatusCode;
use negatoscope_text::{Lang, text};
use serde_json::{Value, json};
use viewer_core::base::multipart::{MediaType, parse_multipart};

use super::{
    manifest::{Manifest, ManifestError},
    one::Consultation,
    timeline::{Refused, Taken},
};
use crate::{
    audit::{Entry, Event},
    config::ConsultationConfig,
    error::Failure,
    state::AppState,
};

const MIB: usize = 1 << 20;
/// Files of one form.
const MAX_FILES: usize = 64;
/// The largest form, in bytes.
pub(super) const MAX_BODY: usize = 65 * MIB;

/// What became of one file.
pub(super) type Outcome = Result<Taken, Refused>;

/// The files of a request: those of a form, or its body. `None` for a form that cannot be read.
pub(super) fn files<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let media = MediaType::parse(content_type);
    if !media.is_multipart() {
        return Some(vec![body]);
    }
    let parts = parse_multipart(&media, body, MAX_FILES).ok()?;
    let is_file = |disposition: Option<&str>| disposition.is_some_and(|it| it.contains("filename"));
    let files = parts.into_iter().filter(|part| is_file(part.header("content-disposition")));
    // A form without any file chosen has one that is empty.
    Some(files.map(|part| part.body).filter(|body| !body.is_empty()).collect())
}

/// Reads a manifest and takes it in; either way there is a line in the journal, made of `entry`.
pub(super) async fn take(
    state: &AppState,
    config: &ConsultationConfig,
    one: &Consultation,
    bytes: &[u8],
    entry: &Entry<'_>,
) -> Result<Outcome, Failure> {
    let read = if bytes.len() > config.max_manifest_mib * MIB {
        Err(ManifestError::TooLarge)
    } else {
        let bytes = bytes.to_vec();
        let read = tokio::task::spawn_blocking(move || Manifest::read(&bytes)).await;
        read.map_err(|_stopped| Failure::Busy)?
    };
    let mut studies = Vec::new();
    let outcome = read.map_err(Refused::from).and_then(|manifest| {
        studies.push(manifest.study.study_instance_uid.clone());
        one.add(manifest, config.manifests)
    });
    let (event, reason) = match &outcome {
        Ok(taken) => (Event::FactsImported, format!("consultation_manifest {}", taken.name())),
        Err(refused) => (Event::Refusal, format!("consultation_manifest {}", refused.name())),
    };
    let entry = Entry { event, studies: &studies, reason: Some(&reason), ..entry.clone() };
    state.audit.record(&entry).await.map_err(Failure::Audit)?;
    Ok(outcome)
}

/// 422 where nothing was taken in.
pub(super) fn status(outcomes: &[Outcome]) -> StatusCode {
    if outcomes.iter().any(Result::is_ok) {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

/// The key of the words for it.
pub(super) fn key(outcome: &Outcome) -> String {
    match outcome {
        Ok(taken) => format!("consultation.taken.{}", taken.name()),
        Err(refused) => format!("consultation.refused.{}", refused.name()),
    }
}

/// For software.
pub(super) fn told(outcome: &Outcome) -> Value {
    let words = |lang| text(lang, &key(outcome)).into_owned();
    let (fr, en) = (words(Lang::Fr), words(Lang::En));
    match outcome {
        Ok(taken) => json!({ "outcome": taken.name(), "fr": fr, "en": en }),
        Err(refused) => json!({ "error": refused.name(), "fr": fr, "en": en }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_form_are_told_from_its_other_fields() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno file\r\n\
            --x\r\nContent-Disposition: form-data; name=\"m\"; filename=\"1.dcm\"\r\nContent-Type: application/dicom\r\n\r\nONE\r\n\
            --x\r\nContent-Disposition: form-data; name=\"m\"; filename=\"2.dcm\"\r\n\r\nTWO\r\n\
            --x\r\nContent-Disposition: form-data; name=\"m\"; filename=\"\"\r\n\r\n\r\n--x--\r\n";
        let found = files("multipart/form-data; boundary=x", body).unwrap();
        assert_eq!(found, [b"ONE", b"TWO"]);
        assert_eq!(files("application/dicom", b"ONE").unwrap(), [b"ONE"]);
        assert_eq!(files("multipart/form-data", body), None, "no boundary");
    }
}
