//! A birth date in three fields: day, month, year.

use time::{Date, Month};

/// `YYYYMMDD`, as DICOM writes it; `None` where it is no date, is after `today`, or is before 1850.
#[must_use]
pub fn parse_birth_date(day: &str, month: &str, year: &str, today: Date) -> Option<String> {
    let number = |text: &str| text.trim().parse::<u16>().ok();
    let month = Month::try_from(u8::try_from(number(month)?).ok()?).ok()?;
    let date =
        Date::from_calendar_date(number(year)?.into(), month, u8::try_from(number(day)?).ok()?)
            .ok()?;
    (date.year() >= 1850 && date <= today)
        .then(|| format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day()))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn only_real_past_dates() {
        let parse = |day, month, year| parse_birth_date(day, month, year, date!(2026 - 11 - 23));
        assert_eq!(parse("12", "03", "1974").as_deref(), Some("19740312"));
        assert_eq!(parse(" 1 ", "3", " 1974").as_deref(), Some("19740301"));
        assert_eq!(parse("29", "2", "2024").as_deref(), Some("20240229"));
        assert_eq!(parse("23", "11", "2026").as_deref(), Some("20261123"));
        for (day, month, year) in [
            ("29", "2", "2023"),
            ("31", "4", "1974"),
            ("0", "1", "1974"),
            ("1", "13", "1974"),
            ("24", "11", "2026"),
            ("1", "1", "74"),
            ("1", "1", ""),
            ("-1", "1", "1974"),
            ("1", "1", "197400"),
            ("un", "1", "1974"),
        ] {
            assert_eq!(parse(day, month, year), None, "{day} {month} {year}");
        }
    }
}
