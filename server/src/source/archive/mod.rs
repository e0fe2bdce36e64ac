//! The embedded archive: a folder or bucket of DICOM files, indexed in SQLite.
//!
//! Files may lie at any depth under any name, in ZIPs, or on a medium with a DICOMDIR (whose records are
//! not needed: every file is looked at). Only headers are read while indexing; the index then holds the
//! place of every frame, so that a frame is one ranged read.

mod buffers;
pub(super) mod bulk;
pub(super) mod entry;
mod facts;
mod index;
mod listing;
pub(super) mod metadata;
pub(super) mod packed;
mod query;
mod ranged;
pub(super) mod reading;
mod scan;
mod serve;
mod store;
mod stores;
mod unzip;
pub(super) mod video;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use quick_cache::sync::Cache;
use thiserror::Error;
use tokio::sync::Semaphore;
use viewer_core::exam::ExamSummary;

use buffers::Buffers;
use index::Index;
use query::FramePlace;
use scan::Progress;
use stores::Stores;

use super::InstanceRef;

pub use listing::ListedExam;
pub use scan::ScanReport;
pub use store::{Bucket, Location};
pub use unzip::ZipLimits;

/// Between a failed scan and the next.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
/// Frames read at the same time.
const READ_AT_ONCE: usize = 16;
/// Summaries kept in memory.
const CACHED_SUMMARIES: usize = 32;
/// Frame tables kept in memory, one per instance.
const CACHED_LAYOUTS: usize = 4096;

/// How to open an archive.
#[derive(Clone, Debug)]
pub struct ArchiveOptions {
    /// Name of the site, for logs.
    pub name: Arc<str>,
    /// Where the DICOM files lie.
    pub location: Location,
    /// Folder of the index and of unpacked files; made where missing, private to this archive.
    pub state_folder: PathBuf,
    /// Time between two looks for new, changed and removed files; zero: only one at start.
    pub rescan: Duration,
    /// What a ZIP may unfold to.
    pub zip_limits: ZipLimits,
    /// Files larger than this are not read.
    pub max_file_bytes: u64,
}

impl ArchiveOptions {
    /// The usual limits, a look for new files every 30 seconds.
    #[must_use]
    pub fn new(name: &str, location: Location, state_folder: PathBuf) -> Self {
        Self {
            name: Arc::from(name),
            location,
            state_folder,
            rescan: Duration::from_secs(30),
            zip_limits: ZipLimits::default(),
            max_file_bytes: 4 << 30,
        }
    }
}

/// Why the archive cannot be opened or read.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The folder or bucket is not there, or badly described.
    #[error("archive location: {0}")]
    Location(String),
    /// The index database.
    #[error("index: {0}")]
    Index(#[from] sqlx::Error),
    /// The index holds something unreadable.
    #[error("index entry: {0}")]
    Entry(#[from] serde_json::Error),
    /// The store does not answer.
    #[error("store: {0}")]
    Store(#[from] object_store::Error),
    /// Reading or writing a file.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// The file is DICOM but cannot be understood.
    #[error("{0}")]
    Dicom(String),
    /// A reading thread died.
    #[error("reading stopped: {0}")]
    Task(String),
}

impl ArchiveError {
    fn location(error: impl std::fmt::Display) -> Self {
        Self::Location(error.to_string())
    }

    #[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
    fn task(error: tokio::task::JoinError) -> Self {
        Self::Task(error.to_string())
    }
}

/// One site's embedded archive. Indexing runs in the background until the archive is dropped.
pub struct Archive {
    name: Arc<str>,
    index: Index,
    stores: Stores,
    progress: Progress,
    /// Raised by every change of the index: part of the keys below, so that nothing outdated is served.
    generation: AtomicU64,
    summaries: Cache<(String, u64), Arc<ExamSummary>>,
    layouts: Cache<(InstanceRef, u64), Arc<FramePlace>>,
    /// Turns for reading frames: each is read on a thread of its own, which keeps some of its memory.
    reading: Semaphore,
    buffers: Buffers,
    /// Whether one scan has gone through since start.
    scanned: AtomicBool,
    /// Whether the last scan could not read the store.
    unreachable: AtomicBool,
}

impl Archive {
    /// Opens the index; nothing is scanned yet.
    ///
    /// # Errors
    /// When the location or the state folder cannot be used.
    pub async fn open(options: &ArchiveOptions) -> Result<Arc<Self>, ArchiveError> {
        std::fs::create_dir_all(&options.state_folder)?;
        let extracted = options.state_folder.join("unpacked");
        let (index, is_new) = Index::open(&options.state_folder.join("index.sqlite")).await?;
        if is_new && extracted.exists() {
            // What was unpacked for another index: nothing refers to it any more.
            std::fs::remove_dir_all(&extracted)?;
        }
        Ok(Arc::new(Self {
            name: Arc::clone(&options.name),
            index,
            stores: Stores::open(options, &extracted)?,
            progress: Progress::default(),
            generation: AtomicU64::new(0),
            summaries: Cache::new(CACHED_SUMMARIES),
            reading: Semaphore::new(READ_AT_ONCE),
            buffers: Buffers::default(),
            layouts: Cache::new(CACHED_LAYOUTS),
            scanned: AtomicBool::new(false),
            unreachable: AtomicBool::new(false),
        }))
    }

    /// Opens the archive and keeps its index up to date in the background.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn start(options: &ArchiveOptions) -> Result<Arc<Self>, ArchiveError> {
        let archive = Self::open(options).await?;
        let weak = Arc::downgrade(&archive);
        let rescan = options.rescan;
        tokio::spawn(async move {
            while let Some(archive) = weak.upgrade() {
                if let Err(error) = archive.scan().await {
                    tracing::error!(site = %archive.name, %error, "scan failed, will be tried again");
                }
                if rescan.is_zero() && archive.scanned.load(Ordering::Relaxed) {
                    return;
                }
                drop(archive);
                tokio::time::sleep(rescan.max(SHORTEST_PAUSE)).await;
            }
        });
        Ok(archive)
    }

    /// Looks for new, changed and removed files once.
    ///
    /// # Errors
    /// When the store or the index does not answer. Unreadable files are not errors: they are recorded.
    pub async fn scan(self: &Arc<Self>) -> Result<ScanReport, ArchiveError> {
        let result = scan::scan(self).await;
        self.unreachable.store(result.is_err(), Ordering::Relaxed);
        if let Ok(report) = &result {
            self.scanned.store(true, Ordering::Relaxed);
            self.log(report).await?;
        }
        result
    }

    async fn log(&self, report: &ScanReport) -> Result<(), ArchiveError> {
        if report.read + report.forgotten == 0 {
            return Ok(());
        }
        let counts = self.index.counts().await?;
        let count = |state: &str| counts.get(state).copied().unwrap_or_default();
        tracing::info!(
            site = %self.name,
            files = report.listed,
            read = report.read,
            forgotten = report.forgotten,
            duplicates = report.duplicates,
            postponed = report.postponed,
            dicom = count("dicom"),
            other = count("other"),
            broken = count("broken"),
            "index up to date"
        );
        Ok(())
    }

    /// Files that could not be read: path in the store and reason.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn broken_files(&self) -> Result<Vec<(String, String)>, ArchiveError> {
        self.index.broken_files().await
    }

    /// To be called after every change of the index.
    fn changed(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}
