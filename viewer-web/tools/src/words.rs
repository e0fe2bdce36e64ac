//! Words for annotations and their values.

use negatoscope_text::{Lang, text, text_with};
use viewer_core::annotate::{Annotation, Kind, SampleUnit, Statistics, Value, ValueKind};
use viewer_core::exam::SpacingSource;
use viewer_core::measure::{Measured, NoScale, Provenance, Unit};

use crate::desk::Desk;

/// A number with so many decimals, with the decimal mark of the language and a real minus sign.
#[must_use]
pub fn number(lang: Lang, value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = !text.contains(|digit: char| ('1'..='9').contains(&digit));
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) if is_zero => ("", digits.to_owned()),
        Some(digits) => ("−", digits.to_owned()),
        None => ("", text),
    };
    let digits = if lang == Lang::Fr { digits.replace('.', ",") } else { digits };
    format!("{sign}{digits}")
}

/// What an annotation is called: its kind, and its number among those.
#[must_use]
pub fn name(desk: &Desk, annotation: &Annotation) -> String {
    let kind = kind_name(desk.lang(), annotation.kind);
    format!("{kind} {}", desk.store().ordinal(annotation.id))
}

/// What a kind is called.
#[must_use]
pub fn kind_name(lang: Lang, kind: Kind) -> String {
    text(lang, &format!("measure.kind_{}", kind.key())).into_owned()
}

/// How it is drawn.
#[must_use]
pub fn how_to(lang: Lang, kind: Kind) -> String {
    let how = match kind {
        Kind::Probe | Kind::Text | Kind::Spine => "measure.how_point",
        Kind::Length | Kind::Ellipse | Kind::Rectangle | Kind::Arrow | Kind::Calibration => {
            "measure.how_two"
        }
        Kind::PlumbLine => "measure.how_plumb",
        Kind::Angle => "measure.how_angle",
        Kind::Circle => "measure.how_circle",
        Kind::Cobb | Kind::Bidirectional | Kind::Cardiothoracic => "measure.how_lines",
        Kind::Polyline | Kind::Polygon => "measure.how_many",
        Kind::Freehand => "measure.how_freehand",
    };
    format!("{}. {}", kind_name(lang, kind), text(lang, how))
}

/// Lines beside an annotation on the image.
#[must_use]
pub fn lines(desk: &Desk, annotation: &Annotation) -> Vec<String> {
    let own = (!annotation.text.is_empty()).then(|| annotation.text.clone());
    let values = desk.values(annotation);
    let mark = mark_of(desk.lang(), &values);
    own.into_iter()
        .chain(values.iter().flat_map(|value| value_lines(desk.lang(), value)))
        .chain(mark)
        .collect()
}

/// Lines of values of what is being drawn.
#[must_use]
pub fn draft_lines(lang: Lang, values: &[Value]) -> Vec<String> {
    let lines = values.iter().filter(|value| **value != Value::Awaited);
    lines.flat_map(|value| value_lines(lang, value)).chain(mark_of(lang, values)).collect()
}

/// An annotation as a screen reader says it.
#[must_use]
pub fn sentence(desk: &Desk, annotation: &Annotation) -> String {
    let lines = lines(desk, annotation);
    let name = name(desk, annotation);
    if lines.is_empty() { name } else { format!("{name} : {}", lines.join(", ")) }
}

/// Where the scale of an annotation comes from, in a few words; empty where it has no scale.
#[must_use]
pub fn provenance(desk: &Desk, annotation: &Annotation) -> String {
    let values = desk.values(annotation);
    let found = values.iter().find_map(scaled);
    found
        .map(|found| text(desk.lang(), provenance_key(found.provenance)).into_owned())
        .unwrap_or_default()
}

/// Says that one was taken away.
#[must_use]
pub fn removed(desk: &Desk, annotation: &Annotation) -> String {
    text_with(desk.lang(), "measure.removed", &[("name", &name(desk, annotation))])
}

/// Says that a step was taken back.
#[must_use]
pub fn undone(lang: Lang) -> String {
    text(lang, "measure.undone").into_owned()
}

/// Says how the keyboard draws.
#[must_use]
pub fn cursor(lang: Lang) -> String {
    text(lang, "measure.cursor").into_owned()
}

/// Says that a point was placed.
#[must_use]
pub fn point_placed(lang: Lang, count: usize) -> String {
    text_with(lang, "measure.point_placed", &[("number", &count.to_string())])
}

/// Says which point arrows move; `None`: all of it.
#[must_use]
pub fn handle(lang: Lang, number: Option<usize>, total: usize) -> String {
    match number {
        None => text(lang, "measure.handle_all").into_owned(),
        Some(number) => {
            let [number, total] = [number, total].map(|count| count.to_string());
            text_with(lang, "measure.handle", &[("number", &number), ("total", &total)])
        }
    }
}

fn value_lines(lang: Lang, value: &Value) -> Vec<String> {
    match value {
        Value::Measured(kind, measured) => {
            let quantity = quantity(lang, *measured);
            vec![match value_name(*kind) {
                Some(key) => format!("{} {quantity}", text(lang, key)),
                None => quantity,
            }]
        }
        Value::Sample(None, _) => vec![text(lang, "measure.no_value").into_owned()],
        Value::Sample(Some(value), unit) => vec![sample(lang, *value, unit)],
        Value::Statistics(statistics, unit) => statistics_lines(lang, statistics, unit),
        Value::Awaited => vec!["…".to_owned()],
    }
}

fn statistics_lines(lang: Lang, statistics: &Statistics, unit: &SampleUnit) -> Vec<String> {
    let value = |value: f64| number(lang, value, sample_decimals(value, unit));
    let name = |key| text(lang, key);
    let mean = format!("{} {}", name("measure.mean"), sample(lang, statistics.mean, unit));
    let deviation = number(lang, statistics.deviation, sample_decimals(statistics.deviation, unit));
    let ends =
        format!("{} {} … {}", name("measure.range"), value(statistics.min), value(statistics.max));
    let count = text_with(lang, "measure.pixels", &[("count", &statistics.count.to_string())]);
    vec![format!("{mean}, σ {deviation}"), format!("{ends} ({count})")]
}

/// Uptake values are small; others are told to a tenth.
fn sample_decimals(value: f64, unit: &SampleUnit) -> usize {
    match unit {
        SampleUnit::Suv => 2,
        SampleUnit::OfFile(_) if value.abs() < 1.0 && value != 0.0 => 3,
        SampleUnit::OfFile(_) => 1,
    }
}

fn sample(lang: Lang, value: f64, unit: &SampleUnit) -> String {
    let digits = number(lang, value, sample_decimals(value, unit));
    match unit {
        SampleUnit::Suv => format!("{digits} SUVbw"),
        // "US" stands for unspecified (Rescale Type).
        SampleUnit::OfFile(unit) if unit.is_empty() || unit == "US" => digits,
        SampleUnit::OfFile(unit) if unit == "HU" => {
            format!("{digits} {}", text(lang, "measure.unit_hu"))
        }
        SampleUnit::OfFile(unit) => format!("{digits} {unit}"),
    }
}

fn value_name(kind: ValueKind) -> Option<&'static str> {
    match kind {
        ValueKind::Length | ValueKind::Angle | ValueKind::Ratio | ValueKind::Offset => None,
        ValueKind::Area => Some("measure.area"),
        ValueKind::Diameter => Some("measure.diameter"),
        ValueKind::LongAxis => Some("measure.long_axis"),
        ValueKind::ShortAxis => Some("measure.short_axis"),
        ValueKind::Horizontal => Some("measure.horizontal"),
        ValueKind::Vertical => Some("measure.vertical"),
        ValueKind::Known => Some("measure.known"),
    }
}

/// A measure with its unit.
#[must_use]
pub fn quantity(lang: Lang, measured: Measured) -> String {
    let value = measured.value;
    let told =
        |value: f64, decimals, unit: &str| format!("{} {unit}", number(lang, value, decimals));
    match measured.unit {
        Unit::Millimetre => told(value, 1, "mm"),
        Unit::SquareMillimetre if value >= 1000.0 => told(value / 100.0, 2, "cm²"),
        Unit::SquareMillimetre => told(value, 1, "mm²"),
        Unit::Pixel => told(value, 1, "px"),
        Unit::SquarePixel => told(value, 0, "px²"),
        Unit::Degree => format!("{}°", number(lang, value, 1)),
        Unit::Ratio => told(value * 100.0, 1, "%"),
        Unit::Second => told(value * 1000.0, 0, "ms"),
        Unit::CentimetrePerSecond => told(value, 1, "cm/s"),
        Unit::Hertz => told(value, 0, "Hz"),
    }
}

/// The measure of a value whose scale matters.
fn scaled(value: &Value) -> Option<&Measured> {
    match value {
        Value::Measured(_, found) if !matches!(found.unit, Unit::Degree | Unit::Ratio) => {
            Some(found)
        }
        _ => None,
    }
}

/// What is written on the image where millimetres are not those of a cross section of the patient.
fn mark_of(lang: Lang, values: &[Value]) -> Option<String> {
    let found = values.iter().find_map(scaled)?;
    let is_plain = matches!(
        found.provenance,
        Provenance::Spacing(SpacingSource::PixelSpacing | SpacingSource::UltrasoundRegion)
            | Provenance::UltrasoundRegion
    );
    (!is_plain).then(|| text(lang, provenance_key(found.provenance)).into_owned())
}

fn provenance_key(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Spacing(source) => match source {
            SpacingSource::PixelSpacing => "measure.from_pixel_spacing",
            SpacingSource::Fiducial => "measure.from_fiducial",
            SpacingSource::Geometry => "measure.from_geometry",
            SpacingSource::Corrected => "measure.from_corrected",
            SpacingSource::Uncertain => "measure.from_uncertain",
            SpacingSource::ImagerPixelSpacing => "measure.from_detector",
            SpacingSource::Magnification => "measure.from_magnification",
            SpacingSource::NominalScanned => "measure.from_scanned",
            SpacingSource::UltrasoundRegion => "measure.from_region",
        },
        Provenance::UltrasoundRegion => "measure.from_region",
        Provenance::UserLine => "measure.from_user",
        Provenance::None(NoScale::NotCalibrated) => "measure.from_nothing",
        Provenance::None(NoScale::NotOneRegion) => "measure.from_no_region",
        Provenance::None(NoScale::NotSpatial) => "measure.from_no_space",
        Provenance::None(NoScale::Ambiguous) => "measure.from_ambiguous",
    }
}
