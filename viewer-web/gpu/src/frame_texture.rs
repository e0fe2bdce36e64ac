use std::borrow::Cow;

use viewer_core::display::modality::clean_sample;
use viewer_core::pixel::PixelKind;

use crate::GpuError;

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
        check_bytes(kind, columns, rows, bytes)?;
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
        let [columns, rows] = self.size_px();
        u64::from(columns) * u64::from(rows) * self.kind.bytes_per_pixel() as u64
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

/// Stands for NaN, on which shaders are not defined: beyond every clean sample.
const NO_VALUE: f32 = f32::MAX;

/// Shaders are not defined on infinity either: float samples are cleaned as the CPU renderer does.
fn cleaned(kind: PixelKind, bytes: &[u8]) -> Cow<'_, [u8]> {
    if kind != PixelKind::GrayF32 {
        return Cow::Borrowed(bytes);
    }
    let (samples, _) = bytes.as_chunks::<4>();
    let clean = |sample: &[u8; 4]| {
        let sample = clean_sample(f32::from_ne_bytes(*sample));
        if sample.is_nan() { NO_VALUE } else { sample }.to_ne_bytes()
    };
    Cow::Owned(samples.iter().flat_map(clean).collect())
}

fn check_size(limit: u32, columns: u32, rows: u32) -> Result<(), GpuError> {
    if columns == 0 || rows == 0 {
        Err(GpuError::Empty { columns, rows })
    } else if columns > limit || rows > limit {
        Err(GpuError::TooLarge { columns, rows, limit })
    } else {
        Ok(())
    }
}

fn check_bytes(kind: PixelKind, columns: u32, rows: u32, bytes: &[u8]) -> Result<(), GpuError> {
    let expected = u64::from(columns) * u64::from(rows) * kind.bytes_per_pixel() as u64;
    let found = bytes.len() as u64;
    if expected == found { Ok(()) } else { Err(GpuError::ByteCount { expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked_against_the_device() {
        assert_eq!(check_size(4096, 4096, 4096), Ok(()));
        assert_eq!(
            check_size(4096, 4096, 4097),
            Err(GpuError::TooLarge { columns: 4096, rows: 4097, limit: 4096 })
        );
        assert_eq!(check_size(4096, 0, 3), Err(GpuError::Empty { columns: 0, rows: 3 }));
    }

    #[test]
    fn bytes_must_fill_the_frame() {
        assert_eq!(check_bytes(PixelKind::GrayI16, 3, 2, &[0; 12]), Ok(()));
        assert_eq!(
            check_bytes(PixelKind::Rgba8, 3, 2, &[0; 12]),
            Err(GpuError::ByteCount { expected: 24, found: 12 })
        );
    }

    #[test]
    fn float_samples_are_cleaned_and_others_left_alone() {
        let bytes: Vec<u8> = [f32::NAN, 1.5].iter().flat_map(|v| v.to_ne_bytes()).collect();
        let expected: Vec<u8> = [NO_VALUE, 1.5].iter().flat_map(|v| v.to_ne_bytes()).collect();
        assert_eq!(cleaned(PixelKind::GrayF32, &bytes), expected);
        assert_eq!(cleaned(PixelKind::GrayU8, &bytes), bytes);
    }

    #[test]
    fn texel_sizes_agree_with_the_frame_model_and_wgpu() {
        use PixelKind::{
            GrayF32, GrayI8, GrayI16, GrayI32, GrayU8, GrayU16, GrayU32, Rgba8, Rgba16,
        };
        for kind in [GrayU8, GrayI8, GrayU16, GrayI16, GrayU32, GrayI32, GrayF32, Rgba8, Rgba16] {
            let bytes = format_of(kind).block_copy_size(None).map(|bytes| bytes as usize);
            assert_eq!(bytes, Some(kind.bytes_per_pixel()));
        }
    }
}
