use super::annotation::settle;
use super::{ImageFacts, Kind};
use crate::geometry::Affine2;

/// Canvas pixels between two points of an outline drawn in one go.
const TRACE_STEP_PX: f64 = 2.0;

/// An annotation that is being drawn: points that are placed, and one that follows the pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What it becomes.
    pub kind: Kind,
    placed: Vec<[f64; 2]>,
    /// Where the next point would be.
    next: [f64; 2],
    /// A step down the canvas, in image points: how a plumb line hangs.
    down: [f64; 2],
}

impl Draft {
    /// Begins with a first point. `canvas_from_image` says how the image lies.
    #[must_use]
    pub fn begin(kind: Kind, at: [f64; 2], canvas_from_image: &Affine2) -> Self {
        let back = canvas_from_image.inverse().unwrap_or(Affine2::IDENTITY);
        let down = [back.xy, back.yy].map(|step| step * 100.0);
        Self { kind, placed: vec![at], next: at, down }
    }

    /// The pointer is there now.
    pub fn moved(&mut self, to: [f64; 2]) {
        self.next = to;
    }

    /// Places a point.
    pub fn place(&mut self, at: [f64; 2]) {
        let [_, most] = self.kind.point_counts();
        self.next = at;
        if self.placed.len() < most {
            self.placed.push(at);
        }
    }

    /// The pointer draws: outlines take a point wherever it went far enough.
    pub fn trace(&mut self, to: [f64; 2], canvas_from_image: &Affine2) {
        self.next = to;
        let [a, b] = [self.placed.last().copied().unwrap_or(to), to];
        let [from_px, to_px] = [a, b].map(|point| canvas_from_image.apply(point));
        let far = (to_px[0] - from_px[0]).hypot(to_px[1] - from_px[1]) >= TRACE_STEP_PX;
        if self.kind == Kind::Freehand && far {
            self.place(to);
        }
    }

    /// Whether a point within `reach_px` of the canvas ends it: at its last point again, or at the first of an
    /// outline.
    #[must_use]
    pub fn is_near_end(&self, at: [f64; 2], reach_px: f64, canvas_from_image: &Affine2) -> bool {
        let [x, y] = canvas_from_image.apply(at);
        let is_near = |point: &[f64; 2]| {
            let [end_x, end_y] = canvas_from_image.apply(*point);
            (end_x - x).hypot(end_y - y) <= reach_px
        };
        let first = self.placed.first().filter(|_| self.kind.is_region());
        self.placed.last().is_some_and(is_near) || first.is_some_and(is_near)
    }

    /// Takes the last placed point back; `false` where it was the only one.
    pub fn take_back(&mut self) -> bool {
        self.placed.pop();
        !self.placed.is_empty()
    }

    /// How many points are placed.
    #[must_use]
    pub fn placed(&self) -> usize {
        self.placed.len()
    }

    /// Whether it has all the points that it can have.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let [_, most] = self.kind.point_counts();
        // The end of a plumb line comes by itself.
        self.placed.len() + usize::from(self.kind == Kind::PlumbLine) >= most
    }

    /// Whether it may end here.
    #[must_use]
    pub fn can_end(&self) -> bool {
        let [fewest, _] = self.kind.point_counts();
        self.is_full() || self.placed.len() >= fewest
    }

    /// All points as they would be if it ended at the pointer.
    #[must_use]
    pub fn points(&self, facts: &ImageFacts<'_>) -> Vec<[f64; 2]> {
        let next = (!self.is_full()).then_some(self.next);
        self.completed(facts, self.placed.iter().copied().chain(next).collect())
    }

    /// All points where it ends with those that are placed; `None` for too few of them, or all in one place.
    #[must_use]
    pub fn ended(&self, facts: &ImageFacts<'_>) -> Option<Vec<[f64; 2]>> {
        let is_spread = self.placed.len() < 2 || self.placed.iter().any(|p| *p != self.placed[0]);
        (self.can_end() && is_spread).then(|| self.completed(facts, self.placed.clone()))
    }

    fn completed(&self, facts: &ImageFacts<'_>, mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
        if let (Kind::PlumbLine, Some(&[x, y])) = (self.kind, points.first()) {
            points.insert(1, [x + self.down[0], y + self.down[1]]);
        }
        settle(self.kind, facts, &[], &mut points, None);
        points
    }
}
