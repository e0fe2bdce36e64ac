//! Breasts back to back: the chest wall of each at the edge where the other one is.

use super::hanging::Side;
use crate::command::Command;
use crate::exam::Image;
use crate::geometry::direction_letters;
use crate::session::Session;
use crate::viewport::{FlipAxis, ViewPresentation, ViewReference, ViewState, Zoom, resolve};

/// Panes whose image stands at an edge, for as long as the reader leaves it there.
#[derive(Clone, Debug, Default)]
pub struct Facing {
    panes: Vec<Standing>,
}

#[derive(Clone, Copy, Debug)]
struct Standing {
    pane: usize,
    is_at_right: bool,
    reference: Option<ViewReference>,
    presentation: ViewPresentation,
}

impl Facing {
    /// The breast of this side is in a pane: a right one looks left, from the right edge. Where the file does not say
    /// which way the image lies, it is left as it is.
    pub(super) fn stand(&mut self, session: &mut Session, pane: usize, side: Side) {
        let is_at_right = side == Side::Right;
        let Some(is_posterior) = session.image(pane).and_then(rows_run_posterior) else { return };
        if is_posterior != is_at_right {
            session.apply(Command::Flip { pane, axis: FlipAxis::Horizontal });
        }
        if let Some(view) = session.view(pane) {
            let ViewState { reference, presentation, .. } = *view;
            self.panes.push(Standing { pane, is_at_right, reference, presentation });
        }
    }

    /// Puts the images to their edges, after the sizes of panes have changed.
    pub fn align(&mut self, session: &mut Session) {
        self.panes.retain_mut(|standing| {
            let Some(view) = session.view(standing.pane).copied() else { return false };
            let is_left_alone =
                view.presentation == standing.presentation && view.reference == standing.reference;
            if is_left_alone && let Some(moved) = at_edge(session, standing) {
                standing.presentation = moved;
                session.place(standing.pane, ViewState { presentation: moved, ..view });
            }
            is_left_alone
        });
    }

    /// Takes the images from their edges and turns back those that were mirrored.
    pub(super) fn undo(&mut self, session: &mut Session) {
        for standing in self.panes.drain(..) {
            if let Some(view) = session.view(standing.pane).copied()
                && view.presentation == standing.presentation
            {
                let presentation = ViewPresentation::default();
                session.place(standing.pane, ViewState { presentation, ..view });
            }
        }
    }
}

fn at_edge(session: &Session, standing: &Standing) -> Option<ViewPresentation> {
    let middle = ViewPresentation { zoom: Zoom::Fit, center: [0.5, 0.5], ..standing.presentation };
    let geometry = session.geometry(standing.pane)?;
    let size_px = session.resolved(standing.pane)?.canvas_size_px;
    let resolved = resolve(&geometry, size_px, &middle);
    let rest_px = f64::from(size_px[0]) - resolved.scale * f64::from(geometry.columns);
    let to_edge_px = if standing.is_at_right { rest_px / 2.0 } else { -rest_px / 2.0 };
    Some(resolved.panned(&middle, &geometry, [to_edge_px, 0.0]))
}

/// Whether columns are counted towards the patient's back; `None` where they are not along that axis.
fn rows_run_posterior(image: &Image) -> Option<bool> {
    let letter = match image.plane(0) {
        Some(plane) => direction_letters(plane.row_direction)?,
        None => image.patient_orientation.as_ref()?[0].clone(),
    };
    match letter.chars().next()? {
        'P' => Some(true),
        'A' => Some(false),
        _ => None,
    }
}
