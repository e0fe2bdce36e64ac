//! What the handlers share: bounded decoding, and thumbnails already drawn.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;
use super::traffic::Traffic;

/// Memory for thumbnails, all sites together.
const THUMBNAIL_BYTES: u64 = 32 * 1024 * 1024;
/// A thumbnail is drawn anew after this time, in case its series has grown.
const THUMBNAIL_LIFE: Duration = Duration::from_secs(600);

/// Shared by all requests.
pub(super) struct Services {
    decoding: Arc<Semaphore>,
    /// Frames on their way.
    pub(super) traffic: Traffic,
    thumbnails: Cache<String, Thumbnail, ByBytes>,
}

/// Runs work on a blocking thread, which gives the turn back when it is done.
async fn run<T: Send + 'static>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, tokio::task::JoinError> {
    let done = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(permit);
        result
    });
    done.await
}

#[derive(Clone)]
struct Thumbnail {
    drawn: Instant,
    jpeg: Bytes,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<String, Thumbnail> for ByBytes {
    fn weight(&self, key: &String, thumbnail: &Thumbnail) -> u64 {
        (key.len() + thumbnail.jpeg.len()) as u64
    }
}

impl Services {
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            decoding: Arc::new(Semaphore::new(cores)),
            traffic: Traffic::new(),
            thumbnails: Cache::with_weighter(1000, THUMBNAIL_BYTES, ByBytes),
        }
    }

    /// Runs decoding or drawing work on a blocking thread; as many at once as there are cores, so that
    /// neither memory nor the other requests suffer.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let permit = Arc::clone(&self.decoding).acquire_owned().await;
        let permit = permit.map_err(|closed| Refusal::Internal(closed.to_string()))?;
        run(permit, work).await.map_err(|error| Refusal::Internal(error.to_string()))?
    }

    /// The same for what can be left out: `None` where it would have to wait longer for its turn.
    pub(super) async fn spare_work<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.decoding).acquire_owned();
        let permit = tokio::time::timeout(patience, turn).await.ok()?.ok()?;
        run(permit, work).await.ok()
    }

    /// A thumbnail drawn not long ago.
    pub(super) fn thumbnail(&self, key: &str) -> Option<Bytes> {
        let found = self.thumbnails.get(key)?;
        (found.drawn.elapsed() < THUMBNAIL_LIFE).then_some(found.jpeg)
    }

    /// Keeps a thumbnail.
    pub(super) fn keep_thumbnail(&self, key: String, jpeg: Bytes) {
        self.thumbnails.insert(key, Thumbnail { drawn: Instant::now(), jpeg });
    }
}
