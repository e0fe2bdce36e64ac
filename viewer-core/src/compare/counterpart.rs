//! Which series of an exam that was put beside another one is to be looked at first, and where in it.

use super::place::{Way, at_position, nearest_to_slice, way};
use crate::command::{Command, Layout};
use crate::exam::{ExamIndex, Series};
use crate::geometry::plane::{dot, normal};
use crate::session::Session;

/// Shows the series of an exam that is most like the one in the active pane beside it, at the same place of the
/// body where both lie in one space, else as far through its stack. It goes into the first empty pane, else into the
/// one after the active pane; a page of one pane becomes one of two.
pub fn show_beside(session: &mut Session, exam: ExamIndex) {
    let leader = session.active_pane();
    let Some(series) = counterpart(session, exam) else { return };
    session.apply(Command::SetLayout(match session.layout() {
        Layout::ONE => Layout::SIDE_BY_SIDE,
        more => more,
    }));
    let panes = session.layout().panes();
    let is_empty = |pane: &usize| session.reference(*pane).is_none();
    let pane = (0..panes).find(is_empty).unwrap_or((leader + 1) % panes);
    session.apply(Command::ShowSeries { pane, series });
    let position = match way(session, leader, pane) {
        Some(Way::Position) => {
            nearest_to_slice(session, leader, pane).map(|(position, _)| position)
        }
        _ => as_far(session, leader, pane),
    };
    if let Some(view) = position.and_then(|position| at_position(session, pane, position)) {
        session.place(pane, view);
    }
}

/// Shows the series of an exam that is most like the active one in one pane, alone.
pub fn show_alone(session: &mut Session, exam: ExamIndex) {
    let Some(series) = counterpart(session, exam) else { return };
    session.apply(Command::SetLayout(Layout::ONE));
    session.apply(Command::ShowSeries { pane: 0, series });
}

/// The position in the stack of `pane` that is as far from its ends as that of `leader`.
fn as_far(session: &Session, leader: usize, pane: usize) -> Option<u32> {
    let [of, last] = [leader, pane].map(|pane| session.stack_length(pane).saturating_sub(1));
    let position = session.position(leader)?;
    // Rounded; a stack of one image has no way to be gone through.
    let far = u64::from(position) * u64::from(last) + u64::from(of / 2);
    Some(far.checked_div(u64::from(of)).and_then(|far| u32::try_from(far).ok()).unwrap_or(0))
}

/// The series of an exam that is most like the active one; the first of those that are equally so.
fn counterpart(session: &Session, exam: ExamIndex) -> Option<u32> {
    let like = session.series(session.active_pane());
    let drawn = (0_u32..).zip(&session.exam().series);
    let candidates = drawn.filter(|(_, series)| series.exam == exam && !series.images.is_empty());
    let best = candidates.reduce(|best, next| {
        let likeness = |(_, series): &(u32, &Series)| like.map_or(0, |like| likeness(like, series));
        if likeness(&next) > likeness(&best) { next } else { best }
    });
    best.map(|(series, _)| series)
}

/// What counts most is what the images are, then how they lie, then what they are called.
fn likeness(one: &Series, other: &Series) -> u32 {
    let is_same = |a: &str, b: &str| !a.is_empty() && a.eq_ignore_ascii_case(b);
    let is_stack = |series: &Series| series.slices.is_some();
    [
        (16, one.modality == other.modality),
        (8, is_parallel(one, other)),
        (4, is_same(&one.description, &other.description)),
        (2, is_same(&one.body_part, &other.body_part)),
        (1, is_stack(one) == is_stack(other)),
    ]
    .into_iter()
    .map(|(weight, is_like)| if is_like { weight } else { 0 })
    .sum()
}

fn is_parallel(one: &Series, other: &Series) -> bool {
    let plane = |series: &'_ Series| series.images.first()?.plane(0).map(normal);
    plane(one).zip(plane(other)).is_some_and(|(a, b)| dot(a, b).abs() >= super::place::PARALLEL)
}
