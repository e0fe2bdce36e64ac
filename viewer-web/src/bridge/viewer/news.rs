//! What the loader tells, as signals of the page.

use std::rc::Rc;

use viewer_core::fetch::{Connection, FrameKey, FrameStatus};

use super::Viewer;
use crate::bridge::loader::LoaderNews;
use crate::platform::time::{sleep_ms, spawn};
use crate::state::loaded_map::outline;
use crate::state::page::{PageTrouble, publish};

/// Milliseconds between two updates of progress bars and loaded maps: each is a picture of the whole page, which takes
/// a browser without GPU as long as it takes to fetch and decode ten images.
const PROGRESS_MS: i32 = 400;

impl Viewer {
    pub(super) fn heard(&self, news: &LoaderNews) {
        match news {
            LoaderNews::Frame(key) => {
                if self.shows(*key) {
                    self.redraw();
                }
                self.show_progress();
            }
            LoaderNews::Progress => self.show_progress(),
            LoaderNews::Connection => {
                self.covers().retry();
                self.publish_connection();
            }
            LoaderNews::NoWorkers => publish(self.0.page.trouble, PageTrouble::WorkersFailed),
        }
    }

    /// Whether a frame is wanted on the screen.
    fn shows(&self, key: FrameKey) -> bool {
        let session = self.0.session.borrow();
        session
            .visible_panes()
            .into_iter()
            .any(|pane| session.reference(pane).is_some_and(|shown| FrameKey::from(shown) == key))
    }

    /// That the exam is whole is said at once.
    fn show_progress(&self) {
        if self.loader().is_whole() {
            self.publish_progress();
        } else {
            self.plan_progress();
        }
    }

    pub(super) fn plan_progress(&self) {
        if self.0.progress_planned.replace(true) {
            return;
        }
        let viewer = Rc::downgrade(&self.0);
        spawn(async move {
            sleep_ms(PROGRESS_MS).await;
            if let Some(inner) = viewer.upgrade() {
                inner.progress_planned.set(false);
                Self(inner).publish_progress();
            }
        });
    }

    fn publish_progress(&self) {
        publish(self.0.page.progress, self.loader().progress());
        for (pane, signal) in self.0.page.loaded.iter().enumerate() {
            let series = self.0.session.borrow().reference(pane).map(|reference| reference.series);
            publish(*signal, series.map(|series| self.outlines(series)).unwrap_or_default());
        }
    }

    /// Outlines of what is loaded of a series, decoded or not yet, and of what failed.
    fn outlines(&self, series: u32) -> [String; 2] {
        let statuses = self.loader().statuses(series);
        let total = u32::try_from(statuses.len()).unwrap_or(u32::MAX);
        let outline_of = |is: fn(&FrameStatus) -> bool| {
            outline(total, |at| statuses.get(at as usize).is_some_and(is))
        };
        [
            outline_of(|status| matches!(status, FrameStatus::Ready | FrameStatus::Fetched)),
            outline_of(|status| matches!(status, FrameStatus::Failed(_))),
        ]
    }

    fn publish_connection(&self) {
        let connection = self.loader().connection();
        publish(self.0.page.connection, connection);
        if connection == Connection::SessionExpired {
            self.save();
        }
    }

    /// Tries the failed image of a pane again.
    pub fn retry(&self, pane: usize) {
        let reference = self.0.session.borrow().reference(pane);
        if let Some(reference) = reference {
            self.loader().retry(reference.into());
        }
    }
}
