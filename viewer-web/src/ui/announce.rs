//! What a screen reader is told without being asked: which image is shown, once scrolling rests.

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
                (view.status.clone(), position, view.total)
            })
        })
    });
    Effect::new(move |_| {
        let now = shown.get();
        let words = match now {
            Some((PaneStatus::Ready, Some(position), total)) => {
                let (index, total) = ((position + 1).to_string(), total.to_string());
                ui.fill("viewer.image_of", &[("index", &index), ("total", &total)])
            }
            // A failure speaks for itself: it is an alert on the picture.
            _ => return,
        };
        changes.update_value(|count| *count += 1);
        let mine = changes.get_value();
        spawn(async move {
            sleep_ms(REST_MS).await;
            if changes.try_get_value() == Some(mine) {
                said.set(words);
            }
        });
    });
    view! { <p class="spoken" aria-live="polite" data-test="announcement">{said}</p> }.into_any()
}
