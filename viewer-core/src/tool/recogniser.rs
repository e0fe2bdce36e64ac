use super::drag::Drag;
use super::wheel::Wheel;
use super::{Button, InputEvent, PointerKind, ToolContext, keys};
use crate::command::{Command, Tool};
use crate::viewport::Zoom;

/// CSS pixels a mouse may move while a click stays a click.
const MOUSE_SLOP_CSS_PX: f64 = 2.0;
/// The same for a finger.
const TOUCH_SLOP_CSS_PX: f64 = 10.0;
/// A finger that lies still so long is a long press.
const LONG_PRESS_MS: f64 = 500.0;
/// Two clicks or taps within this time and distance are a double one.
const DOUBLE_MS: f64 = 350.0;
const DOUBLE_CSS_PX: f64 = 30.0;

/// Turns input into commands; see the module for what does what.
#[derive(Clone, Debug, Default)]
pub struct Recogniser {
    pointers: Vec<Pointer>,
    mode: Mode,
    wheel: Wheel,
    last_tap: Option<Tap>,
}

#[derive(Clone, Copy, Debug)]
struct Pointer {
    id: i32,
    kind: PointerKind,
    at_px: [f64; 2],
}

/// A pointer that went down and has not moved far.
#[derive(Clone, Copy, Debug)]
struct Press {
    button: Button,
    at_px: [f64; 2],
    time_ms: f64,
}

#[derive(Clone, Copy, Debug)]
struct Tap {
    pane: usize,
    at_px: [f64; 2],
    time_ms: f64,
}

#[derive(Clone, Copy, Debug, Default)]
enum Mode {
    #[default]
    Idle,
    Pressed(Press),
    Dragging(Drag),
    Pinching,
    /// Over, but a button or finger is still down.
    Ended,
}

impl Recogniser {
    /// Nothing under way.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a drag or pinch is under way (the page then captures the pointer).
    #[must_use]
    pub fn in_gesture(&self) -> bool {
        matches!(self.mode, Mode::Dragging(_) | Mode::Pinching)
    }

    /// Takes an input and says what it changes. An empty answer to a key means that the key is not ours.
    #[must_use]
    pub fn handle(&mut self, event: &InputEvent, context: &ToolContext) -> Vec<Command> {
        match *event {
            InputEvent::PointerDown { id, kind, button, at_px, time_ms } => {
                self.down(Pointer { id, kind, at_px }, Press { button, at_px, time_ms }, context)
            }
            InputEvent::PointerMove { id, at_px, time_ms } => {
                self.moved(id, at_px, time_ms, context)
            }
            InputEvent::PointerUp { id, at_px, time_ms } => self.up(id, at_px, time_ms, context),
            InputEvent::PointerCancel { id } => self.cancelled(id),
            InputEvent::Wheel { at_px, delta_y, unit, modifiers } => {
                self.wheel.turned(at_px, delta_y, unit, modifiers, context).into_iter().collect()
            }
            InputEvent::Key { ref key, modifiers } => {
                let command = keys::pressed(key, modifiers, context);
                if command == Some(Command::Leave) && self.in_gesture() {
                    self.mode = Mode::Ended;
                    return vec![Command::CancelGesture];
                }
                command.into_iter().collect()
            }
        }
    }

    fn down(&mut self, pointer: Pointer, press: Press, context: &ToolContext) -> Vec<Command> {
        self.pointers.retain(|p| p.id != pointer.id);
        self.pointers.push(pointer);
        let mut commands = self.end_gesture();
        match self.pointers.len() {
            1 => {
                self.mode = Mode::Pressed(press);
                commands.push(Command::Activate { pane: context.pane });
            }
            2 if self.pointers.iter().all(|p| p.kind == PointerKind::Touch) => {
                self.mode = Mode::Pinching;
                commands.push(Command::BeginGesture);
            }
            _ => self.mode = Mode::Ended,
        }
        commands
    }

    fn moved(
        &mut self,
        id: i32,
        at_px: [f64; 2],
        time_ms: f64,
        context: &ToolContext,
    ) -> Vec<Command> {
        let Some(index) = self.pointers.iter().position(|p| p.id == id) else {
            return Vec::new();
        };
        let before = self.pointers.clone();
        self.pointers[index].at_px = at_px;
        match self.mode {
            Mode::Pressed(press) => self.maybe_drag(press, at_px, time_ms, context),
            Mode::Dragging(mut drag) => {
                let command = drag.moved(at_px, context);
                self.mode = Mode::Dragging(drag);
                command.into_iter().collect()
            }
            Mode::Pinching => pinch(&before, &self.pointers, context),
            Mode::Idle | Mode::Ended => Vec::new(),
        }
    }

    /// Begins a drag once the pointer left its place.
    fn maybe_drag(
        &mut self,
        press: Press,
        at_px: [f64; 2],
        time_ms: f64,
        context: &ToolContext,
    ) -> Vec<Command> {
        let touch = self.pointers.iter().any(|p| p.kind == PointerKind::Touch);
        let slop = if touch { TOUCH_SLOP_CSS_PX } else { MOUSE_SLOP_CSS_PX };
        if context.css_px(distance(press.at_px, at_px)) <= slop {
            return Vec::new();
        }
        let long_press = touch && time_ms - press.time_ms >= LONG_PRESS_MS;
        let tool = match press.button {
            Button::Primary if long_press => Tool::Window,
            Button::Primary => context.tool,
            Button::Auxiliary => Tool::Pan,
            Button::Secondary => Tool::Window,
        };
        // A finger's first millimetres only told that it moves; a mouse points exactly.
        let start_px = if touch { at_px } else { press.at_px };
        let mut drag = Drag::new(tool, start_px, context);
        let first = drag.moved(at_px, context);
        self.mode = Mode::Dragging(drag);
        self.last_tap = None;
        [Command::BeginGesture].into_iter().chain(first).collect()
    }

    fn up(
        &mut self,
        id: i32,
        at_px: [f64; 2],
        time_ms: f64,
        context: &ToolContext,
    ) -> Vec<Command> {
        let Some(index) = self.pointers.iter().position(|p| p.id == id) else {
            return Vec::new();
        };
        let pointer = self.pointers.remove(index);
        let mut commands = self.end_gesture();
        if let Mode::Pressed(Press { button: Button::Primary, .. }) = self.mode {
            commands.extend(self.tapped(pointer.kind, at_px, time_ms, context));
        }
        self.mode = if self.pointers.is_empty() { Mode::Idle } else { Mode::Ended };
        commands
    }

    fn cancelled(&mut self, id: i32) -> Vec<Command> {
        self.pointers.retain(|p| p.id != id);
        let commands = self.end_gesture();
        self.mode = if self.pointers.is_empty() { Mode::Idle } else { Mode::Ended };
        commands
    }

    fn end_gesture(&mut self) -> Vec<Command> {
        if self.in_gesture() {
            self.mode = Mode::Ended;
            vec![Command::EndGesture]
        } else {
            Vec::new()
        }
    }

    /// A click or tap; the second of two in the same place does something.
    fn tapped(
        &mut self,
        kind: PointerKind,
        at_px: [f64; 2],
        time_ms: f64,
        context: &ToolContext,
    ) -> Option<Command> {
        let pane = context.pane;
        let second = self.last_tap.take().is_some_and(|tap| {
            tap.pane == pane
                && time_ms - tap.time_ms <= DOUBLE_MS
                && context.css_px(distance(tap.at_px, at_px)) <= DOUBLE_CSS_PX
        });
        if !second {
            self.last_tap = Some(Tap { pane, at_px, time_ms });
            return None;
        }
        Some(match kind {
            PointerKind::Touch => Command::SetZoom { pane, zoom: Zoom::Fit },
            PointerKind::Mouse => Command::ToggleMaximise { pane },
        })
    }
}

/// Two fingers: what lay under them stays under them.
fn pinch(before: &[Pointer], now: &[Pointer], context: &ToolContext) -> Vec<Command> {
    let ([a, b], [c, d]) = (two(before), two(now));
    let (from, to) = (middle(a, b), middle(c, d));
    let pane = context.pane;
    let mut commands = Vec::new();
    let delta_px = [to[0] - from[0], to[1] - from[1]];
    if delta_px != [0.0, 0.0] {
        commands.push(Command::Pan { pane, delta_px });
    }
    let factor = distance(c, d) / distance(a, b);
    if factor.is_finite() && factor > 0.0 && factor != 1.0 {
        commands.push(Command::ZoomAt { pane, factor, at_px: to });
    }
    commands
}

fn two(pointers: &[Pointer]) -> [[f64; 2]; 2] {
    match pointers {
        [a, b, ..] => [a.at_px, b.at_px],
        _ => [[0.0; 2]; 2],
    }
}

fn middle(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
