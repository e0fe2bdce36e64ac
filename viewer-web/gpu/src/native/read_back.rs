use std::sync::{Arc, Mutex, PoisonError};

use crate::GpuError;

/// Pixels on their way back from the GPU.
///
/// Ask with [`Self::take`] from one task or animation frame to the next: WebGL never finishes within the
/// task that started it, and nothing wakes a future there.
#[derive(Debug)]
pub struct ReadBack {
    device: wgpu::Device,
    buffer: wgpu::Buffer,
    size_px: [u32; 2],
    swap_red_blue: bool,
    mapped: Arc<Mutex<Option<Result<(), String>>>>,
}

/// Rows of a copied texture start at multiples of this many bytes.
const ROW_ALIGNMENT: u32 = wgpu::COPY_BYTES_PER_ROW_ALIGNMENT;

/// Starts reading `texture` (8-bit RGBA or BGRA, usage `COPY_SRC`) as it is after what was submitted so far.
///
/// # Errors
/// [`GpuError::ReadBack`] where the format is another one.
pub fn read_back(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
) -> Result<ReadBack, GpuError> {
    let swap_red_blue = match texture.format().remove_srgb_suffix() {
        wgpu::TextureFormat::Rgba8Unorm => false,
        wgpu::TextureFormat::Bgra8Unorm => true,
        other => return Err(GpuError::ReadBack(format!("format {other:?}"))),
    };
    let size_px = [texture.width(), texture.height()];
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size: u64::from(padded_row_bytes(size_px[0])) * u64::from(size_px[1]),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    queue.submit([copy_command(device, texture, &buffer)]);
    let mapped = Arc::new(Mutex::new(None));
    let answer = Arc::clone(&mapped);
    buffer.map_async(wgpu::MapMode::Read, .., move |result| {
        *answer.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(result.map_err(|error| error.to_string()));
    });
    Ok(ReadBack { device: device.clone(), buffer, size_px, swap_red_blue, mapped })
}

impl ReadBack {
    /// The pixels, R G B A row by row from the top, once they are there; `None` until then.
    ///
    /// # Errors
    /// [`GpuError::ReadBack`] where the device refuses or is lost.
    pub fn take(&self) -> Result<Option<Vec<u8>>, GpuError> {
        self.poll(wgpu::PollType::Poll)
    }

    /// Waits for the pixels. In a browser this cannot wait: use [`Self::take`] there.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn wait(&self) -> Result<Vec<u8>, GpuError> {
        self.poll(wgpu::PollType::wait_indefinitely())?
            .ok_or_else(|| GpuError::ReadBack("not finished".to_owned()))
    }

    fn poll(&self, poll: wgpu::PollType) -> Result<Option<Vec<u8>>, GpuError> {
        self.device.poll(poll).map_err(|error| GpuError::ReadBack(error.to_string()))?;
        let state = self.mapped.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match state {
            None => Ok(None),
            Some(Err(cause)) => Err(GpuError::ReadBack(cause)),
            Some(Ok(())) => self.pixels().map(Some),
        }
    }

    fn pixels(&self) -> Result<Vec<u8>, GpuError> {
        let [width, _] = self.size_px;
        let mapped = self
            .buffer
            .get_mapped_range(..)
            .map_err(|error| GpuError::ReadBack(error.to_string()))?;
        let mut pixels = Vec::with_capacity(mapped.len());
        for row in mapped.chunks_exact(padded_row_bytes(width) as usize) {
            pixels.extend_from_slice(row.get(..width as usize * 4).unwrap_or_default());
        }
        if self.swap_red_blue {
            pixels.chunks_exact_mut(4).for_each(|pixel| pixel.swap(0, 2));
        }
        Ok(pixels)
    }
}

impl Drop for ReadBack {
    fn drop(&mut self) {
        self.buffer.destroy();
    }
}

fn padded_row_bytes(width: u32) -> u32 {
    (width * 4).next_multiple_of(ROW_ALIGNMENT)
}

fn copy_command(
    device: &wgpu::Device,
    texture: &wgpu::Texture,
    buffer: &wgpu::Buffer,
) -> wgpu::CommandBuffer {
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(padded_row_bytes(texture.width())),
        rows_per_image: None,
    };
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo { buffer, layout },
        texture.size(),
    );
    encoder.finish()
}
