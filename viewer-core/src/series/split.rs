//! One DICOM series → stacks, each with what it is told apart by.

use super::dimensions;
use super::member::Member;
use crate::exam::{ImagePlane, SplitBy, StackLabel};
use crate::geometry::plane::normal;

/// Fewest images of one orientation that make a stack of their own. Fewer (a localizer of three
/// planes, slices fanned out around an axis) stay together, or a series would fall to pieces.
const SMALLEST_STACK: usize = 3;

/// Largest difference of a component of two directions that still count as the same (about half a
/// degree).
const SAME_DIRECTION: f64 = 0.01;

/// Least component of a normal along an axis of the body for the name of a plane (within 20°).
const NAMED_PLANE: f64 = 0.94;

/// What can be scrolled as one stack.
pub(super) struct Stack {
    pub(super) labels: Vec<StackLabel>,
    pub(super) images: Vec<Member>,
}

/// Splits the images of one DICOM series, given in the order of their numbers:
/// 1. localizers apart from slices; slices of another orientation, Stack ID, size or frame of
///    reference apart; what is too little for a stack put into one at the end. Images without a plane
///    (radiographs, ultrasound) stay together;
/// 2. images in the same places apart by what differs between them ([`dimensions`]).
pub(super) fn into_stacks(images: Vec<Member>) -> Vec<Stack> {
    let parts = by_place(images);
    let labels: Vec<Vec<StackLabel>> =
        (0..parts.len()).map(|index| labels_of(index, &parts)).collect();
    parts
        .into_iter()
        .zip(labels)
        .flat_map(|(part, labels)| match part.kind {
            Kind::Slices => dimensions::split(part.images, &labels),
            Kind::Localizers | Kind::Rest => vec![Stack { labels, images: part.images }],
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Localizers,
    Slices,
    Rest,
}

struct Part {
    kind: Kind,
    images: Vec<Member>,
}

fn by_place(images: Vec<Member>) -> Vec<Part> {
    let (localizers, slices): (Vec<_>, Vec<_>) =
        images.into_iter().partition(|member| member.content.is_localizer);
    let mut parts = Vec::new();
    for (kind, images) in [(Kind::Localizers, localizers), (Kind::Slices, slices)] {
        let (large, small): (Vec<_>, Vec<_>) =
            by_belonging(images).into_iter().partition(|part| part.len() >= SMALLEST_STACK);
        let is_alone = large.is_empty() && small.len() == 1;
        parts.extend(large.into_iter().map(|images| Part { kind, images }));
        let rest: Vec<Member> = small.into_iter().flatten().collect();
        if !rest.is_empty() {
            let of_rest = if kind == Kind::Slices && !is_alone { Kind::Rest } else { kind };
            parts.push(Part { kind: of_rest, images: rest });
        }
    }
    parts
}

fn by_belonging(images: Vec<Member>) -> Vec<Vec<Member>> {
    let mut stacks: Vec<Vec<Member>> = Vec::new();
    for member in images {
        let known =
            stacks.iter_mut().find(|stack| stack.first().is_some_and(|f| belong(f, &member)));
        match known {
            Some(stack) => stack.push(member),
            None => stacks.push(vec![member]),
        }
    }
    stacks
}

/// Whether all images of a stack belong together, or it was put together of what was left.
pub(super) fn is_one_stack(stack: &[Member]) -> bool {
    stack.first().is_none_or(|first| stack.iter().all(|member| belong(first, member)))
}

fn belong(a: &Member, b: &Member) -> bool {
    match (a.plane(), b.plane()) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            is_parallel(one, other)
                && a.size() == b.size()
                && a.series.frame_of_reference_uid == b.series.frame_of_reference_uid
                && a.content.stack.stack_id == b.content.stack.stack_id
        }
        _ => false,
    }
}

fn is_parallel(one: &ImagePlane, other: &ImagePlane) -> bool {
    let pairs =
        [(one.row_direction, other.row_direction), (one.column_direction, other.column_direction)];
    let mut components = pairs.iter().flat_map(|(a, b)| a.iter().zip(b));
    components.all(|(a, b)| (a - b).abs() <= SAME_DIRECTION)
}

/// By what one part differs from the others, so that a reader can tell them apart.
fn labels_of(index: usize, parts: &[Part]) -> Vec<StackLabel> {
    let Some(part) = parts.get(index).filter(|_| parts.len() > 1) else { return Vec::new() };
    match (part.kind, part.images.first()) {
        (Kind::Localizers, _) => vec![label(SplitBy::Localizer, String::new())],
        (Kind::Rest, _) | (_, None) => vec![label(SplitBy::Mixed, String::new())],
        (Kind::Slices, Some(own)) => {
            let slices = parts.iter().filter(|other| other.kind == Kind::Slices);
            differences(own, &slices.filter_map(|other| other.images.first()).collect::<Vec<_>>())
        }
    }
}

fn label(by: SplitBy, value: String) -> StackLabel {
    StackLabel { by, value }
}

/// What images are compared by.
type Value = fn(&Member) -> String;

/// By what the first image of a part differs from those of all parts.
fn differences(own: &Member, all: &[&Member]) -> Vec<StackLabel> {
    let values: [(SplitBy, Value); 3] = [
        (SplitBy::Stack, |member| member.content.stack.stack_id.clone().unwrap_or_default()),
        (SplitBy::Size, |member| member.size().map(|side| side.to_string()).join(" × ")),
        (SplitBy::FrameOfReference, |member| {
            member.series.frame_of_reference_uid.clone().unwrap_or_default()
        }),
    ];
    let orientation = own.plane().filter(|plane| {
        all.iter().any(|other| other.plane().is_none_or(|other| !is_parallel(plane, other)))
    });
    let mut labels: Vec<_> =
        orientation.map(|plane| label(name_of(plane), String::new())).into_iter().collect();
    for (by, value) in values {
        let mut distinct: Vec<String> = Vec::new();
        for other in all.iter().map(|other| value(other)) {
            if !distinct.contains(&other) {
                distinct.push(other);
            }
        }
        let own = value(own);
        let ordinal = distinct.iter().position(|other| *other == own).map_or(0, |at| at + 1);
        match by {
            _ if distinct.len() < 2 => {}
            // Nobody reads a UID.
            SplitBy::FrameOfReference => labels.push(label(by, ordinal.to_string())),
            _ => labels.push(label(by, own)),
        }
    }
    labels
}

fn name_of(plane: &ImagePlane) -> SplitBy {
    match normal(plane).map(|component| component.abs() >= NAMED_PLANE) {
        [true, _, _] => SplitBy::Sagittal,
        [_, true, _] => SplitBy::Coronal,
        [_, _, true] => SplitBy::Axial,
        _ => SplitBy::Oblique,
    }
}
