//! Birth dates, among them those of people who do not know theirs.
//!
//! A register that knows only the year gives 1 January, only the month the 1st; hospitals also write
//! 31 December. Such a day is shared by many, so it proves nothing by itself: a birth place must agree too.

use super::Verdict;

pub(super) fn compare(proven: &str, recorded: Option<&str>, place_agrees: bool) -> Verdict {
    let (Some(proven), Some(recorded)) =
        (Parts::proven(proven), recorded.and_then(Parts::recorded))
    else {
        return Verdict::Undecided;
    };
    if proven == recorded {
        let decides = !proven.may_be_presumed() || place_agrees;
        return if decides { Verdict::Match } else { Verdict::Undecided };
    }
    if proven.may_stand_for(&recorded) || recorded.may_stand_for(&proven) {
        return Verdict::Undecided;
    }
    Verdict::No
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Parts {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

impl Parts {
    /// `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    fn proven(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
        let month = parts.next().map(number).transpose().ok()?.flatten();
        let day = parts.next().map(number).transpose().ok()?.flatten();
        parts.next().is_none().then_some(Self { year, month, day })?.checked()
    }

    /// `YYYYMMDD`.
    fn recorded(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (year, month, day) = (text.get(..4)?, text.get(4..6)?, text.get(6..)?);
        let (month, day) = (number(month).ok()?, number(day).ok()?);
        Self { year: year.parse().ok()?, month, day }.checked()
    }

    fn checked(self) -> Option<Self> {
        let fits =
            self.month.is_none_or(|month| month <= 12) && self.day.is_none_or(|day| day <= 31);
        (fits && (self.day.is_none() || self.month.is_some())).then_some(self)
    }

    /// 1 January, 31 December, or a part unknown.
    fn may_be_presumed(&self) -> bool {
        matches!(
            (self.month, self.day),
            (None, _) | (_, None) | (Some(1), Some(1)) | (Some(12), Some(31))
        )
    }

    /// Whether this is what a register writes for somebody born on `other` whose day is not known.
    fn may_stand_for(&self, other: &Self) -> bool {
        self.year == other.year
            && match (self.month, self.day) {
                (None, _) | (Some(1), Some(1)) | (Some(12), Some(31)) => true,
                (month, None | Some(1)) => month == other.month,
                _ => false,
            }
    }
}

/// Two digits; 00 stands for unknown.
fn number(text: &str) -> Result<Option<u8>, ()> {
    let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let value: u8 = is_number.then(|| text.parse().ok()).flatten().ok_or(())?;
    Ok((value > 0).then_some(value))
}
