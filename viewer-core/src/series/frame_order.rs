//! The order in which the frames of multi-frame images are scrolled (PS3.3 C.7.6.16.2.2, C.7.6.17).

use std::collections::BTreeMap;

use super::member::Member;
use crate::exam::{ImageContent, ImagePlane};
use crate::geometry::plane::{normal, position_along_mm};

/// Positions closer than this, in mm, are the same one.
const SAME_POSITION_MM: f64 = 0.001;

/// Which frame is at each position, counted image by image in the order of the stack; empty where that
/// plain order is the one to scroll in.
///
/// Images that are parts of one concatenation are one image here, in the place of the first of them. The
/// frames of an image follow its dimension indices (or stack, time and position in the stack), else their
/// position along the normal, else the order of the file.
pub(super) fn of_stack(stack: &[Member]) -> Vec<u32> {
    let mut first_frame = 0_u32;
    // Of each image or concatenation, in the order they begin: its parts, with their first frames.
    let mut wholes: Vec<Vec<Part<'_>>> = Vec::new();
    let mut by_concatenation: BTreeMap<&str, usize> = BTreeMap::new();
    for Member { content, .. } in stack {
        let part = Part { content, first_frame };
        first_frame = first_frame.saturating_add(content.image.frames.max(1));
        let uid = content.order.concatenation.as_ref().map(|whole| whole.uid.as_str());
        match uid.and_then(|uid| by_concatenation.get(uid)).copied() {
            Some(known) => wholes[known].push(part),
            None => {
                by_concatenation.extend(uid.map(|uid| (uid, wholes.len())));
                wholes.push(vec![part]);
            }
        }
    }
    let order: Vec<u32> = wholes.into_iter().flat_map(order_of_whole).collect();
    let is_plain = (0..).zip(&order).all(|(position, &frame): (u32, _)| position == frame);
    if is_plain { Vec::new() } else { order }
}

/// An image, and the number of its first frame in the stack.
struct Part<'a> {
    content: &'a ImageContent,
    first_frame: u32,
}

impl Part<'_> {
    fn frames(&self) -> std::ops::Range<u32> {
        self.first_frame..self.first_frame.saturating_add(self.content.image.frames.max(1))
    }
}

fn order_of_whole(mut parts: Vec<Part<'_>>) -> Vec<u32> {
    parts.sort_by_key(|part| part.content.order.concatenation.as_ref().map(|whole| whole.offset));
    let frames: Vec<u32> = parts.iter().flat_map(Part::frames).collect();
    if let Some(keys) = dimension_keys(&parts, frames.len()) {
        return sorted(frames, &keys, |a, b| a.cmp(b));
    }
    match positions_mm(&parts, frames.len()) {
        Some(positions) => sorted(frames, &positions, f64::total_cmp),
        None => frames,
    }
}

/// Frames by rising key; those with the same one stay as they are.
fn sorted<K>(
    frames: Vec<u32>,
    keys: &[K],
    compare: impl Fn(&K, &K) -> std::cmp::Ordering,
) -> Vec<u32> {
    let mut keyed: Vec<(&K, u32)> = keys.iter().zip(frames).collect();
    keyed.sort_by(|(a, _), (b, _)| compare(a, b));
    keyed.into_iter().map(|(_, frame)| frame).collect()
}

/// Keys of all frames; `None` where any has none, or another number of them.
fn dimension_keys<'a>(parts: &[Part<'a>], frames: usize) -> Option<Vec<&'a [u32]>> {
    let keys: Vec<&[u32]> =
        parts.iter().flat_map(|part| part.content.order.keys.iter().map(Vec::as_slice)).collect();
    let length = keys.first()?.len();
    (keys.len() == frames && keys.iter().all(|key| key.len() == length)).then_some(keys)
}

/// Positions along the normal, made to rise in the direction in which they do in the file; `None` unless
/// each frame has its own plane, all are parallel, and no two lie in the same place.
fn positions_mm(parts: &[Part<'_>], frames: usize) -> Option<Vec<f64>> {
    let planes: Vec<&ImagePlane> =
        parts.iter().flat_map(|part| &part.content.image.planes).collect();
    let first = planes.first()?;
    let is_parallel = |plane: &&&ImagePlane| {
        plane.row_direction == first.row_direction
            && plane.column_direction == first.column_direction
    };
    if planes.len() != frames || frames < 2 || !planes.iter().all(|plane| is_parallel(&plane)) {
        return None;
    }
    let normal = normal(first);
    let positions: Vec<f64> = planes.iter().map(|plane| position_along_mm(plane, normal)).collect();
    let mut sorted = positions.clone();
    sorted.sort_by(f64::total_cmp);
    if sorted.windows(2).any(|pair| pair[1] - pair[0] <= SAME_POSITION_MM) {
        return None;
    }
    let falls = positions.first() > positions.last();
    Some(positions.into_iter().map(|at| if falls { -at } else { at }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::{
        Concatenation, FrameOrder, Image, ImageFormat, SampleKind, SeriesAttributes,
        StackAttributes, Technique,
    };

    fn image(frames: u32, keys: &[&[u32]], concatenation: Option<(&str, u32)>) -> Member {
        let concatenation =
            concatenation.map(|(uid, offset)| Concatenation { uid: uid.to_owned(), offset });
        let keys = keys.iter().map(|key| key.to_vec()).collect();
        let content = ImageContent {
            image: Image { frames, ..Image::default() },
            format: format(),
            displays: Vec::new(),
            covers: Vec::new(),
            icc_profile: None,
            order: FrameOrder { keys, concatenation },
            is_localizer: false,
            stack: StackAttributes::default(),
            technique: Technique::default(),
            pet: None,
            real_world: Vec::new(),
        };
        Member { series: SeriesAttributes::default(), content, suv: None }
    }

    fn format() -> ImageFormat {
        ImageFormat {
            transfer_syntax_uid: String::new(),
            sop_class_uid: String::new(),
            rows: 1,
            columns: 1,
            samples_per_pixel: 1,
            photometric_interpretation: "MONOCHROME2".to_owned(),
            bits_allocated: 8,
            bits_stored: 8,
            high_bit: 7,
            signed: false,
            planar: false,
            samples: SampleKind::Integer,
            padding: None,
            spacing: None,
            aspect_ratio: None,
            lossy: None,
        }
    }

    fn placed(mut member: Member, positions_mm: &[f64]) -> Member {
        member.content.image.planes = positions_mm
            .iter()
            .map(|&z| ImagePlane {
                position_mm: [0.0, 0.0, z],
                row_direction: [1.0, 0.0, 0.0],
                column_direction: [0.0, 1.0, 0.0],
                thickness_mm: None,
            })
            .collect();
        member
    }

    #[test]
    fn the_first_dimension_varies_slowest() {
        let keys: [&[u32]; 4] = [&[2, 1], &[1, 2], &[2, 2], &[1, 1]];
        assert_eq!(of_stack(&[image(4, &keys, None)]), [3, 1, 0, 2]);
    }

    #[test]
    fn each_image_is_ordered_within_itself() {
        let stack = [image(1, &[], None), image(2, &[&[2], &[1]], None), image(2, &[], None)];
        assert_eq!(of_stack(&stack), [0, 2, 1, 3, 4]);
    }

    #[test]
    fn the_plain_order_is_not_written_down() {
        assert!(of_stack(&[image(3, &[&[1], &[1], &[2]], None), image(2, &[], None)]).is_empty());
        assert!(of_stack(&[]).is_empty());
    }

    #[test]
    fn parts_of_a_concatenation_are_one_image() {
        let stack =
            [image(2, &[], Some(("1.2", 2))), image(1, &[], None), image(2, &[], Some(("1.2", 0)))];
        assert_eq!(of_stack(&stack), [3, 4, 0, 1, 2]);
        let mixed =
            [image(2, &[&[1], &[3]], Some(("1.2", 0))), image(2, &[&[2], &[4]], Some(("1.2", 2)))];
        assert_eq!(of_stack(&mixed), [0, 2, 1, 3]);
    }

    #[test]
    fn without_indices_the_position_decides_in_the_direction_of_the_file() {
        let rising = placed(image(3, &[], None), &[0.0, 10.0, 5.0]);
        assert_eq!(of_stack(&[rising]), [0, 2, 1]);
        let falling = placed(image(3, &[], None), &[5.0, 10.0, 0.0]);
        assert_eq!(of_stack(&[falling]), [1, 0, 2]);
        let twice = placed(image(3, &[], None), &[5.0, 5.0, 0.0]);
        assert!(of_stack(&[twice]).is_empty());
    }
}
