use std::path::Path;

use dicom_core::value::PixelFragmentSequence;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use crate::anatomy::{self, Plane};
use crate::barcode::burn;
use crate::dataset::{
    GreyFormat, Identity, SeriesTexts, SeriesWriter, put, put_grey_format, put_numbers, put_plane,
    put_windows, side,
};
use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};
use crate::noise::Noise;
use crate::rle;
use crate::scale::Scale;

/// Columns run to the back, rows to the feet; the normal points to the right.
const SAGITTAL: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];
const FIELD_MM: f32 = 256.0;
/// Middle of the first row.
const TOP_MM: f32 = 304.0;
/// Width of the block of slices.
const BLOCK_MM: f32 = 132.0;

/// Series 3: head and neck, sagittal, inversion recovery with sign.
pub(crate) fn write(
    dir: &Path,
    identity: &Identity,
    scale: Scale,
) -> Result<SeriesFiles, PhantomError> {
    side(scale.mr_side_px)?;
    let texts = SeriesTexts {
        kind: SeriesKind::Mr,
        number: 3,
        modality: "MR",
        description: "Encéphale sagittal IR",
        body_part: "BRAIN",
        sop_class_uid: uids::MR_IMAGE_STORAGE,
        transfer_syntax_uid: uids::RLE_LOSSLESS,
        character_set: "ISO_IR 100",
        folder: "irm-sagittal",
    };
    let writer = SeriesWriter::new(dir, identity, texts, scale.mr_slices)?;
    let pixel_mm = FIELD_MM / scale.mr_side_px as f32;
    let planes: Vec<Plane> = (0..scale.mr_side_px)
        .map(|row| anatomy::plane(TOP_MM - row as f32 * pixel_mm, false))
        .collect();
    for slice in 0..scale.mr_slices {
        write_slice(&writer, identity, scale, &planes, slice)?;
    }
    Ok(writer.finish(1))
}

fn write_slice(
    writer: &SeriesWriter<'_>,
    identity: &Identity,
    scale: Scale,
    planes: &[Plane],
    slice: usize,
) -> Result<(), PhantomError> {
    let side_px = scale.mr_side_px;
    let distance_mm = BLOCK_MM / scale.mr_slices as f32;
    let x_mm = BLOCK_MM / 2.0 - (slice as f32 + 0.5) * distance_mm;
    let mut object = writer.object(slice);
    put_attributes(&mut object, identity, x_mm, [FIELD_MM / side_px as f32, distance_mm]);
    let format = GreyFormat {
        columns: side_px,
        rows: side_px,
        photometric_interpretation: "MONOCHROME2",
        bits_stored: 16,
        signed: true,
    };
    put_grey_format(&mut object, format)?;
    let mut samples = samples(planes, x_mm, slice);
    let number = u16::try_from(slice + 1).unwrap_or(u16::MAX);
    burn(&mut samples, side_px, number, -500, 1500);
    let stored: Vec<u16> = samples.iter().map(|&value| value as u16).collect();
    let fragments = PixelFragmentSequence::new(vec![0_u32], vec![rle::encode(&stored, side_px)]);
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments));
    writer.write(slice, object)
}

fn put_attributes(
    object: &mut InMemDicomObject,
    identity: &Identity,
    x_mm: f32,
    [pixel_mm, distance_mm]: [f32; 2],
) {
    let position = [x_mm, (pixel_mm - FIELD_MM) / 2.0, TOP_MM].map(f64::from);
    let distances = [pixel_mm, distance_mm].map(f64::from);
    put_plane(object, identity, position, SAGITTAL, distances);
    put_numbers(object, tags::SPACING_BETWEEN_SLICES, &[f64::from(distance_mm)]);
    put(object, tags::SCANNING_SEQUENCE, VR::CS, "IR");
    put(object, tags::SEQUENCE_VARIANT, VR::CS, "NONE");
    put(object, tags::SCAN_OPTIONS, VR::CS, "");
    put(object, tags::MR_ACQUISITION_TYPE, VR::CS, "2D");
    put_numbers(object, tags::ECHO_TIME, &[12.0]);
    put_numbers(object, tags::REPETITION_TIME, &[2400.0]);
    put_numbers(object, tags::INVERSION_TIME, &[650.0]);
    put(object, tags::ECHO_TRAIN_LENGTH, VR::IS, "1");
    let image_type = ["ORIGINAL", "PRIMARY", "IR"].map(String::from);
    put(object, tags::IMAGE_TYPE, VR::CS, PrimitiveValue::Strs(image_type.to_vec().into()));
    put_windows(
        object,
        &[(350.0, 1500.0, "NORMAL"), (450.0, 500.0, "CONTRASTÉ"), (0.0, 2600.0, "LARGE")],
    );
}

fn samples(planes: &[Plane], x_mm: f32, slice: usize) -> Vec<i16> {
    let side_px = planes.len();
    let pixel_mm = FIELD_MM / side_px as f32;
    let mut noise = Noise::new(0x4d52_0000 + slice as u64);
    let mut samples = Vec::with_capacity(side_px * side_px);
    for plane in planes {
        for column in 0..side_px {
            let y_mm = (pixel_mm - FIELD_MM) / 2.0 + column as f32 * pixel_mm;
            let signal = signal(plane.sample([x_mm, y_mm])) + 18.0 * noise.normal();
            samples.push(signal.round() as i16);
        }
    }
    samples
}

/// Signal by tissue, told apart by its Hounsfield units: what relaxes slowly is still negative.
fn signal(hu: f32) -> f32 {
    match hu {
        ..-300.0 => 0.0,
        -300.0..-30.0 => 1150.0,
        -30.0..12.0 => -420.0,
        12.0..34.0 => 640.0,
        34.0..46.0 => 380.0,
        46.0..120.0 => 240.0,
        120.0..600.0 => 480.0,
        _ => -20.0,
    }
}
