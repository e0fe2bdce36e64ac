//! Pointers, wheel and keys of the page as the events that the core's tools understand.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::{GetUntracked, Set, Update};
use viewer_core::tool::{Button, InputEvent, Modifiers, PointerKind, WheelUnit};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventTarget, KeyboardEvent, PointerEvent, WheelEvent};

use super::viewer::Viewer;
use crate::platform::dom::{Listener, document};
use crate::state::page::publish;

/// Listens for as long as it is kept.
pub struct Input {
    _listeners: Vec<Listener>,
}

/// Pointers that are down, with their pane.
type Held = Rc<RefCell<Vec<(i32, usize)>>>;

impl Input {
    /// Listens on the stage (pointers, wheel) and on the document (keys).
    #[must_use]
    pub fn listen(viewer: Viewer, stage: &Element) -> Self {
        let held = Held::default();
        let mut listeners = pointer_listeners(&viewer, stage, &held);
        let wheeling = viewer.clone();
        listeners.push(Listener::new(stage, "wheel", false, move |event| wheel(&wheeling, &event)));
        let closing = viewer.page();
        listeners.push(Listener::new(&document(), "pointerdown", true, move |event: Event| {
            if !is_in_toolbar(event.target()) {
                publish(closing.menu, None);
            }
        }));
        listeners.push(Listener::new(stage, "contextmenu", false, |event: Event| {
            if pane_of(event.target()).is_some() {
                event.prevent_default();
            }
        }));
        listeners
            .push(Listener::new(&document(), "keydown", false, move |event| key(&viewer, &event)));
        Self { _listeners: listeners }
    }
}

fn pointer_listeners(viewer: &Viewer, stage: &Element, held: &Held) -> Vec<Listener> {
    let on = |kind, handle: fn(&Viewer, &Held, &PointerEvent)| {
        let (viewer, held) = (viewer.clone(), Rc::clone(held));
        Listener::new(stage, kind, false, move |event: PointerEvent| handle(&viewer, &held, &event))
    };
    vec![
        on("pointerdown", pointer_down),
        on("pointermove", pointer_moved),
        on("pointerup", pointer_up),
        on("pointercancel", pointer_cancelled),
    ]
}

fn pointer_down(viewer: &Viewer, held: &Held, event: &PointerEvent) {
    let Some((picture, pane)) = pane_of(event.target()) else { return };
    let Some(at_px) = viewer.locate(client_point(event), pane) else { return };
    let kind =
        if event.pointer_type() == "touch" { PointerKind::Touch } else { PointerKind::Mouse };
    let button = match event.button() {
        0 => Button::Primary,
        1 => Button::Auxiliary,
        2 => Button::Secondary,
        _ => return,
    };
    // No text selection, no auto scroll of the middle button; the pane keeps the keyboard.
    event.prevent_default();
    focus_pane(&picture);
    picture.set_pointer_capture(event.pointer_id()).ok();
    held.borrow_mut().push((event.pointer_id(), pane));
    let id = event.pointer_id();
    let time_ms = event.time_stamp();
    viewer.input(pane, &InputEvent::PointerDown { id, kind, button, at_px, time_ms });
}

fn pointer_moved(viewer: &Viewer, held: &Held, event: &PointerEvent) {
    let id = event.pointer_id();
    let Some(pane) = held.borrow().iter().find(|(held, _)| *held == id).map(|(_, pane)| *pane)
    else {
        return;
    };
    let Some(at_px) = viewer.locate(client_point(event), pane) else { return };
    viewer.input(pane, &InputEvent::PointerMove { id, at_px, time_ms: event.time_stamp() });
}

fn pointer_up(viewer: &Viewer, held: &Held, event: &PointerEvent) {
    let id = event.pointer_id();
    let Some(pane) = let_go(held, id) else { return };
    let Some(at_px) = viewer.locate(client_point(event), pane) else { return };
    // A tap shows or hides what lies over the image of a phone held sideways.
    if event.pointer_type() == "touch" && !viewer.in_gesture() && held.borrow().is_empty() {
        viewer.page().controls.update(|shown| *shown = !*shown);
    }
    viewer.input(pane, &InputEvent::PointerUp { id, at_px, time_ms: event.time_stamp() });
}

/// The pane a pointer was down on, which it is no more.
fn let_go(held: &Held, id: i32) -> Option<usize> {
    let mut held = held.borrow_mut();
    let index = held.iter().position(|(held, _)| *held == id)?;
    Some(held.swap_remove(index).1)
}

fn pointer_cancelled(viewer: &Viewer, held: &Held, event: &PointerEvent) {
    let id = event.pointer_id();
    if let Some(pane) = let_go(held, id) {
        viewer.input(pane, &InputEvent::PointerCancel { id });
    }
}

fn wheel(viewer: &Viewer, event: &WheelEvent) {
    let Some((_, pane)) = pane_of(event.target()) else { return };
    let client = [f64::from(event.client_x()), f64::from(event.client_y())];
    let Some(at_px) = viewer.locate(client, pane) else { return };
    // Over the image the wheel is ours: the page neither scrolls nor zooms.
    event.prevent_default();
    let unit = match event.delta_mode() {
        WheelEvent::DOM_DELTA_LINE => WheelUnit::Line,
        WheelEvent::DOM_DELTA_PAGE => WheelUnit::Page,
        _ => WheelUnit::Pixel,
    };
    let modifiers = Modifiers {
        control: event.ctrl_key() || event.meta_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
    };
    viewer.input(pane, &InputEvent::Wheel { at_px, delta_y: event.delta_y(), unit, modifiers });
}

fn key(viewer: &Viewer, event: &KeyboardEvent) {
    let page = viewer.page();
    if event.default_prevented() || belongs_elsewhere(event) {
        return;
    }
    let key = event.key();
    if key == "Escape" && page.menu.get_untracked().is_some() {
        page.menu.set(None);
        event.prevent_default();
        return;
    }
    let modifiers = Modifiers {
        control: event.ctrl_key() || event.meta_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
    };
    let pane = page.active.get_untracked();
    if viewer.input(pane, &InputEvent::Key { key, modifiers }) {
        event.prevent_default();
    }
}

/// Keys that the focused control needs for itself.
fn belongs_elsewhere(event: &KeyboardEvent) -> bool {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return false;
    };
    let name = element.tag_name();
    match name.as_str() {
        "INPUT" | "SELECT" | "TEXTAREA" => true,
        "BUTTON" | "A" | "SUMMARY" => matches!(event.key().as_str(), " " | "Enter"),
        _ => false,
    }
}

fn is_in_toolbar(target: Option<EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest(".toolbar").ok().flatten().is_some())
}

/// The picture an event is over, and the number of its pane.
fn pane_of(target: Option<EventTarget>) -> Option<(Element, usize)> {
    let picture = target?.dyn_into::<Element>().ok()?.closest(".picture").ok()??;
    let pane = picture.get_attribute("data-pane")?.parse().ok()?;
    Some((picture, pane))
}

fn focus_pane(picture: &Element) {
    let pane = picture.closest(".pane").ok().flatten();
    if let Some(pane) = pane.and_then(|pane| pane.dyn_into::<web_sys::HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        pane.focus_with_options(&options).ok();
    }
}

fn client_point(event: &PointerEvent) -> [f64; 2] {
    [f64::from(event.client_x()), f64::from(event.client_y())]
}
