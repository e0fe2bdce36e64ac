//! A source that dies in the middle of what it sends, for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use negatoscope_server::source::{
    BulkStream, ElementPath, EncodedFrame, ExamFacts, InstanceRef, InstanceStream, Scope, Source,
    SourceError, SourceHealth, VideoPart,
};
use tokio::sync::Semaphore;
use viewer_core::exam::ExamSummary;

/// As much as is read of an object before it is sent.
const HEADER_BYTES: usize = 64 * 1024;

/// Another source, of which objects are cut off in their pixel data, all but the first few.
pub(crate) struct Flaky {
    pub(crate) source: Arc<dyn Source>,
    /// Objects that come whole.
    pub(crate) whole: usize,
    /// Objects that are cut after those; then it is well again.
    pub(crate) cut: usize,
    /// Long objects that were asked for.
    pub(crate) asked: AtomicUsize,
    /// Every object takes a permit; where it is closed, nothing comes any more.
    pub(crate) gate: Semaphore,
}

impl Flaky {
    /// Well, and open to all.
    pub(crate) const fn new(source: Arc<dyn Source>) -> Self {
        let gate = Semaphore::const_new(Semaphore::MAX_PERMITS);
        Self { source, whole: usize::MAX, cut: 0, asked: AtomicUsize::new(0), gate }
    }
}

#[async_trait]
impl Source for Flaky {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        self.source.facts(study).await
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        self.source.facts_by_accession(accession).await
    }

    async fn summary(&self, study: &str) -> Result<Arc<ExamSummary>, SourceError> {
        self.source.summary(study).await
    }

    async fn metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<serde_json::Value, SourceError>>, SourceError> {
        self.source.metadata(scope).await
    }

    async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, SourceError> {
        self.source.instances(scope).await
    }

    async fn frame(&self, at: &InstanceRef, frame: u32) -> Result<EncodedFrame, SourceError> {
        self.source.frame(at, frame).await
    }

    async fn instance(&self, at: &InstanceRef) -> Result<InstanceStream, SourceError> {
        self.gate.acquire().await.map_err(|_closed| dead())?.forget();
        let mut found = self.source.instance(at).await?;
        let pieces: Vec<_> = found.bytes.collect().await;
        let bytes: Vec<u8> = pieces.into_iter().flat_map(Result::unwrap).collect();
        // Only of those that are longer than what is read before sending begins.
        let is_long = bytes.len() > 2 * HEADER_BYTES;
        let asked = if is_long { self.asked.fetch_add(1, Ordering::SeqCst) } else { 0 };
        let is_cut = is_long && (self.whole..self.whole.saturating_add(self.cut)).contains(&asked);
        let (first, rest) = bytes.split_at(HEADER_BYTES.min(bytes.len()));
        let rest = if is_cut { &rest[..rest.len() - 2] } else { rest };
        let mut pieces = vec![Ok(first.to_vec().into()), Ok(rest.to_vec().into())];
        pieces.extend(is_cut.then(|| Err(dead())));
        found.bytes = stream::iter(pieces).boxed();
        Ok(found)
    }

    async fn bulk(
        &self,
        at: &InstanceRef,
        element: &ElementPath,
    ) -> Result<BulkStream, SourceError> {
        self.source.bulk(at, element).await
    }

    async fn video(
        &self,
        at: &InstanceRef,
        start: u64,
        end: Option<u64>,
    ) -> Result<VideoPart, SourceError> {
        self.source.video(at, start, end).await
    }

    async fn health(&self) -> SourceHealth {
        self.source.health().await
    }
}

fn dead() -> SourceError {
    SourceError::Unavailable("died".to_owned())
}
