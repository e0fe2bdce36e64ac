//! The archive as a source of exams.

use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use object_store::ObjectStoreExt;
use serde_json::Value;
use viewer_core::base::limits::MAX_FRAME_BYTES;
use viewer_core::dicom::FrameLayout;
use viewer_core::exam::ExamSummary;
use viewer_core::series;

use super::bulk::bulk;
use super::entry::Place;
use super::query::FramePlace;
use super::video::video;
use super::{Archive, ArchiveError};
use crate::source::{
    BulkStream, ElementPath, EncodedFrame, ExamFacts, InstanceRef, InstanceStream, Scope, Source,
    SourceError, SourceHealth, VideoPart,
};

/// Frames read before anybody has asked for them.
const PREPARED_FRAMES: usize = 4;
/// Files are sent in pieces of this many bytes.
const PIECE: u64 = 1024 * 1024;

impl From<ArchiveError> for SourceError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Store(object_store::Error::NotFound { .. }) => Self::NotFound,
            ArchiveError::Dicom(reason) => Self::Corrupt(reason),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<object_store::Error> for SourceError {
    fn from(error: object_store::Error) -> Self {
        ArchiveError::Store(error).into()
    }
}

#[async_trait]
impl Source for Archive {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        let facts = self.index.facts(study).await?;
        self.known_or_not_yet(facts.is_some())?;
        Ok(facts)
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        let mut found = Vec::new();
        for study in self.index.studies_by_accession(accession.trim()).await? {
            found.extend(self.index.facts(&study).await?);
        }
        self.known_or_not_yet(!found.is_empty())?;
        Ok(found)
    }

    async fn summary(&self, study: &str) -> Result<Arc<ExamSummary>, SourceError> {
        let key = (study.to_owned(), self.generation());
        let made = self.summaries.get_or_insert_async(&key, async {
            let records = self.index.records(study).await?;
            if records.is_empty() {
                return Err(SourceError::NotFound);
            }
            let assemble = move || series::assemble(records);
            let summary =
                tokio::task::spawn_blocking(assemble).await.map_err(ArchiveError::task)?;
            summary.map(Arc::new).map_err(|error| SourceError::Corrupt(error.to_string()))
        });
        made.await
    }

    async fn summary_at_hand(&self, study: &str) -> Option<Arc<ExamSummary>> {
        self.summaries.get(&(study.to_owned(), self.generation()))
    }

    fn can_prepare(&self) -> bool {
        true
    }

    /// The summary, and the first frames for the system's own cache of files.
    async fn prepare(&self, study: &str) -> Result<(), SourceError> {
        if self.summary_at_hand(study).await.is_some() {
            return Ok(());
        }
        let summary = self.summary(study).await?;
        let Some(first) = summary.series.iter().find(|series| !series.images.is_empty()) else {
            return Ok(());
        };
        for image in first.images.iter().take(PREPARED_FRAMES) {
            let at = InstanceRef {
                study: study.to_owned(),
                series: first.series_instance_uid.clone(),
                instance: image.sop_instance_uid.clone(),
            };
            self.frame(&at, 1).await?;
        }
        Ok(())
    }

    async fn summary_without(
        &self,
        study: &str,
        left_out: &HashSet<String>,
    ) -> Result<Arc<ExamSummary>, SourceError> {
        let mut records = self.index.records(study).await?;
        records.retain(|record| !left_out.contains(&record.sop_instance_uid));
        if records.is_empty() {
            return Err(SourceError::NotFound);
        }
        let assemble = move || series::assemble(records);
        let summary = tokio::task::spawn_blocking(assemble).await.map_err(ArchiveError::task)?;
        summary.map(Arc::new).map_err(|error| SourceError::Corrupt(error.to_string()))
    }

    async fn key_objects(&self, study: &str) -> Result<Vec<Value>, SourceError> {
        Ok(self.index.documents(study).await?)
    }

    async fn metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<Value, SourceError>>, SourceError> {
        let instances = self.instances(scope).await?;
        let index = self.index.clone();
        let metadata = stream::iter(instances).filter_map(move |at| {
            let index = index.clone();
            // An instance that went away meanwhile is no longer part of the answer.
            async move { index.metadata(&at).await.map_err(SourceError::from).transpose() }
        });
        Ok(metadata.boxed())
    }

    async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, SourceError> {
        let instances = self.index.instances(scope).await?;
        if instances.is_empty() { Err(SourceError::NotFound) } else { Ok(instances) }
    }

    async fn frame(&self, at: &InstanceRef, frame: u32) -> Result<EncodedFrame, SourceError> {
        let place = self.frame_place(at).await?;
        let bytes = self.frame_bytes(&place, frame).await?;
        Ok(EncodedFrame { transfer_syntax_uid: place.frame_syntax.clone(), bytes })
    }

    async fn instance(&self, at: &InstanceRef) -> Result<InstanceStream, SourceError> {
        let file = self.index.file_place(at).await?.ok_or(SourceError::NotFound)?;
        Ok(InstanceStream {
            transfer_syntax_uid: file.transfer_syntax,
            length: Some(file.length),
            bytes: self.pieces(&file.place, 0, file.length).await?,
        })
    }

    async fn bulk(
        &self,
        at: &InstanceRef,
        element: &ElementPath,
    ) -> Result<BulkStream, SourceError> {
        bulk(self, at, element).await
    }

    async fn video(
        &self,
        at: &InstanceRef,
        start: u64,
        end: Option<u64>,
    ) -> Result<VideoPart, SourceError> {
        video(self, at, start, end).await
    }

    async fn health(&self) -> SourceHealth {
        let done = self.progress.done.load(Ordering::Relaxed);
        let total = self.progress.total.load(Ordering::Relaxed);
        if self.unreachable.load(Ordering::Relaxed) {
            SourceHealth::Down
        } else if done < total || !self.scanned.load(Ordering::Relaxed) {
            SourceHealth::Indexing { done, total }
        } else {
            SourceHealth::Up
        }
    }
}

impl Archive {
    /// Until the first scan is through, what is not found may still come.
    fn known_or_not_yet(&self, found: bool) -> Result<(), SourceError> {
        if found || self.scanned.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(SourceError::Unavailable("the archive is still being indexed".to_owned()))
    }

    pub(super) async fn frame_place(
        &self,
        at: &InstanceRef,
    ) -> Result<Arc<FramePlace>, SourceError> {
        let key = (at.clone(), self.generation());
        let made = self.layouts.get_or_insert_async(&key, async {
            let place = self.index.frame_place(at).await?.ok_or(SourceError::NotFound)?;
            Ok(Arc::new(place))
        });
        made.await
    }

    async fn frame_bytes(&self, place: &FramePlace, frame: u32) -> Result<Bytes, SourceError> {
        let layout = place.layout.as_ref();
        let layout =
            layout.ok_or_else(|| SourceError::Corrupt("no usable pixel data".to_owned()))?;
        let found = layout.frame(frame).ok_or_else(|| match layout.frames {
            FrameLayout::Native { frames, .. } if (1..=frames).contains(&frame) => {
                SourceError::Corrupt("the file ends before this frame".to_owned())
            }
            _ => SourceError::NotFound,
        })?;
        let length = found.ranges.iter().fold(0_u64, |sum, r| sum.saturating_add(r.length));
        if length > MAX_FRAME_BYTES {
            return Err(SourceError::TooLarge("frame"));
        }
        let ranges: Vec<_> = found.ranges.iter().map(|r| r.offset..r.offset + r.length).collect();
        let mut pieces = self.read(&place.place, &ranges).await?;
        let read = pieces.iter().fold(0, |sum, piece| sum + piece.len() as u64);
        if read != length {
            return Err(SourceError::Corrupt("the file ends inside this frame".to_owned()));
        }
        let FrameLayout::Native { frame_bits, swap_bytes, .. } = &layout.frames else {
            return Ok(concatenate(&pieces));
        };
        let as_stored = frame_bits.is_multiple_of(8) && *swap_bytes <= 1;
        let bytes = match (as_stored, pieces.pop()) {
            (true, Some(piece)) if pieces.is_empty() => piece,
            (_, last) => {
                pieces.extend(last);
                let mut bytes = concatenate(&pieces).to_vec();
                found.align(&mut bytes);
                Bytes::from(bytes)
            }
        };
        match bytes.len() as u64 == frame_bits.div_ceil(8) {
            true => Ok(bytes),
            false => Err(SourceError::Corrupt("the file ends inside this frame".to_owned())),
        }
    }

    /// Ranges of a file, as soon as it is their turn.
    async fn read(&self, place: &Place, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, SourceError> {
        let turn = self.reading.acquire().await;
        let _turn = turn.map_err(|closed| SourceError::Unavailable(closed.to_string()))?;
        if let ([range], Some(file)) = (ranges, self.stores.local(place)) {
            let (buffers, range) = (self.buffers.clone(), range.clone());
            let read = tokio::task::spawn_blocking(move || buffers.read(&file, range));
            return Ok(vec![read.await.map_err(ArchiveError::task)?.map_err(not_read)?]);
        }
        let (store, path) = self.stores.resolve(place);
        Ok(store.get_ranges(path, ranges).await?)
    }

    /// `length` bytes from `offset`, read piece by piece as the client takes them.
    pub(super) async fn pieces(
        &self,
        place: &Place,
        offset: u64,
        length: u64,
    ) -> Result<BoxStream<'static, Result<Bytes, SourceError>>, SourceError> {
        let (store, path) = self.stores.resolve(place);
        let end = offset.saturating_add(length);
        let starts = (offset..end).step_by(PIECE as usize);
        // The first one at once: what is gone is told before anything is answered.
        let first = match starts.clone().next() {
            Some(start) => Some(store.get_range(path, start..end.min(start + PIECE)).await?),
            None => None,
        };
        let path = path.clone();
        let rest = stream::iter(starts.skip(1)).then(move |start| {
            let (store, path) = (Arc::clone(&store), path.clone());
            async move { Ok(store.get_range(&path, start..end.min(start + PIECE)).await?) }
        });
        let pieces = stream::iter(first.map(Ok)).chain(rest);
        Ok(pieces.boxed())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
fn not_read(error: io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::NotFound => SourceError::NotFound,
        io::ErrorKind::UnexpectedEof => {
            SourceError::Corrupt("the file ends inside this frame".to_owned())
        }
        _ => SourceError::Unavailable(error.to_string()),
    }
}

fn concatenate(pieces: &[Bytes]) -> Bytes {
    let mut whole = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
    pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
    whole.freeze()
}
