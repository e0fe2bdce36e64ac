//! What hands do and which commands come of it.

use viewer_core::command::{Command, Tool};
use viewer_core::exam::VoiFunction;
use viewer_core::tool::{
    Button, InputEvent, Modifiers, PointerKind, Recogniser, ToolContext, WheelUnit,
};
use viewer_core::viewport::{UserWindow, VoiChoice, Zoom};

/// Two device pixels per CSS pixel; 800×600 CSS pixels; 100 images.
pub(super) fn context(tool: Tool) -> ToolContext {
    ToolContext {
        pane: 1,
        tool,
        canvas_size_px: [1600, 1200],
        device_pixel_ratio: 2.0,
        position: Some(50),
        stack_length: 100,
        window: Some(UserWindow { center: 40.0, width: 400.0, function: VoiFunction::Linear }),
    }
}

pub(super) struct Hand {
    pub(super) recogniser: Recogniser,
    context: ToolContext,
    kind: PointerKind,
}

impl Hand {
    pub(super) fn mouse(tool: Tool) -> Self {
        Self { recogniser: Recogniser::new(), context: context(tool), kind: PointerKind::Mouse }
    }

    fn finger(tool: Tool) -> Self {
        Self { kind: PointerKind::Touch, ..Self::mouse(tool) }
    }

    fn does(&mut self, event: &InputEvent) -> Vec<Command> {
        self.recogniser.handle(event, &self.context)
    }

    fn down(&mut self, id: i32, button: Button, at_px: [f64; 2], time_ms: f64) -> Vec<Command> {
        self.does(&InputEvent::PointerDown { id, kind: self.kind, button, at_px, time_ms })
    }

    fn moves(&mut self, id: i32, at_px: [f64; 2], time_ms: f64) -> Vec<Command> {
        self.does(&InputEvent::PointerMove { id, at_px, time_ms })
    }

    fn up(&mut self, id: i32, at_px: [f64; 2], time_ms: f64) -> Vec<Command> {
        self.does(&InputEvent::PointerUp { id, at_px, time_ms })
    }

    fn wheel(&mut self, delta_y: f64, unit: WheelUnit, control: bool) -> Vec<Command> {
        let modifiers = Modifiers { control, ..Modifiers::default() };
        self.does(&InputEvent::Wheel { at_px: [30.0, 40.0], delta_y, unit, modifiers })
    }

    pub(super) fn key(&mut self, key: &str, modifiers: Modifiers) -> Vec<Command> {
        self.does(&InputEvent::Key { key: key.into(), modifiers })
    }

    /// Presses, drags by `by_px`, lets go; everything between press and release.
    fn drags(&mut self, button: Button, by_px: [f64; 2], held_ms: f64) -> Vec<Command> {
        self.down(1, button, [200.0, 200.0], 0.0);
        let mut commands = self.moves(1, [200.0 + by_px[0], 200.0 + by_px[1]], held_ms);
        commands.extend(self.up(1, [200.0 + by_px[0], 200.0 + by_px[1]], held_ms + 10.0));
        commands
    }
}

const ACTIVATE: Command = Command::Activate { pane: 1 };

fn in_gesture(command: Command) -> Vec<Command> {
    vec![Command::BeginGesture, command, Command::EndGesture]
}

fn window_of(commands: &[Command]) -> UserWindow {
    match commands {
        [Command::BeginGesture, Command::SetVoi { pane: 1, voi: VoiChoice::User(window) }, ..] => {
            *window
        }
        other => panic!("no window in {other:?}"),
    }
}

#[test]
fn left_drag_follows_the_tool_and_the_others_never_change() {
    // 60 CSS pixels of 600 are a tenth of the stack.
    let scrolled = in_gesture(Command::ScrollTo { pane: 1, position: 60 });
    assert_eq!(Hand::mouse(Tool::Scroll).drags(Button::Primary, [0.0, 120.0], 50.0), scrolled);
    let panned = in_gesture(Command::Pan { pane: 1, delta_px: [30.0, -10.0] });
    assert_eq!(Hand::mouse(Tool::Pan).drags(Button::Primary, [30.0, -10.0], 50.0), panned);
    for tool in Tool::ALL {
        let middle = Hand::mouse(tool).drags(Button::Auxiliary, [30.0, -10.0], 50.0);
        assert_eq!(middle, panned, "{tool:?}");
        let right = Hand::mouse(tool).drags(Button::Secondary, [0.0, 30.0], 50.0);
        // 15 CSS pixels of 300 for one width of 400.
        assert_eq!(window_of(&right).center, 60.0, "{tool:?}");
    }
}

#[test]
fn a_scroll_drag_goes_back_to_the_same_image_and_stops_at_the_ends() {
    let mut hand = Hand::mouse(Tool::Scroll);
    hand.down(1, Button::Primary, [200.0, 200.0], 0.0);
    let to = |position| vec![Command::ScrollTo { pane: 1, position }];
    assert_eq!(hand.moves(1, [200.0, 260.0], 10.0)[1..], to(55));
    hand.context.position = Some(55);
    assert_eq!(hand.moves(1, [200.0, 5000.0], 20.0), to(99));
    hand.context.position = Some(99);
    assert_eq!(hand.moves(1, [200.0, -9000.0], 30.0), to(0));
    hand.context.position = Some(0);
    assert_eq!(hand.moves(1, [200.0, 200.0], 40.0), to(50));
}

#[test]
fn short_stacks_do_not_need_the_whole_canvas() {
    let mut hand = Hand::mouse(Tool::Scroll);
    hand.context = ToolContext { position: Some(0), stack_length: 5, ..hand.context };
    // 24 CSS pixels an image.
    let scrolled = in_gesture(Command::ScrollTo { pane: 1, position: 2 });
    assert_eq!(hand.drags(Button::Primary, [0.0, 100.0], 50.0), scrolled);
}

#[test]
fn window_speed_follows_the_width() {
    let drag = |width: f64| {
        let mut hand = Hand::mouse(Tool::Window);
        hand.context.window =
            Some(UserWindow { center: 0.0, width, function: VoiFunction::Linear });
        window_of(&hand.drags(Button::Primary, [100.0, 60.0], 50.0))
    };
    let (narrow, wide) = (drag(40.0), drag(4000.0));
    assert!((wide.width / narrow.width - 100.0).abs() < 1e-9);
    assert!((narrow.width / 40.0 - 0.2_f64.exp()).abs() < 1e-12);
    assert_eq!((narrow.center, wide.center), (4.0, 400.0));
}

#[test]
fn a_window_never_gets_narrower_than_its_formula_allows() {
    let narrowest = |function| {
        let mut hand = Hand::mouse(Tool::Window);
        hand.context.window = Some(UserWindow { center: 0.0, width: 2.0, function });
        window_of(&hand.drags(Button::Primary, [-90_000.0, 0.0], 50.0)).width
    };
    assert_eq!(narrowest(VoiFunction::Linear), 1.0);
    assert_eq!(narrowest(VoiFunction::LinearExact), 1e-6);
    assert_eq!(narrowest(VoiFunction::Sigmoid), 1e-6);
}

#[test]
fn a_window_drag_on_colour_does_nothing_but_ends_properly() {
    let mut hand = Hand::mouse(Tool::Window);
    hand.context.window = None;
    let commands = hand.drags(Button::Primary, [50.0, 50.0], 50.0);
    assert_eq!(commands, [Command::BeginGesture, Command::EndGesture]);
}

#[test]
fn a_zoom_drag_enlarges_upwards_around_its_start() {
    let commands = Hand::mouse(Tool::Zoom).drags(Button::Primary, [0.0, -300.0], 50.0);
    let factor = 1.0_f64.exp();
    assert_eq!(commands, in_gesture(Command::ZoomAt { pane: 1, factor, at_px: [200.0, 200.0] }));
}

#[test]
fn a_click_activates_and_two_clicks_maximise() {
    let mut hand = Hand::mouse(Tool::Scroll);
    assert_eq!(hand.down(1, Button::Primary, [10.0, 10.0], 0.0), [ACTIVATE]);
    assert_eq!(hand.moves(1, [12.0, 12.0], 10.0), [], "hands tremble");
    assert_eq!(hand.up(1, [12.0, 12.0], 20.0), []);
    hand.down(1, Button::Primary, [10.0, 10.0], 200.0);
    assert_eq!(hand.up(1, [10.0, 10.0], 220.0), [Command::ToggleMaximise { pane: 1 }]);
    hand.down(1, Button::Primary, [10.0, 10.0], 300.0);
    assert_eq!(hand.up(1, [10.0, 10.0], 320.0), [], "the third click begins anew");
}

#[test]
fn slow_far_or_right_clicks_are_not_double() {
    let second = |at_px, time_ms, button| {
        let mut hand = Hand::mouse(Tool::Scroll);
        hand.down(1, button, [10.0, 10.0], 0.0);
        hand.up(1, [10.0, 10.0], 20.0);
        hand.down(1, button, at_px, time_ms);
        hand.up(1, at_px, time_ms)
    };
    assert_eq!(second([10.0, 10.0], 400.0, Button::Primary), []);
    assert_eq!(second([110.0, 10.0], 100.0, Button::Primary), []);
    assert_eq!(second([10.0, 10.0], 100.0, Button::Secondary), []);
}

#[test]
fn one_finger_scrolls_and_a_long_press_windows() {
    let mut hand = Hand::finger(Tool::Scroll);
    assert_eq!(hand.down(1, Button::Primary, [200.0, 200.0], 0.0), [ACTIVATE]);
    assert_eq!(hand.moves(1, [200.0, 230.0], 50.0), [Command::BeginGesture]);
    let scrolled = [Command::ScrollTo { pane: 1, position: 60 }];
    assert_eq!(hand.moves(1, [200.0, 350.0], 90.0), scrolled);
    assert_eq!(hand.up(1, [200.0, 350.0], 99.0), [Command::EndGesture]);

    let mut hand = Hand::finger(Tool::Scroll);
    hand.down(1, Button::Primary, [200.0, 200.0], 0.0);
    assert_eq!(hand.moves(1, [205.0, 205.0], 300.0), [], "a finger is not still");
    hand.moves(1, [230.0, 200.0], 600.0);
    let commands = hand.moves(1, [230.0, 260.0], 650.0);
    let [Command::SetVoi { voi: VoiChoice::User(window), .. }] = commands[..] else {
        panic!("no window in {commands:?}")
    };
    assert_eq!((window.center, window.width), (80.0, 400.0));
}

#[test]
fn a_double_tap_fits() {
    let mut hand = Hand::finger(Tool::Scroll);
    for time_ms in [0.0, 200.0] {
        hand.down(1, Button::Primary, [10.0, 10.0], time_ms);
        let up = hand.up(1, [14.0, 10.0], time_ms + 50.0);
        let fits = if time_ms > 0.0 {
            vec![Command::SetZoom { pane: 1, zoom: Zoom::Fit }]
        } else {
            Vec::new()
        };
        assert_eq!(up, fits);
    }
}

#[test]
fn two_fingers_pinch_and_pan_and_the_one_left_does_nothing() {
    let mut hand = Hand::finger(Tool::Scroll);
    hand.down(1, Button::Primary, [100.0, 100.0], 0.0);
    assert_eq!(hand.down(2, Button::Primary, [300.0, 100.0], 10.0), [Command::BeginGesture]);
    let spread = hand.moves(2, [500.0, 100.0], 20.0);
    let expected = [
        Command::Pan { pane: 1, delta_px: [100.0, 0.0] },
        Command::ZoomAt { pane: 1, factor: 2.0, at_px: [300.0, 100.0] },
    ];
    assert_eq!(spread, expected);
    assert_eq!(hand.up(1, [100.0, 100.0], 30.0), [Command::EndGesture]);
    assert_eq!(hand.moves(2, [900.0, 900.0], 40.0), []);
    assert_eq!(hand.up(2, [900.0, 900.0], 50.0), []);
    assert_eq!(hand.down(3, Button::Primary, [0.0, 0.0], 60.0), [ACTIVATE]);
}

/// Two fingers 200 px from each other, of which the second goes round the first; what turns the image on the way.
fn turns_of(degrees: impl IntoIterator<Item = f64>, apart_px: f64) -> Vec<i32> {
    let mut hand = Hand::finger(Tool::Scroll);
    hand.down(1, Button::Primary, [500.0, 500.0], 0.0);
    hand.down(2, Button::Primary, [500.0 + apart_px, 500.0], 10.0);
    let mut turns = Vec::new();
    for (step, degrees) in degrees.into_iter().enumerate() {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let at_px = [500.0 + apart_px * cos, 500.0 + apart_px * sin];
        for command in hand.moves(2, at_px, 20.0 + step as f64) {
            if let Command::Turn { quarter_turns, .. } = command {
                turns.push(quarter_turns);
            }
        }
    }
    turns
}

#[test]
fn two_fingers_turn_by_quarters_and_a_pinch_never_does() {
    let sweep = |from: i32, to: i32| {
        let step = if from < to { 2 } else { -2 };
        (0..=(to - from) / step).map(move |index| f64::from(from + index * step))
    };
    assert_eq!(turns_of(sweep(0, 44), 200.0), [0; 0], "a pinch that turns a little");
    assert_eq!(turns_of(sweep(0, 56), 200.0), [1]);
    assert_eq!(turns_of(sweep(0, -56), 200.0), [-1]);
    assert_eq!(turns_of(sweep(0, 200), 200.0), [1, 1], "on to the next one");
    let trembling = sweep(0, 52).chain((0..20).map(|step| 46.0 + f64::from(step % 2) * 8.0));
    assert_eq!(turns_of(trembling, 200.0), [1], "it stays where it is");
    assert_eq!(turns_of(sweep(0, 60).chain(sweep(60, 0)), 200.0), [1, -1], "and back");
    assert_eq!(turns_of(sweep(0, 200), 20.0), [0; 0], "fingers side by side tell no direction");
    assert_eq!(turns_of([f64::NAN, 10.0], 200.0), [0; 0], "nor does nonsense");
}

#[test]
fn a_second_finger_ends_the_drag_of_the_first() {
    let mut hand = Hand::finger(Tool::Pan);
    hand.down(1, Button::Primary, [100.0, 100.0], 0.0);
    hand.moves(1, [160.0, 100.0], 10.0);
    let second = hand.down(2, Button::Primary, [300.0, 100.0], 20.0);
    assert_eq!(second, [Command::EndGesture, Command::BeginGesture]);
}

#[test]
fn escape_and_a_lost_pointer_end_a_drag() {
    let mut hand = Hand::mouse(Tool::Pan);
    hand.down(1, Button::Primary, [100.0, 100.0], 0.0);
    hand.moves(1, [160.0, 100.0], 10.0);
    assert!(hand.recogniser.in_gesture());
    assert_eq!(hand.key("Escape", Modifiers::default()), [Command::CancelGesture]);
    assert_eq!(hand.moves(1, [170.0, 100.0], 20.0), []);
    assert_eq!(hand.up(1, [170.0, 100.0], 30.0), []);
    assert_eq!(hand.key("Escape", Modifiers::default()), [Command::Leave]);
    hand.down(1, Button::Primary, [100.0, 100.0], 40.0);
    hand.moves(1, [160.0, 100.0], 50.0);
    assert_eq!(hand.does(&InputEvent::PointerCancel { id: 1 }), [Command::EndGesture]);
    assert!(!hand.recogniser.in_gesture());
}

#[test]
fn moves_without_a_button_are_nothing() {
    let mut hand = Hand::mouse(Tool::Pan);
    assert_eq!(hand.moves(1, [160.0, 100.0], 10.0), []);
    assert_eq!(hand.up(1, [160.0, 100.0], 10.0), []);
    assert_eq!(hand.does(&InputEvent::PointerCancel { id: 1 }), []);
}

pub(super) fn by(frames: i32) -> Vec<Command> {
    vec![Command::ScrollBy { pane: 1, frames }]
}

#[test]
fn one_notch_is_one_image_whatever_the_browser_calls_it() {
    let mut hand = Hand::mouse(Tool::Window);
    assert_eq!(hand.wheel(100.0, WheelUnit::Pixel, false), by(1));
    assert_eq!(hand.wheel(-120.0, WheelUnit::Pixel, false), by(-1));
    assert_eq!(hand.wheel(3.0, WheelUnit::Line, false), by(1));
    assert_eq!(hand.wheel(-1.0, WheelUnit::Page, false), by(-1));
    assert_eq!(hand.wheel(360.0, WheelUnit::Pixel, false), by(3));
    assert_eq!(hand.wheel(0.0, WheelUnit::Pixel, false), []);
    assert_eq!(hand.wheel(f64::NAN, WheelUnit::Pixel, false), []);
}

#[test]
fn a_touch_pad_adds_up_and_turns_round_at_once() {
    let mut hand = Hand::mouse(Tool::Window);
    let steps: Vec<_> =
        [12.0, 12.0, 12.0, 30.0].map(|px| hand.wheel(px, WheelUnit::Pixel, false)).into();
    assert_eq!(steps, [vec![], vec![], by(1), by(1)]);
    assert_eq!(hand.wheel(-30.0, WheelUnit::Pixel, false), by(-1), "the rest is forgotten");
}

#[test]
fn control_and_wheel_zoom_to_the_pointer() {
    let mut hand = Hand::mouse(Tool::Window);
    let factor = |commands: &[Command]| match commands {
        [Command::ZoomAt { pane: 1, factor, at_px: [30.0, 40.0] }] => *factor,
        other => panic!("no zoom in {other:?}"),
    };
    assert_eq!(factor(&hand.wheel(-100.0, WheelUnit::Pixel, true)), 1.15);
    assert_eq!(factor(&hand.wheel(-3.0, WheelUnit::Line, true)), 1.15);
    let pinch = factor(&hand.wheel(5.0, WheelUnit::Pixel, true));
    assert!((pinch - (-0.05_f64).exp()).abs() < 1e-12);
}
