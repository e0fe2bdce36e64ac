//! What of the exam is here.

use viewer_core::fetch::{FrameStatus, Progress};

use super::loader::Loader;

impl Loader {
    /// Counts of each series.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        let scheduler = self.0.scheduler.borrow();
        (0_u32..)
            .zip(&self.0.exams.now().series)
            .map(|(index, _)| scheduler.series_progress(index))
            .collect()
    }

    /// Whether all of the exam is here, and nothing under way.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let scheduler = self.0.scheduler.borrow();
        scheduler.is_idle() && scheduler.progress().complete()
    }

    /// Status of each frame of a series, in the order of its stack.
    #[must_use]
    pub fn statuses(&self, series: u32) -> Vec<FrameStatus> {
        self.0.scheduler.borrow().series_statuses(series).collect()
    }
}
