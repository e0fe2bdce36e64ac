use super::statistics::Reader;
use super::{ImageFacts, Kind, Region, Samples, Statistics};
use crate::measure::{Measured, NoScale, Provenance, Unit, region_steps};

/// What a value is the value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// A length.
    Length,
    /// An angle.
    Angle,
    /// An area.
    Area,
    /// Twice the radius of a circle.
    Diameter,
    /// The long axis of two.
    LongAxis,
    /// The short axis.
    ShortAxis,
    /// How far a point is from a plumb line.
    Offset,
    /// Heart to chest.
    Ratio,
    /// Along the horizontal axis of a spectrum.
    Horizontal,
    /// Along its vertical axis.
    Vertical,
    /// Length told by the reader.
    Known,
}

/// One value of an annotation.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of lines and outlines.
    Measured(ValueKind, Measured),
    /// Of the pixels inside.
    Statistics(Statistics, SampleUnit),
    /// Of one pixel; `None` where it has no value (padding).
    Sample(Option<f64>, SampleUnit),
    /// There will be one when the samples of the frame are here.
    Awaited,
}

/// Unit of pixel values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SampleUnit {
    /// Standardized uptake value by body weight, g/mL.
    Suv,
    /// As the file writes it, e.g. `HU`; empty where it says nothing.
    OfFile(String),
}

/// All values of what is drawn at `points` of an image. `samples` may be there only when they are needed, see
/// [`sample_rows`].
#[must_use]
pub fn values(
    kind: Kind,
    facts: &ImageFacts<'_>,
    points: &[[f64; 2]],
    known_mm: Option<f64>,
    samples: Option<&Samples<'_>>,
) -> Vec<Value> {
    let mut found = measured(kind, facts, points, known_mm);
    if sample_rows(kind, facts, points).is_some() {
        found.extend(
            samples
                .map_or(Some(Value::Awaited), |samples| of_samples(kind, facts, points, samples)),
        );
    }
    found
}

fn measured(
    kind: Kind,
    facts: &ImageFacts<'_>,
    points: &[[f64; 2]],
    known_mm: Option<f64>,
) -> Vec<Value> {
    let scale = facts.scale(points);
    let one = |name, measured: Option<Measured>| measured.map(|found| Value::Measured(name, found));
    let found: [Option<Value>; 2] = match (kind, points) {
        (Kind::Length, &[a, b]) if scale.provenance == Provenance::None(NoScale::NotSpatial) => {
            let [across, down] = region_steps(facts.image, [a, b]);
            [one(ValueKind::Horizontal, across), one(ValueKind::Vertical, down)]
        }
        (Kind::Length | Kind::Polyline, _) => [one(ValueKind::Length, scale.path(points)), None],
        (Kind::Calibration, &[..]) => [one(ValueKind::Known, known(known_mm)), None],
        (Kind::Angle, &[a, vertex, b]) => {
            [one(ValueKind::Angle, scale.angle([a, vertex, b])), None]
        }
        (Kind::Cobb, &[a, b, c, d]) => {
            [one(ValueKind::Angle, scale.angle_of_lines([[a, b], [c, d]])), None]
        }
        (Kind::Bidirectional, &[a, b, c, d]) => [
            one(ValueKind::LongAxis, scale.distance(a, b)),
            one(ValueKind::ShortAxis, scale.distance(c, d)),
        ],
        (Kind::Cardiothoracic, &[a, b, c, d]) => {
            [one(ValueKind::Ratio, scale.ratio([[a, b], [c, d]])), None]
        }
        (Kind::PlumbLine, &[at, end, to]) => {
            [one(ValueKind::Offset, scale.distance_to_line([at, end], to)), None]
        }
        _ => {
            let region = Region::of(kind, facts, points);
            let area = region.as_ref().and_then(|region| region.area(&scale));
            let diameter = match (&region, kind) {
                (Some(Region::Ellipse { center: [x, y], radii }), Kind::Circle) => {
                    scale.distance([x - radii[0], *y], [x + radii[0], *y])
                }
                _ => None,
            };
            [one(ValueKind::Area, area), one(ValueKind::Diameter, diameter)]
        }
    };
    found.into_iter().flatten().collect()
}

fn known(known_mm: Option<f64>) -> Option<Measured> {
    let value = known_mm.filter(|mm| mm.is_finite() && *mm > 0.0)?;
    Some(Measured { value, unit: Unit::Millimetre, provenance: Provenance::UserLine })
}

/// First row and the row behind the last whose samples are needed for the values; `None` where none are: the kind
/// counts no pixels, they are colours, or none is on the image.
#[must_use]
pub fn sample_rows(kind: Kind, facts: &ImageFacts<'_>, points: &[[f64; 2]]) -> Option<[u32; 2]> {
    if !facts.format.is_grey() || facts.format.samples_per_pixel != 1 {
        return None;
    }
    if let (Kind::Probe, &[point]) = (kind, points) {
        return pixel_at(facts, point).map(|[_, row]| [row, row + 1]);
    }
    let region = Region::of(kind, facts, points)?;
    let spans = super::statistics::pixel_spans(facts, &region);
    Some([spans.first()?[0], spans.last()?[0] + 1])
}

fn of_samples(
    kind: Kind,
    facts: &ImageFacts<'_>,
    points: &[[f64; 2]],
    samples: &Samples<'_>,
) -> Option<Value> {
    let unit = match facts.suv_factor() {
        Some(_) => SampleUnit::Suv,
        None => SampleUnit::OfFile(facts.display.unit.clone()),
    };
    if let (Kind::Probe, &[point]) = (kind, points) {
        let [column, row] = pixel_at(facts, point)?;
        let stored = samples.value(column, row)?;
        return Some(Value::Sample(Reader::new(facts).value(stored), unit));
    }
    let region = Region::of(kind, facts, points)?;
    Some(Value::Statistics(Statistics::of(facts, &region, samples)?, unit))
}

/// Column and row of the pixel that a point is in.
fn pixel_at(facts: &ImageFacts<'_>, [x, y]: [f64; 2]) -> Option<[u32; 2]> {
    let [columns, rows] = [facts.format.columns, facts.format.rows];
    let is_inside = x >= 0.0 && y >= 0.0 && x < f64::from(columns) && y < f64::from(rows);
    // Inside of the image, hence exact.
    is_inside.then_some([x as u32, y as u32])
}
