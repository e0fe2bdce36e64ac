use viewer_core::pixel::PixelKind;

use crate::GpuError;
use crate::frame_bytes::{check_bytes, check_size, frame_bytes};
use crate::texels::cleaned;

/// One frame in GPU memory, its stored values exact.
///
/// The memory is given back when this is dropped, without waiting for the garbage collector of the
/// browser: keep it until the commands that draw it are submitted.
#[derive(Debug)]
pub struct FrameTexture {
    kind: PixelKind,
    texture: wgpu::Texture,
    view: wgpu::TextureView,
}

impl FrameTexture {
    /// Copies `bytes` (native-endian, row by row, no padding) to a texture.
    pub(crate) fn upload(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        kind: PixelKind,
        [columns, rows]: [u32; 2],
        bytes: &[u8],
    ) -> Result<Self, GpuError> {
        check_size(device.limits().max_texture_dimension_2d, columns, rows)?;
        check_bytes(kind, [columns, rows], bytes.len() as u64)?;
        let size = wgpu::Extent3d { width: columns, height: rows, depth_or_array_layers: 1 };
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("frame"),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: format_of(kind),
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let bytes = cleaned(kind, bytes);
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(columns * kind.bytes_per_pixel() as u32),
            rows_per_image: None,
        };
        queue.write_texture(texture.as_image_copy(), &bytes, layout, size);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Ok(Self { kind, texture, view })
    }

    /// What its pixels are.
    #[must_use]
    pub fn kind(&self) -> PixelKind {
        self.kind
    }

    /// Columns and rows.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        [self.texture.width(), self.texture.height()]
    }

    /// GPU memory its pixels take, for a cache that keeps a budget.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        frame_bytes(self.kind, self.size_px())
    }

    pub(crate) fn view(&self) -> &wgpu::TextureView {
        &self.view
    }
}

impl Drop for FrameTexture {
    fn drop(&mut self) {
        self.texture.destroy();
    }
}

/// Integer formats hold stored values exactly and are in the core of WebGPU and WebGL2 alike.
pub(crate) fn format_of(kind: PixelKind) -> wgpu::TextureFormat {
    match kind {
        PixelKind::GrayU8 => wgpu::TextureFormat::R8Uint,
        PixelKind::GrayI8 => wgpu::TextureFormat::R8Sint,
        PixelKind::GrayU16 => wgpu::TextureFormat::R16Uint,
        PixelKind::GrayI16 => wgpu::TextureFormat::R16Sint,
        PixelKind::GrayU32 => wgpu::TextureFormat::R32Uint,
        PixelKind::GrayI32 => wgpu::TextureFormat::R32Sint,
        PixelKind::GrayF32 => wgpu::TextureFormat::R32Float,
        PixelKind::Rgba8 => wgpu::TextureFormat::Rgba8Uint,
        PixelKind::Rgba16 => wgpu::TextureFormat::Rgba16Uint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texel_sizes_agree_with_the_frame_model() {
        use PixelKind::{
            GrayF32, GrayI8, GrayI16, GrayI32, GrayU8, GrayU16, GrayU32, Rgba8, Rgba16,
        };
        for kind in [GrayU8, GrayI8, GrayU16, GrayI16, GrayU32, GrayI32, GrayF32, Rgba8, Rgba16] {
            let bytes = format_of(kind).block_copy_size(None).map(|bytes| bytes as usize);
            assert_eq!(bytes, Some(kind.bytes_per_pixel()));
        }
    }
}
