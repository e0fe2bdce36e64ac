//! Several panes side by side: what moves together, where slices cut each other, one point in all panes, and which
//! images are put beside each other to begin with.
//!
//! All of it reads a [`Session`](crate::session::Session) and changes nothing but its panes. Two panes share a space
//! of the patient where both name the same Frame of Reference and both images have a plane (PS3.3 C.7.4.1).

mod beside;
mod counterpart;
mod cut;
mod facing;
mod hanging;
mod identity;
mod linked;
mod place;
mod view;
mod view_of;

pub use beside::{Beside, Told};
pub use counterpart::{show_alone, show_beside};
pub use cut::{Slice, cut};
pub use facing::Facing;
pub use hanging::{
    PROTOCOLS, Panes, Protocol, Side, Slot, View, automatic, hang, layout_for, matching, plain,
};
pub use identity::{Trait, differing};
pub use linked::{Linked, Links};
pub use place::{Point, Way, point_at, show_point, way};
