/// First wait after a failure, ms; doubles up to [`LONGEST_WAIT_MS`].
const FIRST_WAIT_MS: f64 = 500.0;
/// Longest wait between two attempts, ms.
const LONGEST_WAIT_MS: f64 = 30_000.0;

/// Whether frames can be fetched at all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Connection {
    /// Requests go out.
    #[default]
    Up,
    /// The last request got no answer; at `until_ms` one goes out to try.
    Waiting {
        /// When the next attempt is due, on the clock of the events.
        until_ms: f64,
        /// Failures in a row, from 1.
        failures: u32,
    },
    /// One request is out to see whether the connection is back.
    Probing {
        /// Failures in a row so far.
        failures: u32,
    },
    /// The browser knows that there is no network.
    Offline,
    /// Not logged in any more.
    SessionExpired,
}

impl Connection {
    /// How many requests may be out.
    pub(super) fn most_fetches(self, limit: usize) -> usize {
        match self {
            Self::Up => limit,
            Self::Probing { .. } => limit.min(1),
            Self::Waiting { .. } | Self::Offline | Self::SessionExpired => 0,
        }
    }

    /// An answer came, whatever it says.
    pub(super) fn answered(self) -> Self {
        match self {
            Self::SessionExpired => Self::SessionExpired,
            _ => Self::Up,
        }
    }

    /// A request got no answer.
    pub(super) fn failed(self, now_ms: f64) -> Self {
        match self {
            Self::Up => Self::waiting(1, now_ms),
            Self::Probing { failures } => Self::waiting(failures.saturating_add(1), now_ms),
            // The other requests of the same failure do not make the wait longer.
            Self::Waiting { .. } | Self::Offline | Self::SessionExpired => self,
        }
    }

    /// Time passed.
    pub(super) fn at(self, now_ms: f64) -> Self {
        match self {
            Self::Waiting { until_ms, failures } if now_ms >= until_ms => {
                Self::Probing { failures }
            }
            other => other,
        }
    }

    fn waiting(failures: u32, now_ms: f64) -> Self {
        Self::Waiting { until_ms: now_ms + wait_ms(failures), failures }
    }
}

/// Back-off after so many failures in a row (from 1).
pub(super) fn wait_ms(failures: u32) -> f64 {
    let doublings = failures.saturating_sub(1).min(16);
    (FIRST_WAIT_MS * f64::from(1_u32 << doublings)).min(LONGEST_WAIT_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let waits: Vec<f64> = [1, 2, 3, 6, 7, 8, u32::MAX].map(wait_ms).to_vec();
        assert_eq!(waits, [500.0, 1000.0, 2000.0, 16_000.0, 30_000.0, 30_000.0, 30_000.0]);
    }

    #[test]
    fn requests_lost_together_count_once() {
        let lost = Connection::Up.failed(100.0);
        assert_eq!(lost, Connection::Waiting { until_ms: 600.0, failures: 1 });
        assert_eq!(lost.failed(120.0), lost);
        assert_eq!(lost.at(599.0), lost);
        let probing = lost.at(600.0);
        assert_eq!(probing, Connection::Probing { failures: 1 });
        assert_eq!(probing.failed(700.0), Connection::Waiting { until_ms: 1700.0, failures: 2 });
        assert_eq!(probing.answered(), Connection::Up);
    }

    #[test]
    fn an_answer_does_not_log_in_again() {
        assert_eq!(Connection::SessionExpired.answered(), Connection::SessionExpired);
    }
}
