//! Uptake values from attributes. The expected numbers come from the formula worked out elsewhere.

use std::io::Cursor;

use viewer_core::dicom::index;
use viewer_core::exam::{NoSuv, SeriesSuv, Suv};
use viewer_core::series::assemble;

use crate::bytes::{DataSet, EXPLICIT, slice};

const WEIGHT: u32 = 0x0010_1030;
const UNITS: u32 = 0x0054_1001;
const DECAY: u32 = 0x0054_1102;
const TRACERS: u32 = 0x0054_0016;
const ACQUISITION_TIME: u32 = 0x0008_0032;
const SERIES_TIME: u32 = 0x0008_0031;
const START_TIME: u32 = 0x0018_1072;
const START_DATE_TIME: u32 = 0x0018_1078;
const DOSE: u32 = 0x0018_1074;
const HALF_LIFE: u32 = 0x0018_1075;

/// 75 kg / (370 MBq decayed for one hour).
const AFTER_ONE_HOUR: f64 = 0.000_296_075_016_126_046_3;
/// 75 kg / 370 MBq.
const UNDECAYED: f64 = 0.000_202_702_702_702_702_7;

/// 370 MBq of fluorine given at 09:00.
fn tracer() -> DataSet {
    DataSet::new()
        .text(START_TIME, "TM", "090000")
        .text(DOSE, "DS", "370000000")
        .text(HALF_LIFE, "DS", "6586.2")
}

/// A man of 75 kg and 1.80 m, scanned from 10:00 on.
fn pet() -> DataSet {
    slice()
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.128")
        .text(0x0008_0021, "DA", "20260304")
        .text(0x0008_0022, "DA", "20260304")
        .text(SERIES_TIME, "TM", "100000")
        .text(ACQUISITION_TIME, "TM", "100000")
        .text(0x0010_0040, "CS", "M")
        .text(0x0010_1020, "DS", "1.80")
        .text(WEIGHT, "DS", "75")
        .text(0x0018_1242, "IS", "180000")
        .text(0x0028_0051, "CS", "DECY\\ATTN\\SCAT")
        .text(UNITS, "CS", "BQML")
        .text(DECAY, "CS", "START")
        .items(TRACERS, vec![tracer()])
}

fn with_tracer(change: impl Fn(DataSet) -> DataSet) -> DataSet {
    pet().items(TRACERS, vec![change(tracer())])
}

fn suv(images: &[DataSet]) -> SeriesSuv {
    let numbered = images.iter().enumerate().map(|(n, image)| {
        let image = image.clone().text(0x0008_0018, "UI", &format!("1.2.3.4.{n}"));
        let image = image.text(0x0020_0013, "IS", &n.to_string());
        index(Cursor::new(image.file(EXPLICIT))).expect("an instance").instance
    });
    assemble(numbered.collect()).expect("an exam").series[0].suv.clone().expect("PET")
}

fn known(image: DataSet) -> Suv {
    match suv(&[image]) {
        SeriesSuv::Known(suv) => suv,
        SeriesSuv::Unknown(reason) => panic!("{reason}"),
    }
}

#[track_caller]
fn assert_factor(image: DataSet, expected: f64) {
    let found = known(image).by_weight;
    assert_eq!(found.len(), 1);
    assert!((found[0] / expected - 1.0).abs() < 1e-9, "{} is not {expected}", found[0]);
}

#[track_caller]
fn assert_reason(image: DataSet, expected: NoSuv) {
    assert_eq!(suv(&[image]), SeriesSuv::Unknown(expected));
}

#[test]
fn corrected_to_the_start_or_to_the_administration() {
    assert_factor(pet(), AFTER_ONE_HOUR);
    assert_factor(pet().text(DECAY, "CS", "ADMIN"), UNDECAYED);
}

#[test]
fn not_corrected_each_image_has_its_own_moment() {
    let image = pet().text(DECAY, "CS", "NONE").text(0x0028_0051, "CS", "ATTN");
    // 89.858 s into a frame of 180 s activity is what it is on average.
    assert_factor(image.clone(), 0.000_298_888_237_021_112_2);
    let later = image.clone().text(ACQUISITION_TIME, "TM", "114946.2");
    let SeriesSuv::Known(both) = suv(&[image.clone(), later]) else { panic!("no SUV") };
    // One half-life later the same activity is twice the uptake.
    assert!((both.by_weight[1] / both.by_weight[0] - 2.0).abs() < 1e-9);
    assert_reason(image.without(0x0018_1242), NoSuv::ReferenceTime);
}

#[test]
fn all_beds_refer_to_the_start_of_the_series() {
    let later = pet().text(ACQUISITION_TIME, "TM", "101500");
    let SeriesSuv::Known(found) = suv(&[later.clone(), pet()]) else { panic!("no SUV") };
    assert_eq!(found.by_weight.len(), 1);
    assert!((found.by_weight[0] / AFTER_ONE_HOUR - 1.0).abs() < 1e-9);
    // Without the first bed the start of the series is still what the others were corrected to.
    assert_factor(later, AFTER_ONE_HOUR);
}

#[test]
fn the_reference_of_a_processed_series() {
    // Made at noon: its time says nothing of the scan.
    let processed = pet().text(SERIES_TIME, "TM", "120000");
    assert_factor(processed.clone(), AFTER_ONE_HOUR);
    // A frame 15 minutes into the scan says how far.
    let frame = processed.clone().text(ACQUISITION_TIME, "TM", "101500").text(
        0x0054_1300,
        "DS",
        "989857.923249282",
    );
    assert_factor(frame, AFTER_ONE_HOUR);
    let of_ge = processed
        .clone()
        .text(ACQUISITION_TIME, "TM", "101500")
        .text(0x0009_0010, "LO", "GEMS_PETD_01")
        .text(0x0009_100D, "DT", "20260304100000.00");
    assert_factor(of_ge, AFTER_ONE_HOUR);
    let of_siemens = processed
        .text(ACQUISITION_TIME, "TM", "101500")
        .text(0x0071_0010, "LO", "SIEMENS MED PT")
        .text(0x0071_1022, "DT", "20260304100000.00");
    assert_factor(of_siemens, AFTER_ONE_HOUR);
}

#[test]
fn midnight_and_time_zones() {
    let night = pet().text(SERIES_TIME, "TM", "001500").text(ACQUISITION_TIME, "TM", "001500");
    assert_factor(
        night.items(TRACERS, vec![tracer().text(START_TIME, "TM", "231500")]),
        AFTER_ONE_HOUR,
    );
    let zoned = |text: &str| {
        with_tracer(|t| t.without(START_TIME).text(START_DATE_TIME, "DT", text)).text(
            0x0008_0201,
            "SH",
            "-0300",
        )
    };
    assert_factor(zoned("20260304090000"), AFTER_ONE_HOUR);
    assert_factor(zoned("20260304090000-0300"), AFTER_ONE_HOUR);
    assert_factor(zoned("20260304120000.0+0000"), AFTER_ONE_HOUR);
    assert_factor(zoned("20260304143000+0230"), AFTER_ONE_HOUR);
}

#[test]
fn dates_that_were_shifted_and_nuclides_that_live_long() {
    let of = |date_time: &str, half_life: &str| {
        let tracer = tracer().without(START_TIME).text(START_DATE_TIME, "DT", date_time);
        pet().items(TRACERS, vec![tracer.text(HALF_LIFE, "DS", half_life)])
    };
    // De-identified: the day of the administration is another one, its hour is right.
    assert_factor(of("19990101090000", "6586.2"), AFTER_ONE_HOUR);
    // Zirconium: six days later, and only with a date.
    let six_days = known(of("20260226100000", "282240")).by_weight[0];
    assert!((six_days / UNDECAYED / (518_400.0_f64 / 282_240.0).exp2() - 1.0).abs() < 1e-9);
    assert_reason(of("19990101090000", "282240"), NoSuv::AdministrationTime);
    assert_reason(with_tracer(|t| t.text(HALF_LIFE, "DS", "282240")), NoSuv::AdministrationTime);
}

#[test]
fn a_dynamic_scan_may_begin_before_the_administration() {
    let image = with_tracer(|t| t.text(START_TIME, "TM", "100030"));
    let expected = UNDECAYED * (-30.0_f64 / 6586.2).exp2();
    assert_factor(image, expected);
}

#[test]
fn other_kinds_of_uptake() {
    let close = |found: Option<f64>, expected: f64| {
        let found = found.expect("known");
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
    };
    let man = known(pet());
    close(man.lean_james, 60.277_777_777_777_77 / 75.0);
    close(man.lean_janmahasatian, 59.524_828_767_123_29 / 75.0);
    close(man.ideal_weight, 77.68 / 75.0);
    close(man.surface_area, 19_424.056_238_059_446 / 75_000.0);
    let woman = known(pet().text(0x0010_0040, "CS", "F"));
    close(woman.lean_james, 54.555_555_555_555_56 / 75.0);
    close(woman.lean_janmahasatian, 48.187_057_192_730_26 / 75.0);
    close(woman.ideal_weight, 70.98 / 75.0);
    let other = known(pet().text(0x0010_0040, "CS", "O"));
    assert_eq!((other.lean_james, other.ideal_weight), (None, None));
    close(other.surface_area, 19_424.056_238_059_446 / 75_000.0);
    let unmeasured = known(pet().without(0x0010_1020));
    assert_eq!((unmeasured.lean_janmahasatian, unmeasured.surface_area), (None, None));
}

#[test]
fn values_that_are_uptake_already() {
    let of = |units: &str, kind: &str| pet().text(UNITS, "CS", units).text(0x0054_1006, "CS", kind);
    assert_factor(of("GML", ""), 1.0);
    assert_factor(of("GML", "BW"), 1.0);
    assert_factor(of("GML", "LBMJANMA"), 75.0 / 59.524_828_767_123_29);
    assert_factor(of("CM2ML", "BSA"), 75_000.0 / 19_424.056_238_059_446);
    assert_reason(of("GML", "XYZ"), NoSuv::SuvType);
    assert_reason(of("CM2ML", "BW"), NoSuv::SuvType);
    assert_reason(of("GML", "IBW").without(0x0010_1020), NoSuv::Body);
}

#[test]
fn counts_with_the_scales_of_philips() {
    let counts = pet().text(UNITS, "CS", "CNTS");
    assert_reason(counts.clone(), NoSuv::Units);
    let philips = counts.text(0x7053_0010, "LO", "Philips PET Private Group");
    let activity = philips.clone().text(0x7053_1009, "DS", "2.5");
    assert_factor(activity.clone(), 2.5 * AFTER_ONE_HOUR);
    assert_factor(activity.text(0x7053_1000, "DS", "0.00075"), 0.00075);
    assert_reason(philips.text(0x7053_1009, "DS", "0"), NoSuv::Units);
}

#[test]
fn what_is_missing_is_named() {
    assert_reason(pet().without(WEIGHT), NoSuv::Weight);
    assert_reason(pet().text(WEIGHT, "DS", "0"), NoSuv::Weight);
    assert_reason(pet().text(0x0028_0051, "CS", "DECY"), NoSuv::Attenuation);
    assert_reason(pet().without(DECAY), NoSuv::DecayCorrection);
    assert_reason(pet().text(UNITS, "CS", "PROPCNTS"), NoSuv::Units);
    assert_reason(pet().without(TRACERS), NoSuv::Tracers);
    assert_reason(pet().items(TRACERS, vec![tracer(), tracer()]), NoSuv::Tracers);
    assert_reason(with_tracer(|t| t.without(DOSE)), NoSuv::Dose);
    // Megabecquerels where becquerels belong.
    assert_reason(with_tracer(|t| t.text(DOSE, "DS", "370")), NoSuv::Dose);
    assert_reason(with_tracer(|t| t.without(HALF_LIFE)), NoSuv::HalfLife);
    assert_reason(with_tracer(|t| t.without(START_TIME)), NoSuv::AdministrationTime);
    assert_reason(pet().without(ACQUISITION_TIME), NoSuv::ReferenceTime);
    let other = pet().text(WEIGHT, "DS", "76");
    assert_eq!(suv(&[pet(), other]), SeriesSuv::Unknown(NoSuv::Disagreement));
}

#[test]
fn enhanced_pet_by_its_own_attributes() {
    let unit =
        DataSet::new().text(0x0008_0100, "SH", "Bq/ml").text(0x0008_0104, "LO", "becquerels");
    let mapping = DataSet::new()
        .items(0x0040_08EA, vec![unit])
        .us(0x0040_9211, 65_535)
        .us(0x0040_9216, 0)
        .doubles(0x0040_9224, &[0.0])
        .doubles(0x0040_9225, &[1.0]);
    let enhanced = [UNITS, DECAY, 0x0028_0051, SERIES_TIME, ACQUISITION_TIME]
        .iter()
        .fold(pet(), |image, &tag| image.without(tag))
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.130")
        .text(0x0018_9701, "DT", "20260304100000")
        .text(0x0018_9758, "CS", "YES")
        .text(0x0018_9759, "CS", "YES")
        .text(0x0008_002A, "DT", "20260304101500")
        .items(0x5200_9229, vec![DataSet::new().items(0x0040_9096, vec![mapping])]);
    assert_factor(enhanced, AFTER_ONE_HOUR);
}

#[test]
fn other_modalities_have_none() {
    let instance = index(Cursor::new(slice().file(EXPLICIT))).expect("an instance").instance;
    assert_eq!(assemble(vec![instance]).expect("an exam").series[0].suv, None);
}
