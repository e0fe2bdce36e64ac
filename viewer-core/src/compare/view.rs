//! Zoom, place and grey scale of a pane that follows another one.

use super::place::{Lying, Way, way};
use crate::exam::SpacingSource;
use crate::geometry::plane::{image_from_patient, patient_from_image};
use crate::session::Session;
use crate::viewport::{
    DataPresentation, ImageGeometry, ResolvedView, ViewPresentation, ViewState, VoiChoice, Zoom,
    frame_attributes, resolve,
};

/// How the image of the following pane lies now that the leader's lies otherwise than `before`; `None` where it stays.
///
/// Turns and flips are each pane's own. The size is that of millimetres where both have comparable ones, else that
/// of the whole image. The middle is the same point of the patient where both show parallel slices of one space;
/// else images are moved by as much.
pub(super) fn followed_presentation(
    session: &Session,
    [leader, pane]: [usize; 2],
    before: &ViewState,
) -> Option<ViewPresentation> {
    let now = session.view(leader)?.presentation;
    let old = before.presentation;
    let own = session.view(pane).filter(|view| view.reference.is_some())?.presentation;
    if (now.zoom, now.center) == (old.zoom, old.center) {
        return None;
    }
    if now.zoom == Zoom::Fit && now.center == [0.5, 0.5] {
        return Some(ViewPresentation { zoom: Zoom::Fit, center: [0.5, 0.5], ..own });
    }
    let lead = Drawn { geometry: session.geometry(leader)?, view: session.resolved(leader)? };
    let mine = Drawn { geometry: session.geometry(pane)?, view: session.resolved(pane)? };
    let sized = if now.zoom == old.zoom { own } else { mine.sized_as(&lead, &own) };
    let view = resolve(&mine.geometry, mine.view.canvas_size_px, &sized);
    let mine = Drawn { view, ..mine };
    if let Some(center) = same_middle(session, [leader, pane], now.center) {
        return Some(ViewPresentation { center, ..sized }.sanitised());
    }
    let moved = lead.moved_px(old.center).map(|px| px * mine.px_per_px_of(&lead));
    Some(mine.view.panned(&sized, &mine.geometry, moved))
}

/// An image as it is drawn.
#[derive(Clone, Copy)]
struct Drawn {
    geometry: ImageGeometry,
    view: ResolvedView,
}

impl Drawn {
    fn sized_as(&self, lead: &Self, own: &ViewPresentation) -> ViewPresentation {
        let factor = match self.mm_beside(lead) {
            Some([mine_mm, lead_mm]) => mine_mm / lead_mm,
            None => lead.view.zoom_from_fit / self.view.zoom_from_fit,
        };
        let middle = self.view.canvas_size_px.map(|side| f64::from(side) / 2.0);
        self.view.zoomed(own, &self.geometry, factor, middle)
    }

    /// Millimetres per pixel of the canvas of both, where they mean the same.
    fn mm_beside(&self, lead: &Self) -> Option<[f64; 2]> {
        let (mine, lead) = self.view.spacing.zip(lead.view.spacing)?;
        (scale_of(mine.source) == scale_of(lead.source))
            .then_some([mine.mm_per_canvas_px, lead.mm_per_canvas_px])
    }

    /// Pixels of this canvas for one of the leader's: of the same length in the patient, else the same part of the
    /// image.
    fn px_per_px_of(&self, lead: &Self) -> f64 {
        let width_px = |drawn: &Self| drawn.view.scale * f64::from(drawn.geometry.columns);
        match self.mm_beside(lead) {
            Some([mine_mm, lead_mm]) => lead_mm / mine_mm,
            None => width_px(self) / width_px(lead),
        }
    }

    /// By how much the image was moved since its point `old_center` lay in the middle.
    fn moved_px(&self, old_center: [f64; 2]) -> [f64; 2] {
        let size = [f64::from(self.geometry.columns), f64::from(self.geometry.rows)];
        let old = [old_center[0] * size[0], old_center[1] * size[1]];
        let [x, y] = self.view.canvas_from_image.apply(old);
        let [width, height] = self.view.canvas_size_px.map(f64::from);
        [x - width / 2.0, y - height / 2.0]
    }
}

/// What a millimetre of a scale is one of.
#[derive(PartialEq, Eq)]
enum Scale {
    Patient,
    Detector,
    Film,
    Unsure,
}

/// Millimetres of the patient per pixel of the canvas, where they are known.
pub(super) fn patient_mm(view: &ResolvedView) -> Option<f64> {
    let spacing = view.spacing.filter(|spacing| scale_of(spacing.source) == Scale::Patient)?;
    Some(spacing.mm_per_canvas_px)
}

fn scale_of(source: SpacingSource) -> Scale {
    match source {
        SpacingSource::PixelSpacing
        | SpacingSource::UltrasoundRegion
        | SpacingSource::Fiducial
        | SpacingSource::Geometry
        | SpacingSource::Corrected
        | SpacingSource::Magnification => Scale::Patient,
        SpacingSource::ImagerPixelSpacing => Scale::Detector,
        SpacingSource::NominalScanned => Scale::Film,
        SpacingSource::Uncertain => Scale::Unsure,
    }
}

/// The point of the following image, as fractions of it, that lies where the middle of the leader's canvas does.
fn same_middle(
    session: &Session,
    [leader, pane]: [usize; 2],
    center: [f64; 2],
) -> Option<[f64; 2]> {
    way(session, leader, pane).filter(|way| *way == Way::Position)?;
    let (lead, mine) = Lying::of(session, leader).zip(Lying::of(session, pane))?;
    let size = |geometry: &ImageGeometry| [f64::from(geometry.columns), f64::from(geometry.rows)];
    let [width, height] = size(&lead.geometry);
    let middle = [center[0] * width, center[1] * height];
    let point = patient_from_image(lead.plane, lead.geometry.spacing.as_ref()?, middle);
    let ([x, y], _) = image_from_patient(mine.plane, mine.geometry.spacing.as_ref()?, point);
    let [width, height] = size(&mine.geometry);
    Some([x / width, y / height])
}

/// Grey scale of the following pane now that the leader's is otherwise than `before`; `None` where it stays: where
/// values are of another modality or unit, or an image has colours, and for curves that only the leader's file has.
pub(super) fn followed_data(
    session: &Session,
    [leader, pane]: [usize; 2],
    before: &ViewState,
) -> Option<DataPresentation> {
    let now = session.view(leader)?.data;
    if (now.voi, now.invert) == (before.data.voi, before.data.invert) {
        return None;
    }
    if values_of(session, leader)? != values_of(session, pane)? {
        return None;
    }
    let own = session.view(pane)?.data;
    let of = |pane| session.reference(pane).map(|reference| reference.series);
    let is_same_series = of(leader) == of(pane);
    let voi = match now.voi {
        voi if is_same_series => voi,
        VoiChoice::VoiLut(_) => own.voi,
        VoiChoice::FileWindow(_) => VoiChoice::User(session.window(leader)?),
        voi => voi,
    };
    Some(DataPresentation { voi, invert: now.invert, ..own })
}

/// What the values of a grey image mean: modality and unit.
pub(super) fn values_of(session: &Session, pane: usize) -> Option<[&str; 2]> {
    let series = session.series(pane)?;
    let reference = session.reference(pane)?;
    let (format, attributes) = frame_attributes(series, reference.image, reference.frame).ok()?;
    format
        .photometric_interpretation
        .starts_with("MONOCHROME")
        .then_some([series.modality.as_str(), attributes.unit.as_str()])
}
