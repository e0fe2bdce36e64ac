//! Just enough reading of DICOM files to feed the decoders, written apart from the viewer's own.

use std::path::Path;

use dicom_core::Tag;
use dicom_core::header::Header;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, OpenFileOptions};
use viewer_core::exam::{ImageFormat, Palette, SampleKind};

/// An image with its frames as its transfer syntax encodes them.
pub struct DicomImage {
    pub format: ImageFormat,
    pub palette: Option<Palette>,
    pub frames: Vec<Vec<u8>>,
}

impl DicomImage {
    /// `None` if the file cannot be read or has no pixel data.
    pub fn open(path: &Path) -> Option<Self> {
        let object = OpenFileOptions::new().open_file(path).ok()?;
        let format = image_format(&object)?;
        let frames = frames(&object, &format)?;
        let palette = palette(&object);
        Some(Self { format, palette, frames })
    }
}

fn int(object: &DefaultDicomObject, tag: Tag) -> Option<u32> {
    object.get(tag)?.to_int::<u32>().ok()
}

fn text(object: &DefaultDicomObject, tag: Tag) -> String {
    object.get(tag).and_then(|e| e.to_str().ok()).map(|s| s.trim().to_owned()).unwrap_or_default()
}

fn image_format(object: &DefaultDicomObject) -> Option<ImageFormat> {
    let bits = int(object, tags::BITS_ALLOCATED)? as u16;
    let stored = int(object, tags::BITS_STORED).unwrap_or(u32::from(bits)) as u16;
    let samples = match () {
        () if object.get(tags::FLOAT_PIXEL_DATA).is_some() => SampleKind::Float,
        () if object.get(tags::DOUBLE_FLOAT_PIXEL_DATA).is_some() => SampleKind::Double,
        () => SampleKind::Integer,
    };
    Some(ImageFormat {
        transfer_syntax_uid: object.meta().transfer_syntax().to_owned(),
        sop_class_uid: text(object, tags::SOP_CLASS_UID),
        rows: int(object, tags::ROWS)?,
        columns: int(object, tags::COLUMNS)?,
        samples_per_pixel: int(object, tags::SAMPLES_PER_PIXEL)? as u16,
        photometric_interpretation: text(object, tags::PHOTOMETRIC_INTERPRETATION),
        bits_allocated: bits,
        bits_stored: stored,
        high_bit: int(object, tags::HIGH_BIT).unwrap_or(u32::from(stored) - 1) as u16,
        signed: int(object, tags::PIXEL_REPRESENTATION) == Some(1),
        planar: int(object, tags::PLANAR_CONFIGURATION) == Some(1),
        samples,
        spacing: None,
        aspect_ratio: None,
        lossy: None,
    })
}

fn palette(object: &DefaultDicomObject) -> Option<Palette> {
    let table = |tag| {
        let values = object.get(tag)?.to_multi_int::<u16>().ok()?;
        Some(values)
    };
    let descriptor =
        object.get(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR)?.to_multi_int::<i32>().ok()?;
    Some(Palette {
        first_mapped: *descriptor.get(1)?,
        bits: *descriptor.get(2)? as u16,
        rgb: [
            table(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
            table(tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
            table(tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
        ],
    })
}

fn frames(object: &DefaultDicomObject, format: &ImageFormat) -> Option<Vec<Vec<u8>>> {
    let element = [tags::PIXEL_DATA, tags::FLOAT_PIXEL_DATA, tags::DOUBLE_FLOAT_PIXEL_DATA]
        .into_iter()
        .find_map(|tag| object.get(tag))?;
    let count = int(object, tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1) as usize;
    match element.value() {
        Value::PixelSequence(sequence) => {
            let fragments = sequence.fragments();
            Some(encapsulated(fragments, sequence.offset_table(), count))
        }
        Value::Primitive(value) => {
            let is_ow = element.vr() == dicom_core::VR::OW;
            Some(native(&stored_bytes(value, format, is_ow), format, count))
        }
        Value::Sequence(_) => None,
    }
}

/// Joins fragments: all of them for one frame, one a frame, or by the basic offset table.
fn encapsulated(fragments: &[Vec<u8>], offsets: &[u32], count: usize) -> Vec<Vec<u8>> {
    if count == 1 {
        return vec![fragments.concat()];
    }
    if fragments.len() == count {
        return fragments.to_vec();
    }
    let mut frames = vec![Vec::new(); count];
    let mut position = 0;
    for fragment in fragments {
        let frame = offsets.iter().rposition(|&offset| offset as usize <= position).unwrap_or(0);
        frames[frame].extend_from_slice(fragment);
        position += fragment.len() + 8;
    }
    frames
}

/// The bytes of native pixel data in the file: words were swapped by the reader, so swap them back;
/// 8-bit and 1-bit cells in OW words come out as a byte stream.
fn stored_bytes(value: &PrimitiveValue, format: &ImageFormat, is_ow: bool) -> Vec<u8> {
    let is_big = format.transfer_syntax_uid == "1.2.840.10008.1.2.2" && format.bits_allocated > 8;
    match value {
        PrimitiveValue::U16(words) if is_ow && is_big => {
            words.iter().flat_map(|w| w.to_be_bytes()).collect()
        }
        PrimitiveValue::U16(words) => words.iter().flat_map(|w| w.to_le_bytes()).collect(),
        PrimitiveValue::F32(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        PrimitiveValue::F64(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        other => other.to_bytes().into_owned(),
    }
}

fn native(bytes: &[u8], format: &ImageFormat, count: usize) -> Vec<Vec<u8>> {
    let samples_per_pixel = match format.photometric_interpretation.as_str() {
        "YBR_FULL_422" => 2,
        _ => u32::from(format.samples_per_pixel),
    };
    let samples = (format.rows * format.columns * samples_per_pixel) as usize;
    if format.bits_allocated == 1 {
        let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).map(move |i| b >> i & 1)).collect();
        let pack = |bits: &[u8]| bits.chunks(8).map(pack_byte).collect();
        return bits.chunks(samples).take(count).map(pack).collect();
    }
    let frame = samples * usize::from(format.bits_allocated / 8);
    bytes.chunks(frame).take(count).map(<[u8]>::to_vec).collect()
}

fn pack_byte(bits: &[u8]) -> u8 {
    bits.iter().enumerate().fold(0, |byte, (i, bit)| byte | bit << i)
}
