//! Another window with the same or an earlier exam: what it is told of the pane that the reader moved, and how a pane
//! follows what was told. Nothing of it says whose the images are: ranks, millimetres, and the UID of their space.

use serde::{Deserialize, Serialize};

use super::linked::Links;
use super::place::{Lying, PARALLEL, at_position, nearest};
use super::view::{patient_mm, values_of};
use crate::base::between;
use crate::geometry::plane::{dot, image_from_patient, normal, patient_from_image};
use crate::session::Session;
use crate::viewport::{ImageGeometry, ViewPresentation, ViewState, VoiChoice, Zoom};

/// What changed in the active pane of another window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    slice: Option<Slice>,
    lie: Option<Lie>,
    grey: Option<Grey>,
}

/// Which slice is shown now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Slice {
    place: Option<Place>,
    /// Which series it is of: those of another exam are counted otherwise, and only compared with themselves.
    series: u32,
    /// Positions in its stack before and now.
    from: u32,
    to: u32,
}

/// Where a slice or the middle of a pane lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    frame_of_reference_uid: String,
    /// LPS, mm.
    at_mm: [f64; 3],
    normal: [f64; 3],
}

/// How the image lies now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Lie {
    /// The whole image, in the middle.
    is_fit: bool,
    /// Of the patient, where they are known.
    mm_per_px: Option<f64>,
    zoom_from_fit: f64,
    /// What is in the middle of the pane: as fractions of the image, and in the patient.
    center: [f64; 2],
    place: Option<Place>,
}

/// How values become grey now, and what they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Grey {
    modality: String,
    unit: String,
    voi: VoiChoice,
    invert: bool,
}

/// This window's side of the link.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The active pane as the other window knows it.
    seen: Option<(usize, ViewState)>,
    anchor: Option<Anchor>,
}

/// Positions that belong together where slices have no place in common: of their series and of ours.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Anchor {
    series: [u32; 2],
    positions: [u32; 2],
}

impl Beside {
    /// The windows are linked from now on, as they are.
    pub fn link(&mut self, session: &Session) {
        self.anchor = None;
        self.note(session);
    }

    fn note(&mut self, session: &Session) {
        let pane = session.active_pane();
        self.seen = session.view(pane).map(|view| (pane, *view));
    }

    /// What the other window is to be told of since the last time; `None` where nothing has changed, or another pane or
    /// series is looked at, which is each window's own.
    pub fn tell(&mut self, session: &Session) -> Option<Told> {
        let (pane, before) = self.seen?;
        self.note(session);
        let (now_pane, now) = self.seen?;
        let (was, is) = before.reference.zip(now.reference)?;
        if pane != now_pane || was.series != is.series {
            return None;
        }
        let told = Told {
            slice: (was != is).then(|| slice(session, pane, &before)).flatten(),
            lie: lie(session, pane, &before),
            grey: grey(session, pane, &before),
        };
        (told != Told::default()).then_some(told)
    }

    /// Lets the active pane follow the other window.
    pub fn hear(&mut self, session: &mut Session, told: &Told, links: Links) {
        let pane = session.active_pane();
        if links.scroll
            && let Some(slice) = &told.slice
            && let Some(position) = self.followed_position(session, pane, slice)
            && let Some(view) = at_position(session, pane, position)
        {
            session.place(pane, view);
        }
        let Some(mut view) = session.view(pane).copied() else { return };
        if links.zoom
            && let Some(presentation) =
                told.lie.as_ref().and_then(|lie| followed_lie(session, pane, lie))
        {
            view.presentation = presentation;
        }
        if links.window
            && let Some(grey) = &told.grey
            && values_of(session, pane) == Some([&grey.modality, &grey.unit])
        {
            (view.data.voi, view.data.invert) = (grey.voi, grey.invert);
        }
        session.place(pane, view);
        self.note(session);
    }

    fn followed_position(&mut self, session: &Session, pane: usize, told: &Slice) -> Option<u32> {
        let reference = session.reference(pane)?;
        if let Some(place) = told.place.as_ref().filter(|place| is_parallel(session, pane, place)) {
            self.anchor = None;
            return nearest(session, pane, place.at_mm).map(|(position, _)| position);
        }
        let series = [told.series, reference.series];
        let anchor = self.anchor.filter(|anchor| anchor.series == series);
        let anchor = match anchor {
            Some(anchor) => anchor,
            None => Anchor { series, positions: [told.from, session.position(pane)?] },
        };
        self.anchor = Some(anchor);
        let [theirs, mine] = anchor.positions.map(f64::from);
        let last = session.stack_length(pane).checked_sub(1)?;
        // A whole number in 0 ..= last.
        Some(between(mine + f64::from(told.to) - theirs, 0.0, f64::from(last)) as u32)
    }
}

fn slice(session: &Session, pane: usize, before: &ViewState) -> Option<Slice> {
    let was = before.reference?;
    let from = session.stack(was.series)?.position(was.image, was.frame)?;
    let place = Lying::of(session, pane).map(|lying| lying.place(lying.middle_mm()));
    Some(Slice { place, series: was.series, from, to: session.position(pane)? })
}

impl Lying<'_> {
    fn place(&self, at_mm: [f64; 3]) -> Place {
        let frame_of_reference_uid = self.series.frame_of_reference_uid.clone().unwrap_or_default();
        Place { frame_of_reference_uid, at_mm, normal: normal(self.plane) }
    }
}

fn lie(session: &Session, pane: usize, before: &ViewState) -> Option<Lie> {
    let now = session.view(pane)?.presentation;
    if (now.zoom, now.center) == (before.presentation.zoom, before.presentation.center) {
        return None;
    }
    let view = session.resolved(pane)?;
    let place = Lying::of(session, pane).and_then(|lying| {
        let middle = pixels(&lying.geometry, now.center);
        let spacing = lying.geometry.spacing.as_ref()?;
        Some(lying.place(patient_from_image(lying.plane, spacing, middle)))
    });
    Some(Lie {
        is_fit: now.zoom == Zoom::Fit && now.center == [0.5, 0.5],
        mm_per_px: patient_mm(&view),
        zoom_from_fit: view.zoom_from_fit,
        center: now.center,
        place,
    })
}

fn pixels(geometry: &ImageGeometry, [x, y]: [f64; 2]) -> [f64; 2] {
    [x * f64::from(geometry.columns), y * f64::from(geometry.rows)]
}

fn grey(session: &Session, pane: usize, before: &ViewState) -> Option<Grey> {
    let now = session.view(pane)?.data;
    if (now.voi, now.invert) == (before.data.voi, before.data.invert) {
        return None;
    }
    let [modality, unit] = values_of(session, pane)?.map(str::to_owned);
    let voi = match now.voi {
        // Those of this file mean nothing to another one.
        VoiChoice::FileWindow(_) | VoiChoice::VoiLut(_) => VoiChoice::User(session.window(pane)?),
        voi => voi,
    };
    Some(Grey { modality, unit, voi, invert: now.invert })
}

/// Whether the slice of a pane is parallel to one of the same space.
fn is_parallel(session: &Session, pane: usize, place: &Place) -> bool {
    Lying::of(session, pane).is_some_and(|lying| {
        lying.series.frame_of_reference_uid.as_ref() == Some(&place.frame_of_reference_uid)
            && dot(normal(lying.plane), place.normal).abs() >= PARALLEL
    })
}

fn followed_lie(session: &Session, pane: usize, told: &Lie) -> Option<ViewPresentation> {
    let own = session.view(pane)?.presentation;
    if told.is_fit {
        return Some(ViewPresentation { zoom: Zoom::Fit, center: [0.5, 0.5], ..own });
    }
    let (view, geometry) = session.resolved(pane).zip(session.geometry(pane))?;
    let factor = match patient_mm(&view).zip(told.mm_per_px) {
        Some((mine_mm, their_mm)) => mine_mm / their_mm,
        None => told.zoom_from_fit / view.zoom_from_fit,
    };
    let middle = view.canvas_size_px.map(|side| f64::from(side) / 2.0);
    let sized = view.zoomed(&own, &geometry, factor, middle);
    let center = same_middle(session, pane, told).unwrap_or(told.center);
    Some(ViewPresentation { center, ..sized }.sanitised())
}

/// The point of the image that lies where the middle of the other window's pane does.
fn same_middle(session: &Session, pane: usize, told: &Lie) -> Option<[f64; 2]> {
    let place = told.place.as_ref().filter(|place| is_parallel(session, pane, place))?;
    let lying = Lying::of(session, pane)?;
    let spacing = lying.geometry.spacing.as_ref()?;
    let ([x, y], _) = image_from_patient(lying.plane, spacing, place.at_mm);
    let [width, height] = pixels(&lying.geometry, [1.0, 1.0]);
    Some([x / width, y / height])
}
