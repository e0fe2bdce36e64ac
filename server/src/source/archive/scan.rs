//! Brings the index up to date with the store: unchanged files are skipped, changed and new ones read,
//! and those that are gone forgotten.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{StreamExt, stream};
use object_store::ObjectStore;

use super::entry::{FileOutcome, Listed};
use super::index::KnownFile;
use super::{Archive, ArchiveError, reading};

/// Files read at once. Reading is mostly waiting; parsing is short.
const READERS: usize = 4;
/// A log line at least every so many files.
const LOG_EVERY: u64 = 1000;

/// Files read and files to read of the running scan.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub done: AtomicU64,
    pub total: AtomicU64,
}

/// What one scan did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanReport {
    /// Files in the store.
    pub listed: u64,
    /// Files read because they are new or changed.
    pub read: u64,
    /// Files forgotten because they are gone or changed.
    pub forgotten: u64,
    /// Instances left out because another file holds the same SOP Instance UID.
    pub duplicates: u64,
    /// Files that could not be read now and will be tried again by the next scan.
    pub postponed: u64,
}

struct Listing {
    files: Vec<Listed>,
    /// Whether the store showed everything; else nothing is forgotten.
    complete: bool,
}

/// One pass over the store.
pub(super) async fn scan(archive: &Arc<Archive>) -> Result<ScanReport, ArchiveError> {
    let listing = list(archive).await?;
    let mut report = ScanReport { listed: listing.files.len() as u64, ..ScanReport::default() };
    let mut known = archive.index.known_files().await?;
    report.forgotten = forget_outdated(archive, &listing, &mut known).await?;
    let unread: Vec<_> = listing
        .files
        .into_iter()
        .filter(|listed| !known.get(listed.path.as_ref()).is_some_and(|file| is_same(file, listed)))
        .collect();
    archive.progress.done.store(0, Ordering::Relaxed);
    archive.progress.total.store(unread.len() as u64, Ordering::Relaxed);
    report.read = unread.len() as u64;
    let mut reading =
        stream::iter(unread).map(|listed| read_one(archive, listed)).buffer_unordered(READERS);
    while let Some(done) = reading.next().await {
        match done? {
            Done::Stored { duplicates } => report.duplicates += duplicates,
            Done::Postponed => report.postponed += 1,
        }
        count_one(archive);
    }
    Ok(report)
}

fn is_same(known: &KnownFile, listed: &Listed) -> bool {
    known.size == listed.size && known.version == listed.version
}

fn count_one(archive: &Archive) {
    let done = archive.progress.done.fetch_add(1, Ordering::Relaxed) + 1;
    let total = archive.progress.total.load(Ordering::Relaxed);
    if done.is_multiple_of(LOG_EVERY) {
        tracing::info!(site = %archive.name, done, total, "indexing");
    }
}

async fn list(archive: &Archive) -> Result<Listing, ArchiveError> {
    archive.stores.check_root()?;
    let objects = &archive.stores.objects;
    if let Some(only) = &objects.only {
        let meta = object_store::ObjectStoreExt::head(&*objects.store, only).await?;
        return Ok(Listing { files: vec![listed(meta)], complete: true });
    }
    let mut found = objects.store.list(objects.prefix.as_ref());
    let mut listing = Listing { files: Vec::new(), complete: true };
    while let Some(item) = found.next().await {
        match item {
            Ok(meta) => listing.files.push(listed(meta)),
            Err(object_store::Error::InvalidPath { .. }) => {
                tracing::warn!(site = %archive.name, "a file whose name is not Unicode is left out");
            }
            Err(error) => {
                tracing::warn!(site = %archive.name, %error, "listing is incomplete");
                listing.complete = false;
            }
        }
    }
    Ok(listing)
}

fn listed(meta: object_store::ObjectMeta) -> Listed {
    let changed = meta.last_modified.timestamp_nanos_opt().unwrap_or_default();
    let version = meta.e_tag.unwrap_or_else(|| changed.to_string());
    Listed { path: meta.location, size: meta.size, version }
}

async fn forget_outdated(
    archive: &Archive,
    listing: &Listing,
    known: &mut HashMap<String, KnownFile>,
) -> Result<u64, ArchiveError> {
    let present: HashMap<&str, &Listed> =
        listing.files.iter().map(|listed| (listed.path.as_ref(), listed)).collect();
    let is_outdated = |(path, file): (&String, &KnownFile)| {
        let outdated = match present.get(path.as_str()) {
            Some(listed) => !is_same(file, listed),
            None => listing.complete,
        };
        outdated.then_some(file.id)
    };
    let outdated: Vec<i64> = known.iter().filter_map(is_outdated).collect();
    let mut forgotten = HashSet::new();
    for id in outdated {
        let ids = archive.index.forget(id).await?;
        archive.changed();
        ids.iter().for_each(|id| archive.stores.drop_extracted(*id));
        forgotten.extend(ids);
    }
    known.retain(|_, file| !forgotten.contains(&file.id));
    Ok(forgotten.len() as u64)
}

/// What reading one file did to the index.
enum Done {
    /// It is indexed but for so many duplicates.
    Stored { duplicates: u64 },
    /// The store failed; the row keeps its empty version, so that the next scan tries again.
    Postponed,
}

async fn read_one(archive: &Arc<Archive>, listed: Listed) -> Result<Done, ArchiveError> {
    let id = archive.index.begin(&listed).await?;
    archive.stores.drop_extracted(id);
    let context = Arc::clone(archive);
    let runtime = tokio::runtime::Handle::current();
    let read = tokio::task::spawn_blocking(move || {
        let outcome = reading::read_file(&context.stores, id, &listed, &runtime);
        (listed, outcome)
    });
    let (listed, outcome) = read.await.map_err(ArchiveError::task)?;
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error @ (ArchiveError::Store(_) | ArchiveError::File(_))) => {
            tracing::debug!(site = %archive.name, file = id, %error, "not readable now");
            return Ok(Done::Postponed);
        }
        Err(error) => FileOutcome::Broken(error.to_string()),
    };
    if let Some(reason) = outcome.reason() {
        tracing::warn!(site = %archive.name, file = id, reason, "file or entries left out");
    }
    let duplicates = archive.index.store(id, &listed, outcome).await?;
    archive.changed();
    if duplicates > 0 {
        tracing::warn!(site = %archive.name, file = id, duplicates, "instances already indexed from another file");
    }
    Ok(Done::Stored { duplicates })
}
