//! Where slices lie: which slice of a pane is next to a point, and whether two panes share a space.

use crate::exam::{ImagePlane, Series};
use crate::geometry::plane::{dot, image_from_patient, normal, patient_from_image, sub};
use crate::session::Session;
use crate::viewport::{ImageGeometry, ViewReference, ViewState, frame_attributes};

/// Cosine of the largest angle between slices that count as parallel: 10°.
pub(super) const PARALLEL: f64 = 0.984_807_753;
/// Distances that differ by less are one place, mm.
const SAME_PLACE_MM: f64 = 0.01;

/// By what a pane follows another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The slice nearest to the other's, in the patient.
    Position,
    /// As many images further as the other.
    Rank,
}

/// A point of the patient, and in which frame of reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Frame of Reference UID.
    pub frame_of_reference_uid: String,
    /// LPS, mm.
    pub at_mm: [f64; 3],
}

/// The image of a pane with all that is known of where it lies.
pub(super) struct Lying<'a> {
    pub(super) series: &'a Series,
    pub(super) plane: &'a ImagePlane,
    pub(super) geometry: ImageGeometry,
}

impl<'a> Lying<'a> {
    pub(super) fn of(session: &'a Session, pane: usize) -> Option<Self> {
        let reference = session.reference(pane)?;
        Self::at(session.series(pane)?, reference.image, reference.frame)
    }

    pub(super) fn at(series: &'a Series, image: u32, frame: u32) -> Option<Self> {
        let (format, _) = frame_attributes(series, image, frame).ok()?;
        let plane = series.images.get(usize::try_from(image).ok()?)?.plane(frame)?;
        series.frame_of_reference_uid.as_ref().filter(|uid| !uid.is_empty())?;
        Some(Self { series, plane, geometry: ImageGeometry::of(format) })
    }

    /// The middle of the image in the patient; its first pixel where it has no scale.
    pub(super) fn middle_mm(&self) -> [f64; 3] {
        let middle = [f64::from(self.geometry.columns) / 2.0, f64::from(self.geometry.rows) / 2.0];
        match &self.geometry.spacing {
            Some(spacing) => patient_from_image(self.plane, spacing, middle),
            None => self.plane.position_mm,
        }
    }

    fn shares_space(&self, other: &Self) -> bool {
        self.series.frame_of_reference_uid == other.series.frame_of_reference_uid
    }

    pub(super) fn is_parallel(&self, other: &Self) -> bool {
        dot(normal(self.plane), normal(other.plane)).abs() >= PARALLEL
    }
}

/// By what `follower` follows `leader`; `None` where there is nothing to follow.
#[must_use]
pub fn way(session: &Session, leader: usize, follower: usize) -> Option<Way> {
    session.reference(leader)?;
    session.reference(follower)?;
    let [a, b] = [leader, follower].map(|pane| Lying::of(session, pane));
    let is_placed = a.zip(b).is_some_and(|(a, b)| a.shares_space(&b) && a.is_parallel(&b));
    Some(if is_placed { Way::Position } else { Way::Rank })
}

/// Position in the stack of `follower` of the slice nearest to the one of `leader`, and how far it is, mm.
pub(super) fn nearest_to_slice(
    session: &Session,
    leader: usize,
    follower: usize,
) -> Option<(u32, f64)> {
    nearest(session, follower, Lying::of(session, leader)?.middle_mm())
}

/// The slice of a pane nearest to a point, by the distance along its normal. Of several images in that place (time
/// points, echoes) the one that is as many further as the image shown now is among those in its own.
pub(super) fn nearest(session: &Session, pane: usize, point_mm: [f64; 3]) -> Option<(u32, f64)> {
    let series = session.series(pane)?;
    let stack = session.stack(session.reference(pane)?.series)?;
    let along: Vec<(u32, f64)> = (0..stack.len())
        .filter_map(|position| {
            let (image, frame) = stack.at(position)?;
            let plane = series.images.get(usize::try_from(image).ok()?)?.plane(frame)?;
            let distance_mm = dot(sub(point_mm, plane.position_mm), normal(plane));
            distance_mm.is_finite().then_some((position, distance_mm))
        })
        .collect();
    let (_, nearest_mm) =
        along.iter().copied().min_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))?;
    let now = session.position(pane)?;
    let now_mm = along.iter().find(|(position, _)| *position == now).map(|(_, mm)| *mm);
    let in_place = |place_mm: f64| {
        let same = along.iter().filter(move |(_, mm)| (mm - place_mm).abs() < SAME_PLACE_MM);
        same.map(|(position, _)| *position).collect::<Vec<_>>()
    };
    let turn = now_mm.and_then(|mm| in_place(mm).iter().position(|position| *position == now));
    let candidates = in_place(nearest_mm);
    let chosen = candidates.get(turn.unwrap_or(0)).or(candidates.first())?;
    Some((*chosen, nearest_mm.abs()))
}

/// The view of a pane at a position of its stack.
pub(super) fn at_position(session: &Session, pane: usize, position: u32) -> Option<ViewState> {
    let view = session.view(pane)?;
    let series = view.reference?.series;
    let (image, frame) = session.stack(series)?.at(position)?;
    Some(ViewState { reference: Some(ViewReference { series, image, frame }), ..*view })
}

/// The point of the patient at an image point (pixels) of a frame; `None` where it cannot be told.
#[must_use]
pub fn point_at(series: &Series, [image, frame]: [u32; 2], at: [f64; 2]) -> Option<Point> {
    let lying = Lying::at(series, image, frame)?;
    let at_mm = patient_from_image(lying.plane, lying.geometry.spacing.as_ref()?, at);
    let frame_of_reference_uid = series.frame_of_reference_uid.clone()?;
    at_mm.iter().all(|mm| mm.is_finite()).then_some(Point { frame_of_reference_uid, at_mm })
}

impl Point {
    /// Where the point lies on a frame, in image pixels, and its distance to the slice, mm.
    #[must_use]
    pub fn on(&self, series: &Series, [image, frame]: [u32; 2]) -> Option<([f64; 2], f64)> {
        let lying = Lying::at(series, image, frame)?;
        let is_there = series.frame_of_reference_uid.as_ref() == Some(&self.frame_of_reference_uid);
        let spacing = lying.geometry.spacing.as_ref().filter(|_| is_there)?;
        let (at, distance_mm) = image_from_patient(lying.plane, spacing, self.at_mm);
        Some((at, distance_mm.abs()))
    }
}

/// Brings every other pane of the layout to the slice nearest to a point, where it shares its space.
pub fn show_point(session: &mut Session, from_pane: usize, point: &Point) {
    for pane in (0..session.layout().panes()).filter(|pane| *pane != from_pane) {
        let shares = Lying::of(session, pane).is_some_and(|lying| {
            lying.series.frame_of_reference_uid.as_ref() == Some(&point.frame_of_reference_uid)
        });
        let found = nearest(session, pane, point.at_mm).filter(|_| shares);
        if let Some(view) = found.and_then(|(position, _)| at_position(session, pane, position)) {
            session.place(pane, view);
        }
    }
}
