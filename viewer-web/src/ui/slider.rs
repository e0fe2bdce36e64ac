//! The scroll bar of a pane: where in the series, and which images are there.

use leptos::prelude::*;
use viewer_core::command::Command;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::{Ui, follow, on};
use crate::report::format;
use crate::state::scroll_bar::{fraction_of, position_at};
use crate::state::view::PaneView;

pub(super) fn slider(ui: Ui, index: usize, pane: RwSignal<PaneView>) -> AnyView {
    let has_images = Memo::new(move |_| pane.with(|view| view.total > 1));
    view! { {follow(move || has_images.get().then(|| bar(ui, index, pane)))} }.into_any()
}

fn bar(ui: Ui, index: usize, pane: RwSignal<PaneView>) -> AnyView {
    let total = move || pane.with(|view| view.total);
    let wanted = move || pane.with(|view| view.wanted + 1);
    let words = move || {
        let (wanted, total) = (wanted().to_string(), total().to_string());
        ui.fill("viewer.image_of", &[("index", &wanted), ("total", &total)])
    };
    view! {
        <div
            class="slider"
            role="slider"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=ui.say("viewer.slider")
            aria-valuemin="1"
            aria-valuemax=follow(move || total().to_string())
            aria-valuenow=follow(move || wanted().to_string())
            aria-valuetext=follow(words)
            on:pointerdown=on(move |event| pressed(ui, index, pane, &event))
            on:pointermove=on(move |event| moved(ui, index, pane, &event))
        >
            {track(ui, index, pane)}
        </div>
    }
    .into_any()
}

fn track(ui: Ui, index: usize, pane: RwSignal<PaneView>) -> AnyView {
    let loaded = ui.page.loaded.get(index).copied();
    let path = move |which: usize| {
        move || {
            loaded
                .and_then(|loaded| loaded.with(|paths| paths.get(which).cloned()))
                .unwrap_or_default()
        }
    };
    let view_box = move || format!("0 0 1 {}", pane.with(|view| view.total.max(1)));
    let top = move || {
        let share = pane.with(|view| fraction_of(view.wanted, view.total));
        format!("{}%", format::decimal(share * 100.0, 3))
    };
    view! {
        <div class="slider-track">
            <svg viewBox=follow(view_box) preserveAspectRatio="none" aria-hidden="true">
                <path class="loaded" d=follow(path(0))></path>
                <path class="failed" d=follow(path(1))></path>
            </svg>
        </div>
        <div class="slider-rail"><div class="slider-thumb" style:top=follow(top)></div></div>
    }
    .into_any()
}

fn pressed(ui: Ui, index: usize, pane: RwSignal<PaneView>, event: &PointerEvent) {
    if let Some(bar) = bar_of(event) {
        bar.set_pointer_capture(event.pointer_id()).ok();
        ui.command(Command::Activate { pane: index });
        go_to(ui, index, pane, &bar, event);
    }
}

fn moved(ui: Ui, index: usize, pane: RwSignal<PaneView>, event: &PointerEvent) {
    if let Some(bar) = bar_of(event).filter(|bar| bar.has_pointer_capture(event.pointer_id())) {
        go_to(ui, index, pane, &bar, event);
    }
}

fn bar_of(event: &PointerEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

fn go_to(ui: Ui, index: usize, pane: RwSignal<PaneView>, bar: &Element, event: &PointerEvent) {
    /// Margin of the track inside the bar (`.slider-track` in the style sheet).
    const MARGIN_PX: f64 = 8.0;
    let rect = bar.get_bounding_client_rect();
    let height = (rect.height() - 2.0 * MARGIN_PX).max(1.0);
    let fraction = (f64::from(event.client_y()) - rect.top() - MARGIN_PX) / height;
    let total = pane.with_untracked(|view| view.total);
    ui.command(Command::ScrollTo { pane: index, position: position_at(fraction, total) });
}
