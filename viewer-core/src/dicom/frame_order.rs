//! In which order the frames of a multi-frame image are meant to be looked at: Multi-frame Dimension
//! module and Frame Content macro (PS3.3 C.7.6.17, C.7.6.16.2.2).

use std::collections::BTreeSet;

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::date_time;
use super::functional_groups::FrameGroups;
use crate::exam::{Concatenation, FrameOrder};

/// What orders the frames; nothing where the functional groups do not cover all of them.
pub(super) fn read(object: &InMemDicomObject, frames: u32) -> FrameOrder {
    let contents = contents(object, frames);
    let keys = dimension_values(object, &contents).or_else(|| stack_positions(&contents));
    FrameOrder { keys: keys.unwrap_or_default(), concatenation: concatenation(object) }
}

/// The Frame Content of each frame; empty where any has none.
fn contents(object: &InMemDicomObject, frames: u32) -> Vec<&InMemDicomObject> {
    let groups = FrameGroups::all(object);
    let contents: Option<Vec<_>> =
        groups.iter().map(|group| group.item(tags::FRAME_CONTENT_SEQUENCE)).collect();
    contents.filter(|found| found.len() == frames as usize).unwrap_or_default()
}

/// Dimension Index Values: the first dimension varies slowest (C.7.6.17.1). `None` where frames do not
/// have as many as there are dimensions, or all the same ones.
fn dimension_values(
    object: &InMemDicomObject,
    contents: &[&InMemDicomObject],
) -> Option<Vec<Vec<u32>>> {
    let of_frame = |content: &&InMemDicomObject| numbers(content, tags::DIMENSION_INDEX_VALUES);
    let keys: Vec<Vec<u32>> = contents.iter().map(of_frame).collect::<Option<_>>()?;
    let dimensions = match object.items(tags::DIMENSION_INDEX_SEQUENCE).len() {
        0 => keys.first()?.len(),
        stated => stated,
    };
    let is_whole = dimensions > 0 && keys.iter().all(|key| key.len() == dimensions);
    (is_whole && tells_apart(&keys)).then_some(keys)
}

/// Stack, time, position in the stack: a stack is scrolled through before the next point in time.
fn stack_positions(contents: &[&InMemDicomObject]) -> Option<Vec<Vec<u32>>> {
    let names: Vec<String> =
        contents.iter().map(|c| c.text(tags::STACK_ID).unwrap_or_default()).collect();
    let in_order: BTreeSet<(usize, &str)> = names.iter().map(|name| stack_order(name)).collect();
    let number = |content: &InMemDicomObject, tag| {
        content.integer(tag).and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
    };
    let keys: Vec<Vec<u32>> = contents
        .iter()
        .zip(&names)
        .map(|(content, name)| {
            let stack = in_order.iter().position(|known| *known == stack_order(name));
            vec![
                stack.and_then(|index| u32::try_from(index).ok()).unwrap_or(0),
                number(content, tags::TEMPORAL_POSITION_INDEX),
                number(content, tags::IN_STACK_POSITION_NUMBER),
            ]
        })
        .collect();
    tells_apart(&keys).then_some(keys)
}

/// Stack IDs are texts, though mostly numbers: 10 comes after 9.
fn stack_order(name: &str) -> (usize, &str) {
    (name.len(), name)
}

fn numbers(content: &InMemDicomObject, tag: dicom_core::Tag) -> Option<Vec<u32>> {
    content.integers(tag).into_iter().map(|value| u32::try_from(value).ok()).collect()
}

fn tells_apart(keys: &[Vec<u32>]) -> bool {
    keys.windows(2).any(|pair| pair[0] != pair[1])
}

fn concatenation(object: &InMemDicomObject) -> Option<Concatenation> {
    let number = |tag| object.integer(tag).and_then(|n| u32::try_from(n).ok());
    let offset = number(tags::CONCATENATION_FRAME_OFFSET_NUMBER)
        .or_else(|| number(tags::IN_CONCATENATION_NUMBER));
    Some(Concatenation { uid: object.text(tags::CONCATENATION_UID)?, offset: offset.unwrap_or(0) })
}

/// Frame Acquisition DateTime of each frame as `YYYYMMDDHHMMSS[.F]`; empty where any has none.
pub(super) fn acquired(object: &InMemDicomObject, frames: u32) -> Vec<String> {
    let moments: Option<Vec<String>> = contents(object, frames)
        .iter()
        .map(|content| {
            let text = content.text(tags::FRAME_ACQUISITION_DATE_TIME)?;
            // The offset from UTC is left out, as the corner annotation has local times throughout.
            let local = text.split(['+', '-', '&']).next()?;
            let date = date_time::date(local.get(..8)?)?;
            let time = date_time::time(local.get(8..)?).unwrap_or_default();
            Some(date + &time)
        })
        .collect();
    moments.unwrap_or_default()
}
