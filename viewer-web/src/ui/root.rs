//! The whole page.

use leptos::ev::DragEvent;
use leptos::prelude::*;
use viewer_core::command::{Command, Tool};

use super::announce::announce;
use super::banner::banner;
use super::pane::panes;
use super::ribbons::ribbons;
use super::strip::{carries_series, dropped_series, strip};
use super::toolbar::toolbar;
use super::{Ui, follow, on};
use crate::state::page::publish;

/// What is in the frame, in the order of reading.
pub const PARTS: [fn(Ui) -> AnyView; 5] = [banner, strip, stage, ribbons, toolbar];

/// The viewer of one exam, still without its parts.
pub fn frame(ui: Ui) -> AnyView {
    let page = ui.page;
    Effect::new(move |_| {
        page.gpu_news.track();
        ui.viewer().redraw();
    });
    let shown = |is_shown: bool| if is_shown { "shown" } else { "hidden" };
    view! {
        <div
            class="viewer"
            data-role=follow(move || page.role.get().key())
            data-strip=follow(move || shown(page.strip.get()))
            data-controls=follow(move || shown(page.controls.get()))
        ></div>
    }
    .into_any()
}

fn stage(ui: Ui) -> AnyView {
    view! {
        <main
            class="stage"
            on:dragover=on(move |event| {
                if carries_series(&event) {
                    event.prevent_default();
                    publish(ui.page.drop_target, pane_under(event.target()));
                }
            })
            on:dragleave=on(move |_| publish(ui.page.drop_target, None))
            on:drop=on(move |event: DragEvent| {
                publish(ui.page.drop_target, None);
                let pane = pane_under(event.target());
                if let Some((pane, series)) = pane.zip(dropped_series(&event)) {
                    event.prevent_default();
                    ui.command(Command::Activate { pane });
                    ui.command(Command::ShowSeries { pane, series });
                }
            })
        >
            {panes(ui)}
            {announce(ui)}
        </main>
    }
    .into_any()
}

/// Number of the pane an event is in.
fn pane_under(target: Option<web_sys::EventTarget>) -> Option<usize> {
    use wasm_bindgen::JsCast;
    let element = target?.dyn_into::<web_sys::Element>().ok()?;
    element.closest(".pane").ok()??.get_attribute("data-pane")?.parse().ok()
}

/// For the cursor over the picture.
pub(super) fn tool_name(tool: Tool) -> &'static str {
    match tool {
        Tool::Scroll => "scroll",
        Tool::Window => "window",
        Tool::Pan => "pan",
        Tool::Zoom => "zoom",
        Tool::Measure => "measure",
    }
}
