//! The grey scale as two numbers to type: what a window's centre and width leave to be worked out.

use leptos::prelude::*;
use viewer_core::command::Command;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::{Ui, on};
use crate::platform::dom::document;
use crate::report::format;

/// The grey scale by the values it begins and ends with, as they are typed.
pub(super) fn limits(ui: Ui) -> Option<AnyView> {
    let now = ui.viewer().limits()?;
    let unit = format::one_line(&now.unit);
    let heading = match unit.is_empty() {
        true => ui.word("viewer.limits").into_owned(),
        false => format!("{} ({unit})", ui.word("viewer.limits")),
    };
    let [lower, upper] = now.values.map(|value| format::decimal(value, 4));
    let change = move || {
        let values = [".limit-lower", ".limit-upper"].map(number_typed);
        if let Some(voi) = now.choice(values) {
            ui.on_active(|pane| Command::SetVoi { pane, voi });
        }
    };
    let changed = change.clone();
    let content = view! {
        <h2>{heading}</h2>
        <label class="speed">
            <span>{ui.say("viewer.limit_lower")}</span>
            <input class="limit-lower" type="number" step="any" value=lower on:change=on(move |_| change()) />
        </label>
        <label class="speed">
            <span>{ui.say("viewer.limit_upper")}</span>
            <input class="limit-upper" type="number" step="any" value=upper on:change=on(move |_| changed()) />
        </label>
    };
    Some(content.into_any())
}

/// What is typed into a field for a number; not a number where it is none.
fn number_typed(selector: &str) -> f64 {
    let field = document().query_selector(selector).ok().flatten();
    let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    field.map_or(f64::NAN, |field| field.value_as_number())
}
