//! Measures on images: lengths, areas and angles, uptake values; each with its unit and where its
//! scale comes from, so that a length at the detector never passes for one in the patient.
//!
//! Points are image points (see [`crate::geometry`]) of one frame.

mod body;
mod real_world;
mod scale;
pub mod suv;

use crate::exam::{Image, ImageFormat};

pub use body::Bodies;
pub use real_world::real_world_value;
pub use scale::{NoScale, Provenance, Scale, scale_at};

/// A measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The number, in `unit`; finite, not negative.
    pub value: f64,
    /// What it counts.
    pub unit: Unit,
    /// Where the scale comes from.
    pub provenance: Provenance,
}

/// Units of measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Millimetres.
    Millimetre,
    /// Square millimetres.
    SquareMillimetre,
    /// Widths of a pixel, where millimetres are not known.
    Pixel,
    /// Areas of squares as wide as a pixel.
    SquarePixel,
    /// Degrees.
    Degree,
}

/// Distance of two points. `None` for points that are no numbers.
#[must_use]
pub fn distance(image: &Image, format: &ImageFormat, a: [f64; 2], b: [f64; 2]) -> Option<Measured> {
    let scale = scale_at(image, format, &[a, b]);
    let [x, y] = scale.step(a, b);
    scale.measured(x.hypot(y), Unit::Millimetre, Unit::Pixel)
}

/// Area of a polygon that does not cross itself, by its corners in either direction; the last is joined
/// to the first. `None` for fewer than three corners.
#[must_use]
pub fn polygon_area(image: &Image, format: &ImageFormat, corners: &[[f64; 2]]) -> Option<Measured> {
    let (&first, others) = corners.split_first().filter(|(_, others)| others.len() >= 2)?;
    let scale = scale_at(image, format, corners);
    let triangle = |pair: &[[f64; 2]]| {
        let [[ax, ay], [bx, by]] = [scale.step(first, pair[0]), scale.step(first, pair[1])];
        ax * by - ay * bx
    };
    let doubled: f64 = others.windows(2).map(triangle).sum();
    scale.measured(doubled.abs() / 2.0, Unit::SquareMillimetre, Unit::SquarePixel)
}

/// Area of the ellipse that fills a rectangle along rows and columns, by two opposite corners.
#[must_use]
pub fn ellipse_area(
    image: &Image,
    format: &ImageFormat,
    a: [f64; 2],
    b: [f64; 2],
) -> Option<Measured> {
    let scale = scale_at(image, format, &[a, b]);
    let [x, y] = scale.step(a, b);
    let area = std::f64::consts::FRAC_PI_4 * (x * y).abs();
    scale.measured(area, Unit::SquareMillimetre, Unit::SquarePixel)
}

/// Angle at `vertex` between two arms, 0 to 180°. `None` where an arm has no length.
#[must_use]
pub fn angle(
    image: &Image,
    format: &ImageFormat,
    [a, vertex, b]: [[f64; 2]; 3],
) -> Option<Measured> {
    let scale = scale_at(image, format, &[a, vertex, b]);
    let degrees = between(scale.step(vertex, a), scale.step(vertex, b))?;
    scale.measured(degrees, Unit::Degree, Unit::Degree)
}

/// Angle between two lines wherever they would meet (Cobb), 0 to 90°. `None` where a line has no
/// length.
#[must_use]
pub fn angle_of_lines(
    image: &Image,
    format: &ImageFormat,
    [[a, b], [c, d]]: [[[f64; 2]; 2]; 2],
) -> Option<Measured> {
    let scale = scale_at(image, format, &[a, b, c, d]);
    let degrees = between(scale.step(a, b), scale.step(c, d))?;
    scale.measured(degrees.min(180.0 - degrees), Unit::Degree, Unit::Degree)
}

/// Angle of two directions in degrees, precise for small ones too.
fn between([ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> Option<f64> {
    let has_length = [[ax, ay], [bx, by]].iter().all(|[x, y]| x.hypot(*y) > 0.0);
    let (across, along) = (ax * by - ay * bx, ax * bx + ay * by);
    has_length.then(|| across.abs().atan2(along).to_degrees())
}

#[cfg(test)]
mod tests;
