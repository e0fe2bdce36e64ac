//! Attributes of a single object.

use std::io::Cursor;

use viewer_core::dicom::{Instance, image_of, index, read_part10};
use viewer_core::exam::{
    Content, DisplayAttributes, ImageContent, Lossy, ModalityTransform, SpacingSource, VoiFunction,
};

use crate::bytes::{DataSet, EXPLICIT, slice};

pub(crate) fn content(data_set: &DataSet) -> ImageContent {
    image_of(&read_part10(Cursor::new(data_set.file(EXPLICIT))).expect("readable"))
}

pub(crate) fn display(data_set: &DataSet) -> DisplayAttributes {
    content(data_set).displays.remove(0)
}

fn instance(data_set: &DataSet) -> Instance {
    index(Cursor::new(data_set.file(EXPLICIT))).expect("an instance").instance
}

#[test]
fn patient_and_study() {
    let found = instance(
        &slice()
            .text(0x0008_0005, "CS", "ISO_IR 100")
            .bytes(0x0010_0010, "PN", b"LEF\xC8VRE^\xC9lise  Marie^Anne ")
            .text(0x0010_0040, "CS", "F ")
            .text(0x0008_0020, "DA", "20261104")
            .text(0x0008_0030, "TM", "0930")
            .text(0x0008_0050, "SH", " A123 ")
            .bytes(0x0008_0080, "LO", b"H\xF4pital \\ Sud")
            .text(0x0008_1030, "LO", "Scanner thoracique"),
    );
    assert_eq!(found.patient.birth_name, "LEFÈVRE");
    assert_eq!(found.patient.given_names, "Élise Marie Anne");
    assert_eq!(found.patient.birth_date.as_deref(), Some("19740312"));
    assert_eq!(found.patient.sex.as_deref(), Some("F"));
    assert_eq!(found.patient.patient_id, "P1");
    assert_eq!(found.study.date.as_deref(), Some("20261104"));
    assert_eq!(found.study.time.as_deref(), Some("093000"));
    assert_eq!(found.study.accession_number, "A123");
    assert_eq!(found.study.institution, "Hôpital\\Sud");
    assert_eq!(found.study.description, "Scanner thoracique");
    assert_eq!(found.series.modality, "CT");
}

#[test]
fn the_birth_name_wins_over_the_name_borne() {
    let found = instance(&slice().text(0x0010_1005, "PN", "MARTIN"));
    assert_eq!(
        (found.patient.birth_name.as_str(), found.patient.given_names.as_str()),
        ("MARTIN", "Jeanne")
    );
}

#[test]
fn malformed_traits_are_absent() {
    let found =
        instance(&slice().text(0x0010_0030, "DA", "19740231").text(0x0010_0040, "CS", "X").text(
            0x0008_0030,
            "TM",
            "99",
        ));
    assert_eq!((found.patient.birth_date, found.patient.sex, found.study.time), (None, None, None));
}

#[test]
fn objects_without_pictures_are_named() {
    let document = slice().text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.104.1");
    let pixels = [0x7FE0_0010, 0x0028_0010, 0x0028_0011];
    let found = instance(&pixels.iter().fold(document, |data_set, &tag| data_set.without(tag)));
    assert_eq!(found.content, Content::Unsupported { name: "Encapsulated PDF Storage".into() });
    let segments = instance(&slice().text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.66.4"));
    assert_eq!(segments.content, Content::Unsupported { name: "Segmentation Storage".into() });
}

#[test]
fn spacing_with_its_provenance() {
    let spacing = |data_set: DataSet| {
        content(&data_set)
            .format
            .spacing
            .map(|s| (s.between_rows_mm, s.between_columns_mm, s.source))
    };
    let pixel = slice().text(0x0028_0030, "DS", "0.5\\0.25");
    assert_eq!(spacing(pixel.clone()), Some((0.5, 0.25, SpacingSource::PixelSpacing)));
    let imager = slice().text(0x0018_1164, "DS", "0.1\\0.2");
    assert_eq!(spacing(imager), Some((0.1, 0.2, SpacingSource::ImagerPixelSpacing)));
    let scanned = slice().text(0x0018_2010, "DS", "0.3\\0.3");
    assert_eq!(spacing(scanned), Some((0.3, 0.3, SpacingSource::NominalScanned)));
    // Repeated without calibration it is still a distance at the detector.
    let repeated = pixel.clone().text(0x0018_1164, "DS", "0.5\\0.25");
    assert_eq!(spacing(repeated.clone()), Some((0.5, 0.25, SpacingSource::ImagerPixelSpacing)));
    let calibrated = repeated.text(0x0028_0A02, "CS", "FIDUCIAL");
    assert_eq!(spacing(calibrated), Some((0.5, 0.25, SpacingSource::Fiducial)));
    for impossible in ["0\\0", "-1\\1", "1", "1\\NaN", "1\\inf", "1\\x", "1\\2\\3", ""] {
        assert_eq!(spacing(slice().text(0x0028_0030, "DS", impossible)), None, "{impossible}");
    }
}

#[test]
fn aspect_ratio_where_there_is_no_spacing() {
    let aspect = |data_set: DataSet| content(&data_set).format.aspect_ratio;
    let ratio = slice().text(0x0028_0034, "IS", "2\\1");
    assert_eq!(aspect(ratio.clone()), Some([2, 1]));
    assert_eq!(aspect(ratio.text(0x0028_0030, "DS", "1\\1")), None);
    for square_or_wrong in ["1\\1", "0\\1", "-2\\1", "2"] {
        assert_eq!(aspect(slice().text(0x0028_0034, "IS", square_or_wrong)), None);
    }
}

fn region(bounds: [u16; 4], units: u16, delta: f64) -> DataSet {
    let tags = [0x0018_6018, 0x0018_601A, 0x0018_601C, 0x0018_601E];
    let located = tags
        .iter()
        .zip(bounds)
        .fold(DataSet::new(), |item, (&tag, at)| item.words(tag, "UL", &[at, 0]));
    located
        .us(0x0018_6012, 1)
        .us(0x0018_6024, units)
        .us(0x0018_6026, units)
        .doubles(0x0018_602C, &[delta])
        .doubles(0x0018_602E, &[-0.02])
}

#[test]
fn ultrasound_regions_and_their_spacing() {
    let with = |items| content(&slice().items(0x0018_6011, items));
    let whole = with(vec![region([0, 0, 3, 1], 3, 0.01)]);
    let found = &whole.image.us_regions[0];
    assert_eq!((found.bounds_px, found.units, found.spatial_format), ([0, 0, 3, 1], [3, 3], 1));
    assert_eq!(found.deltas, [0.01, -0.02]);
    let spacing = whole.format.spacing.expect("one region over the whole picture");
    assert_eq!((spacing.between_rows_mm, spacing.between_columns_mm), (0.2, 0.1));
    assert_eq!(spacing.source, SpacingSource::UltrasoundRegion);

    let part = with(vec![region([0, 0, 2, 1], 3, 0.01)]);
    assert_eq!((part.format.spacing, part.image.us_regions.len()), (None, 1));
    let two = with(vec![region([0, 0, 3, 1], 3, 0.01), region([0, 0, 1, 1], 4, 0.01)]);
    assert_eq!((two.format.spacing, two.image.us_regions.len()), (None, 2));
    assert_eq!(with(vec![region([0, 0, 3, 1], 4, 0.01)]).format.spacing, None);
    let incomplete = with(vec![region([0, 0, 3, 1], 3, 0.01).without(0x0018_602C)]);
    assert!(incomplete.image.us_regions.is_empty());
}

#[test]
fn rescale_and_unit() {
    let rescaled = slice().text(0x0028_1052, "DS", "-1024").text(0x0028_1053, "DS", " 1.5 ");
    let found = display(&rescaled);
    assert_eq!(found.modality, ModalityTransform::Rescale { slope: 1.5, intercept: -1024.0 });
    assert_eq!(found.unit, "HU");
    assert_eq!(display(&rescaled.clone().text(0x0028_1054, "LO", "US")).unit, "");
    assert_eq!(display(&rescaled.text(0x0028_1054, "LO", "OD")).unit, "OD");
}

#[test]
fn an_impossible_rescale_takes_the_windows_with_it() {
    let windowed = slice().text(0x0028_1050, "DS", "40").text(0x0028_1051, "DS", "400");
    for (slope, intercept) in [("0", "0"), ("NaN", "0"), ("1", "x"), ("1", "")] {
        let broken =
            windowed.clone().text(0x0028_1053, "DS", slope).text(0x0028_1052, "DS", intercept);
        let found = display(&broken);
        let identity = ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 };
        assert_eq!((found.modality, found.windows.len()), (identity, 0), "{slope} {intercept}");
        assert_eq!(found.unit, "");
    }
}

#[test]
fn windows_in_the_order_of_the_file() {
    let found = display(
        &slice()
            .text(0x0028_1050, "DS", "40\\-600\\50")
            .text(0x0028_1051, "DS", "400\\1500\\0.5")
            .text(0x0028_1055, "LO", "Médiastin\\Poumon"),
    );
    let shown: Vec<_> =
        found.windows.iter().map(|w| (w.center, w.width, w.explanation.as_str())).collect();
    assert_eq!(shown, [(40.0, 400.0, "Médiastin"), (-600.0, 1500.0, "Poumon")]);
    assert_eq!(found.windows[0].function, VoiFunction::Linear);
}

#[test]
fn window_functions() {
    let window = |function: &str, width: &str| {
        let data_set = slice().text(0x0028_1050, "DS", "40").text(0x0028_1051, "DS", width).text(
            0x0028_1056,
            "CS",
            function,
        );
        display(&data_set).windows.first().map(|window| (window.function, window.width))
    };
    assert_eq!(window("SIGMOID", "0.5"), Some((VoiFunction::Sigmoid, 0.5)));
    assert_eq!(window("LINEAR_EXACT", "0.5"), Some((VoiFunction::LinearExact, 0.5)));
    assert_eq!(window("LINEAR", "0.5"), None);
    assert_eq!(window("LINEAR", "1"), Some((VoiFunction::Linear, 1.0)));
    assert_eq!(window("", "-50"), None);
    assert_eq!(window("SIGMOID", "0"), None);
    assert_eq!(window("LINEAR", "NaN"), None);
}

#[test]
fn padding_is_read_by_pixel_representation() {
    let padding = |data_set: DataSet| content(&data_set).format.padding;
    let signed = slice().us(0x0028_0103, 1);
    assert_eq!(padding(signed.clone().us(0x0028_0120, 0xF830)), Some([-2000.0, -2000.0]));
    assert_eq!(padding(slice().words(0x0028_0120, "SS", &[0xF830])), Some([63_536.0, 63_536.0]));
    let range = signed.us(0x0028_0120, 5).us(0x0028_0121, 0xFFFF);
    assert_eq!(padding(range), Some([-1.0, 5.0]));
    assert_eq!(padding(slice()), None);
    // The bits of a 12-bit cell, without the sign above them.
    let cell = slice().us(0x0028_0103, 1).us(0x0028_0120, 0x0800);
    assert_eq!(padding(cell), Some([-2048.0, -2048.0]));
    let colour = slice().text(0x0028_0004, "CS", "PALETTE COLOR").us(0x0028_0120, 7);
    assert_eq!(padding(colour), None);
}

#[test]
fn padding_of_floats_has_attributes_of_its_own() {
    let padding = |data_set: DataSet| content(&data_set).format.padding;
    let cells = |bits| slice().us(0x0028_0100, bits).us(0x0028_0120, 7);
    let float = cells(32)
        .bytes(0x7FE0_0008, "OF", &[0; 32])
        .bytes(0x0028_0122, "FL", &(-1.5e9_f32).to_le_bytes())
        .bytes(0x0028_0124, "FL", &(-2.5_f32).to_le_bytes());
    assert_eq!(padding(float), Some([-1.5e9, -2.5]));
    let double = cells(64)
        .bytes(0x7FE0_0009, "OD", &[0; 64])
        .doubles(0x0028_0123, &[0.1])
        .doubles(0x0028_0125, &[-0.1]);
    assert_eq!(padding(double), Some([-0.1, 0.1]));
}

#[test]
fn inverse_presentation_repeats_monochrome1() {
    let inverse = slice().text(0x2050_0020, "CS", "INVERSE");
    assert!(display(&inverse).inverse_presentation);
    assert!(!display(&inverse.text(0x0028_0004, "CS", "MONOCHROME1")).inverse_presentation);
    assert!(!display(&slice().text(0x2050_0020, "CS", "IDENTITY")).inverse_presentation);
}

#[test]
fn what_is_known_of_lossy_compression() {
    let lossy = slice().text(0x0028_2110, "CS", "01").text(0x0028_2112, "DS", "5\\10.5").text(
        0x0028_2114,
        "CS",
        "ISO_10918_1\\ISO_15444_1",
    );
    let expected = Lossy { ratio: Some(10.5), method: Some("ISO_15444_1".into()) };
    assert_eq!(content(&lossy).format.lossy, Some(expected));
    assert_eq!(content(&slice().text(0x0028_2110, "CS", "00")).format.lossy, None);
    let by_syntax = |syntax: &str, stated: Option<&str>| {
        let data_set = stated.iter().fold(slice(), |d, text| d.text(0x0028_2110, "CS", text));
        let bytes = data_set.fragments(&[], &[&[0xFF, 0xD8]], true).file(syntax);
        image_of(&read_part10(Cursor::new(bytes)).expect("readable")).format.lossy.is_some()
    };
    assert!(by_syntax("1.2.840.10008.1.2.4.50", Some("00")));
    assert!(by_syntax("1.2.840.10008.1.2.4.91", None));
    assert!(!by_syntax("1.2.840.10008.1.2.4.91", Some("00")));
    assert!(!by_syntax("1.2.840.10008.1.2.4.70", None));
}

#[test]
fn patient_orientation_of_projections() {
    let orientation =
        |text: &str| content(&slice().text(0x0020_0020, "CS", text)).image.patient_orientation;
    assert_eq!(orientation("L\\FP"), Some(["L".into(), "FP".into()]));
    for wrong in ["L", "L\\", "L\\X", "L\\F\\P", "LAHF\\P"] {
        assert_eq!(orientation(wrong), None, "{wrong}");
    }
}

#[test]
fn when_it_was_taken() {
    let content_time =
        slice().text(0x0008_0023, "DA", "20240102").text(0x0008_0033, "TM", "101112.5");
    assert_eq!(content(&content_time).image.acquired.as_deref(), Some("20240102101112.5"));
    let acquisition = content_time.text(0x0008_0022, "DA", "20240101");
    assert_eq!(content(&acquisition).image.acquired.as_deref(), Some("20240101"));
}

#[test]
fn high_bit_only_where_it_is_possible() {
    let high_bit = |value| content(&slice().us(0x0028_0102, value)).format.high_bit;
    assert_eq!([high_bit(11), high_bit(15), high_bit(3), high_bit(16)], [11, 15, 11, 11]);
}

#[test]
fn view_and_side_of_a_projection() {
    let of = |data_set: &DataSet| {
        let image = content(data_set).image;
        (image.view, image.laterality)
    };
    let text = |text: &str| Some(text.to_owned());
    let code = DataSet::new().text(0x0008_0104, "LO", "medio-lateral oblique");
    let coded = slice().items(0x0054_0220, vec![code]).text(0x0020_0060, "CS", "L");
    assert_eq!(of(&coded), (text("medio-lateral oblique"), text("L")));
    let stated = coded.text(0x0018_5101, "CS", "CC").text(0x0020_0062, "CS", "R");
    assert_eq!(of(&stated), (text("CC"), text("R")));
    assert_eq!(of(&slice().text(0x0020_0062, "CS", "B")), (None, None));
}
