//! Decoded colours → sRGB, by the profile that the page sends with a frame.

use negatoscope_protocol::Reply;
use viewer_core::pixel::PixelKind;
use viewer_core::pixel::icc::ToSrgb;

/// The body of `reply` with its colours converted. What lies behind the samples (overlay planes) stays as
/// it is, and so does the body of a grey frame or of a failure.
#[must_use]
pub fn converted_body(conversion: &ToSrgb, reply: &Reply, body: &[u8]) -> Vec<u8> {
    let &Reply::Decoded { kind, columns, rows, .. } = reply else { return body.to_vec() };
    let length = columns as usize * rows as usize * kind.bytes_per_pixel();
    let (samples, planes) = body.split_at_checked(length).unwrap_or((body, &[]));
    let mut converted = match kind {
        PixelKind::Rgba8 => conversion.convert(samples),
        PixelKind::Rgba16 => {
            let words: Vec<u16> =
                samples.as_chunks().0.iter().copied().map(u16::from_ne_bytes).collect();
            conversion.convert(&words).into_iter().flat_map(u16::to_ne_bytes).collect()
        }
        _ => samples.to_vec(),
    };
    converted.extend_from_slice(planes);
    converted
}
