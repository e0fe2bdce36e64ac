//! Encapsulated pixel data → plain samples in Explicit VR Little Endian; every other element as it stands.

use std::io::Cursor;

use viewer_core::{
    dicom::{DataSetPlace, read_part10},
    exam::SampleKind,
    inspect::DicomImage,
    pixel::color::ColorModel,
};

use super::{EXPLICIT_LITTLE_ENDIAN, MAX_BYTES, Unconverted, meta};
use crate::data_set::{
    Unwritable,
    elements::{Encoding, Span, Tag, Walk},
    encode::Writer,
    start,
};

const EXPLICIT: Encoding = Encoding { explicit: true, big: false };
const PIXELS: Tag = 0x7FE0_0010;
const PHOTOMETRIC: Tag = 0x0028_0004;
const PLANAR: Tag = 0x0028_0006;
const BITS_ALLOCATED: Tag = 0x0028_0100;
const LOSSY: Tag = 0x0028_2110;
const GROUP_LENGTH_OF_IMAGE: Tag = 0x0028_0000;

/// All frames of an object, plain.
struct Plain {
    samples: Vec<u8>,
    color: ColorModel,
    lossy: bool,
}

/// The whole file.
pub(super) fn decoded(file: &[u8]) -> Result<Vec<u8>, Unconverted> {
    let read = read_part10(Cursor::new(file)).map_err(|_cause| Unwritable::Malformed)?;
    let pixels = read.pixel_data.filter(|pixels| {
        let is_plain = pixels.length.is_some() || pixels.samples != SampleKind::Integer;
        !is_plain && pixels.data_set == DataSetPlace::File
    });
    let pixels_at = pixels.ok_or(Unconverted::Kind)?.value_offset;
    let pixels_at = usize::try_from(pixels_at).map_err(|_too_large| Unconverted::TooLarge)?;
    let plain = decode(file)?;
    let mut written = meta::head(file, EXPLICIT_LITTLE_ENDIAN)?;
    let spans = Walk::new(file, EXPLICIT).until(start(file)?, |tag| tag >= PIXELS)?;
    let (header, bits_allocated) = header(file, &spans, &plain)?;
    written.extend(header);
    let vr = if bits_allocated > 8 { *b"OW" } else { *b"OB" };
    let mut writer = Writer::new(EXPLICIT);
    writer.element(PIXELS, vr, &plain.samples)?;
    written.extend(writer.finish());
    let behind = Walk::new(file, EXPLICIT).behind_fragments(pixels_at)?;
    written.extend_from_slice(file.get(behind..).unwrap_or_default());
    Ok(written)
}

fn decode(file: &[u8]) -> Result<Plain, Unconverted> {
    let mut image = DicomImage::open(Cursor::new(file))?;
    let (mut samples, mut kind, mut lossy) = (Vec::new(), None, false);
    for number in 1..=image.frame_count() {
        let frame = image.stored(number)?;
        if *kind.get_or_insert(frame.color) != frame.color {
            return Err(Unconverted::Kind);
        }
        lossy |= frame.lossy;
        samples.extend(frame.samples.to_le_bytes());
        if samples.len() > MAX_BYTES {
            return Err(Unconverted::TooLarge);
        }
    }
    if samples.len() % 2 == 1 {
        samples.push(0);
    }
    let color = kind.filter(|color| *color != ColorModel::YbrPartial).ok_or(Unconverted::Kind)?;
    Ok(Plain { samples, color, lossy })
}

/// The elements before the pixel data, with what is true of plain samples; and Bits Allocated.
fn header(file: &[u8], spans: &[Span], plain: &Plain) -> Result<(Vec<u8>, u16), Unconverted> {
    let mut fresh: Vec<(Tag, [u8; 2], &[u8])> = Vec::new();
    let photometric: Option<&[u8]> = match plain.color {
        ColorModel::Rgb => Some(b"RGB"),
        ColorModel::YbrFull => Some(b"YBR_FULL"),
        _ => None,
    };
    if let Some(photometric) = photometric {
        fresh.push((PHOTOMETRIC, *b"CS", photometric));
        fresh.push((PLANAR, *b"US", &[0, 0]));
    }
    // Once lost is lost: plain samples must not look as if nothing had been.
    if plain.lossy {
        fresh.push((LOSSY, *b"CS", b"01"));
    }
    let raw = |from: usize, to: usize| file.get(from..to).unwrap_or_default();
    let bits = spans.iter().find(|span| span.tag == BITS_ALLOCATED);
    let bits = bits.and_then(|span| raw(span.value, span.value_end).try_into().ok());
    let bits = bits.map(u16::from_le_bytes).filter(|bits| *bits > 1).ok_or(Unconverted::Kind)?;
    let mut writer = Writer::new(EXPLICIT);
    let mut waiting = fresh.iter().peekable();
    for span in spans.iter().filter(|span| span.tag != GROUP_LENGTH_OF_IMAGE) {
        while let Some((tag, vr, value)) = waiting.next_if(|(tag, ..)| *tag < span.tag) {
            writer.text(*tag, *vr, value)?;
        }
        if fresh.iter().all(|(tag, ..)| *tag != span.tag) {
            writer.raw(raw(span.start, span.end));
        }
    }
    for (tag, vr, value) in waiting {
        writer.text(*tag, *vr, value)?;
    }
    Ok((writer.finish(), bits))
}
