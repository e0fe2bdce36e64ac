//! Millimetres and units, with where they come from.

use viewer_core::exam::{RealWorldMap, SpacingSource, UltrasoundRegion};
use viewer_core::measure::{Provenance, distance};

use crate::attributes::{content, display};
use crate::bytes::{DataSet, slice};

const DX: &str = "1.2.840.10008.5.1.4.1.1.1.1";
const MG: &str = "1.2.840.10008.5.1.4.1.1.1.2";
const PIXEL: u32 = 0x0028_0030;
const IMAGER: u32 = 0x0018_1164;
const CALIBRATION: u32 = 0x0028_0A02;
const MAGNIFICATION: u32 = 0x0018_1114;

fn projection(sop_class: &str) -> DataSet {
    slice().text(0x0008_0016, "UI", sop_class)
}

/// Distance between rows, and what it is.
fn found(data_set: &DataSet) -> Option<(f64, SpacingSource)> {
    content(data_set).format.spacing.map(|spacing| (spacing.between_rows_mm, spacing.source))
}

#[test]
fn pixel_spacing_of_a_projection_by_what_is_beside_it() {
    let pixel = projection(DX).text(PIXEL, "DS", "0.15\\0.15");
    assert_eq!(found(&pixel), Some((0.15, SpacingSource::Uncertain)));
    let repeated = pixel.clone().text(IMAGER, "DS", "0.15\\0.15");
    assert_eq!(found(&repeated), Some((0.15, SpacingSource::ImagerPixelSpacing)));
    let differs = pixel.clone().text(IMAGER, "DS", "0.2\\0.2");
    assert_eq!(found(&differs), Some((0.15, SpacingSource::Corrected)));
    let geometry = differs.text(CALIBRATION, "CS", "GEOMETRY");
    assert_eq!(found(&geometry), Some((0.15, SpacingSource::Geometry)));
    let fiducial = repeated.text(CALIBRATION, "CS", "FIDUCIAL");
    assert_eq!(found(&fiducial), Some((0.15, SpacingSource::Fiducial)));
    assert_eq!(found(&slice().text(PIXEL, "DS", "2\\2")), Some((2.0, SpacingSource::PixelSpacing)));
}

#[test]
fn magnification_leads_back_into_the_patient() {
    let imager = projection(MG).text(IMAGER, "DS", "0.1\\0.2");
    assert_eq!(found(&imager), Some((0.1, SpacingSource::ImagerPixelSpacing)));
    let magnified = imager.clone().text(MAGNIFICATION, "DS", "1.25");
    assert_eq!(found(&magnified), Some((0.08, SpacingSource::Magnification)));
    // A spacing that only repeats the detector's is magnified too.
    let repeated = magnified.text(PIXEL, "DS", "0.1\\0.2");
    assert_eq!(found(&repeated), Some((0.08, SpacingSource::Magnification)));
    for impossible in ["0", "-1.2", "0.5", "100", "x"] {
        let image = imager.clone().text(MAGNIFICATION, "DS", impossible);
        assert_eq!(found(&image), Some((0.1, SpacingSource::ImagerPixelSpacing)), "{impossible}");
    }
}

#[test]
fn imager_pixel_spacing_of_enhanced_angiograms() {
    let frame = |spacing: &str| {
        let properties = DataSet::new().text(IMAGER, "DS", spacing);
        DataSet::new().items(0x0028_9443, vec![properties])
    };
    let image = projection("1.2.840.10008.5.1.4.1.1.12.1.1").text(0x0028_0008, "IS", "2");
    let same = image.clone().items(0x5200_9229, vec![frame("0.3\\0.3")]);
    assert_eq!(found(&same), Some((0.3, SpacingSource::ImagerPixelSpacing)));
    let different = image.items(0x5200_9230, vec![frame("0.3\\0.3"), frame("0.4\\0.4")]);
    assert_eq!(found(&different), None);
}

fn region([x0, y0, x1, y1]: [u16; 4], delta_y: f64) -> DataSet {
    let long = |value: u16| [value.to_le_bytes(), [0, 0]].concat();
    DataSet::new()
        .us(0x0018_6012, 1)
        .us(0x0018_6014, 1)
        .bytes(0x0018_6016, "UL", &long(1))
        .bytes(0x0018_6018, "UL", &long(x0))
        .bytes(0x0018_601A, "UL", &long(y0))
        .bytes(0x0018_601C, "UL", &long(x1))
        .bytes(0x0018_601E, "UL", &long(y1))
        .bytes(0x0018_6020, "SL", &[0xFE, 0xFF, 0xFF, 0xFF])
        .bytes(0x0018_6022, "SL", &long(5))
        .us(0x0018_6024, 3)
        .us(0x0018_6026, 3)
        .doubles(0x0018_6028, &[1.5])
        .doubles(0x0018_602C, &[0.02])
        .doubles(0x0018_602E, &[delta_y])
}

#[test]
fn regions_are_read_with_all_that_says_where_they_are() {
    let image = slice().items(0x0018_6011, vec![region([0, 0, 3, 1], -0.03)]);
    let expected = UltrasoundRegion {
        bounds_px: [0, 0, 3, 1],
        units: [3, 3],
        deltas: [0.02, -0.03],
        spatial_format: 1,
        flags: 1,
        reference_px: Some([-2, 5]),
        reference_values: [1.5, 0.0],
    };
    let read = content(&image);
    assert_eq!(read.image.us_regions, [expected]);
    // The only one, over the whole picture: it is the spacing of the image.
    assert_eq!(found(&image), Some((0.3, SpacingSource::UltrasoundRegion)));
    let measured = distance(&read.image, &read.format, [0.0, 0.0], [0.0, 1.0]).expect("a distance");
    assert_eq!((measured.value, measured.provenance), (0.3, Provenance::UltrasoundRegion));
}

#[test]
fn several_regions_are_no_spacing_of_the_image() {
    let both = vec![region([0, 0, 1, 1], 0.03), region([2, 0, 3, 1], 0.04)];
    let image = slice().items(0x0018_6011, both).text(PIXEL, "DS", "1\\1");
    assert_eq!(found(&image), None);
    // A region without millimetres does not hide Pixel Spacing.
    let graphics = slice().items(0x0018_6011, vec![region([0, 0, 1, 1], 0.0)]);
    let image = graphics.text(PIXEL, "DS", "1\\1");
    assert_eq!(found(&image), Some((1.0, SpacingSource::PixelSpacing)));
}

#[test]
fn hounsfield_units_where_the_standard_has_them() {
    let rescaled = slice().text(0x0028_1052, "DS", "-1024").text(0x0028_1053, "DS", "1");
    let unit = |data_set: DataSet| display(&data_set).unit;
    assert_eq!(unit(rescaled.clone()), "HU");
    let localizer = rescaled.clone().text(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\LOCALIZER");
    assert_eq!(unit(localizer.clone()), "");
    assert_eq!(unit(localizer.text(0x0028_1054, "LO", "HU")), "HU");
    assert_eq!(unit(rescaled.clone().text(0x0028_1054, "LO", "US")), "");
    assert_eq!(unit(rescaled.clone().text(0x0028_1054, "LO", "HU_MOD")), "HU_MOD");
    assert_eq!(unit(rescaled.clone().text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4")), "");
    // Units of PET, whatever a Rescale Type beside it says.
    let pet = rescaled.text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.128");
    assert_eq!(unit(pet.text(0x0028_1054, "LO", "US").text(0x0054_1001, "CS", "BQML")), "BQML");
}

#[test]
fn real_world_values_linear_and_by_table() {
    let unit = |code: &str| vec![DataSet::new().text(0x0008_0100, "SH", code)];
    let item = |code: &str, first: u16, last: u16| {
        DataSet::new()
            .items(0x0040_08EA, unit(code))
            .text(0x0040_9210, "SH", "ADC")
            .us(0x0040_9211, last)
            .us(0x0040_9216, first)
    };
    let linear = item("um2/s", 0, 4095).doubles(0x0040_9224, &[5.0]).doubles(0x0040_9225, &[0.5]);
    let table = item("1", 10, 12).doubles(0x0040_9212, &[1.0, 4.0, 9.0]);
    let short = item("1", 10, 13).doubles(0x0040_9212, &[1.0, 4.0, 9.0]);
    let without_unit = linear.clone().without(0x0040_08EA);
    let image = slice().items(0x0040_9096, vec![linear, table, short, without_unit]);
    let found = content(&image).real_world;
    let read: Vec<_> = found.iter().map(|m| (m.unit_ucum.as_str(), m.stored_range)).collect();
    assert_eq!(read, [("um2/s", [0.0, 4095.0]), ("1", [10.0, 12.0])]);
    assert_eq!(found[0].map, RealWorldMap::Linear { slope: 0.5, intercept: 5.0 });
    assert_eq!(found[1].map, RealWorldMap::Table(vec![1.0, 4.0, 9.0]));
    assert_eq!(found[0].label, "ADC");
}

#[test]
fn limits_of_signed_mappings_are_signed() {
    let item = DataSet::new()
        .items(0x0040_08EA, vec![DataSet::new().text(0x0008_0100, "SH", "[hnsf'U]")])
        .us(0x0040_9216, 0x8000)
        .us(0x0040_9211, 0x7FFF)
        .doubles(0x0040_9224, &[0.0])
        .doubles(0x0040_9225, &[1.0]);
    let image = slice().us(0x0028_0103, 1).items(0x0040_9096, vec![item]);
    assert_eq!(content(&image).real_world[0].stored_range, [-32_768.0, 32_767.0]);
}

#[test]
fn patient_orientation_that_contradicts_itself_is_none() {
    let stated = |text: &str| {
        content(&slice().text(0x0020_0020, "CS", text)).image.patient_orientation.is_some()
    };
    for right in ["L\\F", "A\\F", "PR\\FL", "LPH\\F"] {
        assert!(stated(right), "{right}");
    }
    for wrong in ["L\\R", "L\\L", "LR\\F", "LL\\F", "X\\F", "L", "L\\", "AFHL\\P", "l\\f"] {
        assert!(!stated(wrong), "{wrong}");
    }
    let dog = slice().text(0x0020_0020, "CS", "L\\F").text(0x0010_2210, "CS", "QUADRUPED");
    assert_eq!(content(&dog).image.patient_orientation, None);
    assert!(content(&dog).image.is_quadruped);
}
