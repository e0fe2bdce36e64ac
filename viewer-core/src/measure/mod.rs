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
pub use scale::{NoScale, Provenance, Scale, region_steps, scale_at};

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
    /// Nothing: one length in units of another.
    Ratio,
    /// Seconds along an axis of an ultrasound region.
    Second,
    /// Centimetres per second, likewise.
    CentimetrePerSecond,
    /// Hertz, likewise.
    Hertz,
}

/// Distance of two points. `None` for points that are no numbers.
#[must_use]
pub fn distance(image: &Image, format: &ImageFormat, a: [f64; 2], b: [f64; 2]) -> Option<Measured> {
    scale_at(image, format, &[a, b]).distance(a, b)
}

/// Area of a polygon that does not cross itself, by its corners in either direction; the last is joined
/// to the first. `None` for fewer than three corners.
#[must_use]
pub fn polygon_area(image: &Image, format: &ImageFormat, corners: &[[f64; 2]]) -> Option<Measured> {
    scale_at(image, format, corners).polygon_area(corners)
}

/// Area of the ellipse that fills a rectangle along rows and columns, by two opposite corners.
#[must_use]
pub fn ellipse_area(
    image: &Image,
    format: &ImageFormat,
    a: [f64; 2],
    b: [f64; 2],
) -> Option<Measured> {
    scale_at(image, format, &[a, b]).ellipse_area(a, b)
}

/// Angle at `vertex` between two arms, 0 to 180°. `None` where an arm has no length.
#[must_use]
pub fn angle(image: &Image, format: &ImageFormat, points: [[f64; 2]; 3]) -> Option<Measured> {
    scale_at(image, format, &points).angle(points)
}

/// Angle between two lines wherever they would meet (Cobb), 0 to 90°. `None` where a line has no
/// length.
#[must_use]
pub fn angle_of_lines(
    image: &Image,
    format: &ImageFormat,
    lines: [[[f64; 2]; 2]; 2],
) -> Option<Measured> {
    scale_at(image, format, lines.as_flattened()).angle_of_lines(lines)
}

impl Scale {
    /// Distance of two points. `None` for points that are no numbers.
    #[must_use]
    pub fn distance(&self, a: [f64; 2], b: [f64; 2]) -> Option<Measured> {
        self.path(&[a, b])
    }

    /// Length of a line from point to point.
    #[must_use]
    pub fn path(&self, points: &[[f64; 2]]) -> Option<Measured> {
        let steps = points.windows(2).map(|pair| {
            let [x, y] = self.step(pair[0], pair[1]);
            x.hypot(y)
        });
        self.measured(steps.sum(), Unit::Millimetre, Unit::Pixel)
    }

    /// As [`polygon_area`].
    #[must_use]
    pub fn polygon_area(&self, corners: &[[f64; 2]]) -> Option<Measured> {
        let (&first, others) = corners.split_first().filter(|(_, others)| others.len() >= 2)?;
        let triangle = |pair: &[[f64; 2]]| {
            let [[ax, ay], [bx, by]] = [self.step(first, pair[0]), self.step(first, pair[1])];
            ax * by - ay * bx
        };
        let doubled: f64 = others.windows(2).map(triangle).sum();
        self.measured(doubled.abs() / 2.0, Unit::SquareMillimetre, Unit::SquarePixel)
    }

    /// As [`ellipse_area`].
    #[must_use]
    pub fn ellipse_area(&self, a: [f64; 2], b: [f64; 2]) -> Option<Measured> {
        let [x, y] = self.step(a, b);
        let area = std::f64::consts::FRAC_PI_4 * (x * y).abs();
        self.measured(area, Unit::SquareMillimetre, Unit::SquarePixel)
    }

    /// As [`angle`].
    #[must_use]
    pub fn angle(&self, [a, vertex, b]: [[f64; 2]; 3]) -> Option<Measured> {
        let degrees = between(self.step(vertex, a), self.step(vertex, b))?;
        self.measured(degrees, Unit::Degree, Unit::Degree)
    }

    /// As [`angle_of_lines`].
    #[must_use]
    pub fn angle_of_lines(&self, [[a, b], [c, d]]: [[[f64; 2]; 2]; 2]) -> Option<Measured> {
        let degrees = between(self.step(a, b), self.step(c, d))?;
        self.measured(degrees.min(180.0 - degrees), Unit::Degree, Unit::Degree)
    }

    /// Distance of a point from a line through two others; `None` where the line has no direction.
    #[must_use]
    pub fn distance_to_line(&self, [a, b]: [[f64; 2]; 2], point: [f64; 2]) -> Option<Measured> {
        let ([along_x, along_y], [x, y]) = (self.step(a, b), self.step(a, point));
        let distance = (along_x * y - along_y * x).abs() / along_x.hypot(along_y);
        self.measured(distance, Unit::Millimetre, Unit::Pixel)
    }

    /// How long one line is in units of another, wherever the scale comes from.
    #[must_use]
    pub fn ratio(&self, [[a, b], [c, d]]: [[[f64; 2]; 2]; 2]) -> Option<Measured> {
        let [over, under] = [self.path(&[a, b])?.value, self.path(&[c, d])?.value];
        self.measured(over / under, Unit::Ratio, Unit::Ratio)
    }
}

/// Angle of two directions in degrees, precise for small ones too.
fn between([ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> Option<f64> {
    let has_length = [[ax, ay], [bx, by]].iter().all(|[x, y]| x.hypot(*y) > 0.0);
    let (across, along) = (ax * by - ay * bx, ax * bx + ay * by);
    has_length.then(|| across.abs().atan2(along).to_degrees())
}

#[cfg(test)]
mod tests;
