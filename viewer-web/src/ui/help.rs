//! The list of keys and gestures, under `?`. Made from the table of keys that acts, so that it is true.

use leptos::html::Dialog;
use leptos::prelude::*;
use viewer_core::tool::{BINDINGS, KeyHelp};

use super::controls::{Control, button};
use super::icons;
use super::{Ui, follow, on};

pub(super) fn help(ui: Ui) -> AnyView {
    let sheet = NodeRef::<Dialog>::new();
    let open = ui.page.help;
    Effect::new(move |_| {
        let Some(dialog) = sheet.get() else { return };
        if open.get() && !dialog.open() {
            dialog.show_modal().ok();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let close = Control::new(icons::CLOSE, "viewer.close").word_in_menu();
    view! {
        <dialog
            class="sheet"
            node_ref=sheet
            aria-label=ui.say("viewer.keys_title")
            on:close=on(move |_| open.set(false))
        >
            <div class="sheet-head">
                <h2>{ui.say("viewer.keys_title")}</h2>
                {button(ui, close, move || open.set(false))}
            </div>
            <p class="patient-words">{ui.say("viewer.patient_words")}</p>
            {follow(move || open.get().then(|| lists(ui)))}
        </dialog>
    }
    .into_any()
}

fn lists(ui: Ui) -> AnyView {
    view! {
        <h3>{ui.say("viewer.keys_touch")}</h3>
        {gestures(ui, &TOUCH)}
        <div class="desktop-only">
            <h3>{ui.say("viewer.keys_mouse")}</h3>
            {gestures(ui, &MOUSE)}
            <h3>{ui.say("viewer.keys_keyboard")}</h3>
            {keys(ui)}
        </div>
    }
    .into_any()
}

/// What is done with the hand, and what it does.
const MOUSE: [[&str; 2]; 6] = [
    ["viewer.mouse_wheel", "viewer.tool_scroll"],
    ["viewer.mouse_left", "viewer.mouse_active_tool"],
    ["viewer.mouse_right", "viewer.touch_window"],
    ["viewer.mouse_middle", "viewer.tool_pan"],
    ["viewer.mouse_ctrl_wheel", "viewer.tool_zoom"],
    ["viewer.mouse_double", "keys.maximise"],
];
const TOUCH: [[&str; 2]; 4] = [
    ["viewer.touch_one", "viewer.tool_scroll"],
    ["viewer.touch_two", "viewer.touch_two_does"],
    ["viewer.touch_double", "viewer.fit"],
    ["viewer.touch_long", "viewer.touch_window"],
];

fn gestures(ui: Ui, list: &'static [[&'static str; 2]]) -> AnyView {
    let lines = list.iter().map(|[hand, effect]| {
        view! { <div><dt>{ui.word(effect)}</dt><dd>{ui.word(hand)}</dd></div> }.into_any()
    });
    view! { <dl class="keys">{lines.collect_view()}</dl> }.into_any()
}

fn keys(ui: Ui) -> AnyView {
    let mut lines: Vec<(KeyHelp, Vec<&'static str>)> = Vec::new();
    for binding in BINDINGS {
        let name = if binding.control { control_key(binding.key) } else { binding.key };
        match lines.iter_mut().find(|(help, _)| *help == binding.help) {
            Some((_, names)) => names.push(name),
            None => lines.push((binding.help, vec![name])),
        }
    }
    lines.push((KeyHelp::Presets, vec!["1", "…", "9", "0"]));
    let rows = lines.into_iter().map(|(help, names)| {
        let names = names.into_iter().map(|name| view! { <kbd>{key_name(ui, name)}</kbd> " " });
        let names = names.collect_view();
        view! { <div><dt>{ui.word(help.text_key())}</dt><dd>{names}</dd></div> }.into_any()
    });
    view! { <dl class="keys">{rows.collect_view()}</dl> }.into_any()
}

fn control_key(key: &'static str) -> &'static str {
    match key {
        "z" => "Ctrl Z",
        "y" => "Ctrl Y",
        other => other,
    }
}

/// A key as it is printed on keyboards.
pub(super) fn key_name(ui: Ui, key: &str) -> String {
    let word = match key {
        " " => "viewer.name_space",
        "Escape" => "viewer.name_escape",
        "PageDown" => "viewer.name_page_down",
        "PageUp" => "viewer.name_page_up",
        "Home" => "viewer.name_home",
        "End" => "viewer.name_end",
        "Backspace" => "viewer.name_backspace",
        "ArrowDown" => return "↓".to_owned(),
        "ArrowUp" => return "↑".to_owned(),
        "ArrowLeft" => return "←".to_owned(),
        "ArrowRight" => return "→".to_owned(),
        "-" => return "−".to_owned(),
        chord if chord.contains(' ') => return chord.to_owned(),
        other => return other.to_ascii_uppercase(),
    };
    ui.word(word).into_owned()
}
