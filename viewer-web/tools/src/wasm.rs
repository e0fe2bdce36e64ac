//! What `measure.js` calls. Values that it puts on the page are JSON.

use negatoscope_protocol::json;
use negatoscope_text::{Lang, text};
use serde::Serialize;
use viewer_core::annotate::{Kind, Samples};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::PixelKind;
use wasm_bindgen::prelude::*;

use crate::desk::{self, Key, Shown};
use crate::scene::{List, Scene};
use crate::words;

/// Makes a panic an exception with its message; the module must not be used after one.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}

fn written(value: &impl Serialize) -> String {
    json::write(value).unwrap_or_default()
}

/// The annotations of the exam.
#[wasm_bindgen]
pub struct Desk(desk::Desk);

#[wasm_bindgen]
impl Desk {
    /// From the summary of the exam.
    ///
    /// # Errors
    /// A text that is no summary.
    #[wasm_bindgen(constructor)]
    pub fn new(exam: &str, lang: &str) -> Result<Self, JsError> {
        Ok(Self(desk::Desk::new(json::read(exam)?, Lang::from_tag(lang).unwrap_or_default())))
    }

    /// Another language.
    pub fn set_lang(&mut self, lang: &str) {
        self.0.set_lang(Lang::from_tag(lang).unwrap_or_default());
    }

    /// Words of the page.
    #[must_use]
    pub fn word(&self, key: &str) -> String {
        text(self.0.lang(), key).into_owned()
    }

    /// Keys and names of all kinds, in the order of a menu.
    #[must_use]
    pub fn kinds(&self) -> String {
        let names = Kind::ALL.map(|kind| (kind.key(), words::kind_name(self.0.lang(), kind)));
        written(&names.to_vec())
    }

    /// What is drawn next; empty for nothing.
    pub fn choose(&mut self, kind: &str) {
        self.0.choose(Kind::from_key(kind));
    }

    /// A pane shows a frame. `map` are xx, xy, x0, yx, yy, y0 of image pixels → CSS pixels, then the pane's size.
    pub fn show(&mut self, pane: usize, sop_instance_uid: String, frame: u32, map: &[f64]) {
        if let &[xx, xy, x0, yx, yy, y0, width, height] = map {
            let canvas_from_image = Affine2 { xx, xy, x0, yx, yy, y0 };
            let size_px = [width, height];
            self.0.show(pane, Shown { sop_instance_uid, frame, canvas_from_image, size_px });
        }
    }

    /// A pane shows nothing.
    pub fn hide(&mut self, pane: usize) {
        self.0.hide(pane);
    }

    /// How the chosen kind is drawn.
    #[must_use]
    pub fn hint(&self) -> String {
        self.0.kind().map(|kind| words::how_to(self.0.lang(), kind)).unwrap_or_default()
    }

    /// Whether something is being drawn, so that it follows the pointer.
    #[must_use]
    pub fn is_drawing(&self) -> bool {
        self.0.is_drawing()
    }

    /// A button or finger went down; `false` where it is not for measuring.
    pub fn down(&mut self, pane: usize, x: f64, y: f64, reach: f64) -> bool {
        self.0.down(pane, [x, y], reach)
    }

    /// A pointer moved.
    pub fn moved(&mut self, pane: usize, x: f64, y: f64) {
        self.0.moved(pane, [x, y]);
    }

    /// It went up.
    pub fn up(&mut self, pane: usize, x: f64, y: f64, reach: f64) {
        self.0.up(pane, [x, y], reach);
    }

    /// Ends what is under way without keeping it.
    pub fn cancel(&mut self) {
        self.0.cancel();
    }

    /// A key, with the keyboard on an annotation (its number) or not (0); `false` where it is not for measuring.
    pub fn key(
        &mut self,
        key: &str,
        shift: bool,
        control: bool,
        pane: usize,
        focused: u32,
    ) -> bool {
        let focused = (focused != 0).then_some(focused);
        self.0.key(Key { key, shift, control }, pane, focused)
    }

    /// Selects one, or nothing (0).
    pub fn select(&mut self, id: u32) {
        self.0.select((id != 0).then_some(id));
    }

    /// Takes one away.
    pub fn remove(&mut self, id: u32) {
        self.0.remove(id);
    }

    /// Takes a step back, or does it again.
    pub fn step(&mut self, is_undo: bool) {
        self.0.step(is_undo);
    }

    /// Words of the reader.
    pub fn set_text(&mut self, id: u32, text: &str) {
        self.0.set_text(id, text);
    }

    /// The length of a calibration line; anything but a number above 0 is none.
    pub fn set_known_mm(&mut self, id: u32, known_mm: f64) {
        self.0.set_known_mm(id, Some(known_mm));
    }

    /// JSON of [`Scene`].
    #[must_use]
    pub fn scene(&self, pane: usize) -> String {
        written(&Scene::of(&self.0, pane))
    }

    /// JSON of [`List`].
    #[must_use]
    pub fn list(&self) -> String {
        written(&List::of(&self.0))
    }

    /// JSON of the [`desk::Wanted`] samples.
    #[must_use]
    pub fn wanted(&self) -> String {
        written(&self.0.wanted())
    }

    /// Samples for an annotation; `kind` is the name of a [`PixelKind`].
    pub fn sampled(&mut self, id: u32, kind: &str, columns: u32, first_row: u32, bytes: &[u8]) {
        if let Some(kind) = pixel_kind(kind) {
            self.0.sampled(id, &Samples { kind, columns, first_row, bytes });
        }
    }

    /// What a screen reader is to say; empty where it is nothing.
    pub fn take_said(&mut self) -> String {
        self.0.take_said()
    }

    /// Has the value of an annotation said.
    pub fn say(&mut self, id: u32) {
        self.0.say(id);
    }

    /// The annotation that was drawn since the last call, 0 for none.
    pub fn take_added(&mut self) -> u32 {
        self.0.take_added().unwrap_or(0)
    }

    /// What is kept for the time of the session.
    #[must_use]
    pub fn saved(&self) -> String {
        written(&self.0.saved())
    }

    /// Exams have come behind those that are here, by the summary of all of them.
    ///
    /// # Errors
    /// A text that is no such summary.
    pub fn grow(&mut self, exam: &str) -> Result<bool, JsError> {
        Ok(self.0.grow(json::read(exam)?))
    }

    /// How many reports there are: one for each exam with images that were measured.
    #[must_use]
    pub fn reports(&self) -> usize {
        self.0.reported().len()
    }

    /// One of them as a DICOM structured report; empty where there is none of this number (from 0) or it has no values. `now` is `YYYYMMDD` and
    /// `HHMMSS` in one, `random` 16 random bytes.
    #[must_use]
    pub fn report(&self, number: usize, now: &str, random: &[u8]) -> Vec<u8> {
        let of = self.0.reported().get(number).copied();
        of.and_then(|of| self.0.report(of, now, random)).unwrap_or_default()
    }

    /// A DICOM presentation state of what was drawn on the series in the active pane; empty where nothing was, or its
    /// images have colours. `view` is the view as the page keeps it.
    ///
    /// # Errors
    /// A text that is no such view.
    pub fn presentation(&self, now: &str, random: &[u8], view: &str) -> Result<Vec<u8>, JsError> {
        Ok(self.0.presentation(now, random, &json::read(view)?).unwrap_or_default())
    }

    /// Comes back to what was kept.
    ///
    /// # Errors
    /// A text that was not kept by this module.
    pub fn restore(&mut self, saved: &str) -> Result<(), JsError> {
        self.0.restore(json::read(saved)?);
        Ok(())
    }
}

fn pixel_kind(name: &str) -> Option<PixelKind> {
    let all = [
        PixelKind::GrayU8,
        PixelKind::GrayI8,
        PixelKind::GrayU16,
        PixelKind::GrayI16,
        PixelKind::GrayU32,
        PixelKind::GrayI32,
        PixelKind::GrayF32,
    ];
    all.into_iter().find(|kind| format!("{kind:?}") == name)
}
