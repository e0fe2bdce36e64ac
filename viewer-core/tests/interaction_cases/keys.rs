//! Which commands come of keys.

use viewer_core::command::{Command, Tool};
use viewer_core::tool::{BINDINGS, KeyMap, Modifiers, named};

use super::tools::{Hand, by, context};

#[test]
fn keys_do_what_the_list_says() {
    let mut hand = Hand::mouse(Tool::Window);
    let none = Modifiers::default();
    assert_eq!(hand.key("ArrowDown", none), by(1));
    assert_eq!(hand.key("ArrowLeft", none), by(-1));
    assert_eq!(hand.key("PageUp", none), by(-10));
    assert_eq!(hand.key("Home", none), [Command::ScrollTo { pane: 1, position: 0 }]);
    assert_eq!(hand.key("End", none), [Command::ScrollTo { pane: 1, position: u32::MAX }]);
    for key in [".", ";"] {
        assert_eq!(hand.key(key, none), [Command::StepSeries { pane: 1, by: 1 }], "{key}");
    }
    assert_eq!(hand.key(",", none), [Command::StepSeries { pane: 1, by: -1 }]);
    assert_eq!(hand.key("3", none), [Command::PickVoi { pane: 1, number: 3 }]);
    assert_eq!(hand.key("?", Modifiers { shift: true, ..none }), [Command::ToggleHelp]);
    assert_eq!(hand.key("I", none), [Command::ToggleInvert { pane: 1 }], "with caps lock");
    assert_eq!(hand.key("z", none), [Command::SelectTool(Tool::Zoom)]);
}

#[test]
fn keys_of_the_browser_stay_with_it() {
    let mut hand = Hand::mouse(Tool::Window);
    let none = Modifiers::default();
    let control = Modifiers { control: true, ..none };
    assert_eq!(hand.key("z", control), [Command::Undo]);
    assert_eq!(hand.key("Z", Modifiers { shift: true, ..control }), [Command::Redo]);
    assert_eq!(hand.key("y", control), [Command::Redo]);
    for key in ["r", "f", "p", "1", "0", "+", "ArrowDown"] {
        assert_eq!(hand.key(key, control), [], "Ctrl+{key}");
    }
    for key in ["ArrowLeft", "1", "Home"] {
        assert_eq!(hand.key(key, Modifiers { alt: true, ..none }), [], "Alt+{key}");
    }
    for key in ["Tab", "Enter", "q", "12", ""] {
        assert_eq!(hand.key(key, none), [], "{key}");
    }
}

#[test]
fn no_key_is_bound_twice() {
    for (index, one) in BINDINGS.iter().enumerate() {
        let again =
            BINDINGS[index + 1..].iter().any(|b| b.key == one.key && b.control == one.control);
        assert!(!again, "{}", one.key);
    }
}

#[test]
fn chosen_keys_act_instead_of_ours_and_others_stay() {
    let mut hand = Hand::mouse(Tool::Scroll);
    let none = Modifiers::default();
    let control = Modifiers { control: true, ..none };
    // Two that change places, one with Ctrl, one that nobody knows, one that is no line.
    let map = KeyMap::read("p\tz\nz\tp\nControl+z\tq\nnothing\te\nrubbish");
    assert_eq!([map.chosen("p"), map.chosen("Control+z"), map.chosen("w")], ["z", "q", "w"]);
    hand.recogniser.set_keys(map);
    assert_eq!(hand.key("z", none), [Command::SelectTool(Tool::Pan)]);
    assert_eq!(hand.key("P", none), [Command::SelectTool(Tool::Zoom)]);
    assert_eq!(hand.key("q", none), [Command::Undo]);
    assert_eq!(hand.key("z", control), []);
    assert_eq!(hand.key("e", none), []);
    assert_eq!(hand.key("w", none), [Command::SelectTool(Tool::Window)]);
    hand.recogniser.set_keys(KeyMap::default());
    assert_eq!(hand.key("p", none), [Command::SelectTool(Tool::Pan)]);
}

#[test]
fn commands_are_found_by_their_names() {
    let context = context(Tool::Scroll);
    assert_eq!(named("tool.zoom", &context), Some(Command::SelectTool(Tool::Zoom)));
    assert_eq!(named("invert", &context), Some(Command::ToggleInvert { pane: 1 }));
    assert_eq!(named("preset.0", &context), Some(Command::PickVoi { pane: 1, number: 0 }));
    for unknown in ["", "preset.", "preset.12", "zoom"] {
        assert_eq!(named(unknown, &context), None, "{unknown}");
    }
}
