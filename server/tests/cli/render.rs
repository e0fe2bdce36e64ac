//! `negatoscope render`

use std::path::Path;

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use viewer_core::pixel::icc::ToSrgb;

use crate::files::{NATIVE, bits, colour, cut, grey, string, write};
use crate::{refusal, said};

/// Size and samples of a PNG.
fn picture(path: &Path) -> ([u32; 2], Vec<u8>) {
    let image = image::open(path).unwrap();
    ([image.width(), image.height()], image.into_bytes())
}

/// The samples 1, -1, 2, -2048, 2047, 16 + frame with two windows.
fn windowed(folder: &Path) -> String {
    let mut object = grey(2);
    string(&mut object, tags::WINDOW_CENTER, VR::DS, "0\\16");
    string(&mut object, tags::WINDOW_WIDTH, VR::DS, "4095\\5");
    string(&mut object, tags::WINDOW_CENTER_WIDTH_EXPLANATION, VR::LO, "WIDE\\NARROW");
    write(folder, "windowed.dcm", object, NATIVE)
}

#[test]
fn the_frame_is_drawn_pixel_by_pixel_with_the_voi_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (windowed(folder.path()), folder.path().join("out.png"));
    let png = out.to_str().unwrap();
    // LINEAR, PS3.3 C.11.2.1.2.1: ((x - (c - 0.5)) / (w - 1) + 0.5) * 255, here c - 0.5 = -0.5.
    let told = said(&["render", &file, "-o", png]);
    assert_eq!(told, "VOI: window 1 of the file (WIDE), centre 0, width 4095, LINEAR\n");
    assert_eq!(picture(&out), ([3, 2], vec![128, 127, 128, 0, 255, 129]));
    // c - 0.5 = 15.5, w - 1 = 4: black up to 13.5, white above 17.5.
    let told = said(&["render", &file, "--frame", "2", "--voi", "2", "-o", png]);
    assert_eq!(told, "VOI: window 2 of the file (NARROW), centre 16, width 5, LINEAR\n");
    assert_eq!(picture(&out).1, [0, 0, 0, 0, 255, 223]);
    let told = said(&["render", &file, "--window=-1,3", "-o", png]);
    assert_eq!(told, "VOI: as asked for, centre -1, width 3, LINEAR\n");
    assert_eq!(picture(&out).1, [255, 191, 255, 0, 255, 255]);
    let told = said(&["render", &file, "--voi", "range", "-o", png]);
    assert_eq!(told, "VOI: as asked for, centre -0.5, width 4095, LINEAR_EXACT\n");
    assert_eq!(picture(&out).1, [128, 127, 128, 0, 255, 129]);
}

#[test]
fn colour_is_drawn_without_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    let file = write(folder.path(), "colour.dcm", colour(), NATIVE);
    assert_eq!(said(&["render", &file, "-o", out.to_str().unwrap()]), "VOI: none, colour\n");
    assert_eq!(picture(&out), ([2, 1], vec![1, 3, 5, 2, 4, 6]));
}

#[test]
fn the_range_of_a_flat_frame_is_black() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    let mut object = bits();
    let black = PrimitiveValue::U8(vec![0, 0].into());
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, black));
    let file = write(folder.path(), "flat.dcm", object, NATIVE);
    said(&["render", &file, "--voi", "range", "-o", out.to_str().unwrap()]);
    assert_eq!(picture(&out), ([3, 2], vec![0; 6]));
}

#[test]
fn another_window_than_the_one_asked_for_is_never_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (windowed(folder.path()), folder.path().join("out.png"));
    let png = out.to_str().unwrap();
    for (option, status) in [
        ("--voi=3", 2),
        ("--voi=lut1", 2),
        ("--voi=0", 2),
        ("--voi=first", 2),
        ("--window=1", 2),
        ("--window=1,0.5", 2),
        ("--window=1,NaN", 2),
        ("--frame=3", 2),
    ] {
        assert_eq!(refusal(&["render", &file, option, "-o", png]).0, status, "{option}");
    }
    assert_eq!(refusal(&["render", &cut(&file, 13), "--frame", "2", "-o", png]).0, 4);
    assert!(!out.exists());
}

#[test]
fn colours_are_converted_by_their_profile() {
    const PROFILE: &[u8] =
        include_bytes!("../../../viewer-core/tests/icc_vectors/table9_curves.icc");
    const GREY: &[u8] = include_bytes!("../../../viewer-core/tests/icc_vectors/gray.icc");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    let drawn = |profile: &[u8]| {
        let mut object = colour();
        object.put(DataElement::new(tags::ICC_PROFILE, VR::OB, PrimitiveValue::from(profile)));
        let file = write(folder.path(), "colour.dcm", object, NATIVE);
        let told = said(&["render", &file, "-o", out.to_str().unwrap()]);
        (told, picture(&out).1, said(&["inspect", &file]))
    };
    let (told, pixels, inspected) = drawn(PROFILE);
    assert_eq!(told, "VOI: none, colour\n");
    let to_srgb = ToSrgb::from_profile(PROFILE).unwrap();
    let expected = to_srgb.convert(&[1, 3, 5, 255, 2, 4, 6, 255]);
    assert_eq!(pixels, [&expected[..3], &expected[4..7]].concat());
    assert_ne!(pixels, [1, 3, 5, 2, 4, 6]);
    assert!(inspected.contains("Colours             converted to sRGB by the profile"));
    let (told, pixels, inspected) = drawn(GREY);
    let defect = "taken as sRGB: an ICC profile that is not of RGB";
    assert_eq!(told, format!("VOI: none, colour\nColours: {defect}\n"));
    assert_eq!(pixels, [1, 3, 5, 2, 4, 6]);
    assert!(inspected.contains(&format!("Colours             {defect}")));
}
