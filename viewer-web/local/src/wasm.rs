//! What `local-worker.js` calls. Positions in files are numbers of JavaScript, exact up to 2⁵³.

use std::io;
use std::rc::Rc;

use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::bytes::Bytes;
use crate::frames::{Content, Frame};
use crate::medium;

/// Makes a panic an exception with its message; the module must not be used after one.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}

#[wasm_bindgen]
extern "C" {
    /// A file: its length, and a part of it.
    pub type Opened;
    #[wasm_bindgen(method, getter)]
    fn length(this: &Opened) -> f64;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Opened, start: f64, end: f64) -> Result<Uint8Array, JsValue>;
}

struct File {
    opened: Opened,
    length: u64,
}

impl Bytes for File {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let end = offset.saturating_add(length as u64).min(self.length);
        let read = self.opened.read(offset as f64, end as f64);
        // Its words are the browser's, and may hold a name.
        let read = read.map_err(|_words| io::Error::other("the file cannot be read any more"))?;
        Ok(read.to_vec())
    }
}

/// Everything that was opened at a time.
#[wasm_bindgen]
#[derive(Default)]
pub struct Medium(medium::Medium);

#[wasm_bindgen]
impl Medium {
    /// Nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a file.
    pub fn add(&mut self, name: &str, opened: Opened) {
        let length = opened.length().max(0.0) as u64;
        self.0.add(name, Rc::new(File { opened, length }));
    }

    /// Looks at the next file or entry; `false` where there is none.
    pub fn step(&mut self) -> bool {
        self.0.step()
    }

    /// JSON of [`medium::Progress`].
    #[must_use]
    pub fn progress(&self) -> String {
        written(&self.0.progress())
    }

    /// Looks at nothing more; so many files have not been added yet.
    pub fn stop(&mut self, ahead: u32) {
        self.0.stop(ahead.into());
    }

    /// JSON of the [`medium::Offer`]s, beside the patient (JSON of a summary's) that is looked at.
    ///
    /// # Errors
    /// A text that is no patient.
    pub fn offers(&self, beside: &str) -> Result<String, JsError> {
        Ok(written(&self.0.offers(&serde_json::from_str(beside)?)))
    }

    /// The summary of an exam.
    ///
    /// # Errors
    /// Where its objects are not of one exam of one patient.
    pub fn summary(&self, study: &str) -> Result<String, JsError> {
        Ok(written(&self.0.summary(study)?))
    }

    /// A frame, by its number from 1.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    pub fn frame(&mut self, instance: &str, number: u32) -> Result<Found, JsError> {
        Ok(Found(self.0.frame(instance, number)?))
    }

    /// Overlay Data of a group.
    ///
    /// # Errors
    /// Where there is none.
    pub fn overlay(&mut self, instance: &str, group: u16) -> Result<Vec<u8>, JsError> {
        Ok(self.0.overlay(instance, group)?)
    }

    /// JSON of the documents of an exam.
    #[must_use]
    pub fn documents(&mut self, study: &str) -> String {
        written(&self.0.documents(study))
    }

    /// JSON of a structured report.
    ///
    /// # Errors
    /// Where it is none, or cannot be read.
    pub fn report(&mut self, instance: &str) -> Result<String, JsError> {
        Ok(written(&self.0.report(instance)?))
    }

    /// JSON of a saved presentation.
    ///
    /// # Errors
    /// Where it is none, or cannot be read.
    pub fn presentation(&mut self, study: &str, instance: &str) -> Result<String, JsError> {
        Ok(written(&self.0.presentation(study, instance)?))
    }

    /// The bytes of a PDF.
    ///
    /// # Errors
    /// Where it is none, or cannot be read.
    pub fn pdf(&mut self, instance: &str) -> Result<Vec<u8>, JsError> {
        Ok(self.0.pdf(instance)?)
    }

    /// JSON of the rows of an object's attributes.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn attributes(&mut self, instance: &str) -> Result<String, JsError> {
        Ok(written(&self.0.attributes(instance)?))
    }
}

/// The bytes of a frame, or where they are.
#[wasm_bindgen]
pub struct Found(Frame);

#[wasm_bindgen]
impl Found {
    /// Transfer syntax.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn syntax(&self) -> String {
        self.0.syntax.clone()
    }

    /// The number of the file they are in; `None` where they are here.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn file(&self) -> Option<usize> {
        match self.0.content {
            Content::InFile { file, .. } => Some(file),
            Content::Here(_) => None,
        }
    }

    /// Start and end of each part in the file, one after the other.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn parts(&self) -> Vec<f64> {
        let Content::InFile { ranges, .. } = &self.0.content else { return Vec::new() };
        let parts = ranges.iter().flat_map(|part| [part.offset, part.offset + part.length]);
        parts.map(|position| position as f64).collect()
    }

    /// The bytes, where they are here.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn bytes(&self) -> Uint8Array {
        match &self.0.content {
            Content::Here(bytes) => Uint8Array::from(bytes.as_slice()),
            Content::InFile { .. } => Uint8Array::new_with_length(0),
        }
    }
}

/// These types always become JSON.
fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
