use serde::{Deserialize, Serialize};

use super::{ImageFacts, Kind};
use crate::geometry::plane::{image_from_patient, patient_from_image};

/// Points of an annotation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Points {
    /// In the patient, mm, LPS.
    Patient(Vec<[f64; 3]>),
    /// On the image, for images without a plane in the patient.
    Image(Vec<[f64; 2]>),
}

impl Points {
    /// Image points as they are kept.
    #[must_use]
    pub fn on(facts: &ImageFacts<'_>, image_points: &[[f64; 2]]) -> Self {
        match facts.plane() {
            Some((plane, spacing)) => {
                let in_patient = |&point| patient_from_image(plane, &spacing, point);
                Self::Patient(image_points.iter().map(in_patient).collect())
            }
            None => Self::Image(image_points.to_vec()),
        }
    }

    /// Where they are on an image; `None` where that has no plane and they are in the patient.
    #[must_use]
    pub fn image_points(&self, facts: &ImageFacts<'_>) -> Option<Vec<[f64; 2]>> {
        match self {
            Self::Image(points) => Some(points.clone()),
            Self::Patient(points) => {
                let (plane, spacing) = facts.plane()?;
                let on_image = |&point| image_from_patient(plane, &spacing, point).0;
                Some(points.iter().map(on_image).collect())
            }
        }
    }

    /// How many, and whether all are numbers.
    pub(super) fn finite_count(&self) -> Option<usize> {
        let finite = |point: &[f64]| point.iter().all(|c| c.is_finite());
        match self {
            Self::Patient(points) => points.iter().all(|p| finite(p)).then_some(points.len()),
            Self::Image(points) => points.iter().all(|p| finite(p)).then_some(points.len()),
        }
    }
}

/// Something drawn on one frame of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Number, from 1, that no other annotation of the store ever had.
    pub id: u32,
    /// What it is.
    pub kind: Kind,
    /// SOP Instance UID of the image it was drawn on, whose pixels it counts.
    pub sop_instance_uid: String,
    /// Frame of that image, from 0.
    pub frame: u32,
    /// Frame of Reference UID of its points, where they are in the patient.
    pub frame_of_reference_uid: Option<String>,
    /// Its points.
    pub points: Points,
    /// Words of the reader.
    pub text: String,
    /// Length that the reader told of a calibration line, mm.
    pub known_mm: Option<f64>,
}

impl Annotation {
    /// One that was drawn on an image. The store gives it its number.
    #[must_use]
    pub fn new(kind: Kind, facts: &ImageFacts<'_>, image_points: &[[f64; 2]]) -> Self {
        let points = Points::on(facts, image_points);
        let uid = facts.series.frame_of_reference_uid.clone();
        let in_patient = matches!(points, Points::Patient(_));
        Self {
            id: 0,
            kind,
            sop_instance_uid: facts.image.sop_instance_uid.clone(),
            frame: facts.frame,
            frame_of_reference_uid: uid.filter(|uid| in_patient && !uid.is_empty()),
            points,
            text: String::new(),
            known_mm: None,
        }
    }

    /// The same with other points, as [`Kind`] wants them; `moved` is the one that was moved, if it was one.
    #[must_use]
    pub fn with_image_points(
        &self,
        facts: &ImageFacts<'_>,
        mut image_points: Vec<[f64; 2]>,
        moved: Option<usize>,
    ) -> Self {
        if let Some(before) = self.points.image_points(facts) {
            settle(self.kind, facts, &before, &mut image_points, moved);
        }
        Self { points: Points::on(facts, &image_points), ..self.clone() }
    }
}

/// Keeps what a kind promises when a point was moved: a plumb line stays plumb, axes stay perpendicular.
pub(super) fn settle(
    kind: Kind,
    facts: &ImageFacts<'_>,
    before: &[[f64; 2]],
    points: &mut [[f64; 2]],
    moved: Option<usize>,
) {
    match (kind, moved, points) {
        (Kind::PlumbLine, Some(0), [at, end, _]) => {
            if let [was, was_end, _] = before {
                *end = [at[0] + was_end[0] - was[0], at[1] + was_end[1] - was[1]];
            }
        }
        (Kind::Bidirectional, _, [a, b, c, d]) => {
            let [width, height] = facts.scale(&[*a, *b]).pixel_size;
            let (along, step) = (
                [(b[0] - a[0]) * width, (b[1] - a[1]) * height],
                [(d[0] - c[0]) * width, (d[1] - c[1]) * height],
            );
            let square = along[0] * along[0] + along[1] * along[1];
            if square > 0.0 {
                let share = (step[0] * along[0] + step[1] * along[1]) / square;
                // What is along the long axis is taken off the point that did not move.
                let off = [share * along[0] / width, share * along[1] / height];
                if moved == Some(3) {
                    *c = [c[0] + off[0], c[1] + off[1]];
                } else {
                    *d = [d[0] - off[0], d[1] - off[1]];
                }
            }
        }
        _ => {}
    }
}
