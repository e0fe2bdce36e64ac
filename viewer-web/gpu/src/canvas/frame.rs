use std::cell::{Ref, RefCell};

use js_sys::{
    ArrayBuffer, Float32Array, Int8Array, Int16Array, Int32Array, Uint8Array, Uint16Array,
    Uint32Array,
};
use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::{FramePixels, PixelFrame, PixelKind};

use crate::GpuError;
use crate::frame_bytes::{check_bytes, check_size, frame_bytes};

/// Longest side of a frame.
const LARGEST_PX: u32 = 32_768;

/// One frame in the module's own memory, its stored values exact.
#[derive(Debug)]
pub struct FrameTexture {
    kind: PixelKind,
    size_px: [u32; 2],
    frame: RefCell<PixelFrame>,
}

impl FrameTexture {
    pub(super) fn new(frame: PixelFrame) -> Result<Self, GpuError> {
        let size_px = [frame.columns(), frame.rows()];
        check_size(LARGEST_PX, size_px[0], size_px[1])?;
        Ok(Self { kind: frame.pixels().kind(), size_px, frame: RefCell::new(frame) })
    }

    /// Copies the samples of a frame, as the browser holds them: native-endian, row by row, no padding. What
    /// lies behind them in the buffer is not looked at.
    pub(super) fn from_buffer(
        kind: PixelKind,
        size_px: [u32; 2],
        samples: &ArrayBuffer,
    ) -> Result<Self, GpuError> {
        check_size(LARGEST_PX, size_px[0], size_px[1])?;
        Self::new(pixel_frame(kind, size_px, samples)?)
    }

    /// Copies another frame of the same kind and size over the one it holds.
    pub(super) fn refill(&self, samples: &ArrayBuffer) -> Result<(), GpuError> {
        *self.frame.borrow_mut() = pixel_frame(self.kind, self.size_px, samples)?;
        Ok(())
    }

    /// What its pixels are.
    #[must_use]
    pub fn kind(&self) -> PixelKind {
        self.kind
    }

    /// Columns and rows.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        self.size_px
    }

    /// Memory its pixels take, for a cache that keeps a budget.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        frame_bytes(self.kind, self.size_px)
    }

    pub(super) fn frame(&self) -> Ref<'_, PixelFrame> {
        self.frame.borrow()
    }
}

fn pixel_frame(
    kind: PixelKind,
    size_px: [u32; 2],
    samples: &ArrayBuffer,
) -> Result<PixelFrame, GpuError> {
    let bytes = frame_bytes(kind, size_px);
    let found = u64::from(samples.byte_length());
    if found < bytes {
        return Err(check_bytes(kind, size_px, found).err().unwrap_or(GpuError::DeviceLost));
    }
    #[expect(clippy::cast_possible_truncation, reason = "not more than the buffer has")]
    let bytes = bytes as u32;
    let samples = &samples.slice_with_end(0, bytes);
    let pixels = match kind {
        PixelKind::GrayU8 => FramePixels::GrayU8(Uint8Array::new(samples).to_vec()),
        PixelKind::GrayI8 => FramePixels::GrayI8(Int8Array::new(samples).to_vec()),
        PixelKind::GrayU16 => FramePixels::GrayU16(Uint16Array::new(samples).to_vec()),
        PixelKind::GrayI16 => FramePixels::GrayI16(Int16Array::new(samples).to_vec()),
        PixelKind::GrayU32 => FramePixels::GrayU32(Uint32Array::new(samples).to_vec()),
        PixelKind::GrayI32 => FramePixels::GrayI32(Int32Array::new(samples).to_vec()),
        PixelKind::GrayF32 => FramePixels::GrayF32(Float32Array::new(samples).to_vec()),
        PixelKind::Rgba8 => FramePixels::Rgba8(Uint8Array::new(samples).to_vec()),
        PixelKind::Rgba16 => FramePixels::Rgba16(Uint16Array::new(samples).to_vec()),
    };
    PixelFrame::new(size_px[0], size_px[1], pixels)
        .map_err(|_error| GpuError::Surface("the frame is not whole"))
}

/// What lies over one frame.
#[derive(Debug)]
pub struct CoverTexture(CoverPlane);

impl CoverTexture {
    pub(super) fn new(plane: &CoverPlane) -> Self {
        Self(plane.clone())
    }

    pub(super) fn plane(&self) -> &CoverPlane {
        &self.0
    }

    /// Memory it takes, for a cache that keeps a budget.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.cells().len() as u64
    }
}
