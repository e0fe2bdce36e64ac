//! One object on its way to a box: as it is stored, else in a transfer syntax that the box takes.

use std::sync::Arc;

use axum::http::HeaderMap;
use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use thiserror::Error;
use tokio::sync::Semaphore;

use super::{
    ROOT,
    convert::{self, MAX_BYTES, Unconverted},
};
use crate::{
    dicomweb::{accept::Accept, multipart::Part},
    source::{InstanceRef, InstanceStream, Source, SourceError},
};

pub(super) const DICOM: &str = "application/dicom";

/// Which transfer syntaxes a box takes (PS3.18 8.7.3.5.2): each is a range of its own, with a weight.
#[derive(Clone)]
pub(super) struct Accepted(Arc<Accept>);

impl Accepted {
    /// Without the header: anything (RFC 9110 12.5.1).
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self(Arc::new(Accept::of(headers, None)))
    }

    fn takes(&self, syntax: &str) -> bool {
        let of =
            |wanted: Option<&str>| wanted.is_none_or(|wanted| wanted == "*" || wanted == syntax);
        self.0
            .ranges()
            .any(|range| range.covers_related(DICOM) && of(range.transfer_syntax.as_deref()))
    }
}

/// Why an object is not sent.
#[derive(Debug, Error)]
pub(super) enum Undelivered {
    /// The source does not give it.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The box takes neither its transfer syntax, which is told, nor one that it can be converted to.
    #[error("the box does not take {0}, nor what it could be converted to")]
    NotTaken(String),
    /// It cannot be converted.
    #[error("not converted from {0}: {1}")]
    Unconverted(String, Unconverted),
    /// A thread died.
    #[error("converting stopped")]
    Stopped,
}

/// Brings objects of one source to one box.
#[derive(Clone)]
pub(super) struct Delivery {
    pub(super) source: Arc<dyn Source>,
    pub(super) accepted: Accepted,
    pub(super) converting: Arc<Converting>,
}

/// Objects converted at the same time.
const AT_ONCE: usize = 2;
/// MiB of converted objects that wait for boxes to take them, over all answers.
const WAITING_MIB: usize = 1024;

/// What converting may take: an object is in memory as a whole, and so is what it becomes.
pub(super) struct Converting {
    turns: Semaphore,
    waiting: Arc<Semaphore>,
}

impl Converting {
    fn with(waiting_mib: usize) -> Self {
        let waiting = Arc::new(Semaphore::new(waiting_mib));
        Self { turns: Semaphore::new(AT_ONCE), waiting }
    }
}

impl Default for Converting {
    fn default() -> Self {
        Self::with(WAITING_MIB)
    }
}

impl Delivery {
    /// The object as a part of the answer.
    pub(super) async fn part(&self, at: &InstanceRef) -> Result<Part, Undelivered> {
        let opened = self.source.instance(at).await?;
        let InstanceStream { transfer_syntax_uid: stored, length, bytes } = opened;
        let InstanceRef { study, series, instance } = at;
        let location = Some(format!("{ROOT}/studies/{study}/series/{series}/instances/{instance}"));
        if self.accepted.takes(&stored) {
            return Ok(Part { content_type: content_type(&stored), location, length, body: bytes });
        }
        let target = convert::target(&stored, |syntax| self.accepted.takes(syntax));
        let Some(target) = target else { return Err(Undelivered::NotTaken(stored)) };
        let stopped = |_closed| Undelivered::Stopped;
        let _turn = self.converting.turns.acquire().await.map_err(stopped)?;
        let whole = whole(bytes)
            .await?
            .ok_or_else(|| Undelivered::Unconverted(stored.clone(), Unconverted::TooLarge))?;
        let converted = tokio::task::spawn_blocking(move || {
            let converted = convert::convert(&whole, &stored, target);
            converted.map_err(|cause| Undelivered::Unconverted(stored, cause))
        });
        let converted = Bytes::from(converted.await.map_err(|_died| Undelivered::Stopped)??);
        let mib = u32::try_from(converted.len().div_ceil(1 << 20)).unwrap_or(u32::MAX);
        let waiting = Arc::clone(&self.converting.waiting).acquire_many_owned(mib);
        let waiting = waiting.await.map_err(stopped)?;
        let part = Part::whole(content_type(target), location, converted);
        // Until the last byte is taken, or the box goes away.
        let body = part.body.inspect(move |_piece| {
            let _held = &waiting;
        });
        Ok(Part { body: body.boxed(), ..part })
    }

    /// As [`Self::part`], in the middle of an answer. An object that went away meanwhile, or cannot be had in a syntax that the box
    /// takes, is left out: the box misses it by its manifest. Anything else ends the answer before its last line.
    pub(super) async fn next(&self, at: &InstanceRef) -> Option<Result<Part, SourceError>> {
        match self.part(at).await {
            Ok(part) => Some(Ok(part)),
            Err(Undelivered::Source(SourceError::NotFound)) => None,
            Err(Undelivered::Source(cause)) => Some(Err(cause)),
            Err(cause) => {
                tracing::warn!(%cause, "an object is left out of an answer to another box");
                None
            }
        }
    }
}

fn content_type(syntax: &str) -> String {
    format!("{DICOM}; transfer-syntax={syntax}")
}

/// All bytes; `None` where they are too many.
async fn whole(
    mut bytes: BoxStream<'static, Result<Bytes, SourceError>>,
) -> Result<Option<Bytes>, SourceError> {
    let mut all = BytesMut::new();
    while let Some(piece) = bytes.try_next().await? {
        if all.len() + piece.len() > MAX_BYTES {
            return Ok(None);
        }
        all.extend_from_slice(&piece);
    }
    Ok(Some(all.freeze()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::header::ACCEPT;
    use negatoscope_phantom::{Scale, generate};

    use super::*;
    use crate::source::{
        Scope,
        archive::{Archive, ArchiveOptions, Location},
    };

    const EXPLICIT: &str =
        r#"multipart/related; type="application/dicom";transfer-syntax=1.2.840.10008.1.2.1"#;

    /// Of an archive with the phantom, and room for one MiB of converted objects.
    async fn delivery(folder: &std::path::Path) -> (Delivery, Vec<InstanceRef>) {
        let exam = generate(&folder.join("exam"), Scale::tiny()).unwrap();
        let location = Location::Folder(folder.join("exam"));
        let options = ArchiveOptions::new("test", location, folder.join("index"));
        let archive = Archive::open(&options).await.unwrap();
        archive.scan().await.unwrap();
        let scope = Scope { study: exam.study_instance_uid.clone(), series: None, instance: None };
        let instances = archive.instances(&scope).await.unwrap();
        let headers = HeaderMap::from_iter([(ACCEPT, EXPLICIT.parse().unwrap())]);
        let delivery = Delivery {
            source: archive,
            accepted: Accepted::of(&headers),
            converting: Arc::new(Converting::with(1)),
        };
        (delivery, instances)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_converted_object_waits_until_the_one_before_it_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (delivery, instances) = delivery(folder.path()).await;
        let mut converted = Vec::new();
        for at in instances {
            let stored = delivery.source.instance(&at).await.unwrap().transfer_syntax_uid;
            let target = convert::target(&stored, |syntax| delivery.accepted.takes(syntax));
            if !delivery.accepted.takes(&stored) && target.is_some() {
                converted.push(at);
            }
        }
        let [first, second, ..] = converted.as_slice() else { panic!("two to convert") };
        let untaken = delivery.part(first).await.unwrap();
        let next = delivery.part(second);
        tokio::pin!(next);
        let soon = tokio::time::timeout(Duration::from_millis(300), &mut next).await;
        assert!(soon.is_err(), "there is no room for it");
        drop(untaken);
        let part = tokio::time::timeout(Duration::from_secs(20), next).await.unwrap().unwrap();
        let pieces: Vec<Bytes> = part.body.try_collect().await.unwrap();
        assert_eq!(pieces.iter().map(Bytes::len).sum::<usize>() as u64, part.length.unwrap_or(0));
    }
}
