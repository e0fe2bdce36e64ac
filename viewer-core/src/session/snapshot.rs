use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{MAX_PANES, Session};
use crate::command::{Layout, Tool};
use crate::viewport::{Stack, ViewState};

/// Grows when older snapshots can no longer be read.
const VERSION: u8 = 1;

/// What brings the same view back after a new login or a reload. Holds indices, factors and choices: no
/// name, date, text of the exam or UID.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    version: u8,
    /// Frames of each series: a view of another exam is not applied.
    stack_lengths: Vec<u32>,
    layout: Layout,
    maximised: bool,
    active: usize,
    tool: Tool,
    panes: Vec<ViewState>,
}

/// Why a snapshot was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Written by another version.
    #[error("the saved view is of another version")]
    Version,
    /// Of another exam, or the exam changed.
    #[error("the saved view does not fit this exam")]
    OtherExam,
}

impl Session {
    /// What is needed to come back to this view.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            version: VERSION,
            stack_lengths: self.stacks.iter().map(Stack::len).collect(),
            layout: self.arrangement.layout,
            maximised: self.arrangement.maximised,
            active: self.arrangement.active,
            tool: self.tool,
            panes: self.arrangement.panes.to_vec(),
        }
    }

    /// Comes back to a saved view; the history begins anew.
    ///
    /// # Errors
    /// [`SnapshotError`] when it is not of this exam; nothing is changed then.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        if snapshot.version != VERSION {
            return Err(SnapshotError::Version);
        }
        if !snapshot.stack_lengths.iter().copied().eq(self.stacks.iter().map(Stack::len)) {
            return Err(SnapshotError::OtherExam);
        }
        let panes = snapshot.layout.panes();
        self.arrangement.layout = snapshot.layout;
        self.arrangement.maximised = snapshot.maximised && panes > 1;
        self.arrangement.active = snapshot.active.min(panes - 1);
        self.tool = snapshot.tool;
        for pane in 0..MAX_PANES {
            let saved = snapshot.panes.get(pane).copied().unwrap_or_default();
            self.arrangement.panes[pane] = self.usable(saved);
        }
        self.history = super::history::History::default();
        self.fill_empty_panes();
        Ok(())
    }

    fn usable(&self, saved: ViewState) -> ViewState {
        let reference = saved.reference.filter(|r| {
            self.stack(r.series).and_then(|stack| stack.position(r.image, r.frame)).is_some()
        });
        ViewState { reference, presentation: saved.presentation.sanitised(), data: saved.data }
    }
}
