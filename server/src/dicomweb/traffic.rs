//! Frames on their way to clients: how much memory they take together, and how many are one login's.
//!
//! A frame stays in memory until the client has taken it. Many who look at images at once, or one who asks and does
//! not listen, would otherwise be as much memory as they like.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// What memory is counted in.
const UNIT_BYTES: usize = 256 * 1024;
/// All frames together: 128 MiB.
const ALL_UNITS: usize = 512;
/// Taken before the size of a frame is known.
const FIRST_UNITS: u32 = 2;
/// No frame counts for more, so that there is room for any.
const MOST_UNITS: u32 = 64;
/// Frames of one login at the same time.
const OF_LOGIN: usize = 16;
/// Nobody waits longer because of others: a few who do not listen slow everybody down, and stop nobody.
const PATIENCE: Duration = Duration::from_secs(15);
/// Logins remembered before those that have nothing under way are forgotten.
const MANY_LOGINS: usize = 1000;

/// Counts them.
pub(super) struct Traffic {
    all: Arc<Semaphore>,
    logins: Mutex<HashMap<Arc<str>, Arc<Semaphore>>>,
}

/// Room for a frame; free again when it is dropped.
pub(super) struct Room {
    all: Arc<Semaphore>,
    held: Vec<OwnedSemaphorePermit>,
}

/// Bytes and the room they take.
struct Held(Bytes, #[expect(dead_code, reason = "lives as long as the bytes")] Room);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Traffic {
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL_UNITS)), logins: Mutex::default() }
    }

    /// Waits until there is room for one more frame of this login; to be asked before the frame is fetched.
    pub(super) async fn room(&self, login: &Arc<str>) -> Room {
        let of_login = self.of_login(login).acquire_owned().await;
        let mut room = Room { all: Arc::clone(&self.all), held: of_login.into_iter().collect() };
        room.widen(FIRST_UNITS).await;
        room
    }

    fn of_login(&self, login: &Arc<str>) -> Arc<Semaphore> {
        let mut logins = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        if logins.len() >= MANY_LOGINS {
            logins.retain(|_, frames| Arc::strong_count(frames) > 1);
        }
        let new = || Arc::new(Semaphore::new(OF_LOGIN));
        Arc::clone(logins.entry(Arc::clone(login)).or_insert_with(new))
    }
}

impl Room {
    async fn widen(&mut self, units: u32) {
        let permit = timeout(PATIENCE, Arc::clone(&self.all).acquire_many_owned(units)).await;
        self.held.extend(permit.into_iter().flatten());
    }

    /// The frame in its room, which is free when the last byte of it is.
    pub(super) async fn hold(mut self, frame: Bytes) -> Bytes {
        let units = u32::try_from(frame.len().div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX);
        let more = units.min(MOST_UNITS).saturating_sub(FIRST_UNITS);
        if more > 0 {
            self.widen(more).await;
        }
        Bytes::from_owner(Held(frame, self))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn room_is_free_when_the_last_byte_is() {
        let traffic = Traffic::new();
        let login = Arc::<str>::from("a");
        let frame = traffic.room(&login).await.hold(vec![0; 3 << 20].into()).await;
        let piece = frame.slice(5..6);
        drop(frame);
        assert_eq!(traffic.all.available_permits(), ALL_UNITS - 12);
        drop(piece);
        assert_eq!(traffic.all.available_permits(), ALL_UNITS);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_listen_waits_for_themselves_and_others_not_for_long() {
        let traffic = Traffic::new();
        let enough = ALL_UNITS / OF_LOGIN / 2;
        let logins: Vec<Arc<str>> = (0..=enough).map(|number| number.to_string().into()).collect();
        let mut kept = Vec::new();
        for login in &logins[..enough] {
            for _ in 0..OF_LOGIN {
                kept.push(traffic.room(login).await);
            }
        }
        assert_eq!(traffic.all.available_permits(), 0);
        let theirs = timeout(PATIENCE * 4, traffic.room(&logins[0])).await;
        assert!(theirs.is_err(), "one frame more of the same login");
        let began = Instant::now();
        let other = traffic.room(&logins[enough]).await;
        assert_eq!((other.held.len(), began.elapsed()), (1, PATIENCE));
        kept.truncate(OF_LOGIN);
        let began = Instant::now();
        drop(traffic.room(&logins[enough]).await.hold(vec![0; 1 << 20].into()).await);
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
