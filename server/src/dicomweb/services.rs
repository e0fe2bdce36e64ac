//! What the handlers share: bounded decoding, and thumbnails already drawn.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use super::refusal::Refusal;
use super::traffic::Traffic;

/// Memory for thumbnails, all sites together.
const THUMBNAIL_BYTES: u64 = 32 * 1024 * 1024;
/// A thumbnail is drawn anew after this time, in case its series has grown.
const THUMBNAIL_LIFE: Duration = Duration::from_secs(600);

/// Shared by all requests.
pub(super) struct Services {
    decoding: Arc<Semaphore>,
    threads: Threads,
    /// Frames on their way.
    pub(super) traffic: Traffic,
    thumbnails: Cache<String, Thumbnail, ByBytes>,
}

/// Threads for decoding and drawing. The allocator keeps memory for each thread that has worked: with the hundreds that read
/// files it would be that of hundreds of frames.
struct Threads(Option<Runtime>);

impl Threads {
    /// As many as these; those that read files where the system gives no others.
    fn new(count: usize) -> Self {
        let own = Builder::new_current_thread().max_blocking_threads(count).build();
        Self(own.inspect_err(|error| tracing::warn!(%error, "no threads for decoding")).ok())
    }

    fn start<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        match &self.0 {
            Some(own) => own.spawn_blocking(work),
            None => spawn_blocking(work),
        }
    }
}

impl Drop for Threads {
    /// Without waiting for them: this may be a thread that must not wait.
    fn drop(&mut self) {
        if let Some(own) = self.0.take() {
            own.shutdown_background();
        }
    }
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
            threads: Threads::new(cores),
            traffic: Traffic::new(),
            thumbnails: Cache::with_weighter(1000, THUMBNAIL_BYTES, ByBytes),
        }
    }

    /// Runs decoding or drawing work on a thread for that; as many at once as there are cores, so that
    /// neither memory nor the other requests suffer.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let permit = Arc::clone(&self.decoding).acquire_owned().await;
        let permit = permit.map_err(|closed| Refusal::Internal(closed.to_string()))?;
        self.run(permit, work).await.map_err(|error| Refusal::Internal(error.to_string()))?
    }

    /// The same for what can be left out: `None` where it would have to wait longer for its turn.
    pub(super) async fn spare_work<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.decoding).acquire_owned();
        let permit = tokio::time::timeout(patience, turn).await.ok()?.ok()?;
        self.run(permit, work).await.ok()
    }

    /// The turn is given back when the work is done.
    async fn run<T: Send + 'static>(
        &self,
        permit: OwnedSemaphorePermit,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let done = self.threads.start(move || {
            let result = work();
            drop(permit);
            result
        });
        done.await
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn work_is_done_by_few_threads_whatever_else_is_done() {
        let services = Services::new();
        let reading = join_all(
            (0..40).map(|_| spawn_blocking(|| std::thread::sleep(Duration::from_millis(5)))),
        );
        let at = || Ok(std::thread::current().id());
        let (worked, _read) = tokio::join!(join_all((0..200).map(|_| services.work(at))), reading);
        let threads: HashSet<_> = worked.into_iter().map(Result::unwrap).collect();
        assert!(threads.len() <= services.decoding.available_permits(), "{threads:?}");
    }

    #[tokio::test]
    async fn work_that_fails_gives_its_turn_back() {
        let services = Services::new();
        let turns = services.decoding.available_permits();
        for _ in 0..=turns {
            assert!(
                services.work(|| -> Result<(), Refusal> { panic!("tried out") }).await.is_err()
            );
        }
        assert_eq!(services.decoding.available_permits(), turns);
    }
}
