use std::path::Path;

use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use crate::anatomy;
use crate::barcode::{GLYPH_D, burn, burn_glyph};
use crate::canvas::Canvas;
use crate::dataset::{
    GreyFormat, Identity, SeriesTexts, SeriesWriter, put, put_grey_format, put_numbers,
    put_samples, put_windows, side,
};
use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};
use crate::noise::Noise;
use crate::scale::Scale;

/// Side of the detector.
const FIELD_MM: f32 = 0.15 * 2048.0;
/// Highest row.
const TOP_MM: f32 = 303.6;
/// Pixels a side of the projection before it is enlarged.
const COARSE_PX: usize = 320;
/// Depth of what is projected.
const DEPTH_MM: f32 = 224.0;
/// Largest stored value.
const WHITE_LIGHT: f32 = 4095.0;
/// Stored units that a millimetre of water takes away.
const PER_MM: f32 = 13.0;

/// Series 4: head and chest from the front, MONOCHROME1: a low value is bright.
pub(crate) fn write(
    dir: &Path,
    identity: &Identity,
    scale: Scale,
) -> Result<SeriesFiles, PhantomError> {
    let side_px = scale.cr_side_px;
    side(side_px)?;
    let texts = SeriesTexts {
        kind: SeriesKind::Cr,
        number: 4,
        modality: "CR",
        description: "Thorax de face",
        body_part: "CHEST",
        sop_class_uid: uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE,
        transfer_syntax_uid: uids::IMPLICIT_VR_LITTLE_ENDIAN,
        character_set: "ISO_IR 192",
        folder: "radio-thorax",
    };
    let writer = SeriesWriter::new(dir, identity, texts, 1)?;
    let mut object = writer.object(0);
    put_attributes(&mut object, side_px);
    let format = GreyFormat {
        columns: side_px,
        rows: side_px,
        photometric_interpretation: "MONOCHROME1",
        bits_stored: 12,
        signed: false,
    };
    put_grey_format(&mut object, format)?;
    put_samples(&mut object, samples(side_px));
    writer.write(0, object)?;
    Ok(writer.finish(1))
}

fn put_attributes(object: &mut InMemDicomObject, side_px: usize) {
    let spacing = f64::from(FIELD_MM / side_px as f32);
    put_numbers(object, tags::IMAGER_PIXEL_SPACING, &[spacing; 2]);
    put(object, tags::VIEW_POSITION, VR::CS, "AP");
    let orientation = ["L", "F"].map(String::from).to_vec();
    put(object, tags::PATIENT_ORIENTATION, VR::CS, PrimitiveValue::Strs(orientation.into()));
    put_windows(object, &[(2300.0, 3200.0, "STANDARD"), (2900.0, 1600.0, "POUMON")]);
    let image_type = ["ORIGINAL", "PRIMARY"].map(String::from).to_vec();
    put(object, tags::IMAGE_TYPE, VR::CS, PrimitiveValue::Strs(image_type.into()));
}

fn samples(side_px: usize) -> Vec<u16> {
    let coarse = projection();
    let mut noise = Noise::new(0x4352);
    let mut samples = Vec::with_capacity(side_px * side_px);
    for row in 0..side_px {
        for column in 0..side_px {
            let water_mm = enlarged(&coarse, [column, row], side_px);
            let signal = WHITE_LIGHT - PER_MM * water_mm + 14.0 * noise.normal();
            samples.push(signal.round().clamp(0.0, WHITE_LIGHT) as u16);
        }
    }
    let unit = side_px / 64;
    // A lead letter on the patient's right.
    burn_glyph(&mut samples, side_px, [4 * unit, 12 * unit], unit, GLYPH_D, [4095, 0]);
    burn(&mut samples, side_px, 1, 4095, 0);
    samples
}

/// Millimetres of water that take away as much as the body does, front to back.
fn projection() -> Vec<f32> {
    let pixel_mm = FIELD_MM / COARSE_PX as f32;
    let depth_px = (DEPTH_MM / pixel_mm) as usize;
    let origin = [(pixel_mm - FIELD_MM) / 2.0, -DEPTH_MM / 2.0];
    let mut lines = Vec::with_capacity(COARSE_PX * COARSE_PX);
    for row in 0..COARSE_PX {
        let mut canvas = Canvas::new([COARSE_PX, depth_px], origin, pixel_mm);
        for ellipse in anatomy::plane(TOP_MM - row as f32 * pixel_mm, false).ellipses() {
            canvas.paint(ellipse);
        }
        lines.extend((0..COARSE_PX).map(|column| {
            let through = canvas.values.iter().skip(column).step_by(COARSE_PX);
            through.map(|hu| (hu / 1000.0 + 1.0) * pixel_mm).sum::<f32>()
        }));
    }
    lines
}

/// Bilinear between the middles of the coarse pixels.
fn enlarged(coarse: &[f32], at: [usize; 2], side_px: usize) -> f32 {
    let last = COARSE_PX - 1;
    let [x, y] = at.map(|px| {
        let position = (px as f32 + 0.5) * COARSE_PX as f32 / side_px as f32 - 0.5;
        position.clamp(0.0, last as f32)
    });
    let [left, top] = [x as usize, y as usize];
    let [right, bottom] = [(left + 1).min(last), (top + 1).min(last)];
    let [dx, dy] = [x.fract(), y.fract()];
    let value = |column: usize, row: usize| coarse[row * COARSE_PX + column];
    let upper = value(left, top) * (1.0 - dx) + value(right, top) * dx;
    let lower = value(left, bottom) * (1.0 - dx) + value(right, bottom) * dx;
    upper * (1.0 - dy) + lower * dy
}
