use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::bindings::{Buffer, Device, GpuTexture, extent, message_of, object};
use crate::GpuError;

/// Rows of a copied texture start at multiples of this many bytes.
const ROW_ALIGNMENT: u32 = 256;
/// `GPUBufferUsage`.
const MAP_READ_AND_COPY_DST: u32 = 0x01 | 0x08;
/// `GPUMapMode`.
const READ: u32 = 1;

/// Pixels on their way back from the GPU.
///
/// Ask with [`Self::take`] from one task or animation frame to the next.
#[derive(Debug)]
pub struct ReadBack {
    buffer: Buffer,
    size_px: [u32; 2],
    swap_red_blue: bool,
    mapped: Rc<RefCell<Option<Result<(), String>>>>,
}

impl ReadBack {
    /// Starts reading `texture` (8-bit RGBA, or BGRA with `swap_red_blue`) as it is after what was submitted.
    pub(super) fn start(
        device: &Device,
        texture: &GpuTexture,
        size_px: [u32; 2],
        swap_red_blue: bool,
    ) -> Self {
        let bytes_per_row = padded_row_bytes(size_px[0]);
        let buffer = device.create_buffer(&object([
            ("size", (bytes_per_row * size_px[1]).into()),
            ("usage", MAP_READ_AND_COPY_DST.into()),
        ]));
        let encoder = device.create_command_encoder();
        encoder.copy_texture_to_buffer(
            &object([("texture", texture.into())]),
            &object([("buffer", (&buffer).into()), ("bytesPerRow", bytes_per_row.into())]),
            &extent(size_px),
        );
        device.queue().submit(&js_sys::Array::of1(&encoder.finish()));
        let mapped = Rc::new(RefCell::new(None));
        let answer = Rc::clone(&mapped);
        let mapping = JsFuture::from(buffer.map_async(READ));
        spawn_local(async move {
            let result = mapping.await.map(drop).map_err(|error| message_of(&error));
            *answer.borrow_mut() = Some(result);
        });
        Self { buffer, size_px, swap_red_blue, mapped }
    }

    /// The pixels, R G B A row by row from the top, once they are there; `None` until then.
    ///
    /// # Errors
    /// [`GpuError::ReadBack`] where the device refuses or is lost.
    pub fn take(&self) -> Result<Option<Vec<u8>>, GpuError> {
        match &*self.mapped.borrow() {
            None => Ok(None),
            Some(Err(cause)) => Err(GpuError::ReadBack(cause.clone())),
            Some(Ok(())) => self.pixels().map(Some),
        }
    }

    fn pixels(&self) -> Result<Vec<u8>, GpuError> {
        let [width, _] = self.size_px;
        let mapped =
            self.buffer.mapped_range().map_err(|error| GpuError::ReadBack(message_of(&error)))?;
        let padded = Uint8Array::new(&mapped).to_vec();
        let mut pixels = Vec::with_capacity(padded.len());
        for row in padded.chunks_exact(padded_row_bytes(width) as usize) {
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
        self.buffer.destroy_buffer();
    }
}

fn padded_row_bytes(width: u32) -> u32 {
    (width * 4).next_multiple_of(ROW_ALIGNMENT)
}
