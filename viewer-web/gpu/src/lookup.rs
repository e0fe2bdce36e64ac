use viewer_core::exam::LookupTable;

/// Entries per texture row: every device can have textures this wide, and a power of two keeps the
/// shader's arithmetic on whole numbers cheap. `shaders/lib/lookup.wgsl` has the same number.
pub(crate) const ENTRIES_PER_ROW: u32 = 1024;

/// How many tables are kept: two per pane of the largest layout in use, and then some.
const KEPT: usize = 16;

/// Lookup tables in GPU memory, each behind a handle `T`, the least recently used dropped first.
#[derive(Debug)]
pub(crate) struct LookupTextures<T> {
    kept: Vec<(Vec<u16>, T)>,
}

impl<T> Default for LookupTextures<T> {
    fn default() -> Self {
        Self { kept: Vec::new() }
    }
}

impl<T: Clone> LookupTextures<T> {
    /// The texture of `lut`, made by `upload` where there is none yet.
    ///
    /// # Errors
    /// Those of `upload`.
    pub(crate) fn texture<E>(
        &mut self,
        lut: &LookupTable,
        upload: impl FnOnce(&[u16]) -> Result<T, E>,
    ) -> Result<T, E> {
        let found = self.kept.iter().position(|(entries, _)| *entries == lut.entries);
        let entry = match found {
            Some(index) => self.kept.remove(index),
            None => (lut.entries.clone(), upload(&lut.entries)?),
        };
        let texture = entry.1.clone();
        self.kept.push(entry);
        if self.kept.len() > KEPT {
            self.kept.remove(0);
        }
        Ok(texture)
    }
}

/// `entries` in whole rows of [`ENTRIES_PER_ROW`], at least one, and how many rows.
pub(crate) fn folded(entries: &[u16]) -> (Vec<u16>, u32) {
    let rows = entries.len().div_ceil(ENTRIES_PER_ROW as usize).max(1);
    let mut padded = entries.to_vec();
    padded.resize(rows * ENTRIES_PER_ROW as usize, 0);
    (padded, u32::try_from(rows).unwrap_or(u32::MAX))
}

/// An R16Uint texture with `entries` folded into rows of [`ENTRIES_PER_ROW`].
#[cfg(not(feature = "webgl"))]
pub(crate) fn upload(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    entries: &[u16],
) -> wgpu::TextureView {
    let (padded, rows) = folded(entries);
    let size = wgpu::Extent3d { width: ENTRIES_PER_ROW, height: rows, depth_or_array_layers: 1 };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("lookup table"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::R16Uint,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(ENTRIES_PER_ROW * 2),
        rows_per_image: None,
    };
    queue.write_texture(texture.as_image_copy(), bytemuck::cast_slice(&padded), layout, size);
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}
