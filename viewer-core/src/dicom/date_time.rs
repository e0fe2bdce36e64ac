//! Dates and times (DA, TM, PS3.5 6.2), checked: a malformed one is absent, never shown as if valid.

/// A date as `YYYYMMDD`, from that or the `YYYY.MM.DD` of before 1993; `None` where it is no day of the
/// calendar.
pub(super) fn date(text: &str) -> Option<String> {
    let digits = match text.len() {
        10 => {
            let mut parts = text.split(['.', '-', '/']);
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            if (year.len(), month.len(), day.len()) != (4, 2, 2) {
                return None;
            }
            format!("{year}{month}{day}")
        }
        _ => text.to_owned(),
    };
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u32>().ok();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let is_day = year > 0 && (1..=days_in_month(year, month)).contains(&day);
    is_day.then_some(digits)
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// A time as `HHMMSS[.F]`; hours alone or with minutes are filled up with zeros, the colons of before
/// 1993 dropped. `None` where it is no time of the day (60 s is one: a leap second).
pub(super) fn time(text: &str) -> Option<String> {
    let text = text.replace(':', "");
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_fraction =
        fraction.is_none_or(|f| whole.len() == 6 && (1..=6).contains(&f.len()) && is_digits(f));
    if !matches!(whole.len(), 2 | 4 | 6) || !is_digits(whole) || !is_fraction {
        return None;
    }
    let filled = format!("{whole:0<6}");
    let number = |range: std::ops::Range<usize>| filled.get(range)?.parse::<u32>().ok();
    let is_time = number(0..2)? < 24 && number(2..4)? < 60 && number(4..6)? <= 60;
    is_time.then(|| fraction.map_or(filled.clone(), |fraction| format!("{filled}.{fraction}")))
}

/// Seconds from the beginning of 1970 to the beginning of a date.
pub(super) fn seconds_of_date(text: &str) -> Option<f64> {
    let digits = date(text)?;
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    /// Days from 1 March of the year 0 to 1 January 1970.
    const TO_1970: i64 = 719_468;
    Some((days - TO_1970) as f64 * 86_400.0)
}

/// Seconds from midnight to a time.
pub(super) fn seconds_of_day(text: &str) -> Option<f64> {
    let time = time(text)?;
    let number = |range: std::ops::Range<usize>| time.get(range)?.parse::<f64>().ok();
    Some(number(0..2)? * 3600.0 + number(2..4)? * 60.0 + time.get(4..)?.parse::<f64>().ok()?)
}

/// A DT (`YYYYMMDDHHMMSS[.F][±ZZZZ]`, hours at least) as seconds of its own local time since 1970, and
/// the offset from UTC in seconds that it states.
pub(super) fn seconds_of_date_time(text: &str) -> Option<(f64, Option<f64>)> {
    let sign = text.find(['+', '-']).unwrap_or(text.len());
    let (local, offset) = text.split_at_checked(sign)?;
    let offset = if offset.is_empty() { None } else { Some(offset_s(offset)?) };
    let (day, time) = local.split_at_checked(8)?;
    Some((seconds_of_date(day)? + seconds_of_day(time)?, offset))
}

/// An offset from UTC (`±HHMM`) in seconds.
pub(super) fn offset_s(text: &str) -> Option<f64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1.0, digits),
        ("-", digits) => (-1.0, digits),
        _ => return None,
    };
    let is_offset = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<f64>().ok();
    let (hours, minutes) = (number(0..2)?, number(2..4)?);
    (is_offset && hours <= 14.0 && minutes < 60.0)
        .then_some(sign * (hours * 3600.0 + minutes * 60.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_since_1970() {
        assert_eq!(seconds_of_date("19700101"), Some(0.0));
        assert_eq!(seconds_of_date("20000301"), Some(951_868_800.0));
        assert_eq!(seconds_of_date("20240229"), Some(1_709_164_800.0));
        assert_eq!(seconds_of_date("19600114"), Some(-314_496_000.0));
        assert_eq!(seconds_of_day("0102"), Some(3720.0));
        assert_eq!(seconds_of_day("010203.25"), Some(3723.25));
    }

    #[test]
    fn date_times_with_their_offset() {
        let day = 1_709_164_800.0;
        assert_eq!(seconds_of_date_time("20240229010203.5"), Some((day + 3723.5, None)));
        assert_eq!(seconds_of_date_time("2024022901-0330"), Some((day + 3600.0, Some(-12_600.0))));
        for wrong in ["20240229", "2024", "2024022901+1", "2024022901+2500", "é", ""] {
            assert_eq!(seconds_of_date_time(wrong), None, "{wrong}");
        }
        assert_eq!(offset_s("+0200"), Some(7200.0));
        assert_eq!(offset_s("0200"), None);
    }

    #[test]
    fn dates_of_the_calendar_only() {
        for (text, expected) in [
            ("19740312", Some("19740312")),
            ("1974.03.12", Some("19740312")),
            ("20240229", Some("20240229")),
            ("20230229", None),
            ("19000229", None),
            ("20000229", Some("20000229")),
            ("20230431", None),
            ("20231301", None),
            ("20230100", None),
            ("00000101", None),
            ("197403", None),
            ("1974031", None),
            ("197４0312", None),
            ("19740312-", None),
            ("+1974031", None),
            ("", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn times_of_the_day_only() {
        for (text, expected) in [
            ("093015", Some("093015")),
            ("093015.123456", Some("093015.123456")),
            ("09:30:15", Some("093015")),
            ("0930", Some("093000")),
            ("09", Some("090000")),
            ("235960", Some("235960")),
            ("240000", None),
            ("096000", None),
            ("0930.5", None),
            ("093015.", None),
            ("9", None),
            ("", None),
        ] {
            assert_eq!(time(text).as_deref(), expected, "{text}");
        }
    }
}
