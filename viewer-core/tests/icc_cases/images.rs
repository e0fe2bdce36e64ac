//! Which profile an image has, and how an exam carries it.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use viewer_core::dicom::{Instance, from_json, image_of, index, read_part10};
use viewer_core::exam::{Content, ExamSummary, ImageContent};
use viewer_core::pixel::icc::ToSrgb;
use viewer_core::series::assemble;

use super::conversion::{GRAY, MATRIX, SRGB, profile};
use crate::bytes::{DataSet, EXPLICIT, PIXEL_DATA, slice};

const ICC_PROFILE: u32 = 0x0028_2000;
const COLOR_SPACE: u32 = 0x0028_2002;

/// A colour image of 4 × 2 pixels.
fn colour() -> DataSet {
    slice()
        .us(0x0028_0002, 3)
        .text(0x0028_0004, "CS", "RGB")
        .us(0x0028_0006, 0)
        .us(0x0028_0100, 8)
        .us(0x0028_0101, 8)
        .us(0x0028_0102, 7)
        .bytes(PIXEL_DATA, "OB", &[7; 24])
}

fn with_profile(bytes: &[u8]) -> DataSet {
    colour().bytes(ICC_PROFILE, "OB", bytes)
}

fn content(data_set: &DataSet) -> ImageContent {
    image_of(&read_part10(Cursor::new(data_set.file(EXPLICIT))).expect("readable"))
}

fn defect(data_set: &DataSet) -> String {
    let content = content(data_set);
    assert_eq!((content.icc_profile, content.image.icc_profile), (None, None));
    content.image.icc_defect.unwrap_or_default()
}

#[test]
fn a_profile_that_changes_colours_is_carried() {
    let content = content(&with_profile(MATRIX));
    assert_eq!(content.icc_profile, Some(profile(MATRIX)));
    assert_eq!((content.image.icc_profile, content.image.icc_defect), (Some(0), None));
}

#[test]
fn srgb_and_silence_are_not() {
    for data_set in SRGB.map(with_profile).iter().chain([&colour()]) {
        assert_eq!(defect(data_set), "");
    }
    assert_eq!(defect(&colour().text(COLOR_SPACE, "CS", "SRGB")), "");
    let grey = slice().bytes(ICC_PROFILE, "OB", MATRIX);
    assert_eq!(defect(&grey), "");
}

#[test]
fn what_is_of_no_use_is_said() {
    assert_eq!(defect(&with_profile(GRAY)), "an ICC profile that is not of RGB");
    let cut = &MATRIX[..200];
    assert!(defect(&colour().bytes(ICC_PROFILE, "OB", cut)).starts_with("ICC profile: "));
    let huge = vec![1; 1024 * 1024 + 2];
    let huge = defect(&colour().bytes(ICC_PROFILE, "OB", &huge));
    assert_eq!(huge, "an ICC profile of 1048578 bytes");
    let unknown = defect(&colour().text(COLOR_SPACE, "CS", "MYSPACE"));
    assert_eq!(unknown, "a color space of unknown name");
}

/// Palettes are converted where they are read, those supplemental to grey ones too; nothing is carried.
#[test]
fn colours_of_palettes_are_converted_once() {
    const ENTRIES: [u8; 6] = [0, 0, 0xFF, 0x80, 0xFF, 0xFF];
    let table = |data_set: DataSet| {
        let data_set = (0x0028_1101..=0x0028_1103)
            .fold(data_set, |data_set, tag| data_set.bytes(tag, "US", &[3, 0, 0, 0, 16, 0]));
        let swapped = [0xFF, 0xFF, 0xFF, 0x80, 0, 0];
        let data_set =
            data_set.bytes(0x0028_1201, "OW", &ENTRIES).bytes(0x0028_1202, "OW", &swapped);
        data_set.bytes(0x0028_1203, "OW", &ENTRIES)
    };
    let grey = || slice().us(0x0028_0100, 8).us(0x0028_0101, 8).us(0x0028_0102, 7);
    let palette = |data_set: &DataSet| content(data_set).displays[0].palette.clone();
    let of_image = || table(grey().text(0x0028_0004, "CS", "PALETTE COLOR"));
    let plain = palette(&of_image()).expect("a palette");
    let data_set = of_image().bytes(ICC_PROFILE, "OB", MATRIX);
    let to_srgb = ToSrgb::from_profile(MATRIX).expect("usable");
    let expected = to_srgb.convert_palette(&plain);
    assert_ne!(plain, expected);
    assert_eq!(palette(&data_set), Some(expected));
    assert_eq!((content(&data_set).icc_profile, defect(&data_set)), (None, String::new()));
    let broken = of_image().bytes(ICC_PROFILE, "OB", GRAY);
    assert_eq!(palette(&broken), Some(plain));
    assert_eq!(defect(&broken), "an ICC profile that is not of RGB");
}

/// Videos are converted by the browser, which is told no profile.
#[test]
fn a_profile_of_a_video_is_said_not_to_be_followed() {
    let metadata = |syntax: &str| {
        let element = |vr: &str, value: serde_json::Value| json!({ "vr": vr, "Value": [value] });
        json!({
            "00080018": element("UI", json!("1.2.3.4")),
            "0020000D": element("UI", json!("1.2.3")),
            "0020000E": element("UI", json!("1.2.3.1")),
            "00083002": element("UI", json!(syntax)),
            "00280002": element("US", json!(3)),
            "00280004": element("CS", json!("YBR_PARTIAL_420")),
            "00280010": element("US", json!(2)),
            "00280011": element("US", json!(4)),
            "00282000": { "vr": "OB", "InlineBinary": STANDARD.encode(MATRIX) },
        })
    };
    let Content::Image(content) =
        from_json(&metadata("1.2.840.10008.1.2.4.102"), None).expect("read").instance.content
    else {
        panic!("an image")
    };
    assert_eq!(content.icc_profile, None);
    assert_eq!(content.image.icc_defect.as_deref(), Some("an ICC profile of a video"));
}

#[test]
fn a_well_known_space_needs_no_profile() {
    let by_name = |name: &str| content(&colour().text(COLOR_SPACE, "CS", name)).icc_profile;
    let (adobe, romm) = (by_name("ADOBERGB"), by_name("ROMMRGB"));
    assert!(adobe.is_some() && romm.is_some() && adobe != romm);
    // A profile says more than a name.
    let both = content(&with_profile(MATRIX).text(COLOR_SPACE, "CS", "ROMMRGB"));
    assert_eq!(both.icc_profile, Some(profile(MATRIX)));
}

#[test]
fn a_slide_has_it_in_its_optical_path() {
    let path = |bytes: &[u8]| DataSet::new().bytes(ICC_PROFILE, "OB", bytes);
    let slide = |paths: Vec<DataSet>| colour().items(0x0048_0105, paths);
    let alike = content(&slide(vec![path(MATRIX), DataSet::new(), path(MATRIX)]));
    assert_eq!(alike.icc_profile, Some(profile(MATRIX)));
    let different = defect(&slide(vec![path(MATRIX), path(SRGB[0])]));
    assert_eq!(different, "optical paths with different ICC profiles");
}

#[test]
fn a_profile_that_a_server_keeps_apart_is_said_to_be_missing() {
    let element = |vr: &str, value: serde_json::Value| json!({ "vr": vr, "Value": [value] });
    let mut metadata = json!({
        "00080018": element("UI", json!("1.2.3.4")),
        "0020000D": element("UI", json!("1.2.3")),
        "0020000E": element("UI", json!("1.2.3.1")),
        "00280004": element("CS", json!("RGB")),
        "00280010": element("US", json!(2)),
        "00280011": element("US", json!(4)),
        "00282000": { "vr": "OB", "BulkDataURI": "../profile" },
    });
    let found = |metadata: &serde_json::Value| {
        let Content::Image(content) = from_json(metadata, None).expect("read").instance.content
        else {
            panic!("an image")
        };
        *content
    };
    let apart = found(&metadata).image.icc_defect;
    assert_eq!(apart.as_deref(), Some("the ICC profile is kept apart"));
    metadata["00282000"] = json!({ "vr": "OB", "InlineBinary": STANDARD.encode(MATRIX) });
    assert_eq!(found(&metadata).icc_profile, Some(profile(MATRIX)));
}

#[test]
fn an_exam_holds_each_profile_once() {
    let instance = |number: u32, data_set: DataSet| -> Instance {
        let data_set = data_set.text(0x0008_0018, "UI", &format!("1.2.3.4.{number}")).text(
            0x0020_0013,
            "IS",
            &number.to_string(),
        );
        index(Cursor::new(data_set.file(EXPLICIT))).expect("an instance").instance
    };
    let romm = colour().text(COLOR_SPACE, "CS", "ROMMRGB");
    let instances =
        [with_profile(MATRIX), romm, with_profile(MATRIX), colour(), with_profile(GRAY)];
    let instances = (1..).zip(instances).map(|(number, one)| instance(number, one)).collect();
    let exam = assemble(instances).expect("one exam");
    let series = &exam.series[0];
    let indices: Vec<_> = series.images.iter().map(|image| image.icc_profile).collect();
    assert_eq!(indices, [Some(0), Some(1), Some(0), None, None]);
    assert_eq!(series.icc_profiles.len(), 2);
    assert!(series.images[4].icc_defect.is_some());
    let text = serde_json::to_string(&exam).expect("written");
    assert_eq!(serde_json::from_str::<ExamSummary>(&text).expect("read"), exam);
    assert_eq!(text.matches("icc_defect").count(), 1);
}
