//! Where files lie in a copy: names as media want them (PS3.10 8.2), which say nothing about anybody.

use crate::source::InstanceRef;

/// Gives places in the order in which objects come: series by series.
#[derive(Default)]
pub(super) struct Places {
    last: Option<(String, String)>,
    study: u32,
    series: u32,
    instance: u32,
}

impl Places {
    /// The place of the next object, one component of its path each.
    pub(super) fn next(&mut self, at: &InstanceRef) -> [String; 4] {
        let is_new = |known: Option<&String>, uid: &String| known != Some(uid);
        let known = self.last.as_ref();
        let is_new_study = is_new(known.map(|(study, _)| study), &at.study);
        if is_new_study {
            (self.study, self.series) = (self.study + 1, 0);
        }
        if is_new_study || is_new(known.map(|(_, series)| series), &at.series) {
            (self.series, self.instance) = (self.series + 1, 0);
        }
        self.instance += 1;
        self.last = Some((at.study.clone(), at.series.clone()));
        let number = |kind: &str, number: u32| format!("{kind}{number:06}");
        [
            "DICOM".to_owned(),
            number("ST", self.study),
            number("SE", self.series),
            number("IM", self.instance),
        ]
    }

    /// The last place is not used after all.
    pub(super) const fn give_back(&mut self) {
        self.instance -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_media_and_count_from_one() {
        let at = |study: &str, series: &str| InstanceRef {
            study: study.to_owned(),
            series: series.to_owned(),
            instance: "1.2".to_owned(),
        };
        let mut places = Places::default();
        let mut next = |study, series| places.next(&at(study, series)).join("/");
        assert_eq!(next("1", "1.1"), "DICOM/ST000001/SE000001/IM000001");
        assert_eq!(next("1", "1.1"), "DICOM/ST000001/SE000001/IM000002");
        assert_eq!(next("1", "1.2"), "DICOM/ST000001/SE000002/IM000001");
        assert_eq!(next("2", "1.2"), "DICOM/ST000002/SE000001/IM000001");
    }
}
