//! What keys do: everything that a hand does.

use viewer_core::annotate::Grip;

use super::Desk;
use crate::words;

/// Image pixels an arrow moves, and with Shift.
const STEP: f64 = 1.0;
const LONG_STEP: f64 = 10.0;
/// CSS pixels within which a point is placed on another by key.
const SAME_PX: f64 = 0.5;

/// A key with what is held down beside it.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// `KeyboardEvent.key`.
    pub key: &'a str,
    /// Shift.
    pub shift: bool,
    /// Ctrl or ⌘.
    pub control: bool,
}

impl Desk {
    /// Takes a key, with the keyboard in a pane and maybe on an annotation in it. `false` where the key is not for
    /// measuring.
    pub fn key(&mut self, key: Key<'_>, pane: usize, focused: Option<u32>) -> bool {
        if key.control {
            return self.control_key(key, focused);
        }
        if let Some(id) = focused {
            return self.key_on(key, pane, id);
        }
        if self.kind.is_none() {
            return false;
        }
        match key.key {
            "Enter" => self.enter(pane),
            "Escape" => {
                let had_cursor = self.cursor.take().is_some();
                self.cancel() || had_cursor
            }
            "Backspace" if self.drawn.is_some() => {
                let has_left = self.drawn.as_mut().is_some_and(|drawn| drawn.draft.take_back());
                if !has_left {
                    self.drawn = None;
                }
                true
            }
            _ => self.move_cursor(key, pane),
        }
    }

    fn control_key(&mut self, key: Key<'_>, focused: Option<u32>) -> bool {
        let is_ours = self.kind.is_some() || focused.is_some();
        let is_undo = match key.key {
            "z" | "Z" => !key.shift,
            "y" | "Y" => false,
            _ => return false,
        };
        if is_ours {
            self.step(is_undo);
        }
        is_ours
    }

    /// Shows where the keyboard points, then places points there.
    fn enter(&mut self, pane: usize) -> bool {
        let Some((_, at)) = self.cursor.filter(|(at, _)| *at == pane) else {
            let middle = self.panes.get(&pane).and_then(|shown| {
                let back = shown.canvas_from_image.inverse()?;
                Some(back.apply(shown.size_px.map(|side| side / 2.0)))
            });
            // The middle of a pixel: each step then goes to the middle of another.
            self.cursor = middle.map(|at| (pane, at.map(|c| c.floor() + 0.5)));
            self.said = words::cursor(self.lang);
            return self.cursor.is_some();
        };
        match (&self.drawn, self.kind) {
            (Some(_), _) => self.place(at, SAME_PX),
            (None, Some(kind)) => {
                self.begin(pane, kind, at);
                if self.drawn.as_ref().is_some_and(|drawn| drawn.draft.is_full()) {
                    self.finish();
                } else {
                    self.said = words::point_placed(self.lang, 1);
                }
            }
            _ => {}
        }
        if let Some(drawn) = &self.drawn {
            self.said = words::point_placed(self.lang, drawn.draft.placed());
        }
        true
    }

    fn move_cursor(&mut self, key: Key<'_>, pane: usize) -> bool {
        let Some((_, at)) = self.cursor.filter(|(at, _)| *at == pane) else { return false };
        let Some(step) = self.arrow(key, pane) else { return false };
        let Some(facts) = self.facts(pane) else { return false };
        let size = [f64::from(facts.format.columns), f64::from(facts.format.rows)];
        let to = [0, 1].map(|axis| (at[axis] + step[axis]).max(0.5).min(size[axis] - 0.5));
        self.cursor = Some((pane, to));
        if let Some(drawn) = self.drawn.as_mut().filter(|drawn| drawn.pane == pane) {
            drawn.draft.moved(to);
        }
        true
    }

    fn key_on(&mut self, key: Key<'_>, pane: usize, id: u32) -> bool {
        self.select(Some(id));
        match key.key {
            "Delete" | "Backspace" => self.remove(id),
            "Enter" => self.next_handle(pane, id),
            "Escape" => {
                let had_handle = matches!(self.selected, Some((_, Some(_))));
                self.selected = had_handle.then_some((id, None));
                return had_handle;
            }
            _ => {
                let Some(step) = self.arrow(key, pane) else { return false };
                self.nudge(pane, id, step);
                self.say(id);
            }
        }
        true
    }

    /// The next point is the one that arrows move; after the last, all of it.
    fn next_handle(&mut self, pane: usize, id: u32) {
        let handles = self.handles(pane, id);
        let now = self.selected.and_then(|(_, handle)| handle);
        let place = now.and_then(|now| handles.iter().position(|handle| *handle == now));
        let next = handles.get(place.map_or(0, |place| place + 1)).copied();
        self.selected = Some((id, next));
        let number = next.and_then(|next| handles.iter().position(|handle| *handle == next));
        self.said = words::handle(self.lang, number.map(|number| number + 1), handles.len());
    }

    fn handles(&self, pane: usize, id: u32) -> Vec<usize> {
        let seen = self.seen(pane);
        let found = seen.into_iter().find(|(item, _)| item.id == id);
        let drawing = found.and_then(|(item, points)| self.drawing(pane, item.kind, &points));
        drawing
            .map(|drawing| drawing.handles.iter().map(|(index, _)| *index).collect())
            .unwrap_or_default()
    }

    fn nudge(&mut self, pane: usize, id: u32, step: [f64; 2]) {
        let handle = self.selected.and_then(|(_, handle)| handle);
        let found = self.seen(pane).into_iter().find(|(item, _)| item.id == id);
        let Some((_, mut points)) = found else { return };
        for (index, point) in points.iter_mut().enumerate() {
            if handle.is_none_or(|handle| handle == index) {
                *point = [point[0] + step[0], point[1] + step[1]];
            }
        }
        let grip = handle.map_or(Grip::Whole, Grip::Handle);
        self.put_points(pane, id, points, grip);
    }

    /// The step of an arrow: along the screen, by whole image pixels.
    fn arrow(&self, key: Key<'_>, pane: usize) -> Option<[f64; 2]> {
        let [x, y] = match key.key {
            "ArrowLeft" => [-1.0, 0.0],
            "ArrowRight" => [1.0, 0.0],
            "ArrowUp" => [0.0, -1.0],
            "ArrowDown" => [0.0, 1.0],
            _ => return None,
        };
        let back = self.panes.get(&pane)?.canvas_from_image.inverse()?;
        let step = [back.xx * x + back.xy * y, back.yx * x + back.yy * y];
        let size = step[0].abs().max(step[1].abs());
        let length = if key.shift { LONG_STEP } else { STEP };
        Some(step.map(|part| (part / size * length).round()))
    }
}
