//! Memory outside of this module.

use js_sys::{ArrayBuffer, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Gives the bytes of a buffer back at once: the browser's collector would let dozens of frames lie about, and a phone has
/// no room for them. Whoever still has the buffer finds it empty. Nothing happens where the browser cannot (before
/// ES2024).
pub fn give_back(buffer: &ArrayBuffer) {
    let transfer = Reflect::get(buffer, &JsValue::from_str("transfer")).ok();
    if let Some(transfer) = transfer.as_ref().and_then(JsCast::dyn_ref::<Function>) {
        transfer.call1(buffer, &JsValue::from(0)).ok();
    }
}
