//! The toolbar at the lower edge: the tools used all the time, then a drawer.

use leptos::prelude::*;
use viewer_core::command::{Command, Layout, Tool};

use super::controls::{Control, button, changing, toggle};
use super::icons::{self, icon};
use super::menus;
use super::{Ui, follow, on};
use crate::state::page::{Menu, Role};

pub(super) fn toolbar(ui: Ui) -> AnyView {
    view! {
        <section class="toolbar" aria-label=ui.say("viewer.tools")>
            {plain_words(ui)}
            {window_group(ui)}
            <div class="tool-group desktop-only">{tool(ui, Tool::Pan, PAN)}</div>
            {tool(ui, Tool::Zoom, ZOOM)}
            <div class="tool-group desktop-only expert">{tool(ui, Tool::Scroll, SCROLL)}</div>
            <div class="tool-group desktop-only expert">{tool(ui, Tool::Measure, MEASURE)}</div>
            <span class="separator desktop-only expert"></span>
            {cine_group(ui)}
            <div class="tool-group desktop-only expert">{layout_opener(ui)}</div>
            {everything(ui)}
            <div class="tool-group phone-only">{help(ui)}</div>
            {opener(ui, Menu::More, Control::new(icons::MORE, "viewer.more").word_in_menu())}
            {menus::open_menu(ui)}
            {tip(ui)}
        </section>
    }
    .into_any()
}

const WINDOW: Control = Control::new(icons::WINDOW, "viewer.tool_window")
    .help("viewer.tool_window_help")
    .key("w")
    .on_phone("viewer.tool_window_plain");
const PAN: Control =
    Control::new(icons::PAN, "viewer.tool_pan").help("viewer.tool_pan_help").key("p");
const ZOOM: Control =
    Control::new(icons::ZOOM, "viewer.tool_zoom").help("viewer.tool_zoom_help").key("z");
const SCROLL: Control =
    Control::new(icons::SCROLL, "viewer.tool_scroll").help("viewer.tool_scroll_help").key("s");
const MEASURE: Control =
    Control::new(icons::MEASURE, "viewer.tool_measure").help("viewer.tool_measure_help").key("d");

/// A tool for the left button. Choosing it again goes back to scrolling, which a finger needs.
fn tool(ui: Ui, tool: Tool, spec: Control) -> AnyView {
    let chosen = ui.page.tool;
    toggle(
        ui,
        spec,
        move || chosen.get() == tool,
        move || {
            let is_chosen = chosen.get_untracked() == tool;
            ui.command(Command::SelectTool(if is_chosen { Tool::Scroll } else { tool }));
        },
    )
}

fn window_group(ui: Ui) -> AnyView {
    view! {
        <div class="tool-group">
            {tool(ui, Tool::Window, WINDOW)}
            <div class="tool-group desktop-only expert">
                {opener(ui, Menu::Windows, Control::new(icons::OPEN, "viewer.presets_open").word_in_menu())}
            </div>
        </div>
    }
    .into_any()
}

fn cine_group(ui: Ui) -> AnyView {
    let page = ui.page;
    let cine = move || {
        let active = page.active.get();
        page.panes.get(active).map(|pane| pane.with(|view| view.cine)).unwrap_or_default()
    };
    let has_loop = move || {
        let active = page.active.get();
        page.panes.get(active).is_some_and(|pane| pane.with(|view| view.total > 1))
    };
    view! {
        <div class="tool-group desktop-only expert" hidden=follow(move || !has_loop())>
            {changing(
                ui,
                Control::new(icons::CINE_PLAY, "viewer.play").help("viewer.play_help").key(" "),
                move || if cine().playing { icons::CINE_PAUSE } else { icons::CINE_PLAY },
                move || cine().playing,
                move || ui.on_active(|pane| Command::ToggleCine { pane }),
            )}
            {opener(ui, Menu::Cine, Control::new(icons::OPEN, "viewer.speed").word_in_menu())}
        </div>
    }
    .into_any()
}

fn layout_opener(ui: Ui) -> AnyView {
    let layout = ui.page.layout;
    let icon_now = move || match layout.get() {
        Layout::ONE => icons::LAYOUT_ONE,
        Layout::SIDE_BY_SIDE => icons::LAYOUT_TWO,
        _ => icons::LAYOUT_FOUR,
    };
    let menu = ui.page.menu;
    view! {
        <button
            type="button"
            class="tool"
            aria-expanded=follow(move || expanded(menu.get() == Some(Menu::Layout)))
            on:click=on(move |_| menus::toggle_menu(ui, Menu::Layout))
        >
            {icons::icon_of(icon_now)}
            <span class="label">{ui.say("viewer.layout")}</span>
        </button>
    }
    .into_any()
}

fn help(ui: Ui) -> AnyView {
    button(ui, Control::new(icons::HELP, "viewer.help"), move || ui.command(Command::ToggleHelp))
}

/// What is in the drawer for others: a radiologist has it at hand.
fn everything(ui: Ui) -> AnyView {
    let tools = move || {
        let is_wanted = ui.page.role.get() == Role::Radiologist;
        is_wanted.then(|| {
            view! { <div class="tool-group desktop-only icons-only">{menus::view_entries(ui)}</div> }
        })
    };
    view! { {follow(tools)} }.into_any()
}

/// What a patient is to know of the images, always in sight.
fn plain_words(ui: Ui) -> AnyView {
    let words = move || {
        let is_patient = ui.page.role.get() == Role::Patient;
        is_patient.then(|| view! { <p class="plain-words">{ui.say("viewer.patient_words")}</p> })
    };
    view! { {follow(words)} }.into_any()
}

/// A button that opens a menu.
fn opener(ui: Ui, which: Menu, spec: Control) -> AnyView {
    let menu = ui.page.menu;
    let (svg, label) = spec.icon_and_label();
    view! {
        <button
            type="button"
            class="tool"
            aria-label=ui.say(label)
            title=ui.say(label)
            aria-expanded=follow(move || expanded(menu.get() == Some(which)))
            on:click=on(move |_| menus::toggle_menu(ui, which))
        >
            {icon(svg)}
        </button>
    }
    .into_any()
}

fn expanded(is_open: bool) -> &'static str {
    if is_open { "true" } else { "false" }
}

/// Help of the tool that is pointed at.
fn tip(ui: Ui) -> AnyView {
    let tip = ui.page.tip;
    let text = move || {
        let is_free = ui.page.menu.get().is_none();
        tip.get().filter(|_| is_free).map(|(help, key)| {
            let key = (!key.is_empty())
                .then(|| view! { " " <kbd>{super::controls::key_name(ui, key)}</kbd> });
            view! { <div class="tip" aria-hidden="true">{ui.word(help)} {key}</div> }
        })
    };
    view! { {follow(text)} }.into_any()
}
