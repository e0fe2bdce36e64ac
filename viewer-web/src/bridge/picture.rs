//! What one pane draws now, and what is said about it: decided together, so that they cannot disagree.

use std::rc::Rc;

use negatoscope_gpu::GpuError;
use viewer_core::display::cover::{GRAPHIC, REGION, SHUTTERED};
use viewer_core::fetch::{FrameFailure, FrameKey, FrameStatus};
use viewer_core::geometry::Affine2;
use viewer_core::session::Session;
use viewer_core::viewport::{
    FrameDisplay, ImageGeometry, ResolvedView, ViewReference, frame_attributes, frame_display,
    resolve,
};

use super::covers::{Covers, cover_of};
use super::display::{Display, PanePicture};
use super::loader::Loader;
use super::previews::{self, Previews};
use crate::platform::dom::log;
use crate::state::view::{CineView, CoverNote, CoverStatus, PaneStatus, PaneView, ShownImage};

/// A pane as it is to be drawn.
pub struct PaneNow {
    /// What is drawn, if anything.
    pub picture: Option<PanePicture>,
    /// What is said.
    pub view: PaneView,
    /// Which frame the picture is.
    pub drawn: Option<ViewReference>,
    /// How it lies: image pixels → device pixels of the pane.
    pub canvas_from_image: Option<Affine2>,
    /// Columns and rows of the preview that lies there instead.
    pub preview_px: Option<[u32; 2]>,
}

/// What a pane is made from.
pub struct PaneSource<'a> {
    /// State of the page.
    pub session: &'a Session,
    /// Frames.
    pub loader: &'a Loader,
    /// What lies over frames.
    pub covers: &'a Rc<Covers>,
    /// Pictures of what is not here yet.
    pub previews: &'a Rc<Previews>,
    /// GPU.
    pub display: &'a Display,
    /// Which pane.
    pub pane: usize,
    /// Where it lies on the canvas, device pixels.
    pub rect_px: [u32; 4],
    /// Which frame it drew last.
    pub last_drawn: Option<ViewReference>,
}

impl PaneSource<'_> {
    /// Decides what the pane draws.
    ///
    /// The wanted frame where it is ready. Until then its preview, or one on the way to it, or the frame drawn before, under its own
    /// label, as long as it is of the same series; else nothing. A failed frame is never replaced by another.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`].
    pub fn now(&self) -> Result<PaneNow, GpuError> {
        let Some(wanted) = self.session.reference(self.pane) else {
            return Ok(self.without_picture(PaneStatus::Empty, None));
        };
        if let Some(FrameStatus::Failed(failure)) = self.loader.status(wanted.into()) {
            return Ok(self.without_picture(PaneStatus::Failed(failure), Some(wanted)));
        }
        match self.load(wanted.into()) {
            Ok(true) => return self.with_picture(wanted, PaneStatus::Ready),
            Ok(false) => {}
            Err(GpuError::DeviceLost) => return Err(GpuError::DeviceLost),
            Err(error) => {
                let failure = FrameFailure::TooLarge { detail: error.to_string() };
                return Ok(self.without_picture(PaneStatus::Failed(failure), Some(wanted)));
            }
        }
        if let Some(preview) = self.with_preview(wanted) {
            return Ok(preview);
        }
        match self.until_then(wanted) {
            Some(last) if self.load(last.into())? => self.with_picture(last, PaneStatus::Loading),
            _ => Ok(self.without_picture(PaneStatus::Loading, None)),
        }
    }

    /// What stands for a frame that is not here: of the way to it what is here already, so that fast scrolling over
    /// frames that are on their way shows them as they come; else what was drawn before.
    fn until_then(&self, wanted: ViewReference) -> Option<ViewReference> {
        let series = wanted.series;
        let last = self.last_drawn.filter(|last| last.series == series)?;
        let on_the_way = || {
            let stack = self.session.stack(series)?;
            let way = [last, wanted].map(|at| stack.position(at.image, at.frame));
            let is_here = |image, frame| {
                self.loader.decoded(ViewReference { series, image, frame }.into()).is_some()
            };
            let (image, frame) = stack.on_the_way([way[0]?, way[1]?], &is_here)?;
            Some(ViewReference { series, image, frame })
        };
        on_the_way().or(Some(last))
    }

    /// Brings a frame into GPU memory; `false` where it is not here.
    fn load(&self, key: FrameKey) -> Result<bool, GpuError> {
        match self.loader.decoded(key) {
            Some(frame) => self.display.load(key, &frame).map(|()| true),
            None => Ok(self.display.holds(key)),
        }
    }

    fn with_picture(
        &self,
        reference: ViewReference,
        status: PaneStatus,
    ) -> Result<PaneNow, GpuError> {
        let Some((drawn, resolved)) = self.display_of(reference) else {
            // The summary contradicts itself; the indexer should have said so.
            log("display attributes are missing in the exam summary");
            let detail = "display attributes are missing".to_owned();
            let failed = PaneStatus::Failed(FrameFailure::Corrupt { detail });
            return Ok(self.without_picture(failed, Some(reference)));
        };
        let (cover, cover_shown) = self.cover(reference.into())?.unzip();
        let mut shown = self.describe(reference, &drawn, &resolved);
        if let Some(shown) = &mut shown {
            shown.cover = cover;
        }
        let picture = PanePicture {
            rect_px: self.rect_px,
            key: reference.into(),
            params: drawn.params,
            cover_shown: cover_shown.unwrap_or(0),
        };
        let view = self.view(status, shown);
        let canvas_from_image = Some(resolved.canvas_from_image);
        let drawn = Some(reference);
        Ok(PaneNow { picture: Some(picture), view, drawn, canvas_from_image, preview_px: None })
    }

    /// The picture the server draws of the wanted frame, once it is here; until then the one before, under its own
    /// label.
    fn with_preview(&self, wanted: ViewReference) -> Option<PaneNow> {
        let (.., address) = self.preview_of(wanted)?;
        self.previews.ask(self.pane, wanted, address);
        let (shown, its_address) = self.previews.shown(self.pane)?;
        let (drawn, resolved, address) = self.preview_of(shown)?;
        // One that was drawn otherwise than the pane is now would contradict its label.
        if shown.series != wanted.series || address != its_address {
            return None;
        }
        let series = self.session.exam().series.get(usize::try_from(shown.series).ok()?)?;
        let (format, _) = frame_attributes(series, shown.image, shown.frame).ok()?;
        let status = if shown == wanted { PaneStatus::Preview } else { PaneStatus::Loading };
        Some(PaneNow {
            picture: None,
            view: self.view(status, self.describe(shown, &drawn, &resolved)),
            drawn: None,
            canvas_from_image: Some(resolved.canvas_from_image),
            preview_px: Some([format.columns, format.rows]),
        })
    }

    fn preview_of(&self, reference: ViewReference) -> Option<(FrameDisplay, ResolvedView, String)> {
        let (drawn, resolved) = self.display_of(reference)?;
        let data = &self.session.view(self.pane)?.data;
        let address = previews::address(self.session.exam(), reference, data, &drawn.params)?;
        Some((drawn, resolved, address))
    }

    /// What lies over a frame that is drawn: what is said of it, and which flags are drawn.
    fn cover(&self, key: FrameKey) -> Result<Option<(CoverNote, u8)>, GpuError> {
        let series = self.session.exam().series.get(key.series as usize);
        let cover = series.and_then(|series| cover_of(series, key));
        let Some((cover, state)) = cover.zip(self.session.view(self.pane)) else {
            return Ok(None);
        };
        let loaded = self.covers.load(key, self.display, self.loader.decoded(key).as_ref());
        let status = match loaded {
            Err(GpuError::DeviceLost) => return Err(GpuError::DeviceLost),
            loaded => loaded.unwrap_or(CoverStatus::Broken),
        };
        let note = CoverNote::of(cover, key.frame, &state.data, status);
        let overlays = if note.overlays_hidden { 0 } else { GRAPHIC | REGION };
        let shutter = if note.shutter_open { 0 } else { SHUTTERED };
        Ok(Some((note, overlays | shutter)))
    }

    fn without_picture(&self, status: PaneStatus, about: Option<ViewReference>) -> PaneNow {
        let shown = about.and_then(|reference| {
            let (drawn, resolved) = self.display_of(reference)?;
            self.describe(reference, &drawn, &resolved).map(ShownImage::without_picture)
        });
        let view = self.view(status, shown);
        PaneNow { picture: None, view, drawn: None, canvas_from_image: None, preview_px: None }
    }

    /// The session resolves the frame that is wanted; the one that is drawn can still be another.
    fn display_of(&self, reference: ViewReference) -> Option<(FrameDisplay, ResolvedView)> {
        let state = self.session.view(self.pane)?;
        let series = self.session.exam().series.get(usize::try_from(reference.series).ok()?)?;
        let (format, _) = frame_attributes(series, reference.image, reference.frame).ok()?;
        let [_, _, width, height] = self.rect_px;
        let resolved = resolve(&ImageGeometry::of(format), [width, height], &state.presentation);
        let range = self.session.stored_range(reference.series);
        let which = [reference.image, reference.frame];
        let drawn = frame_display(series, which, &state.data, &resolved, range).ok()?;
        Some((drawn, resolved))
    }

    fn describe(
        &self,
        reference: ViewReference,
        drawn: &FrameDisplay,
        resolved: &ResolvedView,
    ) -> Option<ShownImage> {
        let series = self.session.exam().series.get(usize::try_from(reference.series).ok()?)?;
        let position =
            self.session.stack(reference.series)?.position(reference.image, reference.frame)?;
        let state = self.session.view(self.pane)?;
        let mut shown = ShownImage::describe(series, reference, position, drawn, resolved)?;
        shown.inverted = state.data.invert;
        if drawn.params.output.is_some() && drawn.params.supplemental.is_none() {
            shown.colours = state.data.colours;
        }
        shown.stream_frames =
            self.loader.decoded(reference.into()).and_then(|frame| frame.stream_frames);
        if shown.lossy.is_none() && self.loader.is_lossy(reference.into()) {
            shown.lossy = Some(viewer_core::exam::Lossy::default());
        }
        Some(shown)
    }

    fn view(&self, status: PaneStatus, shown: Option<ShownImage>) -> PaneView {
        let session = self.session;
        let cine = CineView {
            playing: session.cine(self.pane).is_some_and(|cine| cine.playing),
            rate: session.cine_rate(self.pane).unwrap_or_default(),
        };
        PaneView {
            rect: None,
            series: session.reference(self.pane).map(|reference| reference.series),
            wanted: session.position(self.pane).unwrap_or_default(),
            total: session.stack_length(self.pane),
            status,
            shown,
            cine,
            quarter_turns: session
                .view(self.pane)
                .map_or(0, |view| view.presentation.quarter_turns),
        }
    }
}
