//! What a screen reader is told without being asked: which image is shown, once scrolling rests, and how it
//! is turned.

use leptos::prelude::*;

use super::Ui;
use crate::platform::time::{sleep_ms, spawn};
use crate::state::view::PaneStatus;

/// Milliseconds without change after which the image is announced.
const REST_MS: i32 = 400;

pub(super) fn announce(ui: Ui) -> AnyView {
    let said = RwSignal::new(String::new());
    let changes = StoredValue::new(0_u64);
    let page = ui.page;
    let shown = Memo::new(move |_| {
        page.panes.get(page.active.get()).map(|pane| {
            pane.with(|view| {
                let position = view.shown.as_ref().map(|shown| shown.position);
                (view.status.clone(), position, view.total, view.quarter_turns)
            })
        })
    });
    Effect::new(move |turned: Option<u8>| {
        let now = shown.get();
        let before = turned.unwrap_or_default();
        let (words, turns) = match now {
            Some((PaneStatus::Ready, Some(_), _, turns)) if turns != before => {
                let degrees = (u32::from(turns) * 90).to_string();
                (ui.fill("viewer.turned", &[("degrees", &degrees)]), turns)
            }
            Some((PaneStatus::Ready, Some(position), total, turns)) => {
                let (index, total) = ((position + 1).to_string(), total.to_string());
                (ui.fill("viewer.image_of", &[("index", &index), ("total", &total)]), turns)
            }
            // A failure speaks for itself: it is an alert on the picture.
            _ => return before,
        };
        changes.update_value(|count| *count += 1);
        let mine = changes.get_value();
        spawn(async move {
            sleep_ms(REST_MS).await;
            if changes.try_get_value() == Some(mine) {
                said.set(words);
            }
        });
        turns
    });
    view! { <p class="spoken" aria-live="polite" data-test="announcement">{said}</p> }.into_any()
}
