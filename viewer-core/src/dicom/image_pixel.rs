//! Image Pixel module (PS3.3 C.7.6.3): how samples are stored, and whether that can be.

use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::file::PixelDataElement;
use super::{lossy, padding, palette, spacing};
use crate::base::limits::{MAX_FRAMES, MAX_SIDE_PX};
use crate::exam::{ImageFormat, SampleKind, UltrasoundRegion};

/// What decides how many bits a frame takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PixelShape {
    rows: u32,
    columns: u32,
    samples_per_pixel: u16,
    bits_allocated: u16,
    /// Two chroma samples are shared by two pixels in a row (PS3.3 C.7.6.3.1.2, YBR_FULL_422).
    is_422: bool,
}

impl PixelShape {
    /// Reads and checks the attributes that must be right for anything to be drawn.
    ///
    /// # Errors
    /// What is wrong, in a few words without values of the file.
    pub(super) fn read(
        object: &InMemDicomObject,
        samples: SampleKind,
    ) -> Result<Self, &'static str> {
        let format = plain_format(object, samples);
        let sides = [format.rows, format.columns];
        if sides.contains(&0) {
            return Err("rows or columns missing");
        }
        if sides.iter().any(|&side| side > MAX_SIDE_PX) {
            return Err(TOO_MANY_PIXELS);
        }
        check_photometric(&format)?;
        check_bits(&format, samples)?;
        let photometric = format.photometric_interpretation.as_str();
        Ok(Self {
            rows: format.rows,
            columns: format.columns,
            samples_per_pixel: format.samples_per_pixel,
            bits_allocated: format.bits_allocated,
            is_422: matches!(photometric, "YBR_FULL_422" | "YBR_PARTIAL_422"),
        })
    }

    /// Bits of one native frame.
    pub(super) fn frame_bits(self) -> u64 {
        let samples = if self.is_422 { 2 } else { u64::from(self.samples_per_pixel) };
        u64::from(self.rows) * u64::from(self.columns) * samples * u64::from(self.bits_allocated)
    }

    /// Bytes of the units that a big endian element stores swapped (PS3.5 6.2, 7.3): none of OB, words
    /// of OW even where samples are smaller, whole samples where they are larger. 1: nothing to swap.
    pub(super) fn swap_bytes(self, element: &PixelDataElement) -> u8 {
        match (element.big_endian, element.vr, self.bits_allocated) {
            (false, _, _) | (_, VR::OB, _) => 1,
            (_, _, 64) => 8,
            (_, _, 32) => 4,
            _ => 2,
        }
    }
}

const TOO_MANY_PIXELS: &str = "more rows or columns than supported";
const OTHER_PHOTOMETRIC: &str = "photometric interpretation not supported";
const OTHER_BITS: &str = "bits allocated not supported";

/// Whether what [`PixelShape::read`] found wrong is a limit of ours, and no fault of the file.
pub(super) fn is_beyond_us(defect: &str) -> bool {
    [TOO_MANY_PIXELS, OTHER_PHOTOMETRIC, OTHER_BITS].contains(&defect)
}

fn check_photometric(format: &ImageFormat) -> Result<(), &'static str> {
    let expected = match format.photometric_interpretation.as_str() {
        "MONOCHROME1" | "MONOCHROME2" | "PALETTE COLOR" => 1,
        "RGB" | "YBR_FULL" | "YBR_FULL_422" | "YBR_PARTIAL_422" | "YBR_PARTIAL_420" | "YBR_ICT"
        | "YBR_RCT" | "XYB" => 3,
        "" => return Err("photometric interpretation missing"),
        _ => return Err(OTHER_PHOTOMETRIC),
    };
    if format.samples_per_pixel == expected {
        Ok(())
    } else {
        Err("samples per pixel contradict the photometric interpretation")
    }
}

fn check_bits(format: &ImageFormat, samples: SampleKind) -> Result<(), &'static str> {
    let is_allocation = match samples {
        SampleKind::Integer => matches!(format.bits_allocated, 1 | 8 | 16 | 32),
        SampleKind::Float => format.bits_allocated == 32,
        SampleKind::Double => format.bits_allocated == 64,
    };
    if !is_allocation {
        return Err(OTHER_BITS);
    }
    if samples == SampleKind::Integer && !(1..=format.bits_allocated).contains(&format.bits_stored)
    {
        return Err("bits stored impossible");
    }
    Ok(())
}

/// Number of Frames: at least 1, 1 where absent.
///
/// # Errors
/// Zero, negative, or more than is supported.
pub(super) fn frame_count(object: &InMemDicomObject) -> Result<u32, &'static str> {
    match object.text(tags::NUMBER_OF_FRAMES) {
        None => Ok(1),
        Some(_) => match object.integer(tags::NUMBER_OF_FRAMES).map(u32::try_from) {
            Some(Ok(count @ 1..=MAX_FRAMES)) => Ok(count),
            _ => Err("number of frames impossible"),
        },
    }
}

/// The format as the attributes state it, and the first thing that makes it impossible to draw.
pub(super) fn read(
    object: &InMemDicomObject,
    transfer_syntax_uid: &str,
    samples: SampleKind,
    us_regions: &[UltrasoundRegion],
) -> (ImageFormat, Option<&'static str>) {
    let mut format = plain_format(object, samples);
    format.spacing = spacing::read(object, us_regions, [format.columns, format.rows]);
    format.aspect_ratio = spacing::aspect_ratio(object).filter(|_| format.spacing.is_none());
    format.lossy = lossy::read(object, transfer_syntax_uid);
    transfer_syntax_uid.clone_into(&mut format.transfer_syntax_uid);
    let defect = PixelShape::read(object, samples).err().or_else(|| {
        let wants_palette = format.photometric_interpretation == "PALETTE COLOR";
        (wants_palette && palette::read(object).is_none()).then_some("palette missing or broken")
    });
    (format, defect)
}

fn plain_format(object: &InMemDicomObject, samples: SampleKind) -> ImageFormat {
    let number = |tag| object.unsigned(tag).unwrap_or(0);
    let photometric = object.text(tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default();
    let default_samples = if is_one_sample(&photometric) { 1 } else { 3 };
    let bits_allocated = number(tags::BITS_ALLOCATED);
    let bits_stored = object.unsigned(tags::BITS_STORED).unwrap_or(bits_allocated);
    ImageFormat {
        transfer_syntax_uid: String::new(),
        sop_class_uid: object.text(tags::SOP_CLASS_UID).unwrap_or_default(),
        rows: number(tags::ROWS).into(),
        columns: number(tags::COLUMNS).into(),
        samples_per_pixel: object.unsigned(tags::SAMPLES_PER_PIXEL).unwrap_or(default_samples),
        photometric_interpretation: photometric,
        bits_allocated,
        bits_stored,
        high_bit: high_bit(object, bits_allocated, bits_stored),
        signed: samples == SampleKind::Integer && is_signed(object),
        planar: number(tags::PLANAR_CONFIGURATION) == 1,
        samples,
        padding: padding::read(object, samples),
        spacing: None,
        aspect_ratio: None,
        lossy: None,
    }
}

fn is_one_sample(photometric: &str) -> bool {
    photometric.starts_with("MONOCHROME")
        || photometric == "PALETTE COLOR"
        || photometric.is_empty()
}

/// Pixel Representation 1.
pub(super) fn is_signed(object: &InMemDicomObject) -> bool {
    object.unsigned(tags::PIXEL_REPRESENTATION) == Some(1)
}

/// High Bit where it is possible, else the only value it may have today: Bits Stored − 1 (PS3.5 8.1.1).
fn high_bit(object: &InMemDicomObject, bits_allocated: u16, bits_stored: u16) -> u16 {
    let lowest = bits_stored.saturating_sub(1);
    object
        .unsigned(tags::HIGH_BIT)
        .filter(|high_bit| (lowest..bits_allocated).contains(high_bit))
        .unwrap_or(lowest)
}
