//! The user interface: one file per part of the page. Parts read the signals of [`Page`] and send
//! [`Command`]s; nothing here changes what is shown by itself.

mod annotations;
mod announce;
mod banner;
mod controls;
mod icons;
mod limits;
mod menus;
mod pane;
mod ribbons;
mod root;
mod series_facts;
mod slider;
mod strip;
mod toolbar;
mod trouble;

use std::borrow::Cow;
use std::sync::Arc;

use leptos::prelude::*;
use negatoscope_text::{Lang, fill, text};
use viewer_core::command::Command;
use viewer_core::exam::{ExamIndex, ExamSummary, Patient, Series, Study};

use root::tool_name;
pub use root::{PARTS, frame};
pub use trouble::{StartTrouble, trouble};

use crate::bridge::viewer::Viewer;
use crate::report::format;
use crate::state::page::{Page, Role};

/// What every part of the user interface gets. Handles only, cheap to copy.
#[derive(Clone, Copy)]
pub struct Ui {
    /// Signals.
    pub page: Page,
    viewer: StoredValue<Viewer, LocalStorage>,
}

impl Ui {
    /// For a viewer and the signals it writes.
    #[must_use]
    pub fn new(page: Page, viewer: Viewer) -> Self {
        Self { page, viewer: StoredValue::new_local(viewer) }
    }

    /// Words that follow the language of the page and the reader's role.
    fn say(self, key: &'static str) -> impl Fn() -> Cow<'static, str> + Copy + Send + 'static {
        move || self.word(key)
    }

    /// Words with values filled in; to be called where a change of language is followed.
    fn fill(self, key: &str, values: &[(&str, &str)]) -> String {
        fill(&self.word(key), values)
    }

    /// Patients get other words for some things: those under `KEY.plain`.
    fn word(self, key: &str) -> Cow<'static, str> {
        let lang = self.page.lang.get();
        let plain = [key, ".plain"].concat();
        let found = text(lang, &plain);
        let is_plain = self.page.role.get() == Role::Patient && found != plain;
        if is_plain { found } else { text(lang, key) }
    }

    fn lang(self) -> Lang {
        self.page.lang.get()
    }

    fn viewer(self) -> Viewer {
        self.viewer.get_value()
    }

    fn exam(self) -> Arc<ExamSummary> {
        self.viewer.with_value(Viewer::exam)
    }

    fn command(self, command: Command) {
        self.viewer.with_value(|viewer| viewer.command(command));
    }

    /// A command for the active pane.
    fn on_active(self, command: impl FnOnce(usize) -> Command) {
        self.command(command(self.page.active.get_untracked()));
    }

    /// What a series is called: its description, else its number, and what tells it from its siblings.
    fn series_name(self, index: u32, series: &Series) -> String {
        let description = format::one_line(&series.description);
        let name = if description.is_empty() {
            let number = series.number.unwrap_or_else(|| i32::try_from(index + 1).unwrap_or(0));
            self.fill("viewer.series_number", &[("number", &number.to_string())])
        } else {
            description
        };
        let split = self.split_words(series);
        if split.is_empty() { name } else { format!("{name} · {split}") }
    }

    /// Whose a series is, and of which study.
    fn with_exam_of<R>(
        self,
        index: Option<u32>,
        read: impl FnOnce(&Patient, &Study) -> R,
    ) -> Option<R> {
        let exam = self.exam();
        let (patient, study) = exam.of(exam.series.get(index? as usize)?.exam)?;
        Some(read(patient, study))
    }

    /// What an exam is called where the page shows several, by its date and description.
    fn exam_name(self, of: ExamIndex) -> Option<String> {
        if self.page.joined.get() == 0 {
            return None;
        }
        let exam = self.exam();
        let (_, study) = exam.of(of)?;
        let date = study.date.as_deref().map(|date| format::date(self.lang(), date));
        let parts = [date.unwrap_or_default(), format::one_line(&study.description)];
        let mut words: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if study.is_local {
            words.push(self.word("viewer.local").into_owned());
        }
        if words.is_empty() {
            let number = (u32::from(of.number()) + 1).to_string();
            return Some(self.fill("viewer.exam_number", &[("number", &number)]));
        }
        Some(words.join(" · "))
    }

    /// The series of an index, if the exam has it.
    fn with_series<R>(self, index: Option<u32>, read: impl FnOnce(u32, &Series) -> R) -> Option<R> {
        let index = index?;
        let exam = self.exam();
        exam.series.get(usize::try_from(index).ok()?).map(|series| read(index, series))
    }
}

/// What follows signals, of one type wherever it stands: each closure on its own would bring a copy of the
/// framework's code for its type.
fn follow<T: 'static>(read: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(read)
}

/// What is done at an event, of one type for each kind of event, as [`follow`].
fn on<E: 'static>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}
