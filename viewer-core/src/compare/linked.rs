//! Panes that move together.

use super::place::{Way, at_position, nearest_to_slice, way};
use super::view::{followed_data, followed_presentation};
use crate::base::between;
use crate::command::Layout;
use crate::session::{MAX_PANES, Session};
use crate::viewport::ViewState;

/// What panes do together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Scrolling.
    pub scroll: bool,
    /// Grey scale.
    pub window: bool,
    /// Zoom and place of the image.
    pub zoom: bool,
}

impl Links {
    /// Everything.
    pub const ALL: Self = Self { scroll: true, window: true, zoom: true };

    /// Whether anything.
    #[must_use]
    pub const fn is_any(self) -> bool {
        self.scroll || self.window || self.zoom
    }
}

/// The panes as last seen, to find out which one the reader moved. The others follow that one.
#[derive(Clone, Debug, Default)]
pub struct Linked {
    links: Links,
    seen: Option<Seen>,
}

#[derive(Clone, Debug)]
struct Seen {
    layout: Layout,
    panes: Vec<ViewState>,
    /// Positions when the panes were linked: their differences are kept where slices have no place in common.
    anchors: [Option<u32>; MAX_PANES],
}

impl Seen {
    fn of(session: &Session) -> Self {
        Self {
            layout: session.layout(),
            panes: panes_of(session),
            anchors: std::array::from_fn(|pane| session.position(pane)),
        }
    }

    /// Whether the same series are in the same panes.
    fn has_same_series(&self, session: &Session) -> bool {
        let series = |view: &ViewState| view.reference.map(|reference| reference.series);
        let now = panes_of(session);
        self.layout == session.layout() && self.panes.iter().map(series).eq(now.iter().map(series))
    }
}

fn panes_of(session: &Session) -> Vec<ViewState> {
    let panes = 0..session.layout().panes();
    panes.map(|pane| session.view(pane).copied().unwrap_or_default()).collect()
}

impl Linked {
    /// What panes do together.
    #[must_use]
    pub fn links(&self) -> Links {
        self.links
    }

    /// From now on panes do this together; nothing moves before the reader moves something.
    pub fn set_links(&mut self, links: Links, session: &Session) {
        self.links = links;
        self.seen = Some(Seen::of(session));
    }

    /// Lets the other panes follow the one that changed since the last call. Where several changed at once, or
    /// another series came, it is the reader who arranged them: nothing follows.
    pub fn follow(&mut self, session: &mut Session) {
        let Some(seen) = self.seen.as_mut().filter(|seen| seen.has_same_series(session)) else {
            self.seen = Some(Seen::of(session));
            return;
        };
        let now = panes_of(session);
        let mut changed = (0..).zip(seen.panes.iter().zip(&now)).filter(|(_, (a, b))| a != b);
        if let (Some((leader, (before, _))), None) = (changed.next(), changed.next()) {
            let before = *before;
            let anchors = seen.anchors;
            for pane in (0..now.len()).filter(|pane| *pane != leader) {
                follow_one(self.links, &anchors, session, [leader, pane], &before);
            }
        }
        seen.panes = panes_of(session);
    }

    /// How far the slice of `pane` is from that of `leader`, mm, where they are linked by position.
    #[must_use]
    pub fn gap_mm(&self, session: &Session, leader: usize, pane: usize) -> Option<f64> {
        let is_placed = way(session, leader, pane) == Some(Way::Position);
        nearest_to_slice(session, leader, pane).filter(|_| is_placed).map(|(_, mm)| mm)
    }
}

fn follow_one(
    links: Links,
    anchors: &[Option<u32>; MAX_PANES],
    session: &mut Session,
    [leader, pane]: [usize; 2],
    before: &ViewState,
) {
    let Some(now) = session.view(leader).copied() else { return };
    if links.scroll
        && now.reference != before.reference
        && let Some(position) = followed_position(anchors, session, [leader, pane])
        && let Some(view) = at_position(session, pane, position)
    {
        session.place(pane, view);
    }
    let Some(mut view) = session.view(pane).copied() else { return };
    if links.zoom
        && let Some(presentation) = followed_presentation(session, [leader, pane], before)
    {
        view.presentation = presentation;
    }
    if links.window
        && let Some(data) = followed_data(session, [leader, pane], before)
    {
        view.data = data;
    }
    session.place(pane, view);
}

fn followed_position(
    anchors: &[Option<u32>; MAX_PANES],
    session: &Session,
    [leader, pane]: [usize; 2],
) -> Option<u32> {
    if way(session, leader, pane)? == Way::Position {
        return nearest_to_slice(session, leader, pane).map(|(position, _)| position);
    }
    let [from, to] = [leader, pane].map(|pane| anchors.get(pane).copied().flatten());
    let last = session.stack_length(pane).checked_sub(1)?;
    let target = f64::from(to?) + f64::from(session.position(leader)?) - f64::from(from?);
    // A whole number in 0 ..= last.
    Some(between(target, 0.0, f64::from(last)) as u32)
}
