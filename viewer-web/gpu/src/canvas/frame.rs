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
    let channels = if matches!(kind, PixelKind::Rgba8 | PixelKind::Rgba16) { 4 } else { 1 };
    #[expect(clippy::cast_possible_truncation, reason = "not more than the buffer has")]
    let count = (u64::from(size_px[0]) * u64::from(size_px[1]) * channels) as u32;
    // No copy is made in between: one of each frame would keep the garbage collector busy.
    macro_rules! of {
        ($array:ty) => {
            <$array>::new_with_byte_offset_and_length(samples, 0, count).to_vec()
        };
    }
    let pixels = match kind {
        PixelKind::GrayU8 => FramePixels::GrayU8(of!(Uint8Array)),
        PixelKind::GrayI8 => FramePixels::GrayI8(of!(Int8Array)),
        PixelKind::GrayU16 => FramePixels::GrayU16(of!(Uint16Array)),
        PixelKind::GrayI16 => FramePixels::GrayI16(of!(Int16Array)),
        PixelKind::GrayU32 => FramePixels::GrayU32(of!(Uint32Array)),
        PixelKind::GrayI32 => FramePixels::GrayI32(of!(Int32Array)),
        PixelKind::GrayF32 => FramePixels::GrayF32(of!(Float32Array)),
        PixelKind::Rgba8 => FramePixels::Rgba8(of!(Uint8Array)),
        PixelKind::Rgba16 => FramePixels::Rgba16(of!(Uint16Array)),
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
