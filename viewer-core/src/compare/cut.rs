//! Where one slice cuts another.

use super::place::{Lying, PARALLEL};
use crate::exam::{ImagePlane, Series, Spacing};
use crate::geometry::plane::{dot, image_from_patient, normal, patient_from_image, sub};

/// A slice of finite size.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// Where it lies.
    pub plane: ImagePlane,
    /// Millimetres of its pixels.
    pub spacing: Spacing,
    /// Columns and rows.
    pub size_px: [u32; 2],
    frame_of_reference_uid: String,
}

impl Slice {
    /// The slice of a frame; `None` where its place or scale is not known.
    #[must_use]
    pub fn of(series: &Series, [image, frame]: [u32; 2]) -> Option<Self> {
        let lying = Lying::at(series, image, frame)?;
        Some(Self {
            plane: lying.plane.clone(),
            spacing: lying.geometry.spacing?,
            size_px: [lying.geometry.columns, lying.geometry.rows],
            frame_of_reference_uid: series.frame_of_reference_uid.clone()?,
        })
    }

    fn patient(&self, at: [f64; 2]) -> [f64; 3] {
        patient_from_image(&self.plane, &self.spacing, at)
    }

    /// Distances of an image point to the four edges, inwards, pixels.
    fn inside(&self, [x, y]: [f64; 2]) -> [f64; 4] {
        let [columns, rows] = self.size_px.map(f64::from);
        [x, y, columns - x, rows - y]
    }
}

/// Both ends, in image pixels of `on`, of the line where `slice` cuts it, as far as both images reach; `None` where
/// they do not, are nearly parallel, or lie in different spaces.
#[must_use]
pub fn cut(slice: &Slice, on: &Slice) -> Option<[[f64; 2]; 2]> {
    let (across, own) = (normal(&slice.plane), normal(&on.plane));
    if slice.frame_of_reference_uid != on.frame_of_reference_uid
        || dot(across, own).abs() >= PARALLEL
    {
        return None;
    }
    // The distance to the slice is linear over the image: its zeros are the line.
    let distance = |at| dot(sub(on.patient(at), slice.plane.position_mm), across);
    let origin = distance([0.0, 0.0]);
    let [per_x, per_y] = [distance([1.0, 0.0]) - origin, distance([0.0, 1.0]) - origin];
    let square = per_x * per_x + per_y * per_y;
    let foot = [-origin * per_x / square, -origin * per_y / square];
    let along = [-per_y, per_x];
    let at = |t: f64| [foot[0] + along[0] * t, foot[1] + along[1] * t];
    let on_slice = |t: f64| image_from_patient(&slice.plane, &slice.spacing, on.patient(at(t))).0;
    let edges = |t: f64| [on.inside(at(t)), slice.inside(on_slice(t))];
    let [from, to] = span(edges(0.0).as_flattened(), edges(1.0).as_flattened())?;
    Some([at(from), at(to)])
}

/// Where on a line all of several linear values are 0 or more, by what they are at 0 and at 1.
fn span(at_0: &[f64], at_1: &[f64]) -> Option<[f64; 2]> {
    let mut range = [f64::NEG_INFINITY, f64::INFINITY];
    for (value, next) in at_0.iter().zip(at_1) {
        let slope = next - value;
        let zero = -value / slope;
        if slope > 0.0 {
            range[0] = range[0].max(zero);
        } else if slope < 0.0 {
            range[1] = range[1].min(zero);
        } else if *value < 0.0 {
            return None;
        }
    }
    let is_span = range.iter().all(|end| end.is_finite()) && range[0] < range[1];
    is_span.then_some(range)
}
