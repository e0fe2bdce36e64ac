use std::path::Path;

use dicom_core::{PrimitiveValue, Tag, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use crate::anatomy;
use crate::barcode::burn;
use crate::canvas::Canvas;
use crate::dataset::{
    EXPLICIT_LE, GreyFormat, Identity, SeriesTexts, SeriesWriter, put, put_grey_format, put_items,
    put_numbers, put_samples, put_windows, side,
};
use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};
use crate::noise::Noise;
use crate::scale::Scale;

const FIELD_MM: f32 = 256.0;
/// Lowest slice and height of the block.
const BLOCK_MM: [f32; 2] = [196.0, 84.0];
/// Largest stored value: 12 bits, with room for overlays above.
const WHITE: u16 = 0x0FFF;
/// The bit of each cell that holds an overlay.
const OVERLAY_BIT: u16 = 15;

/// Series 6: one enhanced MR image, its frames in no order, with three overlays and a shutter over it.
pub(crate) fn write(
    dir: &Path,
    identity: &Identity,
    scale: Scale,
) -> Result<SeriesFiles, PhantomError> {
    let (side_px, frames) = (scale.multi_frame_side_px, scale.multi_frame_frames);
    side(side_px)?;
    let texts = SeriesTexts {
        kind: SeriesKind::MultiFrame,
        number: 6,
        modality: "MR",
        description: "Encéphale multicoupe",
        body_part: "BRAIN",
        sop_class_uid: uids::ENHANCED_MR_IMAGE_STORAGE,
        transfer_syntax_uid: EXPLICIT_LE,
        character_set: "ISO_IR 192",
        folder: "irm-multicoupe",
    };
    let writer = SeriesWriter::new(dir, identity, texts, 1)?;
    let mut object = writer.object(0);
    let format = GreyFormat {
        columns: side_px,
        rows: side_px,
        photometric_interpretation: "MONOCHROME2",
        bits_stored: 12,
        signed: false,
    };
    put_grey_format(&mut object, format)?;
    put(&mut object, tags::NUMBER_OF_FRAMES, VR::IS, frames.to_string());
    let frame_of_reference = identity.uid("frame of reference");
    put(&mut object, tags::FRAME_OF_REFERENCE_UID, VR::UI, frame_of_reference);
    put_items(&mut object, tags::DIMENSION_INDEX_SEQUENCE, dimensions());
    put_items(&mut object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared(side_px, frames)]);
    // Frame k of the file is this slice, counted from the lowest.
    let slices = Noise::new(6).shuffled(frames);
    let per_frame = slices.iter().map(|&slice| per_frame(side_px, frames, slice)).collect();
    put_items(&mut object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, per_frame);
    put_overlays(&mut object, side_px)?;
    let samples = slices.iter().flat_map(|&slice| samples(side_px, frames, slice)).collect();
    put_samples(&mut object, samples);
    writer.write(0, object)?;
    Ok(writer.finish(frames))
}

/// Stack, then position in it.
fn dimensions() -> Vec<InMemDicomObject> {
    [tags::STACK_ID, tags::IN_STACK_POSITION_NUMBER]
        .map(|pointer| {
            let mut item = InMemDicomObject::new_empty();
            put(&mut item, tags::DIMENSION_INDEX_POINTER, VR::AT, PrimitiveValue::from(pointer));
            let group = PrimitiveValue::from(tags::FRAME_CONTENT_SEQUENCE);
            put(&mut item, tags::FUNCTIONAL_GROUP_POINTER, VR::AT, group);
            item
        })
        .to_vec()
}

fn shared(side_px: usize, frames: usize) -> InMemDicomObject {
    let mut measures = InMemDicomObject::new_empty();
    put_numbers(&mut measures, tags::PIXEL_SPACING, &[f64::from(FIELD_MM / side_px as f32); 2]);
    put_numbers(&mut measures, tags::SLICE_THICKNESS, &[f64::from(BLOCK_MM[1] / frames as f32)]);
    let mut orientation = InMemDicomObject::new_empty();
    let axial = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    put_numbers(&mut orientation, tags::IMAGE_ORIENTATION_PATIENT, &axial);
    let mut groups = InMemDicomObject::new_empty();
    put_items(&mut groups, tags::PIXEL_MEASURES_SEQUENCE, vec![measures]);
    put_items(&mut groups, tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation]);
    put_items(&mut groups, tags::FRAME_DISPLAY_SHUTTER_SEQUENCE, vec![shutter(side_px)]);
    groups
}

/// The right and lower edge, and the lower right corner; the burnt-in number stays in sight.
fn shutter(side_px: usize) -> InMemDicomObject {
    let mut item = InMemDicomObject::new_empty();
    let edge = |sixteenths: usize| (side_px * sixteenths / 16).to_string();
    let shapes = ["RECTANGULAR", "POLYGONAL"].map(String::from).to_vec();
    put(&mut item, tags::SHUTTER_SHAPE, VR::CS, PrimitiveValue::Strs(shapes.into()));
    put(&mut item, tags::SHUTTER_LEFT_VERTICAL_EDGE, VR::IS, "1");
    put(&mut item, tags::SHUTTER_RIGHT_VERTICAL_EDGE, VR::IS, edge(15));
    put(&mut item, tags::SHUTTER_UPPER_HORIZONTAL_EDGE, VR::IS, "1");
    put(&mut item, tags::SHUTTER_LOWER_HORIZONTAL_EDGE, VR::IS, edge(15));
    let one = || "1".to_owned();
    let vertices =
        vec![one(), one(), one(), edge(16), edge(9), edge(16), edge(16), edge(9), edge(16), one()];
    let vertices = PrimitiveValue::Strs(vertices.into());
    put(&mut item, tags::VERTICES_OF_THE_POLYGONAL_SHUTTER, VR::IS, vertices);
    put(&mut item, tags::SHUTTER_PRESENTATION_VALUE, VR::US, dicom_value!(U16, [0x4000]));
    item
}

fn per_frame(side_px: usize, frames: usize, slice: usize) -> InMemDicomObject {
    let pixel_mm = FIELD_MM / side_px as f32;
    let number = u32::try_from(slice + 1).unwrap_or(u32::MAX);
    let mut content = InMemDicomObject::new_empty();
    put(&mut content, tags::STACK_ID, VR::SH, "1");
    put(&mut content, tags::IN_STACK_POSITION_NUMBER, VR::UL, PrimitiveValue::from(number));
    let index = PrimitiveValue::U32([1, number].into_iter().collect());
    put(&mut content, tags::DIMENSION_INDEX_VALUES, VR::UL, index);
    let moment = format!("2026110409{:02}00", slice % 60);
    put(&mut content, tags::FRAME_ACQUISITION_DATE_TIME, VR::DT, moment);
    let mut position = InMemDicomObject::new_empty();
    let first_mm = (pixel_mm - FIELD_MM) / 2.0;
    let place = [first_mm, first_mm, z_mm(frames, slice)].map(f64::from);
    put_numbers(&mut position, tags::IMAGE_POSITION_PATIENT, &place);
    let mut values = InMemDicomObject::new_empty();
    put_numbers(&mut values, tags::RESCALE_INTERCEPT, &[-100.0]);
    put_numbers(&mut values, tags::RESCALE_SLOPE, &[1.0 + slice as f64 / 8.0]);
    let mut window = InMemDicomObject::new_empty();
    put_windows(&mut window, &[(600.0 + 20.0 * slice as f64, 1400.0, "NORMAL")]);
    let mut groups = InMemDicomObject::new_empty();
    put_items(&mut groups, tags::FRAME_CONTENT_SEQUENCE, vec![content]);
    put_items(&mut groups, tags::PLANE_POSITION_SEQUENCE, vec![position]);
    put_items(&mut groups, tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, vec![values]);
    put_items(&mut groups, tags::FRAME_VOILUT_SEQUENCE, vec![window]);
    groups
}

fn z_mm(frames: usize, slice: usize) -> f32 {
    BLOCK_MM[0] + (slice as f32 + 0.5) * BLOCK_MM[1] / frames as f32
}

/// A box with its diagonal, a disc that reaches beyond the left edge as a region, and one in the cells.
fn put_overlays(object: &mut InMemDicomObject, side_px: usize) -> Result<(), PhantomError> {
    let (rows, columns) = (side_px / 2 + 1, side_px / 3);
    let outline = move |row: usize, column: usize| {
        let is_edge = row == 0 || column == 0 || row + 1 == rows || column + 1 == columns;
        is_edge || row * columns / rows == column
    };
    let origin = [side_px / 4, side_px / 3].map(|at| at as i16);
    put_overlay(object, 0x6000, "G", [rows, columns], origin, outline)?;
    let across = side_px / 4 + 1;
    let disc = move |row: usize, column: usize| {
        let [down, right] = [row, column].map(|at| at as f32 - across as f32 / 2.0);
        down.hypot(right) < across as f32 / 2.0
    };
    let origin = [side_px as i16 / 2, -(side_px as i16 / 16)];
    put_overlay(object, 0x6002, "R", [across, across], origin, disc)?;
    let tag = |element| Tag(0x6004, element);
    put_geometry(object, 0x6004, "G", [side_px, side_px], [1, 1])?;
    put(object, tag(0x0100), VR::US, dicom_value!(U16, [16]));
    put(object, tag(0x0102), VR::US, dicom_value!(U16, [OVERLAY_BIT]));
    Ok(())
}

fn put_overlay(
    object: &mut InMemDicomObject,
    group: u16,
    kind: &str,
    [rows, columns]: [usize; 2],
    origin: [i16; 2],
    is_set: impl Fn(usize, usize) -> bool,
) -> Result<(), PhantomError> {
    put_geometry(object, group, kind, [rows, columns], origin)?;
    put(object, Tag(group, 0x0100), VR::US, dicom_value!(U16, [1]));
    put(object, Tag(group, 0x0102), VR::US, dicom_value!(U16, [0]));
    let mut words = vec![0_u16; (rows * columns).div_ceil(16)];
    for index in (0..rows * columns).filter(|index| is_set(index / columns, index % columns)) {
        words[index / 16] |= 1 << (index % 16);
    }
    put(object, Tag(group, 0x3000), VR::OW, PrimitiveValue::U16(words.into()));
    Ok(())
}

fn put_geometry(
    object: &mut InMemDicomObject,
    group: u16,
    kind: &str,
    [rows, columns]: [usize; 2],
    origin: [i16; 2],
) -> Result<(), PhantomError> {
    let short = |px: usize| u16::try_from(px).map_err(|_too_large| PhantomError::Size(px));
    let tag = |element| Tag(group, element);
    put(object, tag(0x0010), VR::US, PrimitiveValue::from(short(rows)?));
    put(object, tag(0x0011), VR::US, PrimitiveValue::from(short(columns)?));
    put(object, tag(0x0022), VR::LO, "Repères");
    put(object, tag(0x0040), VR::CS, kind);
    put(object, tag(0x0050), VR::SS, PrimitiveValue::I16(origin.into_iter().collect()));
    Ok(())
}

/// Cells of a slice: 12 bits of signal, and a line that moves with the slice in the overlay bit.
fn samples(side_px: usize, frames: usize, slice: usize) -> Vec<u16> {
    let pixel_mm = FIELD_MM / side_px as f32;
    let origin_mm = [(pixel_mm - FIELD_MM) / 2.0; 2];
    let mut canvas = Canvas::new([side_px; 2], origin_mm, pixel_mm);
    for ellipse in anatomy::plane(z_mm(frames, slice), false).ellipses() {
        canvas.paint(ellipse);
    }
    let mut noise = Noise::new(0x4d46_0000 + slice as u64);
    let signal = |hu: f32| ((hu + 1000.0) * 0.7).max(0.0);
    let mut samples: Vec<u16> = canvas
        .values
        .iter()
        .map(|&hu| (signal(hu) + 9.0 * noise.normal()).round().clamp(0.0, f32::from(WHITE)) as u16)
        .collect();
    burn(&mut samples, side_px, u16::try_from(slice + 1).unwrap_or(u16::MAX), 0, WHITE);
    let column = side_px / 2 + slice * side_px / (4 * frames);
    for row in side_px * 5 / 8..side_px * 7 / 8 {
        samples[row * side_px + column] |= 1 << OVERLAY_BIT;
    }
    samples
}
