use serde::{Deserialize, Serialize};

use super::{Annotation, ImageFacts, Kind, Points};

/// An annotation as a page keeps it for the time of a session: nothing in it says whose exam it is of. Images have
/// a number made from their UID, and what the reader wrote, in which there may be anything, is left out; names of
/// vertebrae are of a list and are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedAnnotation {
    /// What it is.
    pub kind: Kind,
    /// [`image_number`] of its image.
    pub image: String,
    /// Frame, from 0.
    pub frame: u32,
    /// Its points.
    pub points: Points,
    /// Name of a vertebra.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub vertebra: String,
    /// Length told of a calibration line, mm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_mm: Option<f64>,
}

/// A number by which an image is found again, of its SOP Instance UID: FNV-1a, 64 bits, hexadecimal.
#[must_use]
pub fn image_number(sop_instance_uid: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", sop_instance_uid.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

impl SavedAnnotation {
    /// What is kept of an annotation.
    #[must_use]
    pub fn of(annotation: &Annotation) -> Self {
        let is_spine = annotation.kind == Kind::Spine;
        Self {
            kind: annotation.kind,
            image: image_number(&annotation.sop_instance_uid),
            frame: annotation.frame,
            points: annotation.points.clone(),
            vertebra: if is_spine { annotation.text.clone() } else { String::new() },
            known_mm: annotation.known_mm,
        }
    }

    /// The annotation again, on the image that was found by its number; `None` where what was kept is no
    /// annotation of it.
    #[must_use]
    pub fn restored(self, facts: &ImageFacts<'_>) -> Option<Annotation> {
        let [fewest, most] = self.kind.point_counts();
        let count = self.points.finite_count()?;
        let has_place = matches!(self.points, Points::Patient(_)) == facts.plane().is_some();
        let is_right = (fewest..=most).contains(&count)
            && has_place
            && image_number(&facts.image.sop_instance_uid) == self.image
            && facts.frame == self.frame;
        let empty = Annotation::new(self.kind, facts, &[]);
        is_right.then(|| Annotation {
            points: self.points,
            text: self.vertebra.chars().take(8).collect(),
            known_mm: self.known_mm.filter(|mm| mm.is_finite() && *mm > 0.0),
            ..empty
        })
    }
}
