use bytemuck::Pod;
use wasm_bindgen::JsValue;

use super::bindings::{Buffer, Device, object};

/// Where uniforms may begin in a buffer on every device, bytes.
const ALIGNMENT: usize = 256;
/// `GPUBufferUsage`.
const COPY_DST_AND_UNIFORM: u32 = 0x08 | 0x40;

/// The uniforms of all draws of a picture, written at once: writes between draws would all happen before the
/// first of them.
#[derive(Debug, Default)]
pub(super) struct UniformBuffer {
    buffer: Option<Buffer>,
    room: usize,
    bytes: Vec<u8>,
}

impl UniformBuffer {
    /// Begins a picture of at most `draws` draws.
    pub(super) fn begin(&mut self, device: &Device, draws: usize) {
        self.bytes.clear();
        let room = draws.max(1) * ALIGNMENT;
        if self.room >= room {
            return;
        }
        self.destroy();
        self.room = room;
        self.buffer = Some(device.create_buffer(&object([
            ("size", JsValue::from_f64(room as f64)),
            ("usage", COPY_DST_AND_UNIFORM.into()),
        ])));
    }

    /// Adds the uniforms of a draw and returns how they are bound.
    pub(super) fn push<T: Pod>(&mut self, values: &T) -> JsValue {
        let offset = self.bytes.len();
        let bytes = bytemuck::bytes_of(values);
        self.bytes.extend_from_slice(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        object([
            (
                "buffer",
                self.buffer.as_ref().map(|buffer| buffer.clone().into()).unwrap_or_default(),
            ),
            ("offset", JsValue::from_f64(offset as f64)),
            ("size", JsValue::from_f64(bytes.len() as f64)),
        ])
        .into()
    }

    /// Sends them on their way, before the commands that read them.
    pub(super) fn write(&self, device: &Device) {
        if let Some(buffer) = &self.buffer {
            device.queue().write_buffer(buffer, 0, &self.bytes);
        }
    }

    fn destroy(&self) {
        if let Some(buffer) = &self.buffer {
            buffer.destroy_buffer();
        }
    }
}

impl Drop for UniformBuffer {
    fn drop(&mut self) {
        self.destroy();
    }
}
