use std::path::Path;

use dicom_core::value::PixelFragmentSequence;
use dicom_core::{DataElement, PrimitiveValue, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::barcode::burn;
use crate::dataset::{Identity, SeriesTexts, SeriesWriter, put, put_items, put_numbers, side};
use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};
use crate::noise::Noise;
use crate::scale::Scale;

/// 25 frames a second.
const FRAME_TIME_MS: f64 = 40.0;
const QUALITY: u8 = 90;
/// Depth that the fan shows.
const DEPTH_CM: f64 = 16.0;
/// Half the opening of the fan, radians.
const HALF_ANGLE: f32 = 0.66;

type Rgb = [u8; 3];

/// Series 5: a beating heart in a fan, with a patch of colour Doppler.
pub(crate) fn write(
    dir: &Path,
    identity: &Identity,
    scale: Scale,
) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        kind: SeriesKind::Us,
        number: 5,
        modality: "US",
        description: "Échographie cardiaque, boucle",
        body_part: "HEART",
        sop_class_uid: uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE,
        transfer_syntax_uid: uids::JPEG_BASELINE8_BIT,
        character_set: "ISO_IR 192",
        folder: "echo-coeur",
    };
    let writer = SeriesWriter::new(dir, identity, texts, 1)?;
    let mut object = writer.object(0);
    put_attributes(&mut object, scale)?;
    let frames: Vec<Vec<u8>> = (0..scale.us_frames)
        .map(|frame| encode(&picture(scale, frame), scale.us_size_px))
        .collect::<Result<_, _>>()?;
    put_lossy(&mut object, scale, &frames);
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments(frames)));
    writer.write(0, object)?;
    Ok(writer.finish(scale.us_frames))
}

fn put_attributes(object: &mut InMemDicomObject, scale: Scale) -> Result<(), PhantomError> {
    let [columns, rows] = scale.us_size_px;
    put(object, tags::SAMPLES_PER_PIXEL, VR::US, dicom_value!(U16, [3]));
    put(object, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "YBR_FULL_422");
    put(object, tags::PLANAR_CONFIGURATION, VR::US, dicom_value!(U16, [0]));
    put(object, tags::ROWS, VR::US, PrimitiveValue::from(side(rows)?));
    put(object, tags::COLUMNS, VR::US, PrimitiveValue::from(side(columns)?));
    put(object, tags::BITS_ALLOCATED, VR::US, dicom_value!(U16, [8]));
    put(object, tags::BITS_STORED, VR::US, dicom_value!(U16, [8]));
    put(object, tags::HIGH_BIT, VR::US, dicom_value!(U16, [7]));
    put(object, tags::PIXEL_REPRESENTATION, VR::US, dicom_value!(U16, [0]));
    put(object, tags::NUMBER_OF_FRAMES, VR::IS, scale.us_frames.to_string());
    put(object, tags::FRAME_INCREMENT_POINTER, VR::AT, PrimitiveValue::from(tags::FRAME_TIME));
    put_numbers(object, tags::FRAME_TIME, &[FRAME_TIME_MS]);
    put(object, tags::RECOMMENDED_DISPLAY_FRAME_RATE, VR::IS, "25");
    put(object, tags::ULTRASOUND_COLOR_DATA_PRESENT, VR::US, dicom_value!(U16, [1]));
    let image_type = ["ORIGINAL", "PRIMARY", "", "0011"].map(String::from).to_vec();
    put(object, tags::IMAGE_TYPE, VR::CS, PrimitiveValue::Strs(image_type.into()));
    put_items(object, tags::SEQUENCE_OF_ULTRASOUND_REGIONS, vec![region(scale)]);
    Ok(())
}

/// The box round the fan, in centimetres (PS3.3 C.8.5.5).
fn region(scale: Scale) -> InMemDicomObject {
    let fan = Fan::of(scale);
    let half_width = fan.depth_px * HALF_ANGLE.sin();
    let mut item = InMemDicomObject::new_empty();
    let bounds = [
        (tags::REGION_LOCATION_MIN_X0, fan.apex_px[0] - half_width),
        (tags::REGION_LOCATION_MIN_Y0, fan.apex_px[1]),
        (tags::REGION_LOCATION_MAX_X1, fan.apex_px[0] + half_width),
        (tags::REGION_LOCATION_MAX_Y1, fan.apex_px[1] + fan.depth_px),
    ];
    for (tag, px) in bounds {
        put(&mut item, tag, VR::UL, PrimitiveValue::from(px.round() as u32));
    }
    let cm_per_px = DEPTH_CM / f64::from(fan.depth_px);
    for tag in [tags::PHYSICAL_DELTA_X, tags::PHYSICAL_DELTA_Y] {
        put(&mut item, tag, VR::FD, PrimitiveValue::from(cm_per_px));
    }
    for tag in [tags::PHYSICAL_UNITS_X_DIRECTION, tags::PHYSICAL_UNITS_Y_DIRECTION] {
        put(&mut item, tag, VR::US, dicom_value!(U16, [3]));
    }
    put(&mut item, tags::REGION_SPATIAL_FORMAT, VR::US, dicom_value!(U16, [1]));
    put(&mut item, tags::REGION_DATA_TYPE, VR::US, dicom_value!(U16, [1]));
    put(&mut item, tags::REGION_FLAGS, VR::UL, dicom_value!(U32, [0]));
    item
}

fn put_lossy(object: &mut InMemDicomObject, scale: Scale, frames: &[Vec<u8>]) {
    let encoded: usize = frames.iter().map(Vec::len).sum();
    let native = scale.us_size_px[0] * scale.us_size_px[1] * 3 * frames.len();
    let ratio = (native as f64 / encoded.max(1) as f64 * 10.0).round() / 10.0;
    put(object, tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "01");
    put_numbers(object, tags::LOSSY_IMAGE_COMPRESSION_RATIO, &[ratio]);
    put(object, tags::LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS, "ISO_10918_1");
}

fn encode(picture: &[Rgb], [columns, rows]: [usize; 2]) -> Result<Vec<u8>, PhantomError> {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_1);
    let bytes: Vec<u8> = picture.concat();
    encoder
        .encode(&bytes, side(columns)?, side(rows)?, ColorType::Rgb)
        .map_err(|e| PhantomError::Jpeg(e.into()))?;
    if jpeg.len() % 2 == 1 {
        jpeg.push(0);
    }
    Ok(jpeg)
}

/// One fragment a frame, with a basic offset table (PS3.5 A.4).
fn fragments(frames: Vec<Vec<u8>>) -> PixelFragmentSequence<Vec<u8>> {
    let offsets: Vec<u32> = frames
        .iter()
        .scan(0_u32, |next, frame| {
            let offset = *next;
            *next += 8 + frame.len() as u32;
            Some(offset)
        })
        .collect();
    PixelFragmentSequence::new(offsets, frames)
}

#[derive(Clone, Copy, Debug)]
struct Fan {
    apex_px: [f32; 2],
    depth_px: f32,
}

impl Fan {
    fn of(scale: Scale) -> Self {
        let [columns, rows] = scale.us_size_px.map(|px| px as f32);
        Self { apex_px: [columns * 0.52, rows * 0.08], depth_px: rows * 0.86 }
    }
}

fn picture(scale: Scale, frame: usize) -> Vec<Rgb> {
    let [columns, rows] = scale.us_size_px;
    let fan = Fan::of(scale);
    let beat = std::f32::consts::TAU * frame as f32 / scale.us_frames as f32;
    // Speckle belongs to the tissue; only a little of it changes from frame to frame.
    let mut speckle = Noise::new(0x5553);
    let mut flicker = Noise::new(0x5553_0000 + frame as u64);
    let mut picture = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let grain = [speckle.normal(), flicker.normal()];
            picture.push(colour(fan, [column as f32, row as f32], beat, grain));
        }
    }
    let number = u16::try_from(frame + 1).unwrap_or(u16::MAX);
    burn(&mut picture, columns, number, [0; 3], [255; 3]);
    picture
}

/// Colour of one pixel.
fn colour(fan: Fan, at_px: [f32; 2], beat: f32, [grain, flicker]: [f32; 2]) -> Rgb {
    let [x, y] = [at_px[0] - fan.apex_px[0], at_px[1] - fan.apex_px[1]];
    let depth = x.hypot(y) / fan.depth_px;
    if !(0.03..=1.0).contains(&depth) || x.atan2(y).abs() > HALF_ANGLE {
        return [0; 3];
    }
    let [x, y] = [x / fan.depth_px, y / fan.depth_px];
    let squeeze = 1.0 - 0.16 * beat.sin();
    let chamber = ellipse([x + 0.08, y - 0.45], [0.13 * squeeze, 0.2 * squeeze]);
    let atrium = ellipse([x + 0.03, y - 0.79], [0.14 / squeeze, 0.1 / squeeze]);
    let jet = ellipse([x + 0.05, y - 0.62], [0.05, 0.13]);
    let wall = ((chamber - 1.0).abs() < 0.35) || ((atrium - 1.0).abs() < 0.2);
    let echo = if chamber < 1.0 || atrium < 1.0 {
        0.06
    } else if wall {
        0.75
    } else {
        0.34
    };
    let grey = 255.0 * echo * (1.0 + 0.45 * grain + 0.1 * flicker) * (1.15 - 0.6 * depth);
    if jet < 1.0 && (chamber < 1.0 || atrium < 1.0) {
        return doppler(beat, jet);
    }
    let grey = grey.clamp(0.0, 255.0);
    [grey * 0.98, grey * 0.95, grey * 0.86].map(|value| value as u8)
}

/// Red towards the probe, blue away from it.
fn doppler(beat: f32, jet: f32) -> Rgb {
    let speed = beat.cos() * (1.0 - jet);
    let bright = (110.0 + 145.0 * speed.abs()) as u8;
    let mixed = (120.0 * speed.abs() * speed.abs()) as u8;
    if speed >= 0.0 { [bright, mixed, 20] } else { [20, mixed, bright] }
}

fn ellipse([x, y]: [f32; 2], [rx, ry]: [f32; 2]) -> f32 {
    (x / rx).powi(2) + (y / ry).powi(2)
}
