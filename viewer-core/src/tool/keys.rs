//! Keys: one table that both acts and is shown under `?`.

use super::{Modifiers, ToolContext};
use crate::command::{Command, Tool};
use crate::viewport::{FlipAxis, Zoom};

/// Images a page key scrolls.
const PAGE_FRAMES: i32 = 10;
/// How much the zoom keys enlarge.
const ZOOM_STEP: f64 = 1.25;

/// Which line of the list of keys a binding belongs to; texts are under `keys.<key>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyHelp {
    /// Next and previous image.
    Step,
    /// Ten images on or back.
    Page,
    /// First and last image.
    Ends,
    /// Presets.
    Presets,
    /// Larger and smaller.
    Zoom,
    /// Whole image.
    Fit,
    /// One image pixel per screen pixel.
    OneToOne,
    /// Quarter turns.
    Turn,
    /// Mirrored.
    Flip,
    /// Black and white exchanged.
    Invert,
    /// Overlays on and off.
    Overlays,
    /// Shutter on and off.
    Shutter,
    /// Cine loop.
    Cine,
    /// Everything as opened.
    Reset,
    /// Undo and redo.
    Undo,
    /// Choice of tool.
    Tools,
    /// Pane alone or all.
    Maximise,
    /// Leave.
    Leave,
    /// List of keys.
    Help,
}

impl KeyHelp {
    /// Key in the text catalogue.
    #[must_use]
    pub const fn text_key(self) -> &'static str {
        match self {
            Self::Step => "keys.step",
            Self::Page => "keys.page",
            Self::Ends => "keys.ends",
            Self::Presets => "keys.presets",
            Self::Zoom => "keys.zoom",
            Self::Fit => "keys.fit",
            Self::OneToOne => "keys.one_to_one",
            Self::Turn => "keys.turn",
            Self::Flip => "keys.flip",
            Self::Invert => "keys.invert",
            Self::Overlays => "keys.overlays",
            Self::Shutter => "keys.shutter",
            Self::Cine => "keys.cine",
            Self::Reset => "keys.reset",
            Self::Undo => "keys.undo",
            Self::Tools => "keys.tools",
            Self::Maximise => "keys.maximise",
            Self::Leave => "keys.leave",
            Self::Help => "keys.help",
        }
    }
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// `KeyboardEvent.key`; letters in lower case.
    pub key: &'static str,
    /// Whether Ctrl (⌘) must be held; where not, it must not be.
    pub control: bool,
    /// Which line of the list of keys it belongs to.
    pub help: KeyHelp,
    command: fn(&ToolContext) -> Command,
}

const fn plain(key: &'static str, help: KeyHelp, command: fn(&ToolContext) -> Command) -> Binding {
    Binding { key, control: false, help, command }
}

const fn control(
    key: &'static str,
    help: KeyHelp,
    command: fn(&ToolContext) -> Command,
) -> Binding {
    Binding { key, control: true, help, command }
}

/// Every key, in the order of the list; digits (presets, 0 for the file's own) and Ctrl+Shift+Z come on top.
pub const BINDINGS: &[Binding] = &[
    plain("ArrowDown", KeyHelp::Step, |c| by(c, 1)),
    plain("ArrowRight", KeyHelp::Step, |c| by(c, 1)),
    plain("ArrowUp", KeyHelp::Step, |c| by(c, -1)),
    plain("ArrowLeft", KeyHelp::Step, |c| by(c, -1)),
    plain("PageDown", KeyHelp::Page, |c| by(c, PAGE_FRAMES)),
    plain("PageUp", KeyHelp::Page, |c| by(c, -PAGE_FRAMES)),
    plain("Home", KeyHelp::Ends, |c| Command::ScrollTo { pane: c.pane, position: 0 }),
    plain("End", KeyHelp::Ends, |c| Command::ScrollTo { pane: c.pane, position: u32::MAX }),
    plain("+", KeyHelp::Zoom, |c| zoom(c, ZOOM_STEP)),
    plain("=", KeyHelp::Zoom, |c| zoom(c, ZOOM_STEP)),
    plain("-", KeyHelp::Zoom, |c| zoom(c, 1.0 / ZOOM_STEP)),
    plain("f", KeyHelp::Fit, |c| Command::SetZoom { pane: c.pane, zoom: Zoom::Fit }),
    plain("u", KeyHelp::OneToOne, |c| Command::SetZoom { pane: c.pane, zoom: Zoom::OneToOne }),
    plain("r", KeyHelp::Turn, |c| Command::Turn { pane: c.pane, quarter_turns: 1 }),
    plain("l", KeyHelp::Turn, |c| Command::Turn { pane: c.pane, quarter_turns: -1 }),
    plain("h", KeyHelp::Flip, |c| Command::Flip { pane: c.pane, axis: FlipAxis::Horizontal }),
    plain("v", KeyHelp::Flip, |c| Command::Flip { pane: c.pane, axis: FlipAxis::Vertical }),
    plain("i", KeyHelp::Invert, |c| Command::ToggleInvert { pane: c.pane }),
    plain("o", KeyHelp::Overlays, |c| Command::ToggleOverlays { pane: c.pane }),
    plain("c", KeyHelp::Shutter, |c| Command::ToggleShutter { pane: c.pane }),
    plain(" ", KeyHelp::Cine, |c| Command::ToggleCine { pane: c.pane }),
    plain("Backspace", KeyHelp::Reset, |c| Command::Reset { pane: c.pane }),
    control("z", KeyHelp::Undo, |_| Command::Undo),
    control("y", KeyHelp::Undo, |_| Command::Redo),
    plain("w", KeyHelp::Tools, |_| Command::SelectTool(Tool::Window)),
    plain("p", KeyHelp::Tools, |_| Command::SelectTool(Tool::Pan)),
    plain("z", KeyHelp::Tools, |_| Command::SelectTool(Tool::Zoom)),
    plain("s", KeyHelp::Tools, |_| Command::SelectTool(Tool::Scroll)),
    plain("m", KeyHelp::Maximise, |c| Command::ToggleMaximise { pane: c.pane }),
    plain("Escape", KeyHelp::Leave, |_| Command::Leave),
    plain("?", KeyHelp::Help, |_| Command::ToggleHelp),
];

/// What a key does, `None` where it does nothing and belongs to the browser.
pub(super) fn pressed(key: &str, modifiers: Modifiers, context: &ToolContext) -> Option<Command> {
    if modifiers.alt {
        return None;
    }
    let key = if key.chars().count() == 1 { key.to_lowercase() } else { key.to_owned() };
    if modifiers.control && modifiers.shift && key == "z" {
        return Some(Command::Redo);
    }
    if let (Some(number), false) = (digit(&key), modifiers.control) {
        return Some(Command::PickVoi { pane: context.pane, number });
    }
    let binding = BINDINGS.iter().find(|b| b.key == key && b.control == modifiers.control)?;
    Some((binding.command)(context))
}

fn digit(key: &str) -> Option<u8> {
    match key.as_bytes() {
        [byte] if byte.is_ascii_digit() => Some(byte - b'0'),
        _ => None,
    }
}

fn by(context: &ToolContext, frames: i32) -> Command {
    Command::ScrollBy { pane: context.pane, frames }
}

fn zoom(context: &ToolContext, factor: f64) -> Command {
    let at_px = context.canvas_size_px.map(|side| f64::from(side) / 2.0);
    Command::ZoomAt { pane: context.pane, factor, at_px }
}
