//! What `compare.js` calls. Views go to and fro as the JSON of [`Snapshot`].

use negatoscope_protocol::json;
use serde::Serialize;
use viewer_core::compare::Links;
use viewer_core::geometry::Affine2;
use viewer_core::session::Snapshot;
use viewer_core::viewport::ViewReference;
use wasm_bindgen::prelude::*;

use crate::desk::{self, Drawn};

/// Numbers that tell of one pane: series, image, frame, then xx, xy, x0, yx, yy, y0 of image pixels → CSS pixels;
/// a series below 0 for nothing.
const PANE_NUMBERS: usize = 9;

/// Makes a panic an exception with its message; the module must not be used after one.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}

fn written(value: &impl Serialize) -> String {
    json::write(value).unwrap_or_default()
}

fn snapshot(found: Option<Snapshot>) -> Option<String> {
    found.as_ref().map(written)
}

/// A hanging protocol on offer.
#[derive(Serialize)]
struct Offer {
    key: &'static str,
    modality: &'static str,
    is_current: bool,
}

/// An exam of the page, and the traits in which its patient differs from that of the first: key, value there, value here.
#[derive(Serialize)]
struct Exam<'a> {
    date: &'a str,
    description: &'a str,
    differing: Vec<[&'a str; 3]>,
}

/// What comparing knows.
#[wasm_bindgen]
pub struct Desk(desk::Desk);

#[wasm_bindgen]
impl Desk {
    /// From the summary of the exam.
    ///
    /// # Errors
    /// A text that is no summary.
    #[wasm_bindgen(constructor)]
    pub fn new(exam: &str) -> Result<Self, JsError> {
        Ok(Self(desk::Desk::new(json::read(exam)?)))
    }

    /// Another exam, by its summary, comes behind those that are here.
    ///
    /// # Errors
    /// A text that is no summary, an exam that is here, or one that is too much.
    pub fn join(&mut self, exam: &str) -> Result<(), JsError> {
        self.0.join(json::read(exam)?)?;
        Ok(())
    }

    /// The summary of all exams that are here.
    #[must_use]
    pub fn exam(&self) -> String {
        written(self.0.exam())
    }

    /// JSON of all exams, in their order: date (`YYYYMMDD`), description, differing traits.
    #[must_use]
    pub fn exams(&self) -> String {
        let first = &self.0.exam().patient;
        let told = self.0.exam().exams().filter_map(|of| {
            let (patient, study, differing) = self.0.identity(of)?;
            let differing = differing.iter().map(|one| [one.key(), one.of(first), one.of(patient)]);
            Some(Exam {
                date: study.date.as_deref().unwrap_or_default(),
                description: &study.description,
                differing: differing.collect(),
            })
        });
        written(&told.collect::<Vec<_>>())
    }

    /// Shows the exam of this number, from 0, beside the active pane.
    pub fn show_exam(&mut self, number: usize) -> Option<String> {
        let of = self.0.exam().exams().nth(number)?;
        Some(written(&self.0.show_exam(of)))
    }

    /// Shows the exam of this number, from 0, alone.
    pub fn show_exam_alone(&mut self, number: usize) -> Option<String> {
        let of = self.0.exam().exams().nth(number)?;
        Some(written(&self.0.show_exam_alone(of)))
    }

    /// The page's view, and the sizes of its canvases; what it is to show instead.
    ///
    /// # Errors
    /// A text that is no view of this exam.
    pub fn changed(&mut self, view: &str, sizes_px: &[u32]) -> Result<Option<String>, JsError> {
        let (sizes_px, _) = sizes_px.as_chunks();
        Ok(snapshot(self.0.changed(&json::read(view)?, sizes_px)?))
    }

    /// How panes are drawn: nine numbers for each, in order.
    pub fn draw(&mut self, panes: &[f64]) {
        let (panes, _) = panes.as_chunks::<PANE_NUMBERS>();
        self.0.draw(panes.iter().map(drawn).collect());
    }

    /// The view as it is.
    #[must_use]
    pub fn view(&self) -> String {
        written(&self.0.view())
    }

    /// JSON of the [`crate::scene::PaneScene`]s.
    #[must_use]
    pub fn scene(&self) -> String {
        written(&self.0.scene())
    }

    /// Whether panes scroll, change their grey scale, and zoom together.
    #[must_use]
    pub fn links(&self) -> Vec<u8> {
        let Links { scroll, window, zoom } = self.0.links();
        [scroll, window, zoom].map(u8::from).to_vec()
    }

    /// From now on they do these together.
    pub fn set_links(&mut self, scroll: bool, window: bool, zoom: bool) {
        self.0.set_links(Links { scroll, window, zoom });
    }

    /// Another window follows from now on.
    pub fn link_window(&mut self) {
        self.0.link_window();
    }

    /// What it is to be told of since the last time, as JSON.
    pub fn tell_window(&mut self) -> Option<String> {
        self.0.tell_window().as_ref().map(written)
    }

    /// What another window has told; the view that follows it.
    ///
    /// # Errors
    /// A text that no window of ours has written.
    pub fn hear_window(&mut self, told: &str) -> Result<Option<String>, JsError> {
        Ok(snapshot(self.0.hear_window(&json::read(told)?)))
    }

    /// Reference lines on or off.
    pub fn set_lines(&mut self, is_on: bool) {
        self.0.has_lines = is_on;
    }

    /// Takes the cursor away.
    pub fn clear_point(&mut self) {
        self.0.clear_point();
    }

    /// Puts the cursor on a point of a pane, CSS pixels.
    pub fn set_point(&mut self, pane: usize, x: f64, y: f64) -> Option<String> {
        snapshot(self.0.set_point(pane, [x, y]))
    }

    /// Moves the cursor of a pane of this size, CSS pixels.
    pub fn move_point(&mut self, pane: usize, by: &[f64], size: &[f64]) -> Option<String> {
        snapshot(self.0.move_point(pane, by.try_into().ok()?, size.try_into().ok()?))
    }

    /// The cursor, LPS, mm; empty where there is none.
    #[must_use]
    pub fn point_mm(&self) -> Vec<f64> {
        self.0.point_mm().map(Vec::from).unwrap_or_default()
    }

    /// Rows and columns.
    #[must_use]
    pub fn layout(&self) -> Vec<usize> {
        self.0.layout().to_vec()
    }

    /// Another layout.
    pub fn set_layout(&mut self, rows: u8, columns: u8) -> Option<String> {
        snapshot(self.0.set_layout(rows, columns))
    }

    /// JSON: keys, modalities and use of the hanging protocols on offer.
    #[must_use]
    pub fn protocols(&self) -> String {
        let offers = self.0.protocols().into_iter().map(|(protocol, is_current)| Offer {
            key: protocol.key,
            modality: protocol.modalities.first().copied().unwrap_or_default(),
            is_current,
        });
        written(&offers.collect::<Vec<_>>())
    }

    /// Hangs by one of them.
    pub fn hang(&mut self, index: usize) -> Option<String> {
        snapshot(self.0.hang(index))
    }

    /// Hangs what has just been opened, where a protocol is made for it.
    pub fn begin(&mut self) -> Option<String> {
        snapshot(self.0.begin())
    }

    /// One pane.
    pub fn plain(&mut self) -> String {
        written(&self.0.plain())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small whole numbers")]
fn drawn(&[series, image, frame, xx, xy, x0, yx, yy, y0]: &[f64; PANE_NUMBERS]) -> Option<Drawn> {
    let [series, image, frame] =
        (series >= 0.0).then_some([series, image, frame])?.map(|n| n as u32);
    let reference = ViewReference { series, image, frame };
    Some(Drawn { reference, css_from_image: Affine2 { xx, xy, x0, yx, yy, y0 } })
}
