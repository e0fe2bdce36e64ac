use super::{Measured, Unit};
use crate::exam::{Image, ImageFormat, SpacingSource, UltrasoundRegion};
use crate::geometry::pixel_shape;

/// Largest relative difference of deltas that are the same scale.
const SAME_SCALE: f64 = 1e-6;

/// Where a scale comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// An attribute that holds for the whole image.
    Spacing(SpacingSource),
    /// The ultrasound region that all points are in.
    UltrasoundRegion,
    /// A line whose length the reader told.
    UserLine,
    /// There is none: measures are in pixels.
    None(NoScale),
}

/// Why there are no millimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoScale {
    /// Nothing in the file says how large a pixel is.
    NotCalibrated,
    /// The points are in no common ultrasound region.
    NotOneRegion,
    /// The region is no picture of tissue in space (M-mode, spectrum, graphics).
    NotSpatial,
    /// Overlapping regions say different things.
    Ambiguous,
}

/// Sizes of a pixel where some points are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Width and height of a pixel: mm, or 1 and the aspect where there are no millimetres.
    pub pixel_size: [f64; 2],
    /// Where they come from.
    pub provenance: Provenance,
}

impl Scale {
    /// From one image point to another, in the unit of `pixel_size`.
    pub(super) fn step(&self, from: [f64; 2], to: [f64; 2]) -> [f64; 2] {
        std::array::from_fn(|axis| (to[axis] - from[axis]) * self.pixel_size[axis])
    }

    pub(super) fn measured(&self, value: f64, physical: Unit, pixels: Unit) -> Option<Measured> {
        let is_physical = !matches!(self.provenance, Provenance::None(_));
        let unit = if is_physical { physical } else { pixels };
        value.is_finite().then_some(Measured { value, unit, provenance: self.provenance })
    }
}

/// The scale that holds for all of `points`.
///
/// An image with ultrasound regions is measured by those alone (PS3.3 C.8.5.5): all points have to be
/// in one and the same; what lies between them does not matter. Where they are in several at once,
/// those of high priority count (C.8.5.5.1.3), and have to agree. Any other image has one spacing.
#[must_use]
pub fn scale_at(image: &Image, format: &ImageFormat, points: &[[f64; 2]]) -> Scale {
    let shape = pixel_shape(format);
    let without =
        |reason| Scale { pixel_size: [1.0, shape.aspect], provenance: Provenance::None(reason) };
    if !image.us_regions.is_empty() {
        return match in_regions(&image.us_regions, points) {
            Ok(pixel_size) => Scale { pixel_size, provenance: Provenance::UltrasoundRegion },
            Err(reason) => without(reason),
        };
    }
    match shape.spacing {
        Some(spacing) => Scale {
            pixel_size: [spacing.between_columns_mm, spacing.between_rows_mm],
            provenance: Provenance::Spacing(spacing.source),
        },
        None => without(NoScale::NotCalibrated),
    }
}

/// How far two points are from each other along the axes of the one ultrasound region they are in, where that is
/// no picture in space (M-mode, spectrum): each axis in its own unit. Axes of units without a name here are left
/// out.
#[must_use]
pub fn region_steps(image: &Image, [a, b]: [[f64; 2]; 2]) -> [Option<Measured>; 2] {
    let mut around = image.us_regions.iter().filter(|region| has_all(region, &[a, b]));
    let region = match (around.next(), around.next()) {
        (Some(region), None) if region.pixel_size_mm().is_none() => region,
        _ => return [None, None],
    };
    [0, 1].map(|axis| {
        let (factor, unit) = match region.units[axis] {
            UltrasoundRegion::CENTIMETRES => (10.0, Unit::Millimetre),
            UltrasoundRegion::SECONDS => (1.0, Unit::Second),
            UltrasoundRegion::HERTZ => (1.0, Unit::Hertz),
            UltrasoundRegion::CENTIMETRES_PER_SECOND => (1.0, Unit::CentimetrePerSecond),
            _ => return None,
        };
        let value = ((b[axis] - a[axis]) * region.deltas[axis] * factor).abs();
        let provenance = Provenance::UltrasoundRegion;
        (value.is_finite() && region.deltas[axis] != 0.0).then_some(Measured {
            value,
            unit,
            provenance,
        })
    })
}

fn in_regions(regions: &[UltrasoundRegion], points: &[[f64; 2]]) -> Result<[f64; 2], NoScale> {
    let around: Vec<_> = regions.iter().filter(|region| has_all(region, points)).collect();
    let is_any_high = around.iter().any(|region| region.is_high_priority());
    let mut counting =
        around.into_iter().filter(|region| region.is_high_priority() || !is_any_high);
    let first = counting.next().ok_or(NoScale::NotOneRegion)?;
    let pixel_size = first.pixel_size_mm();
    let agrees = |other: &UltrasoundRegion| match (pixel_size, other.pixel_size_mm()) {
        (Some(a), Some(b)) => (0..2).all(|axis| (a[axis] - b[axis]).abs() <= SAME_SCALE * a[axis]),
        (None, None) => true,
        _ => false,
    };
    if !counting.all(agrees) {
        return Err(NoScale::Ambiguous);
    }
    pixel_size.ok_or(NoScale::NotSpatial)
}

/// Bounds are inclusive pixels; a point may be anywhere on them.
fn has_all(region: &UltrasoundRegion, points: &[[f64; 2]]) -> bool {
    let [x0, y0, x1, y1] = region.bounds_px.map(f64::from);
    points.iter().all(|&[x, y]| (x0..=x1 + 1.0).contains(&x) && (y0..=y1 + 1.0).contains(&y))
}
