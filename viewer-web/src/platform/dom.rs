//! Window, document, listeners that go when they are dropped.

use wasm_bindgen::prelude::*;
use web_sys::{AddEventListenerOptions, Document, Event, EventTarget, Window};

/// The window. This module is only built for pages, so there always is one.
#[must_use]
#[expect(clippy::expect_used, reason = "a page without window cannot run any of this code")]
pub fn window() -> Window {
    web_sys::window().expect("the viewer runs in a page")
}

/// The document of the page.
#[must_use]
#[expect(clippy::expect_used, reason = "a page without document cannot run any of this code")]
pub fn document() -> Document {
    window().document().expect("the viewer runs in a page")
}

/// Whether a media query holds now.
#[must_use]
pub fn matches_media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// Device pixels per CSS pixel.
#[must_use]
pub fn device_pixel_ratio() -> f64 {
    let ratio = window().device_pixel_ratio();
    if ratio.is_finite() && ratio > 0.0 { ratio } else { 1.0 }
}

/// Writes a line for support to the console: a technical cause, never personal data.
pub fn log(cause: &str) {
    web_sys::console::warn_1(&JsValue::from_str(cause));
}

/// An event listener that is removed when this is dropped.
pub struct Listener {
    target: EventTarget,
    kind: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens; `is_passive` promises never to cancel the event's default action.
    #[must_use]
    pub fn new<E: JsCast>(
        target: &EventTarget,
        kind: &'static str,
        is_passive: bool,
        mut handle: impl FnMut(E) + 'static,
    ) -> Self {
        let closure =
            Closure::<dyn FnMut(Event)>::new(move |event: Event| handle(event.unchecked_into()));
        let options = AddEventListenerOptions::new();
        options.set_passive(is_passive);
        // Fails only for a callback that is no function.
        target
            .add_event_listener_with_callback_and_add_event_listener_options(
                kind,
                closure.as_ref().unchecked_ref(),
                &options,
            )
            .ok();
        Self { target: target.clone(), kind, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        self.target.remove_event_listener_with_callback(self.kind, function).ok();
    }
}
