//! Menus of the toolbar. At most one is open; Esc, a choice or a click elsewhere closes it.

use leptos::prelude::*;
use viewer_core::command::{Command, Layout, Tool};
use viewer_core::display::{ColourMap, Interpolation};
use viewer_core::viewport::{FlipAxis, VoiChoice, Zoom};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};

use super::banner;
use super::controls::{Control, button, toggle};
use super::icons;
use super::limits;
use super::{Ui, follow, on};
use crate::bridge::viewer::VoiOffer;
use crate::platform::dom::document;
use crate::report::format;
use crate::state::page::{Menu, Page, Role};

/// Opens a menu, or closes it where it is open.
pub(super) fn toggle_menu(ui: Ui, which: Menu) {
    ui.page.menu.update(|open| *open = if *open == Some(which) { None } else { Some(which) });
}

/// The menu that is open. The keyboard goes into it, and back to where it was when it closes.
pub(super) fn open_menu(ui: Ui) -> AnyView {
    let before = StoredValue::new_local(None::<HtmlElement>);
    Effect::new(move |was_open: Option<bool>| {
        let is_open = ui.page.menu.get().is_some();
        if is_open && was_open != Some(true) {
            before.set_value(focused());
        }
        if is_open {
            focus_first_entry();
        } else if was_open == Some(true) && focused().is_none() {
            before.with_value(|element| element.as_ref().map(|element| element.focus()));
        }
        is_open
    });
    let menu = move || {
        ui.page.menu.get().map(|open| match open {
            Menu::Windows => windows(ui),
            Menu::Cine => cine(ui),
            Menu::Layout => layouts(ui),
            Menu::More => more(ui),
        })
    };
    view! { {follow(menu)} }.into_any()
}

/// The element with the keyboard; `None` where it is the page as a whole.
fn focused() -> Option<HtmlElement> {
    let element = document().active_element()?.dyn_into::<HtmlElement>().ok()?;
    (element.tag_name() != "BODY").then_some(element)
}

fn focus_first_entry() {
    let entry = document().query_selector(".menu button, .menu input").ok().flatten();
    if let Some(entry) = entry.and_then(|entry| entry.dyn_into::<HtmlElement>().ok()) {
        entry.focus().ok();
    }
}

fn panel(ui: Ui, label: &'static str, content: AnyView) -> AnyView {
    view! {
        <div class="menu" role="group" aria-label=ui.say(label)>{content}</div>
    }
    .into_any()
}

/// Does something and closes the menu.
fn entry(ui: Ui, spec: Control, act: impl Fn() + 'static) -> AnyView {
    button(ui, spec, move || {
        act();
        ui.page.menu.set(None);
    })
}

fn windows(ui: Ui) -> AnyView {
    let offered = ui.viewer().voi_choices();
    if offered.is_empty() {
        let none = view! { <p class="menu-note">{ui.say("viewer.presets_none")}</p> }.into_any();
        return panel(ui, "viewer.presets", none);
    }
    let is_of_file =
        |choice: &VoiChoice| matches!(choice, VoiChoice::FileWindow(_) | VoiChoice::VoiLut(_));
    let (of_file, usual): (Vec<_>, Vec<_>) =
        offered.into_iter().partition(|(choice, _)| is_of_file(choice));
    let content = view! {
        {(!of_file.is_empty()).then(|| view! { <h2>{ui.say("viewer.presets_file")}</h2> })}
        {choices(ui, of_file)}
        <h2>{ui.say("viewer.presets_modality")}</h2>
        {choices(ui, usual)}
        {limits::limits(ui)}
        {colours(ui)}
    };
    panel(ui, "viewer.presets", content.into_any())
}

/// Colours that greys can be shown in.
fn colours(ui: Ui) -> Option<AnyView> {
    let current = ui.viewer().colours()?;
    let entries = ColourMap::ALL.map(|colours| {
        let name = format!("colours.{}", colours.key());
        option(ui, &name, colours == current, move |pane| Command::SetColours { pane, colours })
    });
    Some(view! { <h2>{ui.say("viewer.colours")}</h2> {Vec::from(entries)} }.into_any())
}

/// How values between pixels can be found.
fn interpolations(ui: Ui) -> AnyView {
    let current = ui.viewer().interpolation();
    let all = [
        ("interpolation.nearest", Interpolation::Nearest),
        ("interpolation.linear", Interpolation::Linear),
        ("interpolation.cubic", Interpolation::Cubic),
    ];
    let entries = all.map(|(name, interpolation)| {
        option(ui, name, interpolation == current, move |pane| Command::SetInterpolation {
            pane,
            interpolation,
        })
    });
    view! { <h2>{ui.say("viewer.interpolation")}</h2> {Vec::from(entries)} }.into_any()
}

/// One of several ways to show the active pane, by the key of its name.
fn option(
    ui: Ui,
    name: &str,
    is_current: bool,
    command: impl Fn(usize) -> Command + 'static,
) -> AnyView {
    let is_on = if is_current { "true" } else { "false" };
    view! {
        <button
            type="button"
            class="tool"
            aria-pressed=is_on
            on:click=on(move |_| {
                ui.on_active(&command);
                ui.page.menu.set(None);
            })
        >
            <span class="label">{ui.word(name).into_owned()}</span>
        </button>
    }
    .into_any()
}

/// A choice with the words for it and its values.
type Offer = (VoiChoice, VoiOffer);

fn choices(ui: Ui, offers: Vec<Offer>) -> Vec<AnyView> {
    offers.into_iter().map(|(choice, offer)| choice_button(ui, choice, &offer)).collect()
}

fn choice_button(ui: Ui, choice: VoiChoice, offer: &VoiOffer) -> AnyView {
    let values = offer.center_width.map(|[center, width]| {
        let lang = ui.page.lang.get_untracked();
        let [center, width] = [center, width].map(|value| format::window_value(lang, value, width));
        ui.fill("viewer.window_note", &[("width", &width), ("center", &center)])
    });
    let name = choice_name(ui, choice, &offer.explanation);
    let digit = offer.digit.map(|digit| view! { <kbd>{digit}</kbd> });
    let is_on = if offer.is_current { "true" } else { "false" };
    view! {
        <button
            type="button"
            class="tool"
            aria-pressed=is_on
            on:click=on(move |_| {
                ui.on_active(|pane| Command::SetVoi { pane, voi: choice });
                ui.page.menu.set(None);
            })
        >
            <span class="label">{name}</span>
            <span class="values">{values}</span>
            {digit}
        </button>
    }
    .into_any()
}

fn choice_name(ui: Ui, choice: VoiChoice, explanation: &str) -> String {
    let numbered = |key: &str, index: u16| {
        let explanation = format::one_line(explanation);
        if explanation.is_empty() {
            ui.fill(key, &[("number", &(u32::from(index) + 1).to_string())])
        } else {
            explanation
        }
    };
    match choice {
        VoiChoice::FileWindow(index) => numbered("viewer.preset_file", index),
        VoiChoice::VoiLut(index) => numbered("viewer.preset_curve", index),
        VoiChoice::Preset(preset) => ui.word(&format!("preset.{}", preset.key())).into_owned(),
        VoiChoice::FullRange => ui.word("preset.full_range").into_owned(),
        VoiChoice::Default | VoiChoice::User(_) => ui.word("preset.default").into_owned(),
    }
}

fn cine(ui: Ui) -> AnyView {
    let page = ui.page;
    let rate = move || {
        page.panes.get(page.active.get()).map_or(0.0, |pane| pane.with(|view| view.cine.rate))
    };
    let words = move || {
        let rate = format::rate(ui.lang(), rate());
        ui.fill("viewer.speed_value", &[("rate", &rate)])
    };
    let content = view! {
        <label class="speed">
            <span>{ui.say("viewer.speed")}</span>
            <input
                type="range"
                min="1"
                max="60"
                step="1"
                prop:value=follow(move || format::decimal(rate(), 0))
                aria-valuetext=follow(words)
                on:input=on(move |event| {
                    let value = event_target::<HtmlInputElement>(&event).value_as_number();
                    let value = value.is_finite().then_some(value);
                    ui.on_active(|pane| Command::SetCineRate { pane, frames_per_second: value });
                })
            />
            <output>{follow(words)}</output>
        </label>
    };
    panel(ui, "viewer.speed", content.into_any())
}

fn layouts(ui: Ui) -> AnyView {
    panel(ui, "viewer.layout", layout_choices(ui))
}

/// Layouts by name; what else there is of comparing is filled in by its own script.
fn layout_choices(ui: Ui) -> AnyView {
    ui.viewer().comparison_menu();
    view! { {layout_entries(ui).collect_view()} <div class="compare-menu"></div> }.into_any()
}

fn layout_entries(ui: Ui) -> impl Iterator<Item = AnyView> {
    let names = ["viewer.layout_1x1", "viewer.layout_1x2", "viewer.layout_2x2"];
    let svgs = [icons::LAYOUT_ONE, icons::LAYOUT_TWO, icons::LAYOUT_FOUR];
    Layout::NAMED.into_iter().zip(names).zip(svgs).map(move |((layout, name), svg)| {
        toggle(
            ui,
            Control::new(svg, name),
            move || ui.page.layout.get() == layout,
            move || {
                ui.command(Command::SetLayout(layout));
                ui.page.menu.set(None);
            },
        )
    })
}

fn more(ui: Ui) -> AnyView {
    let content = view! {
        <div class="menu-grid">{view_entries(ui)}</div>
        {interpolations(ui)}
        {roles(ui)}
        <div class="phone-menu">
            {phone_tools(ui)}
            <h2>{ui.say("viewer.layout")}</h2>
            {layout_choices(ui)}
            <h2>{ui.say("viewer.exam")}</h2>
            <p class="menu-note">{banner::exam_line(ui)}</p>
            {banner::exam_links(ui)}
            {banner::actions(ui)}
        </div>
    };
    panel(ui, "viewer.more", content.into_any())
}

/// How much is offered, and in which words.
fn roles(ui: Ui) -> AnyView {
    let names = ["role.patient", "role.physician", "role.radiologist"];
    let entries = Role::ALL.into_iter().zip(names).map(|(role, name)| {
        let is_now = move || ui.page.role.get() == role;
        toggle(ui, Control::new("", name), is_now, move || ui.viewer().choose_role(role))
    });
    let entries = entries.collect_view();
    view! { <h2>{ui.say("role.title")}</h2> <div class="roles">{entries}</div> }.into_any()
}

pub(super) fn view_entries(ui: Ui) -> Vec<AnyView> {
    let turn =
        move |quarter_turns| move || ui.on_active(|pane| Command::Turn { pane, quarter_turns });
    let flip = move |axis| move || ui.on_active(|pane| Command::Flip { pane, axis });
    let zoom = move |zoom| move || ui.on_active(|pane| Command::SetZoom { pane, zoom });
    let mut entries = vec![
        entry(ui, Control::new(icons::FIT, "viewer.fit").key("f"), zoom(Zoom::Fit)),
        entry(
            ui,
            Control::new(icons::ONE_TO_ONE, "viewer.one_to_one").key("u"),
            zoom(Zoom::OneToOne),
        ),
        button(ui, Control::new(icons::TURN_LEFT, "viewer.rotate_left").key("l"), turn(-1)),
        button(ui, Control::new(icons::TURN_RIGHT, "viewer.rotate_right").key("r"), turn(1)),
        button(
            ui,
            Control::new(icons::FLIP_HORIZONTAL, "viewer.flip_horizontal").key("h"),
            flip(FlipAxis::Horizontal),
        ),
        button(
            ui,
            Control::new(icons::FLIP_VERTICAL, "viewer.flip_vertical").key("v"),
            flip(FlipAxis::Vertical),
        ),
        button(ui, Control::new(icons::INVERT, "viewer.invert").key("i"), move || {
            ui.on_active(|pane| Command::ToggleInvert { pane });
        }),
        entry(ui, Control::new(icons::RESET, "viewer.reset").key("Backspace"), move || {
            ui.on_active(|pane| Command::Reset { pane });
        }),
    ];
    entries.extend(cover_entries(ui));
    for (svg, name, script) in [
        (icons::DOCUMENTS, "viewer.documents", "documents"),
        (icons::EXPORT, "viewer.export", "export"),
        (icons::TAGS, "viewer.tags", "tags"),
        (icons::DISC, "viewer.open_local", "local"),
    ] {
        entries.push(entry(ui, Control::new(svg, name), move || ui.viewer().open_panel(script)));
    }
    if document().query_selector("[data-import]").is_ok_and(|app| app.is_some()) {
        let import = Control::new(icons::IMPORT, "viewer.import");
        entries.push(entry(ui, import, move || ui.viewer().open_panel("import")));
    }
    entries
}

/// Overlays and shutter, where the image has them.
fn cover_entries(ui: Ui) -> Vec<AnyView> {
    let cover = move |page: Page| {
        let pane = page.panes.get(page.active.get())?;
        pane.with(|view| view.shown.as_ref()?.cover.clone())
    };
    let Some(now) = untrack(|| cover(ui.page)) else { return Vec::new() };
    let overlays = now.has_overlays.then(|| {
        toggle(
            ui,
            Control::new(icons::OVERLAYS, "viewer.overlays").key("o"),
            move || cover(ui.page).is_some_and(|cover| !cover.overlays_hidden),
            move || ui.on_active(|pane| Command::ToggleOverlays { pane }),
        )
    });
    let shutter = now.has_shutter.then(|| {
        toggle(
            ui,
            Control::new(icons::SHUTTER, "viewer.whole_image").key("c"),
            move || cover(ui.page).is_some_and(|cover| cover.shutter_open),
            move || ui.on_active(|pane| Command::ToggleShutter { pane }),
        )
    });
    [overlays, shutter].into_iter().flatten().collect()
}

/// What the phone's toolbar has no room for.
fn phone_tools(ui: Ui) -> Vec<AnyView> {
    let choose = move |tool| move || ui.command(Command::SelectTool(tool));
    vec![
        button(ui, Control::new(icons::WINDOW, "viewer.presets_open"), move || {
            ui.page.menu.set(Some(Menu::Windows));
        }),
        entry(ui, Control::new(icons::CINE_PLAY, "viewer.play"), move || {
            ui.on_active(|pane| Command::ToggleCine { pane });
        }),
        entry(ui, Control::new(icons::PAN, "viewer.tool_pan"), choose(Tool::Pan)),
        entry(ui, Control::new(icons::SCROLL, "viewer.tool_scroll"), choose(Tool::Scroll)),
        entry(ui, Control::new(icons::MEASURE, "viewer.tool_measure"), choose(Tool::Measure)),
    ]
}
