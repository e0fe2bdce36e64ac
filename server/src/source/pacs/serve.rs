//! The PACS as a source of exams.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use serde_json::Value;
use viewer_core::base::multipart::MediaType;
use viewer_core::exam::{ExamSummary, Series, is_video};

use super::Pacs;
use super::client::Answer;
use super::metadata::{bulk_address, inline_value, instance_ref, object_path, with_own_addresses};
use super::series::assemble;
use super::single_part::first_part;
use crate::source::{
    Beginning, BulkStream, ElementPath, EncodedFrame, ExamFacts, InstanceRef, InstanceStream,
    Scope, Source, SourceError, SourceHealth, VideoPart,
};

const ANY_OCTETS: &str = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*, multipart/related; type="application/octet-stream""#;
const FILE: &str = r#"multipart/related; type="application/dicom"; transfer-syntax=*"#;
/// Explicit VR Little Endian, the default of an unlabelled answer (PS3.18 8.7.3.5).
const DEFAULT_SYNTAX: &str = "1.2.840.10008.1.2.1";

#[async_trait]
impl Source for Pacs {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        self.study_facts(study).await
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        self.accession_facts(accession).await
    }

    async fn summary(&self, study: &str) -> Result<Arc<ExamSummary>, SourceError> {
        let key = study.to_owned();
        self.summaries.get(&key, async { assemble(self.study_instances(study).await?).await }).await
    }

    async fn beginning(&self, study: &str) -> Result<Beginning, SourceError> {
        if let Some(whole) = self.summary_at_hand(study).await {
            return Ok(Beginning::whole(whole));
        }
        match self.first_series(study).await? {
            Some(instances) if !instances.is_empty() => {
                let key = study.to_owned();
                let summary = self.beginnings.get(&key, assemble(instances.to_vec())).await?;
                Ok(Beginning { summary, is_whole: false })
            }
            _ => self.summary(study).await.map(Beginning::whole),
        }
    }

    async fn summary_of(&self, scope: &Scope) -> Result<Arc<ExamSummary>, SourceError> {
        let is_in = |series: &Series| Some(&series.series_instance_uid) == scope.series.as_ref();
        if self.summary_at_hand(&scope.study).await.is_none()
            && let Some(beginning) = self.beginnings.fresh(&scope.study)
            && beginning.series.iter().any(is_in)
        {
            return Ok(beginning);
        }
        self.summary(&scope.study).await
    }

    async fn summary_at_hand(&self, study: &str) -> Option<Arc<ExamSummary>> {
        self.summaries.fresh(&study.to_owned())
    }

    fn can_prepare(&self) -> bool {
        true
    }

    /// The summary only: no picture leaves the PACS for somebody who may be anybody.
    async fn prepare(&self, study: &str) -> Result<(), SourceError> {
        self.summary(study).await.map(drop)
    }

    async fn summary_without(
        &self,
        study: &str,
        left_out: &HashSet<String>,
    ) -> Result<Arc<ExamSummary>, SourceError> {
        let mut instances = self.study_instances(study).await?;
        instances.retain(|instance| !left_out.contains(&instance.sop_instance_uid));
        if instances.is_empty() {
            return Err(SourceError::NotFound);
        }
        Ok(assemble(instances).await?.0)
    }

    async fn key_objects(&self, study: &str) -> Result<Vec<Value>, SourceError> {
        self.key_object_metadata(study).await
    }

    async fn metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<Value, SourceError>>, SourceError> {
        Ok(self.raw_metadata(scope).await?.map_ok(with_own_addresses).boxed())
    }

    async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, SourceError> {
        let mut found = Vec::new();
        let path = object_path(scope).ok_or(SourceError::NotFound)?;
        if scope.instance.is_some() {
            // There is no search for one instance; its metadata tells whether it exists.
            found.extend(
                self.raw_metadata(scope).await?.try_next().await?.as_ref().and_then(instance_ref),
            );
        } else {
            let url = self.client.url(&format!("{path}/instances"), &[]);
            let answer = self.client.get(&url, "application/dicom+json").await?.success()?;
            let mut objects = super::json_objects::objects(answer.stream()).boxed();
            while let Some(object) = objects.try_next().await? {
                found.extend(within(scope, &object));
            }
        }
        if found.is_empty() { Err(SourceError::NotFound) } else { Ok(found) }
    }

    async fn frame(&self, at: &InstanceRef, frame: u32) -> Result<EncodedFrame, SourceError> {
        let key = (at.clone(), frame);
        let kept = self.frames.get(&key, async {
            let frame = self.fetch_frame(at, frame).await?;
            let bytes = frame.bytes.len() as u64;
            Ok((frame, bytes))
        });
        kept.await
    }

    async fn instance(&self, at: &InstanceRef) -> Result<InstanceStream, SourceError> {
        let path = object_path(&at.scope()).ok_or(SourceError::NotFound)?;
        let answer = self.client.get(&self.client.url(&path, &[]), FILE).await?.success()?;
        let length = answer.length();
        let (media_type, body, length) = opened(answer, length).await?;
        let transfer_syntax_uid = media_type.transfer_syntax();
        let (stated, body) = file_syntax(body).await?;
        let transfer_syntax_uid =
            stated.or(transfer_syntax_uid).unwrap_or_else(|| DEFAULT_SYNTAX.to_owned());
        Ok(InstanceStream { transfer_syntax_uid, length, bytes: body })
    }

    async fn bulk(
        &self,
        at: &InstanceRef,
        element: &ElementPath,
    ) -> Result<BulkStream, SourceError> {
        let object = self.raw_metadata(&at.scope()).await?.try_next().await?;
        let object = object.ok_or(SourceError::NotFound)?;
        if let Some(value) = inline_value(&object, element) {
            let length = Some(value.len() as u64);
            let bytes = stream::once(async move { Ok(value.into()) }).boxed();
            return Ok(BulkStream { transfer_syntax_uid: None, length, bytes });
        }
        let address = bulk_address(&object, element);
        let url = self.client.resolve(&address.ok_or(SourceError::NotFound)?);
        let url =
            url.ok_or_else(|| SourceError::Unavailable("bulk data of another server".to_owned()))?;
        let answer = self.client.get(&url, ANY_OCTETS).await?.success()?;
        let length = answer.length();
        let (media_type, bytes, length) = opened(answer, length).await?;
        Ok(BulkStream { transfer_syntax_uid: media_type.transfer_syntax(), length, bytes })
    }

    /// PACS deliver the stream of a video as the first of its frames, and whole.
    async fn video(
        &self,
        at: &InstanceRef,
        _start: u64,
        _end: Option<u64>,
    ) -> Result<VideoPart, SourceError> {
        let EncodedFrame { transfer_syntax_uid, bytes } = self.fetch_frame(at, 1).await?;
        if !is_video(&transfer_syntax_uid) {
            return Err(SourceError::NotFound);
        }
        let total = bytes.len() as u64;
        let bytes = stream::once(async move { Ok(bytes) }).boxed();
        Ok(VideoPart { transfer_syntax_uid, range: 0..total, total, bytes })
    }

    async fn health(&self) -> SourceHealth {
        // Finds nothing and names nobody.
        let query = [("StudyInstanceUID", "0.0"), ("limit", "1")];
        let url = self.client.url("studies", &query);
        let answer = self.client.get(&url, "application/dicom+json").await;
        match answer.and_then(Answer::success) {
            Ok(_) => SourceHealth::Up,
            Err(error) => {
                tracing::warn!(site = %self.name, %error, "the PACS does not answer");
                SourceHealth::Down
            }
        }
    }
}

impl Pacs {
    /// A short bulk value in memory.
    pub(super) async fn fetch_bulk(&self, address: &str, limit: u64) -> Result<Bytes, SourceError> {
        let url = self.client.resolve(address);
        let url =
            url.ok_or_else(|| SourceError::Unavailable("bulk data of another server".to_owned()))?;
        let answer = self.client.get(&url, ANY_OCTETS).await?.success()?;
        let (_, mut body, _) = opened(answer, None).await?;
        let mut whole = Vec::new();
        while let Some(piece) = body.try_next().await? {
            whole.extend_from_slice(&piece);
            if whole.len() as u64 > limit {
                return Err(SourceError::TooLarge("bulk data"));
            }
        }
        Ok(whole.into())
    }
}

/// The instance an object of a search names, when it lies within what was asked for.
fn within(scope: &Scope, object: &Value) -> Option<InstanceRef> {
    let text = |tag| super::metadata::text(object, tag).map(str::to_owned);
    let found = InstanceRef {
        study: text("0020000D").unwrap_or_else(|| scope.study.clone()),
        series: text("0020000E").or_else(|| scope.series.clone())?,
        instance: text("00080018")?,
    };
    let same_series = scope.series.as_ref().is_none_or(|series| *series == found.series);
    (found.study == scope.study && same_series).then_some(found)
}

type Body = BoxStream<'static, Result<Bytes, SourceError>>;

/// The content of an answer, out of its one part where there are parts (its length is then unknown).
async fn opened(
    answer: Answer,
    length: Option<u64>,
) -> Result<(MediaType, Body, Option<u64>), SourceError> {
    let outer = MediaType::parse(&answer.content_type());
    if !outer.is_multipart() {
        return Ok((outer, answer.stream(), length));
    }
    let part = first_part(&outer, answer.stream()).await?;
    Ok((part.media_type, part.body, None))
}

/// The transfer syntax a file states in its meta information, whatever the PACS calls it; the body is
/// returned whole.
async fn file_syntax(mut body: Body) -> Result<(Option<String>, Body), SourceError> {
    const HEAD_BYTES: usize = 4096;
    let mut head = Vec::new();
    let mut pieces = Vec::new();
    while head.len() < HEAD_BYTES {
        let Some(piece) = body.try_next().await? else { break };
        head.extend_from_slice(&piece);
        pieces.push(Ok(piece));
    }
    if head.get(128..132) != Some(b"DICM") {
        return Err(SourceError::Unavailable("the PACS sent no DICOM file".to_owned()));
    }
    let stated = transfer_syntax_of(&head);
    Ok((stated, stream::iter(pieces).chain(body).boxed()))
}

/// Transfer Syntax UID (0002,0010), written with explicit VR UI in every file (PS3.10 7.1).
fn transfer_syntax_of(head: &[u8]) -> Option<String> {
    let at = head.windows(6).position(|bytes| bytes == b"\x02\x00\x10\x00UI")?;
    let length: [u8; 2] = head.get(at + 6..at + 8)?.try_into().ok()?;
    let value = head.get(at + 8..at + 8 + usize::from(u16::from_le_bytes(length)))?;
    let uid = std::str::from_utf8(value).ok()?.trim_end_matches(['\0', ' ']);
    crate::source::is_uid(uid).then(|| uid.to_owned())
}
