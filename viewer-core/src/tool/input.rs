use crate::command::Tool;
use crate::viewport::UserWindow;

/// What a pointer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PointerKind {
    /// Mouse, touch pad, or pen: has buttons.
    #[default]
    Mouse,
    /// A finger.
    Touch,
}

/// Which button went down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Button {
    /// Left, finger or pen tip.
    #[default]
    Primary,
    /// Middle, or the wheel.
    Auxiliary,
    /// Right.
    Secondary,
}

/// Keys held down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// Ctrl, or ⌘ where that is what people use.
    pub control: bool,
    /// Shift.
    pub shift: bool,
    /// Alt.
    pub alt: bool,
}

/// Unit of a wheel event (`WheelEvent.deltaMode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WheelUnit {
    /// CSS pixels.
    Pixel,
    /// Lines of text.
    Line,
    /// Pages.
    Page,
}

/// What a person did, on the canvas of the pane under the pointer (keys: the active pane).
#[derive(Clone, Debug, PartialEq)]
pub enum InputEvent {
    /// A button or finger went down.
    PointerDown {
        /// `PointerEvent.pointerId`.
        id: i32,
        /// Mouse or finger.
        kind: PointerKind,
        /// Which button.
        button: Button,
        /// Canvas point.
        at_px: [f64; 2],
        /// Any clock that never goes back.
        time_ms: f64,
    },
    /// It moved while down.
    PointerMove {
        /// `PointerEvent.pointerId`.
        id: i32,
        /// Canvas point, also outside the canvas.
        at_px: [f64; 2],
        /// Same clock.
        time_ms: f64,
    },
    /// It went up.
    PointerUp {
        /// `PointerEvent.pointerId`.
        id: i32,
        /// Canvas point.
        at_px: [f64; 2],
        /// Same clock.
        time_ms: f64,
    },
    /// The browser took it away.
    PointerCancel {
        /// `PointerEvent.pointerId`.
        id: i32,
    },
    /// The wheel turned, or two fingers moved on a touch pad.
    Wheel {
        /// Canvas point of the pointer.
        at_px: [f64; 2],
        /// Positive is down.
        delta_y: f64,
        /// Unit of `delta_y`.
        unit: WheelUnit,
        /// Keys held (a touch pad pinch comes with Ctrl).
        modifiers: Modifiers,
    },
    /// A key went down (`KeyboardEvent.key`).
    Key {
        /// For example `ArrowDown`, `a`, `?`.
        key: String,
        /// Keys held.
        modifiers: Modifiers,
    },
}

/// What a tool may know: the pane the input goes to, as it is now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToolContext {
    /// Which pane.
    pub pane: usize,
    /// The active tool.
    pub tool: Tool,
    /// Canvas width and height in device pixels.
    pub canvas_size_px: [u32; 2],
    /// Device pixels per CSS pixel, so that a hand's movement counts the same on every screen.
    pub device_pixel_ratio: f64,
    /// Position in the stack, from 0; `None` for an empty pane.
    pub position: Option<u32>,
    /// Frames in the stack.
    pub stack_length: u32,
    /// The window in use; `None` where there is none to change (colour, empty pane).
    pub window: Option<UserWindow>,
}

impl ToolContext {
    /// Device pixels as CSS pixels.
    pub(super) fn css_px(&self, device_px: f64) -> f64 {
        let ratio = self.device_pixel_ratio;
        if ratio.is_finite() && ratio > 0.0 { device_px / ratio } else { device_px }
    }
}
