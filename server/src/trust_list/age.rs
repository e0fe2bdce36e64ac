//! How long it is since the list was known to be the newest.

use time::{Duration, OffsetDateTime};

use super::kept::Kept;

const WARNING: Duration = Duration::hours(48);
const ALARM: Duration = Duration::days(7);

/// The age of the last good list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// As it should be: lists are asked for once a day.
    Fresh(Duration),
    /// Something has been wrong for days.
    Old(Duration),
    /// A box that was struck off may still be trusted here.
    TooOld(Duration),
    /// There is no list: no box is trusted.
    None,
}

impl Age {
    pub(super) fn of(kept: Option<&Kept>, now: OffsetDateTime) -> Self {
        kept.map_or(Self::None, |kept| Self::since(now - kept.confirmed))
    }

    const fn since(age: Duration) -> Self {
        match age {
            age if age.whole_seconds() >= ALARM.whole_seconds() => Self::TooOld(age),
            age if age.whole_seconds() >= WARNING.whole_seconds() => Self::Old(age),
            age => Self::Fresh(age),
        }
    }

    /// In hours, where there is a list.
    #[must_use]
    pub const fn hours(self) -> Option<i64> {
        match self {
            Self::Fresh(age) | Self::Old(age) | Self::TooOld(age) => Some(age.whole_hours()),
            Self::None => None,
        }
    }

    /// Whether nobody need be woken up.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Fresh(_) | Self::Old(_))
    }

    /// One word, for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fresh(_) => "fresh",
            Self::Old(_) => "old",
            Self::TooOld(_) => "too_old",
            Self::None => "none",
        }
    }

    /// Tells the log what it should know.
    pub(super) fn tell(self) {
        let hours = self.hours();
        match self {
            Self::Fresh(_) => {}
            Self::Old(_) => {
                tracing::warn!(hours, "the list of DRIMboxes is more than two days old");
            }
            Self::TooOld(_) => {
                tracing::error!(hours, "the list of DRIMboxes is more than a week old");
            }
            Self::None => tracing::error!("there is no list of DRIMboxes: none is contacted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_days_are_a_warning_and_a_week_is_an_alarm() {
        let (minute, of) = (Duration::minutes(1), |age| Age::since(age));
        for (age, word, is_good) in [
            (Duration::ZERO, "fresh", true),
            (Duration::hours(48) - minute, "fresh", true),
            (Duration::hours(48), "old", true),
            (Duration::days(7) - minute, "old", true),
            (Duration::days(7), "too_old", false),
            (-minute, "fresh", true),
        ] {
            assert_eq!((of(age).word(), of(age).is_good()), (word, is_good), "{age}");
        }
        assert_eq!(
            (Age::None.word(), Age::None.is_good(), Age::None.hours()),
            ("none", false, None)
        );
        assert_eq!(of(Duration::hours(49)).hours(), Some(49));
    }
}
