//! The exams of the page: the one that was opened, and those that were put beside it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use viewer_core::exam::ExamSummary;
use viewer_core::fetch::Event;

use super::loader::Loader;

/// What all parts of the page read, and becomes longer at its end. Cheap to clone: a handle.
#[derive(Clone)]
pub struct Exams(Rc<RefCell<Arc<ExamSummary>>>);

impl Exams {
    /// Of the exam that was opened.
    #[must_use]
    pub fn new(exam: Arc<ExamSummary>) -> Self {
        Self(Rc::new(RefCell::new(exam)))
    }

    /// As they are.
    #[must_use]
    pub fn now(&self) -> Arc<ExamSummary> {
        Arc::clone(&self.0.borrow())
    }

    /// Others have come behind those that are here.
    pub fn set(&self, exam: Arc<ExamSummary>) {
        *self.0.borrow_mut() = exam;
    }
}

impl Loader {
    /// Loads frames of exams that have come behind those that were here.
    pub fn grow(&self) {
        self.0.scheduler.borrow_mut().grow(&self.0.exams.now());
        self.handle(Event::Tick);
    }
}
