use std::cmp::Ordering;

use super::split::{Member, is_one_stack};
use crate::exam::ImageContent;
use crate::geometry::plane::{normal, position_along_mm};

/// Positions closer than this, in mm, are the same one.
const SAME_POSITION_MM: f64 = 0.001;

/// Sorts a stack for scrolling: by position along the normal of its first image, in the direction in
/// which instance numbers rise. Instance numbers alone do not tell: they follow acquisition or
/// whatever the sender thought of.
///
/// Where geometry does not order the images (no planes, several orientations, positions that occur
/// more than once as in time series) the order is that of instance numbers, then UIDs.
pub(super) fn for_scrolling(mut stack: Vec<Member>) -> Vec<Member> {
    stack.sort_by(|(_, a), (_, b)| by_number(a, b));
    let Some(positions_mm) = distinct_positions_mm(&stack) else { return stack };
    let falls = positions_mm.first() > positions_mm.last();
    let mut placed: Vec<(f64, Member)> = positions_mm.into_iter().zip(stack).collect();
    placed.sort_by(|(a, _), (b, _)| if falls { b.total_cmp(a) } else { a.total_cmp(b) });
    placed.into_iter().map(|(_, member)| member).collect()
}

fn by_number(a: &ImageContent, b: &ImageContent) -> Ordering {
    let key = |content: &ImageContent| {
        let number = content.image.instance_number;
        (number.is_none(), number)
    };
    key(a).cmp(&key(b)).then_with(|| a.image.sop_instance_uid.cmp(&b.image.sop_instance_uid))
}

/// The position of each image; `None` unless each has one plane, all are parallel and no two lie in
/// the same place.
fn distinct_positions_mm(stack: &[Member]) -> Option<Vec<f64>> {
    let first = stack.first()?.1.image.planes.first()?;
    let normal = normal(first);
    let position_mm = |(_, content): &Member| match content.image.planes.as_slice() {
        [plane] => Some(position_along_mm(plane, normal)),
        _ => None,
    };
    let positions_mm: Vec<f64> = stack.iter().map(position_mm).collect::<Option<_>>()?;
    let mut sorted = positions_mm.clone();
    sorted.sort_by(f64::total_cmp);
    let are_distinct = sorted.windows(2).all(|pair| pair[1] - pair[0] > SAME_POSITION_MM);
    (are_distinct && is_one_stack(stack)).then_some(positions_mm)
}
