//! JSON, read by the browser's own parser: `serde_json` would be three times the code, and the visitor
//! waits for every byte of it. (Writing stays with `serde_json`.)

use serde::de::DeserializeOwned;
use thiserror::Error;
use wasm_bindgen::JsValue;

/// Why a text could not be read. Never repeats any of it: it may be about a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JsonError {
    /// It is no JSON.
    #[error("no JSON")]
    Syntax,
    /// It is not what was expected.
    #[error("JSON of another shape than expected")]
    Shape,
}

/// Reads a value from JSON.
///
/// # Errors
/// [`JsonError`].
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    let value: JsValue = js_sys::JSON::parse(text).map_err(|_js| JsonError::Syntax)?;
    serde_wasm_bindgen::from_value(value).map_err(|_told| JsonError::Shape)
}
