//! Colours by ICC profiles, for JavaScript. A conversion is prepared once and kept.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::Uint8Array;
use negatoscope_protocol::{Reply, json};
use viewer_core::exam::IccProfile;
use viewer_core::pixel::icc::ToSrgb;
use wasm_bindgen::prelude::*;

use crate::colours::converted_body;

thread_local! {
    static PREPARED: RefCell<BTreeMap<u32, ToSrgb>> = const { RefCell::new(BTreeMap::new()) };
}

/// Whether the profile of this number is prepared.
#[wasm_bindgen]
#[must_use]
pub fn has_profile(number: u32) -> bool {
    PREPARED.with_borrow(|prepared| prepared.contains_key(&number))
}

/// The body of a reply with its colours as sRGB. `head` is the JSON of the reply, `base64` the profile,
/// empty where it is prepared.
///
/// # Errors
/// A profile that cannot be used.
#[wasm_bindgen]
pub fn to_srgb(
    number: u32,
    base64: String,
    head: &str,
    body: &[u8],
) -> Result<Uint8Array, JsError> {
    let reply: Reply = json::read(head)?;
    if !base64.is_empty() {
        let conversion = ToSrgb::from_exam(&IccProfile { base64 })?;
        PREPARED.with_borrow_mut(|prepared| prepared.insert(number, conversion));
    }
    PREPARED.with_borrow(|prepared| {
        let conversion = prepared.get(&number).ok_or_else(|| JsError::new("no such profile"))?;
        Ok(Uint8Array::from(converted_body(conversion, &reply, body).as_slice()))
    })
}
