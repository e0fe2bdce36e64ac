//! Pixel Padding Value and Range Limit (PS3.3 C.7.5.1.1.2, C.7.6.24, C.7.6.25).

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::image_pixel::is_signed;
use crate::exam::SampleKind;

/// The stored values that are padding, smaller first; `None` where there is no padding. Only grey
/// images have it.
pub(super) fn read(object: &InMemDicomObject, samples: SampleKind) -> Option<[f64; 2]> {
    let photometric = object.text(tags::PHOTOMETRIC_INTERPRETATION)?;
    if !photometric.starts_with("MONOCHROME") {
        return None;
    }
    let [value, limit] = match samples {
        SampleKind::Integer => [tags::PIXEL_PADDING_VALUE, tags::PIXEL_PADDING_RANGE_LIMIT]
            .map(|tag| stored(object, tag)),
        SampleKind::Float => {
            [tags::FLOAT_PIXEL_PADDING_VALUE, tags::FLOAT_PIXEL_PADDING_RANGE_LIMIT]
                .map(|tag| object.float(tag))
        }
        SampleKind::Double => {
            [tags::DOUBLE_FLOAT_PIXEL_PADDING_VALUE, tags::DOUBLE_FLOAT_PIXEL_PADDING_RANGE_LIMIT]
                .map(|tag| object.float(tag))
        }
    };
    let value = value?;
    let limit = limit.unwrap_or(value);
    // The one farther out comes first: MONOCHROME1 has the larger one as Pixel Padding Value.
    Some([value.min(limit), value.max(limit)])
}

/// Reads a US or SS value by Pixel Representation, whatever VR it was written with. A negative value
/// may have been written as the bits of its pixel cell, without the sign above Bits Stored.
fn stored(object: &InMemDicomObject, tag: Tag) -> Option<f64> {
    let value = object.integer(tag)?;
    let bits_stored = object.unsigned(tags::BITS_STORED).unwrap_or(16).clamp(1, 16);
    let cells = 1_i64 << bits_stored;
    let value = match (is_signed(object), value) {
        (true, value) if (cells / 2..cells).contains(&value) => value - cells,
        (true, 0x8000..=0xFFFF) => value - 0x1_0000,
        (false, -0x8000..=-1) => value + 0x1_0000,
        _ => value,
    };
    Some(value as f64)
}
