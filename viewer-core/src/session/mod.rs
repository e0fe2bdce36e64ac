//! The state of the page: what each pane shows, which tool is active, what can be undone.
//!
//! [`Session`] is changed by [`crate::command::Command`]s only; everything on the screen derives from
//! it. [`Snapshot`] is the part that survives a new login: no patient data, no UID.

mod arrangement;
mod change;
mod cine;
mod history;
mod snapshot;
mod store;

use crate::command::Layout;

pub use cine::CineState;
pub use snapshot::{Snapshot, SnapshotError};
pub use store::Session;

/// Most panes a layout has.
pub const MAX_PANES: usize = Layout::MOST_PANES;
