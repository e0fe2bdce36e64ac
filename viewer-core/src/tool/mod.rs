//! From what hands do to [`crate::command::Command`]s.
//!
//! | input | does |
//! |---|---|
//! | wheel | scrolls; with Ctrl, and a touch pad pinch: zooms to the pointer |
//! | left drag | the active tool |
//! | right drag | window: right is wider, down is darker |
//! | middle drag | pans |
//! | double click | shows the pane alone, or all again |
//! | one finger | the active tool (scrolling, unless another was chosen) |
//! | two fingers | pinch and pan; turned far enough, a quarter turn |
//! | double tap | fits |
//! | long press, then drag | window |
//! | keys | see [`BINDINGS`] |
//!
//! [`Recogniser`] holds what is under way (buttons down, fingers, half a wheel step) and nothing else.
//! Points and sizes are device pixels of the canvas of the pane that [`ToolContext`] describes.

mod drag;
mod input;
mod keys;
mod recogniser;
mod wheel;

pub use input::{Button, InputEvent, Modifiers, PointerKind, ToolContext, WheelUnit};
pub use keys::{BINDINGS, Binding, KeyMap, named};
pub use recogniser::Recogniser;
