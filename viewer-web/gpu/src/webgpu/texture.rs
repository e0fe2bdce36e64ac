use js_sys::{ArrayBuffer, Uint8Array, Uint16Array};
use viewer_core::pixel::PixelKind;

use super::bindings::{Device, GpuTexture, TextureView, extent, object};
use crate::GpuError;
use crate::frame_bytes::{check_bytes, check_size, frame_bytes};
use crate::lookup::{ENTRIES_PER_ROW, folded};
use crate::texels::cleaned;

/// `GPUTextureUsage`: what is written by the page and read by shaders.
const COPY_DST_AND_TEXTURE_BINDING: u32 = 0x02 | 0x04;

/// One frame in GPU memory, its stored values exact.
///
/// The memory is given back when this is dropped, without waiting for the garbage collector of the
/// browser: keep it until the commands that draw it are submitted.
#[derive(Debug)]
pub struct FrameTexture {
    kind: PixelKind,
    size_px: [u32; 2],
    texture: Texture,
}

/// A texture that is destroyed with its last owner.
#[derive(Debug)]
pub(super) struct Texture {
    handle: GpuTexture,
    view: TextureView,
}

impl FrameTexture {
    /// Copies the samples of a frame, as the browser holds them: native-endian, row by row, no padding. What
    /// lies behind them in the buffer is not looked at.
    pub(super) fn from_buffer(
        device: &Device,
        largest_px: u32,
        kind: PixelKind,
        size_px: [u32; 2],
        samples: &ArrayBuffer,
    ) -> Result<Self, GpuError> {
        check_size(largest_px, size_px[0], size_px[1])?;
        let texels = texels(kind, size_px, samples)?;
        Ok(Self { kind, size_px, texture: Texture::new(device, kind, size_px, &texels)? })
    }

    /// Copies another frame of the same kind and size over the one it holds: no memory is asked for.
    pub(super) fn refill(&self, device: &Device, samples: &ArrayBuffer) -> Result<(), GpuError> {
        let texels = texels(self.kind, self.size_px, samples)?;
        self.texture.fill(device, self.kind, self.size_px, &texels)
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

    /// GPU memory its pixels take, for a cache that keeps a budget.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        frame_bytes(self.kind, self.size_px)
    }

    pub(super) fn view(&self) -> &TextureView {
        &self.texture.view
    }
}

impl Texture {
    fn new(
        device: &Device,
        kind: PixelKind,
        size_px: [u32; 2],
        texels: &ArrayBuffer,
    ) -> Result<Self, GpuError> {
        let handle = device.create_texture(&object([
            ("size", extent(size_px).into()),
            ("format", format_of(kind).into()),
            ("usage", COPY_DST_AND_TEXTURE_BINDING.into()),
        ]));
        let view = handle.create_view();
        let texture = Self { handle, view };
        texture.fill(device, kind, size_px, texels)?;
        Ok(texture)
    }

    fn fill(
        &self,
        device: &Device,
        kind: PixelKind,
        size_px: [u32; 2],
        texels: &ArrayBuffer,
    ) -> Result<(), GpuError> {
        let bytes_per_row = size_px[0] * kind.bytes_per_pixel() as u32;
        device
            .queue()
            .write_texture(
                &object([("texture", (&self.handle).into())]),
                texels,
                &object([("bytesPerRow", bytes_per_row.into())]),
                &extent(size_px),
            )
            .map_err(|_refused| GpuError::Surface("a texture was refused"))
    }

    /// A lookup table, folded into rows.
    pub(super) fn of_table(device: &Device, entries: &[u16]) -> Result<Self, GpuError> {
        let (padded, rows) = folded(entries);
        let texels = Uint16Array::from(padded.as_slice()).buffer();
        Self::new(device, PixelKind::GrayU16, [ENTRIES_PER_ROW, rows], &texels)
    }

    pub(super) fn view(&self) -> &TextureView {
        &self.view
    }
}

impl Drop for Texture {
    fn drop(&mut self) {
        self.handle.destroy_texture();
    }
}

/// The samples of a frame; only floats are copied, to be cleaned.
fn texels(
    kind: PixelKind,
    size_px: [u32; 2],
    samples: &ArrayBuffer,
) -> Result<ArrayBuffer, GpuError> {
    let bytes = frame_bytes(kind, size_px).min(samples.byte_length().into());
    check_bytes(kind, size_px, bytes)?;
    if kind != PixelKind::GrayF32 {
        return Ok(samples.clone());
    }
    let clean = Uint8Array::from(&*cleaned(kind, &Uint8Array::new(samples).to_vec()));
    Ok(clean.buffer())
}

/// Integer formats hold stored values exactly and are in the core of WebGPU.
fn format_of(kind: PixelKind) -> &'static str {
    match kind {
        PixelKind::GrayU8 => "r8uint",
        PixelKind::GrayI8 => "r8sint",
        PixelKind::GrayU16 => "r16uint",
        PixelKind::GrayI16 => "r16sint",
        PixelKind::GrayU32 => "r32uint",
        PixelKind::GrayI32 => "r32sint",
        PixelKind::GrayF32 => "r32float",
        PixelKind::Rgba8 => "rgba8uint",
        PixelKind::Rgba16 => "rgba16uint",
    }
}
