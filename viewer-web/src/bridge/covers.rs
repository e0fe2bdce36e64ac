//! What lies over the frames: the bits of overlays are fetched when a frame that has them is first drawn
//! (the picture does not wait for them), and put together with its shutter.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use negatoscope_gpu::GpuError;
use viewer_core::display::cover::CoverPlane;
use viewer_core::exam::{Cover, OverlayPlane, Series};
use viewer_core::fetch::FrameKey;
use viewer_core::viewport::{ImageGeometry, frame_attributes};

use super::decoded::DecodedFrame;
use super::display::Display;
use super::exams::Exams;
use super::net::get;
use super::url;
use crate::platform::time::spawn;
use crate::state::view::CoverStatus;

/// Overlays kept in memory; the oldest go first.
const MOST_OVERLAYS: usize = 64;

/// Covers of the exams of the page.
pub struct Covers {
    exams: Exams,
    overlays: RefCell<Vec<OverlayData>>,
    /// Told which series and image has got the bits of an overlay, or will not get them.
    tell: Box<dyn Fn([u32; 2])>,
}

/// Overlay Data of one group of one image.
struct OverlayData {
    series_image: [u32; 2],
    group: u16,
    /// `None` while it is on its way; empty where it cannot be had.
    bits: Option<Vec<u8>>,
}

impl Covers {
    /// Covers of `exams`; `tell` is called from browser events.
    #[must_use]
    pub fn new(exams: Exams, tell: impl Fn([u32; 2]) + 'static) -> Rc<Self> {
        Rc::new(Self { exams, overlays: RefCell::default(), tell: Box::new(tell) })
    }

    /// Sees to it that what lies over a frame is in GPU memory beside the frame itself, as far as it is
    /// here, and that the rest is on its way; says how far it is.
    ///
    /// # Errors
    /// As [`Display::load_cover`].
    pub fn load(
        self: &Rc<Self>,
        key: FrameKey,
        display: &Display,
        decoded: Option<&DecodedFrame>,
    ) -> Result<CoverStatus, GpuError> {
        if let Some(status) = display.cover_status(key) {
            return Ok(status);
        }
        let exam = self.exams.now();
        let series = exam.series.get(key.series as usize);
        let Some((series, cover)) =
            series.and_then(|series| Some((series, cover_of(series, key)?)))
        else {
            return Ok(CoverStatus::Whole);
        };
        let pixel_bits = cover.pixel_bits();
        let planes: Vec<Vec<u8>> = match decoded {
            Some(frame) => {
                (0..frame.overlay_planes).filter_map(|i| frame.overlay_plane(i)).collect()
            }
            None if pixel_bits.is_empty() => Vec::new(),
            None => return Ok(CoverStatus::Loading),
        };
        let is_waiting = self.request(key, cover);
        let Ok((format, _)) = frame_attributes(series, key.image, key.frame) else {
            return Ok(CoverStatus::Broken);
        };
        let size = [format.columns, format.rows];
        let aspect = ImageGeometry::of(format).pixel_aspect;
        let overlays = self.overlays.borrow();
        let plane = CoverPlane::compose(cover, key.frame, size, aspect, |plane| match plane.bit {
            Some(bit) => {
                let index = pixel_bits.iter().position(|known| *known == bit)?;
                planes.get(index).map(Vec::as_slice)
            }
            None => {
                let found = overlays.iter().find(|data| data.is_of(key, plane.group))?;
                found.bits.as_deref()
            }
        });
        let status = match (is_waiting, cover.unreadable || !plane.is_whole()) {
            (true, _) => CoverStatus::Loading,
            (false, true) => CoverStatus::Broken,
            (false, false) => CoverStatus::Whole,
        };
        display.load_cover(key, &plane, status)?;
        Ok(status)
    }

    /// What could not be had is asked for again when it is drawn next: the connection is back.
    pub fn retry(&self) {
        let mut missing = Vec::new();
        self.overlays.borrow_mut().retain(|data| {
            let is_missing = data.bits.as_ref().is_some_and(Vec::is_empty);
            missing.extend(is_missing.then_some(data.series_image));
            !is_missing
        });
        for series_image in missing {
            (self.tell)(series_image);
        }
    }

    /// Asks for overlays of a frame that nobody asked for yet; whether any is still on its way.
    fn request(self: &Rc<Self>, key: FrameKey, cover: &Cover) -> bool {
        let wanted: Vec<&OverlayPlane> = cover
            .overlays_of(key.frame)
            .chain(cover.bitmap())
            .filter(|p| p.bit.is_none())
            .collect();
        let mut overlays = self.overlays.borrow_mut();
        for plane in &wanted {
            let group = plane.group;
            if !overlays.iter().any(|data| data.is_of(key, group)) {
                let series_image = [key.series, key.image];
                overlays.push(OverlayData { series_image, group, bits: None });
                let covers = Rc::clone(self);
                spawn(async move { covers.fetch(key, group).await });
            }
        }
        let surplus = overlays.len().saturating_sub(MOST_OVERLAYS.max(wanted.len()));
        overlays.drain(..surplus);
        let is_waiting = |data: &OverlayData| {
            data.bits.is_none() && wanted.iter().any(|plane| data.is_of(key, plane.group))
        };
        overlays.iter().any(is_waiting)
    }

    async fn fetch(&self, key: FrameKey, group: u16) {
        let bits = match url::overlay(&self.exams.now(), key, group) {
            Some(address) => match get(&address, url::BULK_ACCEPT, None).await {
                Ok(answer) => Uint8Array::new(&answer.body).to_vec(),
                Err(_) => Vec::new(),
            },
            None => Vec::new(),
        };
        for data in self.overlays.borrow_mut().iter_mut() {
            if data.is_of(key, group) {
                data.bits = Some(bits);
                break;
            }
        }
        (self.tell)([key.series, key.image]);
    }
}

impl OverlayData {
    fn is_of(&self, key: FrameKey, group: u16) -> bool {
        self.series_image == [key.series, key.image] && self.group == group
    }
}

/// What lies over a frame of a series, if anything.
#[must_use]
pub fn cover_of(series: &Series, key: FrameKey) -> Option<&Cover> {
    let image = series.images.get(usize::try_from(key.image).ok()?)?;
    series.covers.get(usize::from(image.cover(key.frame)?))
}
