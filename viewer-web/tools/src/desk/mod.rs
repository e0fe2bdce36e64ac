//! The annotations of an exam and what a reader is doing to them.

mod keeping;
mod keys;
mod pointer;

pub use keeping::SavedView;
pub use keys::Key;

use std::collections::BTreeMap;

use negatoscope_text::Lang;
use viewer_core::annotate::{
    Annotation, Draft, Drawing, Grip, ImageFacts, Kind, Samples, SavedAnnotation, Store, Value,
    sample_rows, values,
};
use viewer_core::exam::ExamSummary;
use viewer_core::geometry::Affine2;

use crate::words;

/// What a pane shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// SOP Instance UID of the image.
    pub sop_instance_uid: String,
    /// Its frame, from 0.
    pub frame: u32,
    /// Image pixels → CSS pixels from the pane's corner.
    pub canvas_from_image: Affine2,
    /// Width and height of the pane, CSS pixels.
    pub size_px: [f64; 2],
}

/// An annotation in somebody's hand.
#[derive(Clone, Debug)]
struct Held {
    pane: usize,
    id: u32,
    grip: Grip,
    /// Where it was taken, and its points then; image points.
    from: [f64; 2],
    points: Vec<[f64; 2]>,
}

/// One that is being drawn.
#[derive(Clone, Debug)]
struct Drawn {
    pane: usize,
    draft: Draft,
    /// Where the button went down that is still down, CSS pixels; whether that placed a point: the first of a line.
    pressed: Option<([f64; 2], bool)>,
}

/// Samples that a value waits for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Wanted {
    /// The annotation.
    pub id: u32,
    /// Its image.
    pub sop_instance_uid: String,
    /// Its frame, from 0.
    pub frame: u32,
    /// First row and the row behind the last.
    pub rows: [u32; 2],
}

/// All of it.
#[derive(Debug)]
pub struct Desk {
    exam: ExamSummary,
    lang: Lang,
    store: Store,
    /// What is drawn next; `None`: the reader does something else.
    kind: Option<Kind>,
    panes: BTreeMap<usize, Shown>,
    drawn: Option<Drawn>,
    held: Option<Held>,
    selected: Option<(u32, Option<usize>)>,
    /// Where the keyboard points: pane and image point.
    cursor: Option<(usize, [f64; 2])>,
    /// Values of pixels by annotation, with the annotation they were found for.
    sampled: BTreeMap<u32, (Annotation, Vec<Value>)>,
    /// Kept ones whose image is of an exam that is not here yet.
    waiting: Vec<SavedAnnotation>,
    /// What a screen reader is to say.
    said: String,
    /// The annotation that was drawn last and not told yet.
    added: Option<u32>,
}

impl Desk {
    /// An empty one.
    #[must_use]
    pub fn new(exam: ExamSummary, lang: Lang) -> Self {
        Self {
            exam,
            lang,
            store: Store::default(),
            kind: None,
            panes: BTreeMap::new(),
            drawn: None,
            held: None,
            selected: None,
            cursor: None,
            sampled: BTreeMap::new(),
            waiting: Vec::new(),
            said: String::new(),
            added: None,
        }
    }

    /// Exams have come behind those that are here. What was kept of their images comes back; `false`, and nothing is
    /// changed, where `exam` does not begin with what is here.
    pub fn grow(&mut self, exam: ExamSummary) -> bool {
        let fits = exam.begins_with(&self.exam);
        if fits {
            self.exam = exam;
            let waiting = std::mem::take(&mut self.waiting);
            self.restore(waiting);
        }
        fits
    }

    /// The annotations.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Language of the words.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Another language.
    pub fn set_lang(&mut self, lang: Lang) {
        self.lang = lang;
    }

    /// What is drawn next.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Another kind is drawn next, or none.
    pub fn choose(&mut self, kind: Option<Kind>) {
        self.cancel();
        self.cursor = self.cursor.filter(|_| kind.is_some());
        self.kind = kind;
        if let Some(kind) = kind {
            self.said = words::how_to(self.lang, kind);
        }
    }

    /// A pane shows something. What is being drawn on another image ends.
    pub fn show(&mut self, pane: usize, shown: Shown) {
        let is_other = self.panes.get(&pane).is_none_or(|before| {
            before.frame != shown.frame || before.sop_instance_uid != shown.sop_instance_uid
        });
        if is_other {
            self.forget_pane(pane);
        }
        self.panes.insert(pane, shown);
    }

    /// A pane shows nothing.
    pub fn hide(&mut self, pane: usize) {
        self.forget_pane(pane);
        self.panes.remove(&pane);
    }

    fn forget_pane(&mut self, pane: usize) {
        if self.drawn.as_ref().is_some_and(|drawn| drawn.pane == pane) {
            self.drawn = None;
        }
        if self.held.as_ref().is_some_and(|held| held.pane == pane) {
            self.held = None;
            self.store.end_gesture();
        }
        self.cursor = self.cursor.filter(|(at, _)| *at != pane);
    }

    /// Ends what is under way without keeping it; `false` where nothing was.
    pub fn cancel(&mut self) -> bool {
        let was_busy = self.drawn.take().is_some() || self.held.take().is_some();
        self.store.cancel_gesture();
        was_busy
    }

    /// Whether something is being drawn.
    #[must_use]
    pub fn is_drawing(&self) -> bool {
        self.drawn.is_some()
    }

    /// Facts of the frame in a pane.
    #[must_use]
    pub fn facts(&self, pane: usize) -> Option<ImageFacts<'_>> {
        let shown = self.panes.get(&pane)?;
        self.facts_of(&shown.sop_instance_uid, shown.frame)
    }

    /// Facts of the frame an annotation was drawn on.
    #[must_use]
    pub fn home(&self, annotation: &Annotation) -> Option<ImageFacts<'_>> {
        self.facts_of(&annotation.sop_instance_uid, annotation.frame)
    }

    fn facts_of(&self, sop_instance_uid: &str, frame: u32) -> Option<ImageFacts<'_>> {
        let mut facts = ImageFacts::find(&self.exam, sop_instance_uid, frame)?;
        facts.user_pixel_mm = self.store.user_pixel_mm(sop_instance_uid, |line| {
            let points = line.points.image_points(&facts)?;
            let length = facts.pixel_scale().path(&points)?;
            Some(length.value)
        });
        Some(facts)
    }

    /// What a pane shows.
    #[must_use]
    pub fn shown(&self, pane: usize) -> Option<&Shown> {
        self.panes.get(&pane)
    }

    /// Annotations that are seen in a pane, with their points on its image.
    pub fn seen(&self, pane: usize) -> Vec<(&Annotation, Vec<[f64; 2]>)> {
        let Some(facts) = self.facts(pane) else { return Vec::new() };
        let on_pane = |item: &'_ Annotation| {
            let home = self.home(item)?;
            let points = item.points.image_points(&facts)?;
            facts.shares_plane(&home).then_some(points)
        };
        self.store.items().iter().filter_map(|item| Some((item, on_pane(item)?))).collect()
    }

    /// The draft in a pane with its points now.
    #[must_use]
    pub fn draft(&self, pane: usize) -> Option<(Kind, Vec<[f64; 2]>)> {
        let drawn = self.drawn.as_ref().filter(|drawn| drawn.pane == pane)?;
        Some((drawn.draft.kind, drawn.draft.points(&self.facts(pane)?)))
    }

    /// Where the keyboard points in a pane, image point.
    #[must_use]
    pub fn cursor(&self, pane: usize) -> Option<[f64; 2]> {
        self.cursor.filter(|(at, _)| *at == pane).map(|(_, point)| point)
    }

    /// The annotation that is selected, and which of its points.
    #[must_use]
    pub fn selected(&self) -> Option<(u32, Option<usize>)> {
        self.selected
    }

    /// Values of an annotation, on the image it was drawn on.
    #[must_use]
    pub fn values(&self, annotation: &Annotation) -> Vec<Value> {
        let Some(facts) = self.home(annotation) else { return Vec::new() };
        let Some(points) = annotation.points.image_points(&facts) else { return Vec::new() };
        let mut found = values(annotation.kind, &facts, &points, annotation.known_mm, None);
        if let Some((of, sampled)) = self.sampled.get(&annotation.id)
            && of.points == annotation.points
        {
            found.retain(|value| *value != Value::Awaited);
            found.extend(sampled.iter().cloned());
        }
        found
    }

    /// Samples that values wait for.
    #[must_use]
    pub fn wanted(&self) -> Vec<Wanted> {
        let wanted = |item: &Annotation| {
            let is_known =
                self.sampled.get(&item.id).is_some_and(|(of, _)| of.points == item.points);
            let facts = self.home(item).filter(|_| !is_known)?;
            let points = item.points.image_points(&facts)?;
            let rows = sample_rows(item.kind, &facts, &points)?;
            let sop_instance_uid = item.sop_instance_uid.clone();
            Some(Wanted { id: item.id, sop_instance_uid, frame: item.frame, rows })
        };
        self.store.items().iter().filter_map(wanted).collect()
    }

    /// Takes samples for an annotation.
    pub fn sampled(&mut self, id: u32, samples: &Samples<'_>) {
        let Some(item) = self.store.get(id).cloned() else { return };
        let found = self.home(&item).and_then(|facts| {
            let points = item.points.image_points(&facts)?;
            Some(values(item.kind, &facts, &points, None, Some(samples)))
        });
        let of_pixels = |value: &Value| matches!(value, Value::Statistics(..) | Value::Sample(..));
        let found = found.unwrap_or_default().into_iter().filter(of_pixels).collect();
        self.sampled.insert(id, (item, found));
    }

    /// What a screen reader is to say since the last call.
    pub fn take_said(&mut self) -> String {
        std::mem::take(&mut self.said)
    }

    /// The annotation that was drawn since the last call.
    pub fn take_added(&mut self) -> Option<u32> {
        self.added.take()
    }

    /// Has the value of an annotation said.
    pub fn say(&mut self, id: u32) {
        if let Some(item) = self.store.get(id) {
            self.said = words::sentence(self, item);
        }
    }

    /// Selects an annotation, or nothing.
    pub fn select(&mut self, id: Option<u32>) {
        if self.selected.map(|(selected, _)| selected) != id {
            self.selected = id.map(|id| (id, None));
        }
    }

    /// Takes an annotation away.
    pub fn remove(&mut self, id: u32) {
        if let Some(item) = self.store.get(id) {
            self.said = words::removed(self, item);
            self.store.remove(id);
            self.selected = None;
        }
    }

    /// Words of the reader.
    pub fn set_text(&mut self, id: u32, text: &str) {
        if let Some(item) = self.store.get(id) {
            let text = text.chars().filter(|c| !c.is_control()).take(200).collect();
            self.store.replace(Annotation { text, ..item.clone() });
        }
    }

    /// The length of a calibration line in mm, `None` where it is not known.
    pub fn set_known_mm(&mut self, id: u32, known_mm: Option<f64>) {
        if let Some(item) = self.store.get(id) {
            let known_mm = known_mm.filter(|mm| mm.is_finite() && *mm > 0.0);
            self.store.replace(Annotation { known_mm, ..item.clone() });
        }
    }

    /// Takes the last step back, or does it again.
    pub fn step(&mut self, is_undo: bool) {
        self.cancel();
        let changed = if is_undo { self.store.undo() } else { self.store.redo() };
        if let Some(id) = changed {
            match self.store.get(id) {
                Some(_) => self.say(id),
                None => self.said = words::undone(self.lang),
            }
            self.selected = self.selected.filter(|(id, _)| self.store.get(*id).is_some());
        }
    }

    /// How what is at some points of a pane's image is drawn there.
    #[must_use]
    pub fn drawing(&self, pane: usize, kind: Kind, points: &[[f64; 2]]) -> Option<Drawing> {
        let map = self.panes.get(&pane)?.canvas_from_image;
        Some(Drawing::of(kind, &self.facts(pane)?, points, &map))
    }
}
