use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{MAX_PANES, Session};
use crate::command::{Layout, Tool};
use crate::viewport::{Stack, ViewReference, ViewState};

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

    /// Comes back to a saved view; the history begins anew. `false` where it is a view of more exams than are here: what
    /// there is of it is shown, and it is to be asked for again when they are ([`Self::grow`]).
    ///
    /// # Errors
    /// [`SnapshotError`] when it is not of this exam; nothing is changed then.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<bool, SnapshotError> {
        self.check(snapshot, |theirs, ours| theirs.starts_with(ours))?;
        self.take_over(snapshot);
        self.tool = snapshot.tool;
        self.history = super::history::History::default();
        self.fill_empty_panes();
        Ok(snapshot.stack_lengths.len() == self.stacks.len())
    }

    /// Takes over layout and panes that were worked out elsewhere from this very view; tool and history stay, so
    /// that within a gesture it is part of its step of undo.
    ///
    /// # Errors
    /// [`SnapshotError`] when it is not of this exam; nothing is changed then.
    pub fn adopt(&mut self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.check(snapshot, |theirs, ours| theirs == ours)?;
        let before = self.arrangement;
        self.take_over(snapshot);
        for pane in 0..MAX_PANES {
            let (then, now) = (before.panes[pane].reference, self.reference(pane));
            if then.map(|then| then.series) != now.map(|now| now.series) {
                self.directions[pane] = 0;
                self.cine[pane] = super::CineState::default();
            } else if then != now {
                let place = |at: Option<ViewReference>| {
                    at.and_then(|at| self.stack(at.series)?.position(at.image, at.frame))
                };
                self.directions[pane] = if place(now) > place(then) { 1 } else { -1 };
            }
        }
        self.stop_hidden_cine();
        Ok(())
    }

    fn check(
        &self,
        snapshot: &Snapshot,
        fits: fn(&Vec<u32>, &[u32]) -> bool,
    ) -> Result<(), SnapshotError> {
        if snapshot.version != VERSION {
            return Err(SnapshotError::Version);
        }
        let lengths: Vec<u32> = self.stacks.iter().map(Stack::len).collect();
        if !fits(&snapshot.stack_lengths, &lengths) {
            return Err(SnapshotError::OtherExam);
        }
        Ok(())
    }

    fn take_over(&mut self, snapshot: &Snapshot) {
        let panes = snapshot.layout.panes();
        self.arrangement.layout = snapshot.layout;
        self.arrangement.maximised = snapshot.maximised && panes > 1;
        self.arrangement.active = snapshot.active.min(panes - 1);
        for pane in 0..MAX_PANES {
            let saved = snapshot.panes.get(pane).copied().unwrap_or_default();
            self.arrangement.panes[pane] = self.usable(saved);
        }
    }

    fn usable(&self, saved: ViewState) -> ViewState {
        let reference = saved.reference.filter(|r| {
            self.stack(r.series).and_then(|stack| stack.position(r.image, r.frame)).is_some()
        });
        ViewState { reference, presentation: saved.presentation.sanitised(), data: saved.data }
    }
}
