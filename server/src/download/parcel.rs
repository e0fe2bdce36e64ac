//! One copy of an exam on its way: file after file of the source goes through, none is held as a whole.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::TryStreamExt;
use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use viewer_core::dicom::DicomFile;

use super::anonymous::{Anonymiser, LeftOut};
use super::directory::Directory;
use super::opened::{Opened, Pieces, open};
use super::places::Places;
use super::readme::{Tally, readme};
use super::records::FileId;
use super::rewrite::{Rewritten, rewrite};
use super::zip_stream::ZipStream;
use crate::source::{InstanceRef, Source, SourceError};

/// Pieces that wait for the client.
const WAITING: usize = 2;

/// Why a copy ends before its end.
#[derive(Debug, Error)]
pub(super) enum ParcelError {
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The ZIP.
    #[error("zip: {0}")]
    Zip(#[from] std::io::Error),
    /// A record of the directory.
    #[error("a record of the directory cannot be written")]
    Directory,
    /// The client went.
    #[error("the client went")]
    Gone,
    /// What the client is told of all of these.
    #[error("the copy ends before its end")]
    Cut,
}

/// Pieces of the ZIP as they are sent; an error cuts the connection, so that nobody takes a part for the whole.
pub(super) type Outgoing = mpsc::Receiver<Result<Bytes, ParcelError>>;

/// A copy that is being made.
pub(super) struct Parcel {
    source: Arc<dyn Source>,
    anonymiser: Option<Arc<Anonymiser>>,
    zip: ZipStream,
    out: mpsc::Sender<Result<Bytes, ParcelError>>,
    places: Places,
    directory: Directory,
    tally: Tally,
    /// Bytes sent.
    pub(super) sent: u64,
}

impl Parcel {
    /// With where its bytes come out.
    pub(super) fn new(
        source: Arc<dyn Source>,
        anonymiser: Option<Anonymiser>,
        now: OffsetDateTime,
    ) -> (Self, Outgoing) {
        let (out, outgoing) = mpsc::channel(WAITING);
        let parcel = Self {
            source,
            zip: ZipStream::new(now),
            out,
            places: Places::default(),
            directory: Directory::default(),
            tally: Tally { is_anonymised: anonymiser.is_some(), ..Tally::default() },
            anonymiser: anonymiser.map(Arc::new),
            sent: 0,
        };
        (parcel, outgoing)
    }

    /// Sends everything, and stops when the client goes.
    pub(super) async fn send(
        mut self,
        instances: &[InstanceRef],
    ) -> (u64, Result<(), ParcelError>) {
        let client = self.out.clone();
        let all = tokio::select! {
            () = client.closed() => Err(ParcelError::Gone),
            all = self.all(instances) => all,
        };
        let sent = self.sent;
        match all {
            Ok(()) => match self.end().await {
                Ok(last) => (sent + last, Ok(())),
                Err(error) => (sent, Err(error)),
            },
            Err(error) => {
                // Nobody may be there any more to be told.
                client.send(Err(ParcelError::Cut)).await.ok();
                (sent, Err(error))
            }
        }
    }

    async fn all(&mut self, instances: &[InstanceRef]) -> Result<(), ParcelError> {
        for at in instances {
            match self.source.instance(at).await {
                // Listed, and deleted or not delivered.
                Err(SourceError::NotFound) => self.tally.missing += 1,
                other => self.file(at, open(other?).await?).await?,
            }
        }
        let directory = std::mem::take(&mut self.directory);
        let uid = format!("2.25.{}", rand::random::<u128>());
        self.small("DICOMDIR", &directory.file(&uid)).await?;
        self.small("LISEZMOI.TXT", readme(&self.tally).as_bytes()).await
    }

    async fn file(&mut self, at: &InstanceRef, opened: Opened) -> Result<(), ParcelError> {
        let Opened { file, head, length, rest } = opened;
        let path = self.places.next(at);
        let Some(anonymiser) = &self.anonymiser else {
            if let Some(file) = &file {
                self.list(file, path.clone())?;
            }
            self.begin(&path, length).await?;
            self.add(&head).await?;
            return self.pass(rest, |_| Some(usize::MAX)).await;
        };
        let anonymiser = Arc::clone(anonymiser);
        let work = move || file.ok_or(LeftOut::Content).and_then(|file| rewrite(file, &anonymiser));
        let done = tokio::task::spawn_blocking(work).await;
        match done.unwrap_or(Err(LeftOut::Content)) {
            Ok(rewritten) => self.rewritten(path, rewritten, head, length, rest).await,
            Err(reason) => {
                self.places.give_back();
                self.tally.leave_out(reason);
                Ok(())
            }
        }
    }

    fn list(&mut self, file: &DicomFile, path: [String; 4]) -> Result<(), ParcelError> {
        let id = FileId { path, transfer_syntax: &file.transfer_syntax_uid };
        self.directory.add(&file.object, file.pixel_data.is_some(), &id)
    }

    async fn rewritten(
        &mut self,
        path: [String; 4],
        rewritten: Rewritten,
        head: Bytes,
        length: Option<u64>,
        rest: Pieces,
    ) -> Result<(), ParcelError> {
        let Rewritten { object, transfer_syntax, header, value_offset, mut extent } = rewritten;
        let id = FileId { path: path.clone(), transfer_syntax: &transfer_syntax };
        self.directory.add(&object, true, &id)?;
        self.begin(&path, length).await?;
        self.add(&header).await?;
        let start = usize::try_from(value_offset).unwrap_or(usize::MAX).min(head.len());
        let first = head.slice(start..);
        let within = extent.within(&first);
        self.add(&first.slice(..within)).await?;
        self.pass(
            rest,
            move |piece| {
                if extent.is_over() { None } else { Some(extent.within(piece)) }
            },
        )
        .await
    }

    /// Lets the rest of a file through, each piece as far as `within` says, until it says `None`.
    async fn pass(
        &mut self,
        mut rest: Pieces,
        mut within: impl FnMut(&[u8]) -> Option<usize>,
    ) -> Result<(), ParcelError> {
        while let Some(piece) = rest.try_next().await? {
            let Some(length) = within(&piece) else { break };
            self.add(&piece.slice(..length.min(piece.len()))).await?;
        }
        Ok(())
    }

    async fn begin(&mut self, path: &[String], length: Option<u64>) -> Result<(), ParcelError> {
        self.tally.files += 1;
        self.zip.begin(&path.join("/"), length)?;
        Ok(())
    }

    async fn small(&mut self, name: &str, content: &[u8]) -> Result<(), ParcelError> {
        self.zip.begin(name, Some(content.len() as u64))?;
        self.add(content).await
    }

    async fn add(&mut self, bytes: &[u8]) -> Result<(), ParcelError> {
        self.zip.add(bytes)?;
        let piece = self.zip.take();
        self.give(piece).await
    }

    /// Waits until the client has taken what came before.
    async fn give(&mut self, piece: Bytes) -> Result<(), ParcelError> {
        self.sent += piece.len() as u64;
        self.out.send(Ok(piece)).await.map_err(|_gone| ParcelError::Gone)
    }

    /// Sends what ends a ZIP; tells how many bytes that was.
    async fn end(self) -> Result<u64, ParcelError> {
        let Self { zip, out, .. } = self;
        let piece = zip.finish()?;
        let length = piece.len() as u64;
        out.send(Ok(piece)).await.map_err(|_gone| ParcelError::Gone)?;
        Ok(length)
    }
}
