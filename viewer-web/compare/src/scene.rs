//! What is drawn over the panes, and said of them.

use serde::Serialize;
use viewer_core::compare::{Slice, Way, cut, way};
use viewer_core::exam::{ImagePlane, Series};

use crate::desk::{Desk, Drawn};

/// Half of the least thickness that a slice counts with, mm.
const LEAST_REACH_MM: f64 = 0.5;

/// One pane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaneScene {
    /// Its number.
    pub pane: usize,
    /// Which exam its series is of: 0 for the one that was opened.
    pub exam: u8,
    /// Whether the patient of that exam is another one by some trait.
    pub is_other_patient: bool,
    /// Both ends of the line where the active pane's slice cuts this one, CSS pixels.
    pub line: Option<[[f64; 2]; 2]>,
    /// Where the cursor lies, CSS pixels.
    pub cross: Option<[f64; 2]>,
    /// By what it follows the active pane: `position` or `rank`; none for the active pane and for single images.
    pub way: Option<&'static str>,
    /// How far its slice is from the active pane's, mm, where that is more than its slices are from each other.
    pub gap_mm: Option<f64>,
    /// Whether it shows its image mirrored.
    pub is_mirrored: bool,
}

impl Desk {
    /// All panes of the layout.
    #[must_use]
    pub fn scene(&self) -> Vec<PaneScene> {
        (0..self.session.layout().panes()).map(|pane| self.pane_scene(pane)).collect()
    }

    fn pane_scene(&self, pane: usize) -> PaneScene {
        let leader = self.session.active_pane();
        let follows = pane != leader && self.session.stack_length(pane) > 1;
        let is_linked = follows && self.links().scroll;
        let way = way(&self.session, leader, pane).filter(|_| is_linked);
        let view = self.session.view(pane);
        let exam = self.session.series(pane).map(|series| series.exam).unwrap_or_default();
        let identity = self.identity(exam);
        PaneScene {
            pane,
            exam: exam.number(),
            is_other_patient: identity.is_some_and(|(.., differing)| !differing.is_empty()),
            line: self.line(leader, pane),
            cross: self.cross(pane),
            way: way.map(|way| match way {
                Way::Position => "position",
                Way::Rank => "rank",
            }),
            gap_mm: way.and_then(|_| self.wide_gap_mm(leader, pane)),
            is_mirrored: view.is_some_and(|view| view.presentation.mirrored),
        }
    }

    fn wide_gap_mm(&self, leader: usize, pane: usize) -> Option<f64> {
        let slices = self.session.series(pane)?.slices.as_ref();
        let spacing_mm = slices.and_then(|slices| slices.spacing_mm).unwrap_or(1.0);
        self.linked.gap_mm(&self.session, leader, pane).filter(|gap_mm| *gap_mm > spacing_mm)
    }

    fn line(&self, leader: usize, pane: usize) -> Option<[[f64; 2]; 2]> {
        if !self.has_lines || pane == leader {
            return None;
        }
        let (from, on) = (self.drawn(leader)?, self.drawn(pane)?);
        let ends = cut(&self.slice(from)?, &self.slice(on)?)?;
        Some(ends.map(|end| on.css_from_image.apply(end)))
    }

    fn drawn(&self, pane: usize) -> Option<&Drawn> {
        self.drawn.get(pane)?.as_ref()
    }

    fn series(&self, drawn: &Drawn) -> Option<&Series> {
        self.session.exam().series.get(usize::try_from(drawn.reference.series).ok()?)
    }

    fn slice(&self, drawn: &Drawn) -> Option<Slice> {
        let reference = drawn.reference;
        Slice::of(self.series(drawn)?, [reference.image, reference.frame])
    }

    /// Where the cursor lies in a pane whose slice it is in.
    pub(crate) fn cross(&self, pane: usize) -> Option<[f64; 2]> {
        let (point, drawn) = self.point.as_ref().zip(self.drawn(pane))?;
        let series = self.series(drawn)?;
        let reference = drawn.reference;
        let (at, distance_mm) = point.on(series, [reference.image, reference.frame])?;
        let image = series.images.get(usize::try_from(reference.image).ok()?)?;
        let format = series.formats.get(usize::from(image.format))?;
        let size = [format.columns, format.rows].map(f64::from);
        let is_inside = at.iter().zip(size).all(|(at, side)| (0.0..=side).contains(at));
        let reach_mm = reach_mm(series, image.plane(reference.frame)?);
        (is_inside && distance_mm <= reach_mm).then(|| drawn.css_from_image.apply(at))
    }
}

/// How far from the middle of a slice a point is still its own: half of its thickness, or of the way to the next.
fn reach_mm(series: &Series, plane: &ImagePlane) -> f64 {
    let spacing_mm = series.slices.as_ref().and_then(|slices| slices.spacing_mm);
    let widest_mm = plane.thickness_mm.unwrap_or(0.0).max(spacing_mm.unwrap_or(0.0));
    (widest_mm / 2.0).max(LEAST_REACH_MM) + 1e-6
}
