use super::arrangement::Arrangement;

/// Steps that are kept.
const MOST_STEPS: usize = 200;

/// Undo and redo. A gesture is one step; so are changes of one kind in a row, such as turns of the wheel.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    undo: Vec<Arrangement>,
    redo: Vec<Arrangement>,
    gesture_from: Option<Arrangement>,
    last_kind: Option<Kind>,
}

/// Changes of one kind in a row are one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Zoom(usize),
    Pan(usize),
}

impl History {
    pub(super) fn begin(&mut self, now: &Arrangement) {
        self.gesture_from.get_or_insert(*now);
    }

    pub(super) fn end(&mut self, now: &Arrangement) {
        if let Some(before) = self.gesture_from.take() {
            self.push(&before, now);
            self.last_kind = None;
        }
    }

    /// Where the gesture began.
    pub(super) fn cancel(&mut self) -> Option<Arrangement> {
        self.gesture_from.take()
    }

    /// A change was made outside or inside of a gesture.
    pub(super) fn record(&mut self, before: &Arrangement, now: &Arrangement, kind: Option<Kind>) {
        if self.gesture_from.is_some() || before.looks_like(now) {
            return;
        }
        let goes_on = kind.is_some() && kind == self.last_kind;
        self.last_kind = kind;
        if !goes_on {
            self.push(before, now);
        }
    }

    pub(super) fn undo(&mut self, now: &Arrangement) -> Option<Arrangement> {
        let step = self.undo.pop()?;
        self.redo.push(*now);
        self.last_kind = None;
        Some(step.at_positions_of(now))
    }

    pub(super) fn redo(&mut self, now: &Arrangement) -> Option<Arrangement> {
        let step = self.redo.pop()?;
        self.undo.push(*now);
        self.last_kind = None;
        Some(step.at_positions_of(now))
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub(super) fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    fn push(&mut self, before: &Arrangement, now: &Arrangement) {
        if before.looks_like(now) {
            return;
        }
        if self.undo.len() == MOST_STEPS {
            self.undo.remove(0);
        }
        self.undo.push(*before);
        self.redo.clear();
    }
}
