//! Rendered pictures are what the reference renderer draws; thumbnails are small ones of the middle.

use std::io::Cursor;

use axum::http::StatusCode;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use image::{DynamicImage, ImageReader};
use negatoscope_phantom::SeriesKind;
use viewer_core::pixel::icc::ToSrgb;

use crate::setup::{
    Answer, app, file_of, get, instance_path, open_folder, phantom_app, phantoms, pixel_data,
};

fn picture(answer: &Answer) -> DynamicImage {
    let reader = ImageReader::new(Cursor::new(answer.body.clone())).with_guessed_format().unwrap();
    reader.decode().unwrap()
}

/// LINEAR of PS3.3 C.11.2.1.2.1, to 8 bits.
fn linear(value: f64, center: f64, width: f64) -> u8 {
    let y = (value - (center - 0.5)) / (width - 1.0) + 0.5;
    (y.clamp(0.0, 1.0) * 255.0 + 0.5).floor() as u8
}

#[tokio::test(flavor = "multi_thread")]
async fn a_png_has_every_pixel_of_the_asked_window() {
    let (app, _opened) = phantom_app().await;
    let path = format!("{}/rendered?window=40,400,linear", instance_path(SeriesKind::Ct, 2));
    let answer = get(&app, &path, "image/png").await;
    assert_eq!((answer.status, answer.content_type()), (StatusCode::OK, "image/png"));
    let file = dicom_object::open_file(file_of(SeriesKind::Ct, 2)).unwrap();
    let number = |name| file.element_by_name(name).unwrap().to_float64().unwrap();
    let (slope, intercept) = (number("RescaleSlope"), number("RescaleIntercept"));
    let expected: Vec<u8> = pixel_data(&file_of(SeriesKind::Ct, 2))[0]
        .chunks_exact(2)
        .map(|pair| f64::from(i16::from_le_bytes([pair[0], pair[1]])) * slope + intercept)
        .map(|value| linear(value, 40.0, 400.0))
        .collect();
    let picture = picture(&answer);
    assert_eq!((picture.width(), picture.height()), (64, 64));
    assert_eq!(picture.into_luma8().into_raw(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_a_colour_loop_is_close_to_its_jpeg() {
    let (app, _opened) = phantom_app().await;
    let path = instance_path(SeriesKind::Us, 0);
    let answer = get(&app, &format!("{path}/frames/2/rendered"), "image/png").await;
    let drawn = picture(&answer).into_rgb8();
    let jpeg = pixel_data(&file_of(SeriesKind::Us, 0)).remove(1);
    let reference = image::load_from_memory(&jpeg).unwrap().into_rgb8();
    assert_eq!(drawn.dimensions(), reference.dimensions());
    let worst = drawn.iter().zip(reference.iter()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst.unwrap() <= 3, "two JPEG decoders differ by {worst:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_fit_their_viewport() {
    let (app, _opened) = phantom_app().await;
    let us = instance_path(SeriesKind::Us, 0);
    for (query, size) in [
        ("viewport=64,64", (64, 48)),
        ("viewport=300,96", (128, 96)),
        ("viewport=10,20,0,0,32,64", (10, 20)),
        ("viewport=50,50,,,-128,96", (50, 38)),
    ] {
        let answer = get(&app, &format!("{us}/rendered?{query}"), "image/jpeg").await;
        assert_eq!(answer.content_type(), "image/jpeg");
        let picture = picture(&answer);
        assert_eq!((picture.width(), picture.height()), size, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_negative_region_mirrors_the_picture() {
    let (app, _opened) = phantom_app().await;
    let path = instance_path(SeriesKind::Ct, 0);
    let plain = picture(&get(&app, &format!("{path}/rendered"), "image/png").await);
    let query = "viewport=64,64,,,-64,-64";
    let mirrored = picture(&get(&app, &format!("{path}/rendered?{query}"), "image/png").await);
    assert_eq!(mirrored.into_luma8(), plain.rotate180().into_luma8());
}

#[tokio::test(flavor = "multi_thread")]
async fn thumbnails_show_the_middle() {
    let (app, _opened) = phantom_app().await;
    let exam = &phantoms().exam;
    let series = &exam.series(SeriesKind::Ct).unwrap().series_instance_uid;
    let path = format!("/dicomweb/studies/{}/series/{series}/thumbnail", exam.study_instance_uid);
    let first = get(&app, &path, "image/png").await;
    assert_eq!(first.status, StatusCode::OK);
    let expected = format!("{}/rendered?viewport=128,128", instance_path(SeriesKind::Ct, 3));
    assert_eq!(first.body, get(&app, &expected, "image/png").await.body);
    assert_eq!(get(&app, &path, "image/png").await.body, first.body, "the kept one");
    let jpeg = get(&app, &path, "*/*").await;
    assert_eq!(jpeg.content_type(), "image/jpeg");
    let instance =
        get(&app, &format!("{}/thumbnail", instance_path(SeriesKind::Us, 0)), "*/*").await;
    assert_eq!((picture(&instance).width(), picture(&instance).height()), (128, 96));
    let of_study = format!("/dicomweb/studies/{}/thumbnail", exam.study_instance_uid);
    let study = get(&app, &of_study, "image/png").await;
    assert_eq!(study.body, first.body, "that of the first series, the CT");
    let foreign = get(&app, "/dicomweb/studies/1.2.3/thumbnail", "image/png").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_wishes_are_refused_with_words() {
    let (app, _opened) = phantom_app().await;
    let path = instance_path(SeriesKind::Ct, 0);
    for (query, accept, status) in [
        ("?window=1,2", "*/*", StatusCode::BAD_REQUEST),
        ("?viewport=0,0", "*/*", StatusCode::BAD_REQUEST),
        ("?annotation=patient", "*/*", StatusCode::BAD_REQUEST),
        ("", "image/gif", StatusCode::NOT_ACCEPTABLE),
    ] {
        let answer = get(&app, &format!("{path}/rendered{query}"), accept).await;
        assert_eq!(answer.status, status, "{query}");
        assert!(!answer.detail().is_empty());
    }
    let beyond = get(&app, &format!("{path}/frames/2/rendered"), "*/*").await;
    assert_eq!(beyond.status, StatusCode::NOT_FOUND);
}

/// The enhanced MR of the phantom (64 × 64), with a box, a disc beyond the left edge, a line in the pixel
/// cells, and a shutter at the right and below.
#[tokio::test(flavor = "multi_thread")]
async fn overlays_and_shutters_are_in_the_picture() {
    const YELLOW: [u8; 3] = [255, 200, 0];
    let (app, _opened) = phantom_app().await;
    let path = instance_path(SeriesKind::MultiFrame, 0);
    let answer = get(&app, &format!("{path}/frames/2/rendered"), "image/png").await;
    let drawn = picture(&answer).into_rgb8();
    assert_eq!(drawn.dimensions(), (64, 64));
    let at = |row: u32, column: u32| drawn.get_pixel(column, row).0;
    // The box begins at row 16, column 21, counted from 1, and has 33 rows and 21 columns.
    assert_eq!([at(15, 20), at(15, 40), at(47, 20), at(47, 40)], [YELLOW; 4]);
    assert_ne!(at(14, 20), YELLOW);
    let [r, _, b] = at(40, 3);
    assert!(b > r + 60, "blue over the picture: {:?}", at(40, 3));
    // P-Value 4000 (hexadecimal) of FFFF, right of column 60 and in the corner that the polygon cuts off.
    assert_eq!([at(0, 60), at(63, 0), at(59, 58)], [[64; 3]; 3]);
    assert_ne!(at(0, 59), [64; 3]);
    for row in 49..56 {
        let line = (32..50).filter(|&column| at(row, column) == YELLOW).count();
        assert_eq!(line, 1, "the line in the pixel cells, row {row}");
    }
    let thumbnail = get(&app, &format!("{path}/thumbnail?viewport=32,32"), "image/png").await;
    let small = picture(&thumbnail).into_rgb8();
    assert!(small.pixels().any(|pixel| pixel.0 == YELLOW), "a thin line is seen in a thumbnail");
}

/// A slice of the phantom made a colour image of its size, with the profile of another colour space.
#[tokio::test(flavor = "multi_thread")]
async fn rendered_colours_are_srgb_by_the_profile() {
    const PROFILE: &[u8] =
        include_bytes!("../../../viewer-core/tests/icc_vectors/table9_curves.icc");
    let folder = tempfile::tempdir().unwrap();
    let mut object = dicom_object::open_file(file_of(SeriesKind::Ct, 0)).unwrap();
    let rgb: Vec<u8> =
        (0..64 * 64_u32).flat_map(|i| [i % 251, i % 241, i % 256]).map(|v| v as u8).collect();
    let number = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    for (tag, value) in [
        (tags::SAMPLES_PER_PIXEL, 3),
        (tags::PLANAR_CONFIGURATION, 0),
        (tags::BITS_ALLOCATED, 8),
        (tags::BITS_STORED, 8),
        (tags::HIGH_BIT, 7),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        object.put(number(tag, value));
    }
    object.put(DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB"));
    object.put(DataElement::new(tags::ICC_PROFILE, VR::OB, PrimitiveValue::from(PROFILE)));
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(rgb.as_slice())));
    object.write_to_file(folder.path().join("colour.dcm")).unwrap();

    let opened = open_folder(folder.path()).await;
    let app = app(opened.archive.clone(), &[&phantoms().exam.study_instance_uid]);
    let path = format!("{}/rendered", instance_path(SeriesKind::Ct, 0));
    let drawn = picture(&get(&app, &path, "image/png").await).into_rgb8();
    let rgba: Vec<u8> = rgb.chunks(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
    let converted = ToSrgb::from_profile(PROFILE).unwrap().convert(&rgba);
    let expected: Vec<u8> = converted.chunks(4).flat_map(|pixel| &pixel[..3]).copied().collect();
    assert_ne!(expected, rgb);
    assert_eq!(drawn.into_raw(), expected);
}
