//! Saved presentations whose steps are more than a window: curves for slices of a CT, and one of a colour loop.

use std::path::Path;

use dicom_core::{PrimitiveValue, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use crate::dataset::{Identity, SeriesTexts, put, put_items};
use crate::documents::{graphic, put_graphic, put_identification, reference, series, texts};
use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};
use crate::scale::Scale;

/// The slice with a table, and the one with a function, by their burnt-in numbers.
const SLICES: [usize; 2] = [4, 5];
/// The frame of the loop, from 1.
const FRAME: u16 = 3;
/// Values that the VOI LUT maps, HU.
const FIRST_HU: i16 = -300;
const LAST_HU: i16 = 500;

/// A VOI LUT for one slice, SIGMOID for another, and a Presentation LUT over both.
pub(crate) fn write_curves(
    dir: &Path,
    identity: &Identity,
    ct: &SeriesFiles,
    scale: Scale,
) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        description: "Présentation à courbes",
        sop_class_uid: uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE,
        folder: "presentation-courbes",
        ..texts(SeriesKind::Curves, 14, "PR")
    };
    series(dir, identity, texts, |object| {
        put_identification(object, identity, ["COURBES", "Courbes de contraste"]);
        let references: Vec<_> = SLICES.iter().map(|&slice| reference(ct, slice)).collect();
        put_references(object, ct, references.clone());
        put(object, tags::RESCALE_INTERCEPT, VR::DS, "-1024");
        put(object, tags::RESCALE_SLOPE, VR::DS, "1");
        put(object, tags::RESCALE_TYPE, VR::LO, "HU");
        let [table, function] = [&references[..1], &references[1..]].map(|of| {
            let mut item = InMemDicomObject::new_empty();
            put_items(&mut item, tags::REFERENCED_IMAGE_SEQUENCE, of.to_vec());
            item
        });
        put_items(object, tags::SOFTCOPY_VOILUT_SEQUENCE, vec![curve(table), sigmoid(function)]);
        put_items(object, tags::PRESENTATION_LUT_SEQUENCE, vec![falling()]);
        put_whole_area(object, [scale.ct_side_px; 2]);
    })
}

/// Grey rises with the square of the value.
fn curve(mut item: InMemDicomObject) -> InMemDicomObject {
    let span = f64::from(LAST_HU - FIRST_HU);
    let square = |hu: i16| (f64::from(hu - FIRST_HU) / span).powi(2) * 4095.0;
    let entries: Vec<u16> = (FIRST_HU..=LAST_HU).map(|hu| square(hu).round() as u16).collect();
    put_items(&mut item, tags::VOILUT_SEQUENCE, vec![lut(FIRST_HU, 12, entries)]);
    item
}

fn sigmoid(mut item: InMemDicomObject) -> InMemDicomObject {
    put(&mut item, tags::WINDOW_CENTER, VR::DS, "40");
    put(&mut item, tags::WINDOW_WIDTH, VR::DS, "400");
    put(&mut item, tags::VOILUT_FUNCTION, VR::CS, "SIGMOID");
    item
}

/// White to black, faster towards the end: 1 − (0.6·y + 0.4·y²).
fn falling() -> InMemDicomObject {
    let grey = |y: f64| (1.0 - (0.6 + 0.4 * y) * y) * 65_535.0;
    let entries = (0..1024).map(|entry| grey(f64::from(entry) / 1023.0).round() as u16).collect();
    lut(0, 16, entries)
}

fn lut(first_mapped: i16, bits: u16, entries: Vec<u16>) -> InMemDicomObject {
    let mut item = InMemDicomObject::new_empty();
    let descriptor = [entries.len() as u16, first_mapped as u16, bits];
    let descriptor = PrimitiveValue::U16(descriptor.as_slice().into());
    put(&mut item, tags::LUT_DESCRIPTOR, VR::US, descriptor);
    put(&mut item, tags::LUT_DATA, VR::OW, PrimitiveValue::U16(entries.into()));
    item
}

/// Turned, with a green shutter, and a circle.
pub(crate) fn write_colours(
    dir: &Path,
    identity: &Identity,
    us: &SeriesFiles,
    scale: Scale,
) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        description: "Présentation en couleurs",
        sop_class_uid: uids::COLOR_SOFTCOPY_PRESENTATION_STATE_STORAGE,
        folder: "presentation-couleurs",
        ..texts(SeriesKind::ColourPresentation, 15, "PR")
    };
    let size = scale.us_size_px;
    series(dir, identity, texts, |object| {
        put_identification(object, identity, ["DOPPLER", "Doppler entouré"]);
        let mut image = InMemDicomObject::new_empty();
        let class = uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE;
        put(&mut image, tags::REFERENCED_SOP_CLASS_UID, VR::UI, class);
        let uid = us.sop_instance_uids.first().cloned().unwrap_or_default();
        put(&mut image, tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, uid);
        put(&mut image, tags::REFERENCED_FRAME_NUMBER, VR::IS, FRAME.to_string());
        put_references(object, us, vec![image]);
        put(object, tags::IMAGE_ROTATION, VR::US, dicom_value!(U16, [90]));
        put(object, tags::IMAGE_HORIZONTAL_FLIP, VR::CS, "N");
        put_whole_area(object, size);
        let [columns, rows] = size.map(|side| (side / 2).to_string());
        put(object, tags::SHUTTER_SHAPE, VR::CS, "CIRCULAR");
        let center = PrimitiveValue::Strs(vec![rows.clone(), columns].into());
        put(object, tags::CENTER_OF_CIRCULAR_SHUTTER, VR::IS, center);
        put(object, tags::RADIUS_OF_CIRCULAR_SHUTTER, VR::IS, rows);
        // L* 50, a* −50, b* 50 of CIELab (C.10.7.1.1).
        let green = PrimitiveValue::U16([32_768, 20_046, 45_746].as_slice().into());
        put(object, tags::SHUTTER_PRESENTATION_COLOR_CIE_LAB_VALUE, VR::US, green);
        let [x, y] = size.map(|side| side as f32 / 2.0);
        put_graphic(object, graphic("CIRCLE", "PIXEL", &[x, y, x + 8.0, y]));
    })
}

fn put_references(
    object: &mut InMemDicomObject,
    of: &SeriesFiles,
    references: Vec<InMemDicomObject>,
) {
    let mut series = InMemDicomObject::new_empty();
    put_items(&mut series, tags::REFERENCED_IMAGE_SEQUENCE, references);
    put(&mut series, tags::SERIES_INSTANCE_UID, VR::UI, of.series_instance_uid.clone());
    put_items(object, tags::REFERENCED_SERIES_SEQUENCE, vec![series]);
}

fn put_whole_area(object: &mut InMemDicomObject, size: [usize; 2]) {
    let mut area = InMemDicomObject::new_empty();
    let corner = |[x, y]: [i32; 2]| PrimitiveValue::I32([x, y].as_slice().into());
    put(&mut area, tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, VR::SL, corner([1, 1]));
    let last = corner(size.map(|side| side as i32));
    put(&mut area, tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, VR::SL, last);
    put(&mut area, tags::PRESENTATION_SIZE_MODE, VR::CS, "SCALE TO FIT");
    let square = PrimitiveValue::Strs(vec!["1".to_owned(), "1".to_owned()].into());
    put(&mut area, tags::PRESENTATION_PIXEL_ASPECT_RATIO, VR::IS, square);
    put_items(object, tags::DISPLAYED_AREA_SELECTION_SEQUENCE, vec![area]);
}
