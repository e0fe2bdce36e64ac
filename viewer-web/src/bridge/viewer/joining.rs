//! Other exams beside the one that was opened: `compare-beside.js` brings the summary of all of them.

use std::sync::Arc;

use leptos::prelude::Set;
use negatoscope_protocol::json;
use viewer_core::exam::ExamSummary;

use super::{Viewer, saved};
use crate::platform::dom::log;
use crate::state::page::publish;

impl Viewer {
    /// Takes in a summary that begins with the exams of the page; `false`, and nothing is changed, where it does not. A
    /// view that was kept of all of them comes back; without a summary it is waited for no longer.
    pub(super) fn join(&self, summary: &str) -> bool {
        let is_partial = self.0.is_partial.replace(false);
        if summary.is_empty() {
            return false;
        }
        let read = json::read::<ExamSummary>(summary).ok().map(Arc::new);
        let grow = |exam: &_| self.0.session.borrow_mut().grow(Arc::clone(exam)).is_ok();
        let Some(exam) = read.filter(grow) else {
            log("a summary does not begin with the exams of the page");
            return false;
        };
        let page = self.0.page;
        let joined = exam.joined.len();
        self.0.exams.set(exam);
        self.loader().grow();
        publish(page.progress, self.loader().progress());
        page.joined.set(joined);
        if is_partial {
            let restored = saved::restore(&mut self.0.session.borrow_mut(), &self.0.view_name);
            self.0.is_partial.set(restored == Some(false));
        }
        self.session_changed();
        true
    }
}
