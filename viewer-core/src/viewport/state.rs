use serde::{Deserialize, Serialize};

use super::{DataPresentation, ViewPresentation, ViewReference};

/// The truth of one pane: where, how it lies, how values become grey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ViewState {
    /// What is shown; `None` for an empty pane.
    pub reference: Option<ViewReference>,
    /// How it lies on the canvas.
    pub presentation: ViewPresentation,
    /// How values become grey.
    pub data: DataPresentation,
}
