//! The series of a study: listed by one request, the metadata of each brought by one more, whoever asks for it.

use std::sync::Arc;

use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;
use viewer_core::dicom::from_json;
use viewer_core::exam::{ExamSummary, Instance};
use viewer_core::series;

use super::Pacs;
use super::json_objects::objects;
use super::metadata::text;
use crate::source::{Scope, SourceError, is_uid};

const DICOM_JSON: &str = "application/dicom+json";
/// Series fetched at the same time for a summary.
const SERIES_AT_ONCE: usize = 4;
/// Patient ID and Patient's Birth Date: whether all series are of one patient.
const PATIENT: [&str; 2] = ["00100020", "00100030"];
/// Modality of Key Object Selection documents.
const DOCUMENTS: &str = "KO";
/// Modalities without pictures.
const NO_PICTURES: [&str; 8] = ["KO", "SR", "PR", "DOC", "AU", "RTPLAN", "RTSTRUCT", "REG"];

/// A series as the PACS lists it.
#[derive(Clone, Debug)]
pub(super) struct ListedSeries {
    pub uid: String,
    modality: Option<String>,
    number: Option<i64>,
    /// [`PATIENT`], as far as they are told.
    patient: [Option<String>; 2],
}

impl ListedSeries {
    fn read(series: &Value) -> Option<Self> {
        let owned = |tag: &str| text(series, tag).map(str::to_owned);
        Some(Self {
            uid: owned("0020000E").filter(|uid| is_uid(uid))?,
            modality: owned("00080060"),
            number: series.pointer("/00200011/Value/0").and_then(number),
            patient: PATIENT.map(owned),
        })
    }

    /// A PACS may not tell: then it may be one.
    fn may_be_document(&self) -> bool {
        self.modality.as_deref().is_none_or(|modality| modality == DOCUMENTS)
    }

    fn has_pictures(&self) -> bool {
        self.modality.as_deref().is_some_and(|modality| !NO_PICTURES.contains(&modality))
    }
}

/// An integer string (IS): a number in DICOM JSON, a string by some.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Instances of a series, as they are kept.
pub(super) type Instances = Arc<[Instance]>;

impl Pacs {
    /// The series of a study; none where it is not there.
    async fn series_of(&self, study: &str) -> Result<Arc<[ListedSeries]>, SourceError> {
        if !is_uid(study) {
            return Ok(Arc::from([]));
        }
        let key = study.to_owned();
        let listed = self.listed.get(&key, async {
            let query = PATIENT.map(|field| ("includefield", field));
            let url = self.client.url(&format!("studies/{study}/series"), &query);
            let answer = match self.client.get(&url, DICOM_JSON).await?.success() {
                Err(SourceError::NotFound) => return Ok((Arc::from([]), 1)),
                other => other?,
            };
            let found: Vec<Value> = objects(answer.stream()).try_collect().await?;
            let listed: Arc<[_]> = found.iter().filter_map(ListedSeries::read).collect();
            let bytes = size_of_val(&*listed) as u64;
            Ok((listed, bytes))
        });
        listed.await
    }

    /// The instances of a study.
    pub(super) async fn study_instances(&self, study: &str) -> Result<Vec<Instance>, SourceError> {
        let series = self.series_of(study).await?;
        if series.is_empty() {
            return Err(SourceError::NotFound);
        }
        let requests = stream::iter(series.to_vec())
            .map(|series| async move { self.instances_of(study, &series).await });
        let found: Vec<Instances> = requests.buffered(SERIES_AT_ONCE).try_collect().await?;
        Ok(found.iter().flat_map(|instances| instances.iter().cloned()).collect())
    }

    async fn instances_of(
        &self,
        study: &str,
        series: &ListedSeries,
    ) -> Result<Instances, SourceError> {
        let key = (study.to_owned(), series.uid.clone());
        let kept = self.instances.get(&key, async {
            let instances = match series.may_be_document() {
                true => self.read_documents(&self.documents_of(&key).await?).await,
                false => self.read_series(&key).await?,
            };
            let bytes = json_bytes(&instances);
            Ok((Instances::from(instances), bytes))
        });
        kept.await
    }

    /// Takes in the metadata of a series as it comes.
    async fn read_series(&self, key: &(String, String)) -> Result<Vec<Instance>, SourceError> {
        let mut metadata = match self.raw_metadata(&scope(key)).await {
            Ok(metadata) => metadata,
            // Deleted since the list of series was made.
            Err(SourceError::NotFound) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut instances = Vec::new();
        while let Some(object) = metadata.try_next().await? {
            instances.extend(self.read_instance(object).await);
        }
        Ok(instances)
    }

    async fn read_documents(&self, documents: &[Value]) -> Vec<Instance> {
        let mut instances = Vec::new();
        for object in documents {
            instances.extend(self.read_instance(object.clone()).await);
        }
        instances
    }

    async fn read_instance(&self, mut object: Value) -> Option<Instance> {
        if let Value::Object(elements) = &mut object {
            self.fetch_tables(elements).await;
        }
        match from_json(&object, None) {
            Ok(read) => Some(read.instance),
            Err(error) => {
                tracing::warn!(site = %self.name, %error, "an instance of the PACS is left out");
                None
            }
        }
    }

    /// Metadata of a series of documents, or of one that may be.
    async fn documents_of(&self, key: &(String, String)) -> Result<Arc<[Value]>, SourceError> {
        let kept = self.documents.get(key, async {
            let found: Vec<Value> = match self.raw_metadata(&scope(key)).await {
                Err(SourceError::NotFound) => Vec::new(),
                other => other?.try_collect().await?,
            };
            let bytes = json_bytes(&found);
            Ok((found.into(), bytes))
        });
        kept.await
    }

    /// Metadata of the Key Object Selection documents of a study; none where it is not there.
    pub(super) async fn key_object_metadata(&self, study: &str) -> Result<Vec<Value>, SourceError> {
        let mut found = Vec::new();
        for series in self.series_of(study).await?.iter().filter(|one| one.may_be_document()) {
            let key = (study.to_owned(), series.uid.clone());
            found.extend(self.documents_of(&key).await?.iter().cloned());
        }
        Ok(found)
    }

    /// The first series with pictures alone, where the PACS says that all series are of one patient; `None` where
    /// only the whole exam can tell.
    pub(super) async fn first_series(&self, study: &str) -> Result<Option<Instances>, SourceError> {
        let listed = self.series_of(study).await?;
        if !are_of_one_patient(&listed) {
            return Ok(None);
        }
        let first = listed
            .iter()
            .filter(|series| series.has_pictures())
            .min_by_key(|series| (series.number.is_none(), series.number, series.uid.clone()));
        match first {
            Some(series) => Ok(Some(self.instances_of(study, series).await?)),
            None => Ok(None),
        }
    }
}

/// By what the PACS tells of each: nothing is as little as two.
fn are_of_one_patient(listed: &[ListedSeries]) -> bool {
    let told = listed.iter().map(|series| series.patient.each_ref().map(Option::as_deref));
    let mut told = told.map(|[id, birth_date]| id.zip(birth_date));
    told.next().flatten().is_some_and(|first| told.all(|other| other == Some(first)))
}

fn scope((study, series): &(String, String)) -> Scope {
    Scope { study: study.clone(), series: Some(series.clone()), instance: None }
}

/// What a value takes when it is written down: about what it takes in memory.
pub(super) fn json_bytes(value: &impl serde::Serialize) -> u64 {
    struct Counter(u64);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // What cannot be written is counted as far as it could be.
    drop(serde_json::to_writer(&mut counter, value));
    counter.0
}

/// Puts a summary together on a thread of its own; with the bytes it takes.
pub(super) async fn assemble(
    instances: Vec<Instance>,
) -> Result<(Arc<ExamSummary>, u64), SourceError> {
    let made = tokio::task::spawn_blocking(move || {
        let summary = series::assemble(instances);
        let summary = summary.map_err(|error| SourceError::Corrupt(error.to_string()))?;
        let bytes = json_bytes(&summary);
        Ok((Arc::new(summary), bytes))
    });
    made.await.map_err(|error| SourceError::Unavailable(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: Option<&str>, birth_date: Option<&str>) -> ListedSeries {
        let patient = [id, birth_date].map(|trait_of| trait_of.map(str::to_owned));
        ListedSeries { uid: "1.2".to_owned(), modality: None, number: None, patient }
    }

    #[test]
    fn series_are_of_one_patient_only_where_all_say_so() {
        let one = listed(Some("A"), Some("19740312"));
        let same = one.clone();
        assert!(are_of_one_patient(&[one.clone(), same]));
        for other in [
            listed(Some("B"), Some("19740312")),
            listed(Some("A"), Some("19740313")),
            listed(Some("A"), None),
            listed(None, None),
        ] {
            assert!(!are_of_one_patient(&[one.clone(), other.clone()]), "{other:?}");
            assert!(!are_of_one_patient(&[other, one.clone()]));
        }
        assert!(!are_of_one_patient(&[]));
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        let read = |value: Value| number(&value);
        assert_eq!(
            [read(3.into()), read(" 3 ".into()), read("x".into())],
            [Some(3), Some(3), None]
        );
    }

    #[test]
    fn bytes_are_those_of_the_text() {
        assert_eq!(json_bytes(&["ab", "c"]), r#"["ab","c"]"#.len() as u64);
    }
}
