use super::MAX_PANES;
use crate::command::Layout;
use crate::viewport::ViewState;

/// What undo goes back to: panes and what they show. Positions in a series are not undone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Arrangement {
    pub(super) layout: Layout,
    /// The active pane is shown alone.
    pub(super) maximised: bool,
    pub(super) active: usize,
    /// Those past the layout keep what they showed.
    pub(super) panes: [ViewState; MAX_PANES],
}

impl Arrangement {
    /// Whether the two differ in more than position and active pane.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let same_look = |(a, b): (&ViewState, &ViewState)| {
            a.presentation == b.presentation
                && a.data == b.data
                && a.reference.map(|r| r.series) == b.reference.map(|r| r.series)
        };
        self.layout == other.layout
            && self.maximised == other.maximised
            && self.panes.iter().zip(&other.panes).all(same_look)
    }

    /// This arrangement at the positions of `now`, where a pane shows the same series.
    pub(super) fn at_positions_of(mut self, now: &Self) -> Self {
        for (pane, now) in self.panes.iter_mut().zip(&now.panes) {
            if pane.reference.map(|r| r.series) == now.reference.map(|r| r.series) {
                pane.reference = now.reference;
            }
        }
        self
    }
}
