//! The clock of the page, timers and animation frames.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::dom::window;

/// Milliseconds since the page was opened.
#[must_use]
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Waits.
pub async fn sleep_ms(duration_ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _reject| {
        // Without a timer the wait is over at once: the caller checks its condition again anyway.
        if window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, duration_ms)
            .is_err()
        {
            resolve.call0(&JsValue::NULL).ok();
        }
    });
    JsFuture::from(promise).await.ok();
}

/// Waits until the browser is about to paint; for ever on a page that nobody sees.
pub async fn next_frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _reject| {
        if window().request_animation_frame(&resolve).is_err() {
            resolve.call0(&JsValue::NULL).ok();
        }
    });
    JsFuture::from(promise).await.ok();
}

/// Runs a task of the page; it reports its own errors.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(task);
}

/// Calls a function before the next paint, however often it is asked for until then.
#[derive(Clone)]
pub struct FrameLoop {
    is_asked: Rc<Cell<bool>>,
    callback: Rc<Closure<dyn FnMut(f64)>>,
}

impl FrameLoop {
    /// `draw` gets the time of the frame in milliseconds (as [`now_ms`]).
    #[must_use]
    pub fn new(mut draw: impl FnMut(f64) + 'static) -> Self {
        let is_asked = Rc::new(Cell::new(false));
        let asked = Rc::clone(&is_asked);
        let callback = Closure::<dyn FnMut(f64)>::new(move |time_ms: f64| {
            asked.set(false);
            draw(time_ms);
        });
        Self { is_asked, callback: Rc::new(callback) }
    }

    /// Asks for one call.
    pub fn ask(&self) {
        if self.is_asked.replace(true) {
            return;
        }
        let function = self.callback.as_ref().as_ref().unchecked_ref();
        if window().request_animation_frame(function).is_err() {
            self.is_asked.set(false);
        }
    }
}
