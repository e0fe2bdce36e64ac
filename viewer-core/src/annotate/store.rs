use super::{Annotation, Kind};

/// Most annotations of an exam.
pub const MOST_ANNOTATIONS: usize = 500;
/// Steps that can be taken back.
const MOST_STEPS: usize = 200;

/// One step: an annotation before and after, with its number. `None`: it was not there.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    id: u32,
    before: Option<Annotation>,
    after: Option<Annotation>,
}

/// The annotations of an exam, in the order they were made. Each change from outside is one step of undo; a gesture
/// is one, however many changes it was made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    items: Vec<Annotation>,
    last_id: u32,
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// What a gesture changes, as it was before.
    gesture: Option<Annotation>,
}

impl Store {
    /// All of them.
    #[must_use]
    pub fn items(&self) -> &[Annotation] {
        &self.items
    }

    /// One by its number.
    #[must_use]
    pub fn get(&self, id: u32) -> Option<&Annotation> {
        self.items.iter().find(|item| item.id == id)
    }

    /// How many of its kind were made before it, and itself: its name among them.
    #[must_use]
    pub fn ordinal(&self, id: u32) -> usize {
        let kind = self.get(id).map(|item| item.kind);
        self.items.iter().filter(|item| Some(item.kind) == kind && item.id <= id).count()
    }

    /// Adds one and returns its number; `None` where there are too many.
    pub fn add(&mut self, annotation: Annotation) -> Option<u32> {
        self.end_gesture();
        let id = self.insert_new(annotation)?;
        let after = self.get(id).cloned();
        self.record(Step { id, before: None, after });
        Some(id)
    }

    /// Adds those of an earlier page: not a step that can be taken back.
    pub fn restore(&mut self, annotations: impl IntoIterator<Item = Annotation>) {
        for annotation in annotations {
            self.insert_new(annotation);
        }
    }

    fn insert_new(&mut self, annotation: Annotation) -> Option<u32> {
        if self.items.len() >= MOST_ANNOTATIONS {
            return None;
        }
        let id = self.last_id.checked_add(1)?;
        self.last_id = id;
        self.items.push(Annotation { id, ..annotation });
        Some(id)
    }

    /// Puts another in place of the one with the same number.
    pub fn replace(&mut self, annotation: Annotation) {
        let id = annotation.id;
        if self.gesture.as_ref().is_some_and(|before| before.id == id) {
            self.put(id, Some(annotation));
            return;
        }
        self.end_gesture();
        let before = self.get(id).cloned();
        if before.is_some() && before.as_ref() != Some(&annotation) {
            self.put(id, Some(annotation.clone()));
            self.record(Step { id, before, after: Some(annotation) });
        }
    }

    /// Takes one away.
    pub fn remove(&mut self, id: u32) {
        self.end_gesture();
        if let Some(before) = self.get(id).cloned() {
            self.put(id, None);
            self.record(Step { id, before: Some(before), after: None });
        }
    }

    /// Changes of one annotation until [`Self::end_gesture`] are one step.
    pub fn begin_gesture(&mut self, id: u32) {
        self.end_gesture();
        self.gesture = self.get(id).cloned();
    }

    /// Keeps what the gesture did.
    pub fn end_gesture(&mut self) {
        let Some(before) = self.gesture.take() else { return };
        let (id, after) = (before.id, self.get(before.id).cloned());
        if after.as_ref() != Some(&before) {
            self.record(Step { id, before: Some(before), after });
        }
    }

    /// Everything as before the gesture.
    pub fn cancel_gesture(&mut self) {
        if let Some(before) = self.gesture.take() {
            self.put(before.id, Some(before));
        }
    }

    /// Takes the last step back; in the middle of a gesture, that. Returns what it changed.
    pub fn undo(&mut self) -> Option<u32> {
        self.end_gesture();
        let step = self.undo.pop()?;
        self.put(step.id, step.before.clone());
        let id = step.id;
        self.redo.push(step);
        Some(id)
    }

    /// Does the last step again. Returns what it changed.
    pub fn redo(&mut self) -> Option<u32> {
        self.end_gesture();
        let step = self.redo.pop()?;
        self.put(step.id, step.after.clone());
        let id = step.id;
        self.undo.push(step);
        Some(id)
    }

    /// Whether there is a step to take back, and one to do again.
    #[must_use]
    pub fn can_undo_redo(&self) -> [bool; 2] {
        [!self.undo.is_empty(), !self.redo.is_empty()]
    }

    /// Length in mm of a pixel's width by the last calibration line of an image that has a length, given the width of
    /// the line in pixels by `columns_of`.
    #[must_use]
    pub fn user_pixel_mm(
        &self,
        sop_instance_uid: &str,
        columns_of: impl Fn(&Annotation) -> Option<f64>,
    ) -> Option<f64> {
        let is_of_image = |item: &&Annotation| {
            item.kind == Kind::Calibration && item.sop_instance_uid == sop_instance_uid
        };
        self.items.iter().rev().filter(is_of_image).find_map(|item| {
            let pixel_mm = item.known_mm? / columns_of(item)?;
            (pixel_mm.is_finite() && pixel_mm > 0.0).then_some(pixel_mm)
        })
    }

    fn put(&mut self, id: u32, annotation: Option<Annotation>) {
        let place = self.items.partition_point(|item| item.id < id);
        let is_there = self.items.get(place).is_some_and(|item| item.id == id);
        match (annotation, is_there) {
            (Some(annotation), true) => self.items[place] = annotation,
            (Some(annotation), false) => self.items.insert(place, annotation),
            (None, true) => drop(self.items.remove(place)),
            (None, false) => {}
        }
    }

    fn record(&mut self, step: Step) {
        self.redo.clear();
        self.undo.push(step);
        if self.undo.len() > MOST_STEPS {
            self.undo.remove(0);
        }
    }
}
