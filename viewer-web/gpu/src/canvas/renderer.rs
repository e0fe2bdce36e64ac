use js_sys::ArrayBuffer;
use viewer_core::display::cover::{CoverPlane, draw_over};
use viewer_core::display::{DisplayParams, quick};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{PixelFrame, PixelKind};

use super::{CoverTexture, FrameTexture};
use crate::pane::{covered, scissor};
use crate::{GpuError, PaneDraw};

/// Draws frames into panes.
///
/// Agrees with [`viewer_core::display`]'s CPU renderer to 1/255 on every pixel.
#[derive(Debug, Default)]
pub struct Renderer {
    /// R G B A of the pane that is drawn, used again.
    picture: Vec<u8>,
}

impl Renderer {
    /// Keeps a copy of `frame`.
    ///
    /// # Errors
    /// [`GpuError::TooLarge`], [`GpuError::Empty`].
    pub fn upload(&self, frame: &PixelFrame) -> Result<FrameTexture, GpuError> {
        FrameTexture::new(frame.clone())
    }

    /// Keeps `columns × rows` pixels, native-endian, row by row without padding.
    ///
    /// # Errors
    /// As [`Self::upload`], and [`GpuError::ByteCount`].
    pub fn upload_buffer(
        &self,
        kind: PixelKind,
        size_px: [u32; 2],
        samples: &ArrayBuffer,
    ) -> Result<FrameTexture, GpuError> {
        FrameTexture::from_buffer(kind, size_px, samples)
    }

    /// Keeps what lies over a frame.
    #[must_use]
    pub fn upload_cover(&self, plane: &CoverPlane) -> CoverTexture {
        CoverTexture::new(plane)
    }

    /// Draws every pane on a target that has grey level `background`, and gives `put` the places (left, top, width, height)
    /// and their pixels, R G B A row by row from the top.
    pub(super) fn draw(
        &mut self,
        size_px: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
        mut put: impl FnMut([u32; 4], &[u8]),
    ) {
        for pane in panes {
            let (Some(frame), Some(place)) = (pane.frame, scissor(pane.rect_px, size_px)) else {
                continue;
            };
            let place = covered(place, pane, frame.size_px(), background);
            self.draw_pane(pane, frame, place);
            put(place, &self.picture);
        }
    }

    /// The part of a pane that lies at `place` of the target.
    fn draw_pane(&mut self, pane: &PaneDraw<'_>, frame: &FrameTexture, place: [u32; 4]) {
        let [left, top, width, height] = place;
        let moved = [left - pane.rect_px[0], top - pane.rect_px[1]].map(f64::from);
        let map = pane.params.image_from_canvas;
        let [x0, y0] = map.apply(moved);
        let image_from_canvas = Affine2 { x0, y0, ..map };
        let canvas_size_px = [width, height];
        let params = DisplayParams { canvas_size_px, image_from_canvas, ..pane.params.clone() };
        self.picture.resize(width as usize * height as usize * 4, 0);
        quick::render_into(&frame.frame(), &params, &mut self.picture);
        if let Some(cover) = pane.cover {
            let plane = cover.texture.plane();
            draw_over(&mut self.picture, width, &image_from_canvas, plane, cover.shown);
        }
    }

    /// As [`Self::draw`], into memory.
    ///
    /// # Errors
    /// None; the other back ends have some.
    pub fn draw_and_read_back(
        &mut self,
        size_px: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Result<ReadBack, GpuError> {
        let [width, height] = size_px.map(|side| side as usize);
        let mut pixels = [background, background, background, 255].repeat(width * height);
        self.draw(size_px, panes, background, |[left, top, across, _], picture| {
            for (row, line) in picture.chunks_exact(across as usize * 4).enumerate() {
                let start = ((top as usize + row) * width + left as usize) * 4;
                pixels[start..start + line.len()].copy_from_slice(line);
            }
        });
        Ok(ReadBack { pixels })
    }
}

/// A picture in memory.
#[derive(Debug)]
pub struct ReadBack {
    pixels: Vec<u8>,
}

impl ReadBack {
    /// The pixels, R G B A row by row from the top; always there.
    ///
    /// # Errors
    /// None; the other back ends have some.
    pub fn take(&self) -> Result<Option<Vec<u8>>, GpuError> {
        Ok(Some(self.pixels.clone()))
    }
}
