use crate::exam::{ImageContent, ImagePlane, SeriesAttributes};

/// An image with the series attributes of its own object.
pub(super) type Member = (SeriesAttributes, ImageContent);

/// Fewest images of one orientation that make a stack of their own. Fewer (a localizer of three
/// planes, slices fanned out around an axis) stay together, or a series would fall to pieces.
const SMALLEST_STACK: usize = 3;

/// Largest difference of a component of two directions that still count as the same (about half a
/// degree).
const SAME_DIRECTION: f64 = 0.01;

/// Splits the images of one DICOM series, given in the order of their numbers, into what can be
/// scrolled as one stack: localizers apart from slices; slices of another orientation, size or frame
/// of reference apart. Images without a plane (radiographs, ultrasound) stay together. What is too
/// little for a stack is put into one at the end.
pub(super) fn into_stacks(images: Vec<Member>) -> Vec<Vec<Member>> {
    let (localizers, slices): (Vec<_>, Vec<_>) =
        images.into_iter().partition(|(_, content)| content.is_localizer);
    let mut stacks = Vec::new();
    for kind in [localizers, slices] {
        let (mut large, small): (Vec<_>, Vec<_>) =
            by_belonging(kind).into_iter().partition(|stack| stack.len() >= SMALLEST_STACK);
        let rest: Vec<Member> = small.into_iter().flatten().collect();
        if !rest.is_empty() {
            large.push(rest);
        }
        stacks.extend(large);
    }
    stacks
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

fn belong((a_series, a): &Member, (b_series, b): &Member) -> bool {
    match (a.image.planes.first(), b.image.planes.first()) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            is_parallel(one, other)
                && (a.format.rows, a.format.columns) == (b.format.rows, b.format.columns)
                && a_series.frame_of_reference_uid == b_series.frame_of_reference_uid
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
