//! The view as it is kept in this tab over a login: indices, factors and choices, nothing of the patient.

use std::rc::Rc;

use negatoscope_protocol::json;
use viewer_core::session::{Session, Snapshot};

use super::Viewer;
use crate::platform::dom::{log, window};
use crate::platform::storage;
use crate::platform::time::{sleep_ms, spawn};

/// Milliseconds after a change until the view is written down.
const SAVE_MS: i32 = 500;

impl Viewer {
    pub(super) fn plan_save(&self) {
        if self.0.save_planned.replace(true) {
            return;
        }
        let viewer = Rc::downgrade(&self.0);
        spawn(async move {
            sleep_ms(SAVE_MS).await;
            if let Some(inner) = viewer.upgrade() {
                inner.save_planned.set(false);
                Self(inner).save();
            }
        });
    }

    /// Writes the view down in this tab, so that it comes back after a login: no patient data in it.
    pub fn save(&self) {
        if self.0.forgotten.get() || self.0.is_partial.get() {
            return;
        }
        let snapshot = self.0.session.borrow().snapshot();
        match json::write(&snapshot) {
            Ok(text) => storage::write(&self.0.view_name, &text),
            Err(error) => log(&error.to_string()),
        }
    }

    /// The reader leaves for good: nothing is kept.
    pub fn forget_view(&self) {
        self.0.forgotten.set(true);
        storage::remove(&self.0.view_name);
        storage::remove(&self.measures_name());
        storage::remove(&self.comparison_name());
    }

    /// Whether the reader logged out.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.0.forgotten.get()
    }

    /// To the login page, which comes back here.
    pub fn log_in_again(&self) {
        self.save();
        window().location().assign(&format!("/entree/{}", self.0.visit)).ok();
    }
}

/// Comes back to the view kept under a name, `false` where it is of more exams than are here; `None` where there is none
/// that fits the exam.
pub(super) fn restore(session: &mut Session, view_name: &str) -> Option<bool> {
    let text = storage::read(view_name)?;
    let restored = json::read::<Snapshot>(&text)
        .map_err(|error| error.to_string())
        .and_then(|view| session.restore(&view).map_err(|error| error.to_string()));
    restored.map_err(|error| log(&error)).ok()
}
