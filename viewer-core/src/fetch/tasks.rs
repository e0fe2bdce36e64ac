use super::RequestId;

/// A fetch or a decode under way.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) id: RequestId,
    /// Slot of its frame.
    pub(super) index: usize,
    /// When it was asked for; of a fetch, when its answer began.
    pub(super) since_ms: f64,
    pub(super) is_answered: bool,
}

/// What is under way, in the order it was started: a few at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks(pub(super) Vec<Task>);

impl Tasks {
    pub(super) fn start(&mut self, id: RequestId, index: usize, now_ms: f64) {
        self.0.push(Task { id, index, since_ms: now_ms, is_answered: false });
    }

    /// The answer to a fetch begins: when it was asked for, the first time.
    pub(super) fn answered(&mut self, id: RequestId, now_ms: f64) -> Option<f64> {
        let task = self.0.iter_mut().find(|task| task.id == id && !task.is_answered)?;
        task.is_answered = true;
        Some(std::mem::replace(&mut task.since_ms, now_ms))
    }

    /// A task is over; `None` where it was taken back before.
    pub(super) fn take(&mut self, id: RequestId) -> Option<Task> {
        let position = self.0.iter().position(|task| task.id == id)?;
        Some(self.0.remove(position))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
