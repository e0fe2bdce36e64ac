use super::drag::Drag;
use super::wheel::Wheel;
use super::{Button, InputEvent, KeyMap, PointerKind, ToolContext, keys};
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

/// How far two fingers turn for a quarter turn, and on for the next one. More than half of it, so that a hand that trembles there
/// does not turn the image back and forth, and more than any pinch turns by accident.
const TURN_DEGREES: f64 = 50.0;
/// Fingers nearer than this tell no direction.
const NEAREST_FINGERS_CSS_PX: f64 = 48.0;

/// Turns input into commands; see the module for what does what.
#[derive(Clone, Debug, Default)]
pub struct Recogniser {
    pointers: Vec<Pointer>,
    mode: Mode,
    wheel: Wheel,
    last_tap: Option<Tap>,
    keys: KeyMap,
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
    /// Two fingers, turned by so many degrees since they came or since the last quarter turn.
    Pinching(f64),
    /// Over, but a button or finger is still down.
    Ended,
}

impl Recogniser {
    /// Nothing under way.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes keys that the reader chose.
    pub fn set_keys(&mut self, keys: KeyMap) {
        self.keys = keys;
    }

    /// Whether a drag or pinch is under way (the page then captures the pointer).
    #[must_use]
    pub fn in_gesture(&self) -> bool {
        matches!(self.mode, Mode::Dragging(_) | Mode::Pinching(_))
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
                let command = keys::pressed(key, modifiers, context, &self.keys);
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
                self.mode = Mode::Pinching(0.0);
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
            Mode::Pinching(degrees) => {
                let mut commands = pinch(&before, &self.pointers, context);
                let turned = degrees + turn(&before, &self.pointers, context);
                let quarter_turns = quarter_turns(turned);
                self.mode = Mode::Pinching(turned - 90.0 * f64::from(quarter_turns));
                if quarter_turns != 0 {
                    commands.push(Command::Turn { pane: context.pane, quarter_turns });
                }
                commands
            }
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

/// By how many degrees two fingers turned, clockwise.
fn turn(before: &[Pointer], now: &[Pointer], context: &ToolContext) -> f64 {
    let ([a, b], [c, d]) = (two(before), two(now));
    let nearest = distance(a, b).min(distance(c, d));
    if context.css_px(nearest) < NEAREST_FINGERS_CSS_PX {
        return 0.0;
    }
    let (from, to) = ([b[0] - a[0], b[1] - a[1]], [d[0] - c[0], d[1] - c[1]]);
    let cross = from[0] * to[1] - from[1] * to[0];
    let dot = from[0] * to[0] + from[1] * to[1];
    let degrees = cross.atan2(dot).to_degrees();
    if degrees.is_finite() { degrees } else { 0.0 }
}

/// Quarter turns of fingers that turned so far since the last one.
fn quarter_turns(degrees: f64) -> i32 {
    if degrees.abs() < TURN_DEGREES {
        0
    } else {
        // At most two: one movement turns by 180 degrees at most.
        (degrees.abs() / 90.0).round().max(1.0).copysign(degrees) as i32
    }
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
