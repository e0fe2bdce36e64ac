//! Reads the summary of an exam without keeping the page: hundreds of images are read some at a time.

use js_sys::{Array, Reflect};
use negatoscope_protocol::json::{self, JsonError};
use viewer_core::exam::{ExamSummary, Image};
use wasm_bindgen::{JsCast, JsValue};

use crate::platform::time::sleep_ms;

/// Images read in one task of the browser: some 15 ms where the processor is slow.
const IMAGES_AT_ONCE: u32 = 100;

/// Reads what `GET /api/examen/{visit}` answers.
///
/// # Errors
/// [`JsonError`].
pub async fn read(text: &str) -> Result<ExamSummary, JsonError> {
    let whole = json::parse(text)?;
    let images = take_images(&whole);
    let mut exam: ExamSummary = json::read_value(whole)?;
    let mut at_once = 0;
    for (series, images) in exam.series.iter_mut().zip(images) {
        for from in (0..images.length()).step_by(IMAGES_AT_ONCE as usize) {
            let some = images.slice(from, from + IMAGES_AT_ONCE);
            at_once += some.length();
            if at_once > IMAGES_AT_ONCE {
                sleep_ms(0).await;
                at_once = some.length();
            }
            series.images.extend(json::read_value::<Vec<Image>>(some.into())?);
        }
    }
    Ok(exam)
}

/// The images of each series, which has none then. What is not as it should be is left to the reader of the rest.
fn take_images(summary: &JsValue) -> Vec<Array> {
    let get = |object: &JsValue, name: &str| {
        Reflect::get(object, &name.into()).ok()?.dyn_into::<Array>().ok()
    };
    let take = |series: JsValue| {
        let images = get(&series, "images")?;
        Reflect::set(&series, &"images".into(), &Array::new()).ok()?;
        Some(images)
    };
    let series = get(summary, "series").unwrap_or_default();
    series.iter().map(|series| take(series).unwrap_or_default()).collect()
}
