//! Multi-frame Functional Groups (PS3.3 C.7.6.16): what holds for one frame.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;

/// The groups of one frame: its own ones before the shared ones.
#[derive(Clone, Copy)]
pub(super) struct FrameGroups<'a> {
    own: Option<&'a InMemDicomObject>,
    shared: Option<&'a InMemDicomObject>,
}

impl<'a> FrameGroups<'a> {
    /// Of every frame that has an item; one for all frames where there are shared groups only; none
    /// where the object has no functional groups.
    pub(super) fn all(object: &'a InMemDicomObject) -> Vec<Self> {
        let shared = object.items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).first();
        let own = object.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        if own.is_empty() {
            return shared.map(|item| Self { own: None, shared: Some(item) }).into_iter().collect();
        }
        own.iter().map(|item| Self { own: Some(item), shared }).collect()
    }

    /// The item of one functional group macro.
    pub(super) fn item(&self, sequence: Tag) -> Option<&'a InMemDicomObject> {
        self.items(sequence).first()
    }

    /// All items of a macro that may have several.
    pub(super) fn items(&self, sequence: Tag) -> &'a [InMemDicomObject] {
        let groups = [self.own, self.shared].into_iter().flatten();
        groups
            .map(|group| group.items(sequence))
            .find(|items| !items.is_empty())
            .unwrap_or_default()
    }
}
