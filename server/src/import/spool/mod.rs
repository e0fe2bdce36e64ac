//! Objects of other centres' exams on their way: they come from a box in the name of a session, and wait as copies on disk, so that
//! the import outlives the session and the process.
//!
//! | file | what |
//! |---|---|
//! | `copies` | the copies of one import, each [`sealed`](crate::sealed) |
//! | `fetch` | how they come there |

mod copies;
mod fetch;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use self::copies::Copies;
use super::error::ImportError;
use super::job::{Job, State};
use super::queue::Queue;
use crate::download::opened::Pieces;
use crate::source::{InstanceRef, InstanceStream, Source, SourceError};

/// Time between two looks at whether somebody stopped an import that waits for a box.
const LOOK: Duration = Duration::from_secs(1);

/// The source of a session that lent it to an import, as long as that session lasts.
pub type Session = Arc<dyn Fn() -> Option<Arc<dyn Source>> + Send + Sync>;

/// The objects of one import: copies that are here, the others from the session.
pub(super) struct Spool {
    queue: Queue,
    job: Job,
    copies: Copies,
    session: Option<Session>,
    /// That all copies of the site may take.
    most_bytes: u64,
}

impl Spool {
    /// `None` where the key is gone, and all copies with it.
    pub(super) async fn open(
        (queue, job): (&Queue, &Job),
        session: Option<Session>,
        (folder, most_bytes): (&Path, u64),
    ) -> Result<Option<Self>, ImportError> {
        let Some(key) = queue.key(job).await? else { return Ok(None) };
        queue.recount(job).await?;
        let copies = Copies::new(folder_of(folder, &job.id), key);
        Ok(Some(Self { queue: queue.clone(), job: job.clone(), copies, session, most_bytes }))
    }

    fn source(&self) -> Option<Arc<dyn Source>> {
        self.session.as_ref().and_then(|session| session())
    }

    /// An object: its copy, or else what the session's source sends.
    pub(super) async fn object(
        &self,
        at: &InstanceRef,
    ) -> Result<(Option<u64>, Pieces), ImportError> {
        if let Some(number) = self.queue.copy_of(&self.job, at).await? {
            match self.copies.read(number, &at.instance).await {
                Ok((length, pieces)) => return Ok((Some(length), pieces)),
                Err(cause) => {
                    tracing::error!(%cause, site = self.job.site, "a copy cannot be read");
                    self.queue.uncopied(&self.job, number).await?;
                }
            }
        }
        let InstanceStream { length, bytes, .. } = self.ask(at).await?;
        Ok((length, bytes))
    }

    async fn ask(&self, at: &InstanceRef) -> Result<InstanceStream, ImportError> {
        let source = self.source().ok_or(ImportError::SessionEnded)?;
        let found = tokio::select! {
            found = source.instance(at) => found,
            () = self.stopped() => Err(SourceError::Unavailable("somebody stopped it".to_owned())),
        };
        found.map_err(|error| match error {
            _ if self.source().is_none() => ImportError::SessionEnded,
            SourceError::Unavailable(cause) => ImportError::Unfetched(cause),
            SourceError::Corrupt(cause) => ImportError::Undelivered(cause),
            other => other.into(),
        })
    }

    /// Returns when the import goes on no more.
    async fn stopped(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let job = self.queue.get(&self.job.site, &self.job.id).await;
            if !job.is_ok_and(|job| job.state == State::Running) {
                return;
            }
        }
    }

    /// Removes copies of what the target has.
    pub(super) async fn tidy(&self) -> Result<(), ImportError> {
        for number in self.queue.to_remove(&self.job).await? {
            if let Err(cause) = self.copies.remove(number).await {
                tracing::error!(%cause, site = self.job.site, "a copy cannot be removed");
            }
            self.queue.uncopied(&self.job, number).await?;
        }
        Ok(())
    }

    /// After the end: copies of what has failed stay for whoever takes the import up again, until they are too old.
    pub(super) async fn end(&self) -> Result<(), ImportError> {
        self.tidy().await?;
        if self.queue.copies(&self.job).await? == 0 {
            self.queue.forget_key(&self.job.id).await?;
        }
        Ok(())
    }
}

/// Copies lie beside the locks.
fn folder_of(folder: &Path, job: &str) -> PathBuf {
    folder.join(job)
}

/// Removes the copies that nobody can read any more, because their import has ended, is forgotten or never was.
pub(super) async fn sweep(queue: &Queue, folder: &Path) -> Result<(), ImportError> {
    // In this order: the key is there before the first copy.
    let found = folders(folder).await?;
    if found.is_empty() {
        return Ok(());
    }
    let keyed: HashSet<String> = queue.keyed().await?.into_iter().map(|one| one.id).collect();
    for id in found.into_iter().filter(|id| !keyed.contains(id)) {
        if let Err(cause) = tokio::fs::remove_dir_all(folder_of(folder, &id)).await {
            tracing::error!(%cause, "copies of an import that has ended cannot be removed");
        }
    }
    Ok(())
}

async fn folders(folder: &Path) -> io::Result<Vec<String>> {
    let mut entries = match tokio::fs::read_dir(folder).await {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_type().await?.is_dir() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    Ok(names)
}
