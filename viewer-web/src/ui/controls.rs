//! Buttons of the banner, the toolbar and the menus: icon, word, key, one line of help.

use leptos::prelude::*;

use super::icons::{icon, icon_of};
use super::{Ui, follow, on};

/// What a button says of itself.
#[derive(Clone, Copy)]
pub(super) struct Control {
    icon: &'static str,
    label: &'static str,
    help: &'static str,
    key: &'static str,
    /// Another word on a phone, where there is one.
    phone_label: Option<&'static str>,
    word: Word,
}

/// Where the word beside the icon is seen; it is always there for screen readers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Always,
    InMenu,
}

impl Control {
    /// A button with the text `label`.
    pub(super) const fn new(icon: &'static str, label: &'static str) -> Self {
        Self { icon, label, help: label, key: "", phone_label: None, word: Word::Always }
    }

    /// Its line of help.
    pub(super) const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// The key that does the same, as `KeyboardEvent.key`.
    pub(super) const fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    /// Another word on a phone.
    pub(super) const fn on_phone(self, label: &'static str) -> Self {
        Self { phone_label: Some(label), ..self }
    }

    /// The word is seen in menus only.
    pub(super) const fn word_in_menu(self) -> Self {
        Self { word: Word::InMenu, ..self }
    }

    /// Icon and text.
    pub(super) const fn icon_and_label(self) -> (&'static str, &'static str) {
        (self.icon, self.label)
    }
}

/// A button that does something.
pub(super) fn button(ui: Ui, spec: Control, act: impl Fn() + 'static) -> AnyView {
    view_of(ui, spec, icon(spec.icon), None, Box::new(act))
}

/// A button that is on or off.
pub(super) fn toggle(
    ui: Ui,
    spec: Control,
    is_on: impl Fn() -> bool + Send + 'static,
    act: impl Fn() + 'static,
) -> AnyView {
    view_of(ui, spec, icon(spec.icon), Some(Box::new(is_on)), Box::new(act))
}

/// A button whose icon changes with what it does.
pub(super) fn changing(
    ui: Ui,
    spec: Control,
    svg: impl Fn() -> &'static str + Send + 'static,
    is_on: impl Fn() -> bool + Send + 'static,
    act: impl Fn() + 'static,
) -> AnyView {
    view_of(ui, spec, icon_of(svg), Some(Box::new(is_on)), Box::new(act))
}

type State = Box<dyn Fn() -> bool + Send>;

fn view_of(
    ui: Ui,
    spec: Control,
    picture: AnyView,
    is_on: Option<State>,
    act: Box<dyn Fn()>,
) -> AnyView {
    let tip = ui.page.tip;
    let show = move || tip.set(Some((spec.help, spec.key)));
    let class = match spec.word {
        Word::Always => "label",
        Word::InMenu => "label menu-word",
    };
    view! {
        <button
            type="button"
            class="tool"
            aria-pressed=is_on.map(|is_on| move || if is_on() { "true" } else { "false" })
            aria-keyshortcuts=(!spec.key.is_empty()).then(|| follow(move || shortcut(ui, spec.key)))
            on:click=on(move |_| act())
            on:pointerenter=on(move |_| show())
            on:pointerleave=on(move |_| tip.set(None))
            on:focus=on(move |_| show())
            on:blur=on(move |_| tip.set(None))
        >
            {picture}
            <span class=class>{words(ui, spec)}</span>
        </button>
    }
    .into_any()
}

/// The style sheet shows one of two words; the other is not read out either.
fn words(ui: Ui, spec: Control) -> AnyView {
    match spec.phone_label {
        None => view! { {ui.say(spec.label)} }.into_any(),
        Some(phone) => view! {
            <span class="desktop-only">{ui.say(spec.label)}</span>
            <span class="phone-only">{ui.say(phone)}</span>
        }
        .into_any(),
    }
}

/// The key to be pressed for one of ours, as `aria-keyshortcuts` names it.
fn shortcut(ui: Ui, key: &str) -> String {
    let chosen = ui.page.keys.with(|keys| keys.chosen(key).to_owned());
    if chosen == " " { "Space".to_owned() } else { chosen }
}

/// The key to be pressed for one of ours, as it is printed on keyboards.
pub(super) fn key_name(ui: Ui, key: &str) -> String {
    let word = match shortcut(ui, key).as_str() {
        "Space" => "viewer.name_space",
        "Backspace" => "viewer.name_backspace",
        other => return other.to_ascii_uppercase(),
    };
    ui.word(word).into_owned()
}
