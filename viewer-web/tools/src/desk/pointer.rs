//! What a hand does. Points are CSS pixels from the corner of the pane.

use viewer_core::annotate::{Annotation, Draft, Grip, Kind};

use super::{Desk, Drawn, Held};

/// CSS pixels a pointer may move while a click stays a click.
const SLOP_PX: f64 = 4.0;

impl Desk {
    /// A button or finger went down. `reach_px`: how near counts as on. `false` where it is not for measuring.
    pub fn down(&mut self, pane: usize, at_px: [f64; 2], reach_px: f64) -> bool {
        let (Some(kind), Some(at)) = (self.kind, self.image_point(pane, at_px)) else {
            return false;
        };
        self.cursor = None;
        if let Some(drawn) = self.drawn.as_mut().filter(|drawn| drawn.pane == pane) {
            let is_second_line = drawn.draft.kind.has_two_lines() && drawn.draft.placed() == 2;
            drawn.draft.moved(at);
            drawn.pressed = Some((at_px, is_second_line));
            if is_second_line {
                drawn.draft.place(at);
            }
            return true;
        }
        self.drawn = None;
        if !self.take_hold(pane, at_px, reach_px, at) {
            self.select(None);
            self.begin(pane, kind, at);
            if let Some(drawn) = &mut self.drawn {
                drawn.pressed = Some((at_px, true));
            }
        }
        true
    }

    /// A pointer moved, with or without its button.
    pub fn moved(&mut self, pane: usize, at_px: [f64; 2]) {
        let Some(at) = self.image_point(pane, at_px) else { return };
        if self.held.as_ref().is_some_and(|held| held.pane == pane) {
            self.drag(at);
            return;
        }
        let Some(map) = self.panes.get(&pane).map(|shown| shown.canvas_from_image) else { return };
        if let Some(drawn) = self.drawn.as_mut().filter(|drawn| drawn.pane == pane) {
            match drawn.pressed {
                Some(_) => drawn.draft.trace(at, &map),
                None => drawn.draft.moved(at),
            }
        }
    }

    /// The button or finger went up.
    pub fn up(&mut self, pane: usize, at_px: [f64; 2], reach_px: f64) {
        if let Some(held) = self.held.take() {
            self.store.end_gesture();
            self.say(held.id);
            return;
        }
        let Some(at) = self.image_point(pane, at_px) else { return };
        let Some(drawn) = self.drawn.as_mut().filter(|drawn| drawn.pane == pane) else { return };
        let Some((pressed_px, is_first)) = drawn.pressed.take() else { return };
        let is_drag = (at_px[0] - pressed_px[0]).hypot(at_px[1] - pressed_px[1]) > SLOP_PX;
        match (drawn.draft.kind, is_first) {
            (Kind::Freehand, _) => return self.finish(),
            (_, true) if drawn.draft.is_full() => return self.finish(),
            (_, true) if !is_drag => return,
            _ => {}
        }
        self.place(at, reach_px);
    }

    /// Places a point of the draft; at its last point again, or for outlines at the first, it ends.
    pub(super) fn place(&mut self, at: [f64; 2], reach_px: f64) {
        let Some(drawn) = &mut self.drawn else { return };
        let Some(shown) = self.panes.get(&drawn.pane) else { return };
        let map = shown.canvas_from_image;
        let [fewest, most] = drawn.draft.kind.point_counts();
        let is_open = fewest != most && drawn.draft.placed() >= fewest;
        if is_open && drawn.draft.is_near_end(at, reach_px, &map) {
            return self.finish();
        }
        drawn.draft.place(at);
        if drawn.draft.is_full() {
            self.finish();
        }
    }

    pub(super) fn begin(&mut self, pane: usize, kind: Kind, at: [f64; 2]) {
        let Some(shown) = self.panes.get(&pane) else { return };
        let draft = Draft::begin(kind, at, &shown.canvas_from_image);
        self.drawn = Some(Drawn { pane, draft, pressed: None });
    }

    /// Keeps what is drawn, if it is enough.
    pub(super) fn finish(&mut self) {
        let Some(drawn) = self.drawn.take() else { return };
        let annotation = self.facts(drawn.pane).and_then(|facts| {
            let points = drawn.draft.ended(&facts)?;
            Some(Annotation::new(drawn.draft.kind, &facts, &points))
        });
        if let Some(id) = annotation.and_then(|annotation| self.store.add(annotation)) {
            self.selected = Some((id, None));
            self.added = Some(id);
        }
    }

    /// Takes hold of what is there: what is selected first.
    fn take_hold(&mut self, pane: usize, at_px: [f64; 2], reach_px: f64, from: [f64; 2]) -> bool {
        let mut seen = self.seen(pane);
        let selected = self.selected.map(|(id, _)| id);
        seen.sort_by_key(|(item, _)| (Some(item.id) != selected, std::cmp::Reverse(item.id)));
        let found = seen.into_iter().find_map(|(item, points)| {
            let grip = self.drawing(pane, item.kind, &points)?.grip(at_px, reach_px)?;
            Some(Held { pane, id: item.id, grip, from, points })
        });
        let Some(held) = found else { return false };
        self.store.begin_gesture(held.id);
        let handle = match held.grip {
            Grip::Handle(index) => Some(index),
            Grip::Whole => None,
        };
        self.selected = Some((held.id, handle));
        self.held = Some(held);
        true
    }

    fn drag(&mut self, at: [f64; 2]) {
        let Some(held) = self.held.clone() else { return };
        let step = [at[0] - held.from[0], at[1] - held.from[1]];
        let moved = |[x, y]: [f64; 2]| [x + step[0], y + step[1]];
        let points = held.points.iter().enumerate().map(|(index, &point)| match held.grip {
            Grip::Handle(handle) if handle != index => point,
            _ => moved(point),
        });
        self.put_points(held.pane, held.id, points.collect(), held.grip);
    }

    /// Gives an annotation other points, told on the image of a pane.
    pub(super) fn put_points(&mut self, pane: usize, id: u32, points: Vec<[f64; 2]>, grip: Grip) {
        let moved = match grip {
            Grip::Handle(index) => Some(index),
            Grip::Whole => None,
        };
        let changed = self
            .facts(pane)
            .and_then(|facts| Some(self.store.get(id)?.with_image_points(&facts, points, moved)));
        if let Some(changed) = changed {
            self.store.replace(changed);
        }
    }

    fn image_point(&self, pane: usize, at_px: [f64; 2]) -> Option<[f64; 2]> {
        let shown = self.panes.get(&pane)?;
        Some(shown.canvas_from_image.inverse()?.apply(at_px))
    }
}
