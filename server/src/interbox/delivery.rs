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

impl Default for Converting {
    fn default() -> Self {
        let waiting = Arc::new(Semaphore::new(WAITING_MIB));
        Self { turns: Semaphore::new(AT_ONCE), waiting }
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
