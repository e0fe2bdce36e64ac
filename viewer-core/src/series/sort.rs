use std::cmp::Ordering;

use super::member::{Member, single_planes};
use super::places::Places;
use super::regularity;
use super::split::is_one_stack;
use crate::exam::{ImageContent, ImagePlane, SliceGeometry, StackAttributes};
use crate::geometry::plane::{dot, sub};

/// Images at one place whose first pixels are further apart than this show different parts of it.
const SAME_PART_MM: f64 = 0.5;

/// Sorts a stack for scrolling, and says how its slices lie:
///
/// - by position along the normal of its first image, in the direction in which instance numbers
///   rise. Instance numbers alone do not tell: they follow acquisition or whatever the sender thought
///   of;
/// - images in the same place by Temporal Position, Trigger Time, Instance Number, SOP Instance UID.
///   Where most places have several, they are volumes (time points, directions): shown one volume
///   after the other, or, where trigger times tell them apart, one place after the other, so that a
///   film shows a heart beat;
/// - where geometry does not order them (no planes, several orientations or parts), by instance
///   number, then UID, those without a number at the end.
pub(super) fn for_scrolling(mut stack: Vec<Member>) -> (Vec<Member>, Option<SliceGeometry>) {
    stack.sort_by(|a, b| by_number(&a.content, &b.content));
    if let [Member { content, .. }] = stack.as_slice() {
        let geometry = of_frames(&content.image.planes);
        return (stack, geometry);
    }
    let Some((order, geometry)) = order(&stack) else { return (stack, None) };
    let mut placed: Vec<(usize, Member)> = order.into_iter().zip(stack).collect();
    placed.sort_by_key(|&(rank, _)| rank);
    (placed.into_iter().map(|(_, member)| member).collect(), Some(geometry))
}

fn by_number(a: &ImageContent, b: &ImageContent) -> Ordering {
    let key = |content: &ImageContent| {
        let number = content.image.instance_number;
        (number.is_none(), number)
    };
    key(a).cmp(&key(b)).then_with(|| a.image.sop_instance_uid.cmp(&b.image.sop_instance_uid))
}

/// How the frames of one image lie, in whatever order they are.
fn of_frames(planes: &[ImagePlane]) -> Option<SliceGeometry> {
    let first = planes.first()?;
    let is_parallel = |plane: &ImagePlane| {
        plane.row_direction == first.row_direction
            && plane.column_direction == first.column_direction
    };
    if planes.len() < 2 || !planes.iter().all(is_parallel) {
        return None;
    }
    let planes: Vec<&ImagePlane> = planes.iter().collect();
    let places = Places::of(&planes)?;
    let mut geometry = regularity::of(&planes, &places);
    geometry.volumes = u32::try_from(usual(&places.counts())).unwrap_or(u32::MAX);
    Some(geometry)
}

/// The rank of each image of a stack given by number; `None` where geometry does not order it.
fn order(stack: &[Member]) -> Option<(Vec<usize>, SliceGeometry)> {
    let planes = single_planes(stack).filter(|_| is_one_stack(stack))?;
    let places = Places::of(&planes)?;
    if !are_of_one_part(&planes, &places) {
        return None;
    }
    let mut geometry = regularity::of(&planes, &places);
    let turns = Turns::of(stack, &places);
    let (volumes, images) = (turns.volumes, stack.len());
    geometry.volumes = u32::try_from(volumes).unwrap_or(u32::MAX);
    geometry.duplicates = turns.duplicates;
    let full = places.positions_mm.len().saturating_mul(volumes) + turns.duplicates as usize;
    let lacking = u32::try_from(full.saturating_sub(images)).unwrap_or(u32::MAX);
    geometry.missing = geometry.missing.saturating_add(lacking);
    let falls = places.of.first() > places.of.last();
    let place = |index: usize| {
        let place = places.of[index];
        if falls { places.positions_mm.len() - 1 - place } else { place }
    };
    let mut indices: Vec<usize> = (0..images).collect();
    indices.sort_by_key(|&index| match turns.is_by_place {
        true => (place(index), turns.of[index], index),
        false => (turns.of[index], place(index), index),
    });
    let mut ranks = vec![0; images];
    for (rank, index) in indices.into_iter().enumerate() {
        ranks[index] = rank;
    }
    Some((ranks, geometry))
}

/// Whether images in one place show the same part of it.
fn are_of_one_part(planes: &[&ImagePlane], places: &Places) -> bool {
    let firsts = places.firsts();
    planes.iter().zip(&places.of).all(|(plane, &place)| {
        let first = firsts.get(place).and_then(|&first| planes.get(first));
        first.is_some_and(|first| {
            let apart = sub(plane.position_mm, first.position_mm);
            dot(apart, apart) <= SAME_PART_MM * SAME_PART_MM
        })
    })
}

/// Which of the images in its place each one is, from 0.
struct Turns {
    of: Vec<usize>,
    volumes: usize,
    duplicates: u32,
    /// Trigger times tell them apart: they are to be shown place by place.
    is_by_place: bool,
}

impl Turns {
    fn of(stack: &[Member], places: &Places) -> Self {
        let counts = places.counts();
        let volumes = usual(&counts);
        let extra = counts.iter().map(|count| count.saturating_sub(volumes)).sum::<usize>();
        let keys: Vec<Key> = stack.iter().map(|member| key(&member.content.stack)).collect();
        let mut by_place: Vec<Vec<usize>> = vec![Vec::new(); counts.len()];
        for (index, &place) in places.of.iter().enumerate() {
            by_place[place].push(index);
        }
        let mut of = vec![0; stack.len()];
        let mut is_by_place = false;
        for indices in &mut by_place {
            indices.sort_by(|&a, &b| compare(keys[a], keys[b]).then(a.cmp(&b)));
            for (turn, &index) in indices.iter().enumerate() {
                of[index] = turn.min(volumes - 1);
            }
            is_by_place |= indices.windows(2).any(|pair| {
                let [(a_phase, a_ms), (b_phase, b_ms)] = [keys[pair[0]], keys[pair[1]]];
                a_phase == b_phase && a_ms != b_ms
            });
        }
        let duplicates = u32::try_from(extra).unwrap_or(u32::MAX);
        Self { of, volumes, duplicates, is_by_place: is_by_place && volumes > 1 }
    }
}

/// Temporal Position and Trigger Time.
type Key = (Option<i32>, Option<f64>);

fn key(attributes: &StackAttributes) -> Key {
    (attributes.temporal_position, attributes.trigger_time_ms)
}

fn compare((a_phase, a_ms): Key, (b_phase, b_ms): Key) -> Ordering {
    let by_time = a_ms.is_none().cmp(&b_ms.is_none());
    let by_time = by_time.then(a_ms.unwrap_or(0.0).total_cmp(&b_ms.unwrap_or(0.0)));
    a_phase.cmp(&b_phase).then(by_time)
}

/// How many images most places have; 1 where most have one. At least 1.
fn usual(counts: &[usize]) -> usize {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(1).max(1)
}
