//! What is said of a series as a whole: what it was split by, and what is odd about its slices.

use negatoscope_text::Lang;
use viewer_core::exam::{Series, SliceGeometry};

use super::Ui;
use crate::report::format;

impl Ui {
    /// By what a series differs from its siblings, e.g. `écho 2, b = 800`; empty where it has none.
    pub(super) fn split_words(self, series: &Series) -> String {
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let words = series.split.iter().map(|one| {
            let key = ["viewer.split_", one.by.name()].concat();
            if self.lang() == Lang::Fr && is_number(&one.value) {
                self.fill(&key, &[("value", &one.value.replace('.', ","))])
            } else {
                self.fill(&key, &[("value", &one.value)])
            }
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// What a reader must not overlook: slices that are missing, double, uneven or leaning.
    pub(super) fn warnings_of(self, slices: &SliceGeometry) -> String {
        let number = |value: f64| format::number(self.lang(), value, 1);
        let count = |key: &str, count: u32| {
            (count > 0).then(|| self.fill(key, &[("count", &count.to_string())]))
        };
        let words = [
            count("viewer.slices_missing", slices.missing),
            count("viewer.slices_double", slices.duplicates),
            slices.variable_spacing_mm.map(|[from, to]| {
                let (from, to) = (number(from), number(to));
                self.fill("viewer.slices_uneven", &[("from", &from), ("to", &to)])
            }),
            slices
                .tilt_degrees
                .map(|degrees| self.fill("viewer.slices_tilted", &[("degrees", &number(degrees))])),
            slices.is_shifted.then(|| self.word("viewer.slices_shifted").into_owned()),
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// Distance of the slices, by how much they overlap, how many volumes there are.
    pub(super) fn facts_of(self, slices: &SliceGeometry) -> String {
        let millimetres = |key: &str, value: Option<f64>| {
            let mm = format::number(self.lang(), value?, 2);
            Some(self.fill(key, &[("mm", &mm)]))
        };
        let volumes = (slices.volumes > 1)
            .then(|| self.fill("viewer.volumes", &[("count", &slices.volumes.to_string())]));
        let even = slices.spacing_mm.filter(|_| slices.variable_spacing_mm.is_none());
        let words = [
            millimetres("viewer.slice_spacing", even),
            millimetres("viewer.slices_overlap", slices.overlap_mm),
            volumes,
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}
