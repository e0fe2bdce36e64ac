//! The toolbar at the lower edge: the tools used all the time, then a drawer.

use leptos::prelude::*;
use viewer_core::command::{Command, Layout, Tool};

use super::controls::{Control, button, changing, toggle};
use super::icons::{self, icon};
use super::menus;
use super::{Ui, follow, on};
use crate::state::page::Menu;

pub(super) fn toolbar(ui: Ui) -> AnyView {
    view! {
        <section class="toolbar" aria-label=ui.say("viewer.tools")>
            {window_group(ui)}
            <div class="tool-group desktop-only">{tool(ui, Tool::Pan, PAN)}</div>
            {tool(ui, Tool::Zoom, ZOOM)}
            <div class="tool-group desktop-only">{tool(ui, Tool::Scroll, SCROLL)}</div>
            <span class="separator desktop-only"></span>
            {cine_group(ui)}
            <div class="tool-group desktop-only">{layout_opener(ui)}</div>
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
            <div class="tool-group desktop-only">
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
        <div class="tool-group desktop-only" hidden=follow(move || !has_loop())>
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
        Layout::One => icons::LAYOUT_ONE,
        Layout::SideBySide => icons::LAYOUT_TWO,
        Layout::Four => icons::LAYOUT_FOUR,
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
    button(ui, Control::new(icons::HELP, "viewer.help"), move || ui.page.help.set(true))
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
        let is_free = ui.page.menu.get().is_none() && !ui.page.help.get();
        tip.get().filter(|_| is_free).map(|(help, key)| {
            let key = (!key.is_empty())
                .then(|| view! { " " <kbd>{super::help::key_name(ui, key)}</kbd> });
            view! { <div class="tip" aria-hidden="true">{ui.word(help)} {key}</div> }
        })
    };
    view! { {follow(text)} }.into_any()
}
