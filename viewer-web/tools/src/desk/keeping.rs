//! What outlives the page: measurements kept in the tab, and reports.

use std::collections::BTreeMap;

use serde::Deserialize;
use viewer_core::annotate::report::{
    PresentationEntry, PresentationSource, ReportEntry, ReportSource, presentation_state,
    structured_report,
};
use viewer_core::annotate::{Annotation, ImageFacts, SavedAnnotation, image_number};
use viewer_core::exam::ExamIndex;
use viewer_core::viewport::ViewState;

use super::Desk;
use crate::words;

/// What of a saved view is of use here (see `viewer_core::session::Snapshot`).
#[derive(Clone, Debug, Deserialize)]
pub struct SavedView {
    active: usize,
    panes: Vec<ViewState>,
}

impl Desk {
    /// What is kept for the time of the session: nothing of what the reader opened of a medium of their own, which the
    /// page does not keep either.
    #[must_use]
    pub fn saved(&self) -> Vec<SavedAnnotation> {
        let is_local = |item: &&Annotation| {
            let of = self.home(item).and_then(|facts| self.exam.of(facts.series.exam));
            of.is_some_and(|(_, study)| study.is_local)
        };
        let items = self.store.items().iter().filter(|item| !is_local(item));
        let here = items.map(SavedAnnotation::of);
        here.chain(self.waiting.iter().cloned()).collect()
    }

    /// The exams with images that were measured, which have a report each.
    #[must_use]
    pub fn reported(&self) -> Vec<ExamIndex> {
        let homes = self.store.items().iter().filter_map(|item| self.home(item));
        let measured: Vec<ExamIndex> = homes.map(|facts| facts.series.exam).collect();
        self.exam.exams().filter(|of| measured.contains(of)).collect()
    }

    /// A DICOM structured report of what was measured on images of one exam; `None` where nothing was. `now` is `YYYYMMDDHHMMSS`,
    /// `random` 16 random bytes.
    #[must_use]
    pub fn report(&self, of: ExamIndex, now: &str, random: &[u8]) -> Option<Vec<u8>> {
        let entry = |item: &Annotation| ReportEntry {
            annotation: item.clone(),
            name: words::name(self, item),
            values: self.values(item),
            provenance: words::provenance(self, item),
        };
        let entries: Vec<ReportEntry> = self.store.items().iter().map(entry).collect();
        let (date, time) = now.split_at_checked(8)?;
        structured_report(&ReportSource {
            exam: &self.exam,
            of,
            entries: &entries,
            language: self.lang.code(),
            date_time: [date, time],
            random: u128::from_ne_bytes(random.try_into().ok()?),
        })
    }

    /// A DICOM presentation state of what was drawn on the series in the active pane of `view`; `None` where nothing was,
    /// or its images have colours. `now` and `random` as for [`Self::report`].
    #[must_use]
    pub fn presentation(&self, now: &str, random: &[u8], view: &SavedView) -> Option<Vec<u8>> {
        let pane = view.panes.get(view.active)?;
        let entry = |item: &Annotation| PresentationEntry {
            annotation: item.clone(),
            lines: words::lines(self, item),
        };
        let entries: Vec<PresentationEntry> = self.store.items().iter().map(entry).collect();
        let (date, time) = now.split_at_checked(8)?;
        presentation_state(&PresentationSource {
            about: ReportSource {
                exam: &self.exam,
                of: ExamIndex::FIRST,
                entries: &[],
                language: self.lang.code(),
                date_time: [date, time],
                random: u128::from_ne_bytes(random.try_into().ok()?),
            },
            entries: &entries,
            series: pane.reference?.series,
            view: pane,
        })
    }

    /// Comes back to what was kept; what is of no image that is here waits for its exam ([`Self::grow`]).
    pub fn restore(&mut self, saved: Vec<SavedAnnotation>) {
        let uids = self.exam.series.iter().flat_map(|series| &series.images);
        let by_number: BTreeMap<String, &str> = uids
            .map(|image| (image_number(&image.sop_instance_uid), image.sop_instance_uid.as_str()))
            .collect();
        let (here, waiting): (Vec<_>, Vec<_>) =
            saved.into_iter().partition(|saved| by_number.contains_key(&saved.image));
        let restored: Vec<Annotation> = here
            .into_iter()
            .filter_map(|saved| {
                let uid = by_number.get(&saved.image)?;
                let facts = ImageFacts::find(&self.exam, uid, saved.frame)?;
                saved.restored(&facts)
            })
            .collect();
        self.waiting = waiting;
        self.store.restore(restored);
    }
}
