//! What workers answer: decoded frames, and what else a message has.

use js_sys::{ArrayBuffer, Reflect, Uint8Array, Uint16Array};
use negatoscope_protocol::{Failure, FailureKind, Reply, json};
use viewer_core::pixel::packed::unpack;
use viewer_core::pixel::{PixelKind, StoredRange};
use wasm_bindgen::prelude::*;

/// A decoded frame; its samples stay outside of this module's memory until they are drawn.
#[derive(Clone, Debug)]
pub struct DecodedFrame {
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Layout of the samples.
    pub kind: PixelKind,
    /// Ranges of the samples of a grey frame.
    pub range: Option<StoredRange>,
    /// Whether the encoded frame was lossy.
    pub lossy: bool,
    /// How many overlay planes of the pixel cells lie behind the samples.
    pub overlay_planes: u32,
    /// Whether the samples are packed ([`viewer_core::pixel::packed`]): greys of 16 bits, no planes behind them.
    pub packed: bool,
    /// Frames that a video has, where its header says another number.
    pub stream_frames: Option<u32>,
    /// The samples, then the overlay planes.
    pub samples: ArrayBuffer,
}

impl DecodedFrame {
    /// Bytes of the samples alone.
    #[must_use]
    pub fn sample_bytes(&self) -> u32 {
        let pixel = u32::try_from(self.kind.bytes_per_pixel()).unwrap_or(0);
        self.columns.saturating_mul(self.rows).saturating_mul(pixel)
    }

    /// The samples as they are drawn, then the overlay planes. Packed ones are unpacked into `buffer`, which a
    /// caller who asks again gives again; `None` where that cannot be.
    #[must_use]
    pub fn plain(&self, buffer: &mut Option<Uint16Array>) -> Option<ArrayBuffer> {
        if !self.packed {
            return Some(self.samples.clone());
        }
        let count = self.sample_bytes() / 2;
        let mut samples = vec![0; count as usize];
        let packed = Uint8Array::new(&self.samples).to_vec();
        unpack(&packed, self.columns as usize, &mut samples)?;
        let fitting = buffer.take().filter(|buffer| buffer.length() == count);
        let buffer = buffer.insert(fitting.unwrap_or_else(|| Uint16Array::new_with_length(count)));
        buffer.copy_from(&samples);
        Some(buffer.buffer())
    }

    /// The bits of an overlay plane of the pixel cells.
    #[must_use]
    pub fn overlay_plane(&self, index: u32) -> Option<Vec<u8>> {
        let offset = self.sample_bytes().checked_add(index.checked_mul(self.plane_bytes())?)?;
        let end = offset.checked_add(self.plane_bytes())?;
        (end <= self.samples.byte_length()).then(|| {
            let plane = Uint8Array::new_with_byte_offset_and_length(
                &self.samples,
                offset,
                self.plane_bytes(),
            );
            plane.to_vec()
        })
    }

    fn plane_bytes(&self) -> u32 {
        self.columns.saturating_mul(self.rows).div_ceil(8)
    }
}

/// Head and body of a message; `None` for what is none.
#[must_use]
pub fn read(data: &JsValue) -> Option<(Reply, ArrayBuffer)> {
    let head = Reflect::get(data, &JsValue::from_str("head")).ok()?.as_string()?;
    let body = Reflect::get(data, &JsValue::from_str("body")).ok();
    let body = body.and_then(|body| body.dyn_into::<ArrayBuffer>().ok());
    let reply = json::read(&head).ok()?;
    Some((reply, body.unwrap_or_else(|| ArrayBuffer::new(0))))
}

/// A whole number that a message has under a name.
#[must_use]
pub fn number(data: &JsValue, name: &str) -> Option<u32> {
    let value = Reflect::get(data, &JsValue::from_str(name)).ok()?.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and what is no such number names nothing"
    )]
    Some(value as u32)
}

/// The same, 0 where it has none.
#[must_use]
pub fn number_of(data: &JsValue, name: &str) -> u32 {
    number(data, name).unwrap_or_default()
}

/// The frame of a reply, or why there is none.
///
/// # Errors
/// The failure it tells, or that its samples do not fill it.
pub fn done(reply: Reply, samples: ArrayBuffer) -> Result<DecodedFrame, Failure> {
    match reply {
        Reply::Ready => Err(Failure { kind: FailureKind::Corrupt, detail: String::new() }),
        Reply::Failed { id: _, failure } => Err(failure),
        Reply::Decoded {
            id: _,
            columns,
            rows,
            kind,
            range,
            lossy,
            overlay_planes,
            packed,
            decode_ms: _,
            stream_frames,
        } => {
            let frame = DecodedFrame {
                columns,
                rows,
                kind,
                range,
                lossy,
                overlay_planes,
                packed,
                stream_frames,
                samples,
            };
            checked(frame)
        }
    }
}

/// Samples that do not fill their frame are never drawn.
fn checked(frame: DecodedFrame) -> Result<DecodedFrame, Failure> {
    let pixels = u64::from(frame.columns) * u64::from(frame.rows);
    let expected = pixels * frame.kind.bytes_per_pixel() as u64
        + pixels.div_ceil(8) * u64::from(frame.overlay_planes);
    let found = u64::from(frame.samples.byte_length());
    // Packed ones are looked through when they are unpacked.
    if found == expected || frame.packed && found < expected {
        return Ok(frame);
    }
    let detail = format!("{found} bytes of samples for a frame of {expected}");
    Err(Failure { kind: FailureKind::Corrupt, detail })
}
