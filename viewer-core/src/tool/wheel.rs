//! Wheel and touch pad.

use super::{Modifiers, ToolContext, WheelUnit};
use crate::command::Command;

/// CSS pixels one notch of a mouse wheel comes with, at least.
const NOTCH_CSS_PX: f64 = 80.0;
/// CSS pixels of a smooth touch pad for one image.
const SMOOTH_CSS_PX_PER_FRAME: f64 = 30.0;
/// Lines one notch comes with.
const LINES_PER_NOTCH: f64 = 3.0;
/// How much one notch enlarges.
const ZOOM_PER_NOTCH: f64 = 1.15;
/// How much one CSS pixel of a touch pad pinch enlarges (natural logarithm).
const ZOOM_PER_SMOOTH_PX: f64 = 0.01;

/// Keeps the part of a wheel step that did not make a whole image yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wheel {
    rest_frames: f64,
}

/// One event in notches of a mouse wheel, or in pixels of a touch pad.
enum Turn {
    Notches(f64),
    Smooth(f64),
}

impl Wheel {
    pub(super) fn turned(
        &mut self,
        at_px: [f64; 2],
        delta_y: f64,
        unit: WheelUnit,
        modifiers: Modifiers,
        context: &ToolContext,
    ) -> Option<Command> {
        if !delta_y.is_finite() || delta_y == 0.0 {
            return None;
        }
        let turn = Turn::of(delta_y, unit);
        if modifiers.control {
            self.rest_frames = 0.0;
            return Some(Command::ZoomAt { pane: context.pane, factor: turn.factor(), at_px });
        }
        self.scrolled(turn.frames(), context.pane)
    }

    fn scrolled(&mut self, frames: f64, pane: usize) -> Option<Command> {
        if self.rest_frames * frames < 0.0 {
            self.rest_frames = 0.0;
        }
        let sum = (self.rest_frames + frames).clamp(-1e6, 1e6);
        self.rest_frames = sum.fract();
        let whole = sum.trunc() as i32;
        (whole != 0).then_some(Command::ScrollBy { pane, frames: whole })
    }
}

impl Turn {
    fn of(delta_y: f64, unit: WheelUnit) -> Self {
        match unit {
            WheelUnit::Page => Self::Notches(delta_y),
            WheelUnit::Line => Self::Notches(delta_y / LINES_PER_NOTCH),
            WheelUnit::Pixel if delta_y.abs() >= NOTCH_CSS_PX => Self::Notches(
                (delta_y.abs() / (1.5 * NOTCH_CSS_PX)).round().max(1.0).copysign(delta_y),
            ),
            WheelUnit::Pixel => Self::Smooth(delta_y),
        }
    }

    fn frames(&self) -> f64 {
        match self {
            Self::Notches(notches) => *notches,
            Self::Smooth(px) => px / SMOOTH_CSS_PX_PER_FRAME,
        }
    }

    /// Down makes smaller.
    fn factor(&self) -> f64 {
        match self {
            Self::Notches(notches) => ZOOM_PER_NOTCH.powf(-notches.clamp(-10.0, 10.0)),
            Self::Smooth(px) => (-px * ZOOM_PER_SMOOTH_PX).exp(),
        }
    }
}
