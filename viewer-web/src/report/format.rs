//! Values as people read them: dates, names, numbers, in the language of the page.

use negatoscope_text::Lang;
use viewer_core::exam::Patient;

const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `YYYYMMDD` as `12/03/1974` (French) or `12 Mar 1974` (English, where day and month could be mixed
/// up); empty where it is no date.
#[must_use]
pub fn date(lang: Lang, dicom_date: &str) -> String {
    let Some([year, month, day]) = date_parts(dicom_date) else {
        return String::new();
    };
    match lang {
        Lang::Fr => format!("{day:02}/{month:02}/{year:04}"),
        Lang::En => {
            let name = MONTHS_EN.get(usize::from(month) - 1).copied().unwrap_or_default();
            format!("{day} {name} {year:04}")
        }
    }
}

/// `HHMMSS[.F]` as `14:05`; empty where it is no time.
#[must_use]
pub fn time(dicom_time: &str) -> String {
    let digits = |range| dicom_time.get(range).and_then(|text: &str| text.parse::<u8>().ok());
    match (digits(0..2), digits(2..4)) {
        (Some(hour @ 0..=23), Some(minute @ 0..=59)) => format!("{hour:02}:{minute:02}"),
        _ => String::new(),
    }
}

fn date_parts(text: &str) -> Option<[u16; 3]> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let parts = [
        text.get(0..4)?.parse().ok()?,
        text.get(4..6)?.parse().ok()?,
        text.get(6..8)?.parse().ok()?,
    ];
    let [_, month, day] = parts;
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(parts)
}

/// Birth name and given names in one line, as written.
#[must_use]
pub fn full_name(patient: &Patient) -> String {
    [patient.birth_name.trim(), patient.given_names.trim()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A line of numbers and signs written with decimal points, with the decimal mark of the language.
#[must_use]
pub fn with_decimal_mark(lang: Lang, line: &str) -> String {
    if lang == Lang::Fr { line.replace('.', ",") } else { line.to_owned() }
}

/// A number with at most `decimals` decimals, without trailing zeros, with the decimal mark of the
/// language and a real minus sign.
#[must_use]
pub fn number(lang: Lang, value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = decimal(value, decimals);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", text.as_str()),
    };
    format!("{sign}{}", with_decimal_mark(lang, digits))
}

/// A finite number with at most `decimals` decimals, without trailing zeros, as style sheets and programs write
/// it. (Rust's own formatting of floats is exact to the last digit: 6 kB that the visitor would wait for.)
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "powers of ten up to 10¹⁵ are exact")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 … 10¹⁵")]
pub fn decimal(value: f64, decimals: usize) -> String {
    let mut size = value.abs();
    let mut zeros = 0;
    // Fifteen digits are all that a float has for certain; zeros stand for those behind.
    while size >= MOST_UNITS {
        size /= 10.0;
        zeros += 1;
    }
    let mut scale = 1_u64;
    for _ in 0..decimals {
        if size * (scale * 10) as f64 >= MOST_UNITS {
            break;
        }
        scale *= 10;
    }
    let units = (size * scale as f64).round() as u64;
    let sign = if value < 0.0 && units > 0 { "-" } else { "" };
    let (whole, mut rest) = (units / scale, units % scale);
    let zeros = "0".repeat(zeros);
    if rest == 0 {
        return format!("{sign}{whole}{zeros}");
    }
    while rest % 10 == 0 {
        (rest, scale) = (rest / 10, scale / 10);
    }
    format!("{sign}{whole}.{rest:0width$}", width = scale.ilog10() as usize)
}

const MOST_UNITS: f64 = 1e15;

/// A window value: whole where the window is wide, with decimals where whole numbers would hide a
/// difference (PET and MR windows can be narrower than 1).
#[must_use]
pub fn window_value(lang: Lang, value: f64, width: f64) -> String {
    let decimals = match width.abs() {
        width if width >= 20.0 => 0,
        width if width >= 1.0 => 1,
        width if width >= 0.01 => 4,
        _ => 8,
    };
    number(lang, value, decimals)
}

/// A frame rate: whole from 10 on, one decimal below.
#[must_use]
pub fn rate(lang: Lang, frames_per_second: f64) -> String {
    number(lang, frames_per_second, if frames_per_second < 10.0 { 1 } else { 0 })
}

/// `UPPER^Case^` leftovers of a person name or other component text, as one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split(['^', '\\', '\r', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_and_cut() {
        let cases = [
            (0.0, 2, "0"),
            (-0.0, 2, "0"),
            (-0.004, 2, "0"),
            (-0.005_1, 2, "-0.01"),
            (40.5, 0, "41"),
            (-40.5, 0, "-41"),
            (1.05, 1, "1.1"),
            (2.0, 3, "2"),
            (12.340, 3, "12.34"),
            (0.012_3, 4, "0.0123"),
            (999.999, 2, "1000"),
            (123_456_789_012_345.68, 2, "123456789012346"),
            (1e18, 1, "1000000000000000000"),
            (0.000_000_012, 8, "0.00000001"),
        ];
        for (value, decimals, expected) in cases {
            assert_eq!(decimal(value, decimals), expected, "{value}");
        }
    }

    #[test]
    fn dates_follow_the_language() {
        assert_eq!(date(Lang::Fr, "19740312"), "12/03/1974");
        assert_eq!(date(Lang::En, "19740312"), "12 Mar 1974");
    }

    #[test]
    fn what_is_no_date_is_not_shown() {
        for text in ["", "1974", "19741301", "19740300", "1974-3-1", "1974031é", "197403121"] {
            assert_eq!(date(Lang::Fr, text), "", "{text}");
        }
    }

    #[test]
    fn times_have_hours_and_minutes() {
        assert_eq!(time("140532.12"), "14:05");
        assert_eq!(time("0700"), "07:00");
        assert_eq!(time("2561"), "");
        assert_eq!(time("é"), "");
    }

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(number(Lang::Fr, -612.5, 1), "−612,5");
        assert_eq!(number(Lang::En, -612.5, 1), "−612.5");
        assert_eq!(number(Lang::Fr, 3.0, 2), "3");
        assert_eq!(number(Lang::Fr, 1500.0, 0), "1500");
        assert_eq!(number(Lang::Fr, -0.001, 1), "0");
        assert_eq!(number(Lang::En, f64::NAN, 1), "–");
    }

    #[test]
    fn narrow_windows_keep_their_decimals() {
        assert_eq!(window_value(Lang::Fr, -600.4, 1500.0), "−600");
        assert_eq!(window_value(Lang::Fr, 2.25, 4.0), "2,3");
        assert_eq!(window_value(Lang::En, 0.0312, 0.05), "0.0312");
    }

    #[test]
    fn names_are_joined_as_written() {
        let patient = Patient {
            birth_name: "LEFÈVRE".into(),
            given_names: "Élise, Marie".into(),
            ..Patient::default()
        };
        assert_eq!(full_name(&patient), "LEFÈVRE Élise, Marie");
        assert_eq!(full_name(&Patient::default()), "");
    }
}
