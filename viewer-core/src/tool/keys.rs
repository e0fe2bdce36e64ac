//! Keys: one table that acts, is shown under `?`, and can be changed by the reader.

use super::{Modifiers, ToolContext};
use crate::command::{Command, Comparing, Tool};
use crate::viewport::{FlipAxis, Zoom};

/// Images a page key scrolls.
const PAGE_FRAMES: i32 = 10;
/// How much the zoom keys enlarge.
const ZOOM_STEP: f64 = 1.25;

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// `KeyboardEvent.key`; letters in lower case.
    pub key: &'static str,
    /// Whether Ctrl (⌘) must be held; where not, it must not be.
    pub control: bool,
    /// What the command is called by scripts and in the catalogue; a command with two keys is there twice.
    pub name: &'static str,
    command: fn(&ToolContext) -> Command,
}

impl Binding {
    /// The key as it is written in a [`KeyMap`]: `z` or `Control+z`.
    #[must_use]
    pub fn chord(&self) -> String {
        chord(self.key, self.control)
    }
}

const fn plain(
    key: &'static str,
    name: &'static str,
    command: fn(&ToolContext) -> Command,
) -> Binding {
    Binding { key, control: false, name, command }
}

const fn control(
    key: &'static str,
    name: &'static str,
    command: fn(&ToolContext) -> Command,
) -> Binding {
    Binding { key, control: true, name, command }
}

/// Every key, in the order of the list; digits (presets, 0 for the file's own) and Ctrl+Shift+Z come on top.
pub const BINDINGS: &[Binding] = &[
    plain("ArrowDown", "image.next", |c| by(c, 1)),
    plain("ArrowRight", "image.next", |c| by(c, 1)),
    plain("ArrowUp", "image.previous", |c| by(c, -1)),
    plain("ArrowLeft", "image.previous", |c| by(c, -1)),
    plain("PageDown", "image.on", |c| by(c, PAGE_FRAMES)),
    plain("PageUp", "image.back", |c| by(c, -PAGE_FRAMES)),
    plain("Home", "image.first", |c| Command::ScrollTo { pane: c.pane, position: 0 }),
    plain("End", "image.last", |c| Command::ScrollTo { pane: c.pane, position: u32::MAX }),
    plain(";", "series.next", |c| Command::StepSeries { pane: c.pane, by: 1 }),
    plain(".", "series.next", |c| Command::StepSeries { pane: c.pane, by: 1 }),
    plain(",", "series.previous", |c| Command::StepSeries { pane: c.pane, by: -1 }),
    plain("+", "zoom.in", |c| zoom(c, ZOOM_STEP)),
    plain("=", "zoom.in", |c| zoom(c, ZOOM_STEP)),
    plain("-", "zoom.out", |c| zoom(c, 1.0 / ZOOM_STEP)),
    plain("f", "zoom.fit", |c| Command::SetZoom { pane: c.pane, zoom: Zoom::Fit }),
    plain("u", "zoom.one_to_one", |c| Command::SetZoom { pane: c.pane, zoom: Zoom::OneToOne }),
    plain("r", "turn.right", |c| Command::Turn { pane: c.pane, quarter_turns: 1 }),
    plain("l", "turn.left", |c| Command::Turn { pane: c.pane, quarter_turns: -1 }),
    plain("h", "flip.horizontal", |c| Command::Flip { pane: c.pane, axis: FlipAxis::Horizontal }),
    plain("v", "flip.vertical", |c| Command::Flip { pane: c.pane, axis: FlipAxis::Vertical }),
    plain("i", "invert", |c| Command::ToggleInvert { pane: c.pane }),
    plain("o", "overlays", |c| Command::ToggleOverlays { pane: c.pane }),
    plain("c", "shutter", |c| Command::ToggleShutter { pane: c.pane }),
    plain(" ", "cine", |c| Command::ToggleCine { pane: c.pane }),
    plain("Backspace", "reset", |c| Command::Reset { pane: c.pane }),
    control("z", "undo", |_| Command::Undo),
    control("y", "redo", |_| Command::Redo),
    plain("w", "tool.window", |_| Command::SelectTool(Tool::Window)),
    plain("p", "tool.pan", |_| Command::SelectTool(Tool::Pan)),
    plain("z", "tool.zoom", |_| Command::SelectTool(Tool::Zoom)),
    plain("s", "tool.scroll", |_| Command::SelectTool(Tool::Scroll)),
    plain("d", "tool.measure", |_| Command::SelectTool(Tool::Measure)),
    plain("g", "lens", |_| Command::Panel("lens")),
    plain("m", "maximise", |c| Command::ToggleMaximise { pane: c.pane }),
    plain("y", "compare.linked", |_| Command::Compare(Comparing::Linked)),
    plain("t", "compare.lines", |_| Command::Compare(Comparing::Lines)),
    plain("x", "compare.cursor", |_| Command::Compare(Comparing::Cursor)),
    plain("j", "documents", |_| Command::Panel("documents")),
    plain("k", "documents.keys", |_| Command::Panel("documents.keys")),
    plain("n", "compare.window", |_| Command::Compare(Comparing::Window)),
    plain("b", "compare.beside", |_| Command::Compare(Comparing::Beside)),
    plain("Escape", "leave", |_| Command::Leave),
    plain("?", "help", |_| Command::ToggleHelp),
    control("k", "help", |_| Command::ToggleHelp),
];

/// Keys that a reader chose: ours, and the one to be pressed instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyMap(Vec<[String; 2]>);

impl KeyMap {
    /// Reads lines of our key, a tab, and the key chosen. What is no key of ours is passed over.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once('\t'));
        let known = pairs.filter(|(ours, _)| BINDINGS.iter().any(|one| one.chord() == *ours));
        Self(known.map(|(ours, chosen)| [ours.to_owned(), chosen.to_owned()]).collect())
    }

    /// The key to be pressed for one of ours.
    #[must_use]
    pub fn chosen<'a>(&'a self, ours: &'a str) -> &'a str {
        self.0.iter().find(|[known, _]| known == ours).map_or(ours, |[_, chosen]| chosen)
    }

    /// Our key for the one that was pressed; `None` where ours was given away.
    fn ours(&self, pressed: String) -> Option<String> {
        match self.0.iter().find(|[_, chosen]| *chosen == pressed) {
            Some([ours, _]) => Some(ours.clone()),
            None => self.0.iter().all(|[ours, _]| *ours != pressed).then_some(pressed),
        }
    }
}

fn chord(key: &str, control: bool) -> String {
    if control { ["Control+", key].concat() } else { key.to_owned() }
}

/// What a key does, `None` where it does nothing and belongs to the browser.
pub(super) fn pressed(
    key: &str,
    modifiers: Modifiers,
    context: &ToolContext,
    map: &KeyMap,
) -> Option<Command> {
    if modifiers.alt {
        return None;
    }
    let key = if key.chars().count() == 1 { key.to_lowercase() } else { key.to_owned() };
    if modifiers.control && modifiers.shift && key == "z" {
        return Some(Command::Redo);
    }
    let ours = map.ours(chord(&key, modifiers.control))?;
    if let Some(number) = digit(&ours) {
        return Some(Command::PickVoi { pane: context.pane, number });
    }
    let binding = BINDINGS.iter().find(|binding| binding.chord() == ours)?;
    Some((binding.command)(context))
}

/// The command of a name, for the pane that `context` describes; `preset.1` is what the digit does.
#[must_use]
pub fn named(name: &str, context: &ToolContext) -> Option<Command> {
    if let Some(number) = name.strip_prefix("preset.").and_then(digit) {
        return Some(Command::PickVoi { pane: context.pane, number });
    }
    let binding = BINDINGS.iter().find(|binding| binding.name == name)?;
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
