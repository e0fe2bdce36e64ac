//! The time, so that tests can move it.

use std::sync::Arc;

use time::OffsetDateTime;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(OffsetDateTime::now_utc)
    }

    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Now, UTC.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        (self.0)()
    }

    /// Now in Unix seconds.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.now().unix_timestamp()
    }
}
