//! Instances put together.

use std::io::Cursor;

use proptest::prelude::*;
use viewer_core::dicom::index;
use viewer_core::exam::{ExamSummary, Instance, Series};
use viewer_core::series::{AssembleError, assemble};

use crate::bytes::{DataSet, EXPLICIT, slice};

const AXIAL: &str = "1\\0\\0\\0\\1\\0";
const SAGITTAL: &str = "0\\1\\0\\0\\0\\-1";

fn instance(data_set: &DataSet) -> Instance {
    index(Cursor::new(data_set.file(EXPLICIT))).expect("an instance").instance
}

/// A slice numbered `number` at `position` (x\y\z) with its number for a UID.
fn at(number: i32, orientation: &str, position: &str) -> DataSet {
    slice()
        .text(0x0008_0018, "UI", &format!("1.2.3.4.{}", number.unsigned_abs()))
        .text(0x0020_0013, "IS", &number.to_string())
        .text(0x0020_0032, "DS", position)
        .text(0x0020_0037, "DS", orientation)
}

fn axial(number: i32, z: f64) -> DataSet {
    at(number, AXIAL, &format!("0\\0\\{z}"))
}

fn exam(data_sets: &[DataSet]) -> ExamSummary {
    assemble(data_sets.iter().map(instance).collect()).expect("one exam")
}

fn numbers(series: &Series) -> Vec<i32> {
    series.images.iter().filter_map(|image| image.instance_number).collect()
}

#[test]
fn slices_are_sorted_by_position() {
    // Interleaved acquisition: numbers say nothing, and the last number lies above the first.
    let slices = [axial(1, 10.0), axial(2, 30.0), axial(3, 20.0), axial(4, 40.0)];
    assert_eq!(numbers(&exam(&slices).series[0]), [1, 3, 2, 4]);
}

#[test]
fn the_direction_is_that_of_the_numbers() {
    let falling = [axial(1, 30.0), axial(2, 20.0), axial(3, 10.0)];
    assert_eq!(numbers(&exam(&falling).series[0]), [1, 2, 3]);
    let rising = [axial(1, 10.0), axial(2, 20.0), axial(3, 30.0)];
    assert_eq!(numbers(&exam(&rising).series[0]), [1, 2, 3]);
}

#[test]
fn duplicated_positions_fall_back_to_numbers() {
    let phases = [axial(1, 10.0), axial(3, 10.0), axial(2, 20.0), axial(4, 20.0)];
    assert_eq!(numbers(&exam(&phases).series[0]), [1, 2, 3, 4]);
}

#[test]
fn without_geometry_numbers_then_uids() {
    let plain = |number: &str, uid: &str| {
        slice().text(0x0008_0018, "UI", uid).text(0x0020_0013, "IS", number)
    };
    let found = exam(&[plain("2", "1.9"), plain("", "1.7"), plain("2", "1.8"), plain("1", "1.5")]);
    let uids: Vec<_> = found.series[0].images.iter().map(|i| i.sop_instance_uid.as_str()).collect();
    assert_eq!(uids, ["1.5", "1.8", "1.9", "1.7"]);
}

#[test]
fn localizers_and_other_orientations_are_apart() {
    let localizer = |number, orientation| {
        at(number, orientation, &format!("{number}\\0\\0")).text(
            0x0008_0008,
            "CS",
            "ORIGINAL\\PRIMARY\\LOCALIZER",
        )
    };
    let mut all = vec![localizer(1, AXIAL), localizer(2, SAGITTAL)];
    all.extend((3..7).map(|n| axial(n, f64::from(n))));
    all.extend((7..10).map(|n| at(n, SAGITTAL, &format!("{n}\\0\\0"))));
    let found = exam(&all);
    let stacks: Vec<_> = found.series.iter().map(numbers).collect();
    assert_eq!(stacks, [vec![1, 2], vec![3, 4, 5, 6], vec![7, 8, 9]]);
    assert!(found.series.iter().all(|series| series.series_instance_uid == "1.2.3.1"));
}

#[test]
fn slices_fanned_out_stay_together() {
    let fan: Vec<_> = (1..=6)
        .map(|n| {
            let angle = f64::from(n) * 0.4;
            let orientation = format!("{:.6}\\{:.6}\\0\\0\\0\\-1", angle.cos(), angle.sin());
            at(n, &orientation, "0\\0\\0")
        })
        .collect();
    let found = exam(&fan);
    assert_eq!(found.series.len(), 1);
    assert_eq!(numbers(&found.series[0]), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn slices_of_another_size_or_frame_of_reference_are_apart() {
    let of = |number, frame| axial(number, number.into()).text(0x0020_0052, "UI", frame);
    let frames: Vec<_> = (1..7).map(|n| of(n, if n < 4 { "1.1" } else { "1.2" })).collect();
    let found = exam(&frames);
    assert_eq!(
        found.series.iter().map(numbers).collect::<Vec<_>>(),
        [vec![1, 2, 3], vec![4, 5, 6]]
    );
    assert_eq!(found.series[1].frame_of_reference_uid.as_deref(), Some("1.2"));
    let sizes: Vec<_> = (1..7)
        .map(|n| {
            if n < 4 {
                axial(n, n.into())
            } else {
                axial(n, n.into()).us(0x0028_0010, 1).words(crate::bytes::PIXEL_DATA, "OW", &[1; 4])
            }
        })
        .collect();
    assert_eq!(exam(&sizes).series.len(), 2);
}

#[test]
fn series_in_the_order_of_their_numbers() {
    let of = |uid: &str, number: &str| {
        slice().text(0x0008_0018, "UI", &format!("{uid}.1")).text(0x0020_000E, "UI", uid).text(
            0x0020_0011,
            "IS",
            number,
        )
    };
    let found = exam(&[of("1.1", "10"), of("1.2", ""), of("1.3", "2")]);
    let uids: Vec<_> =
        found.series.iter().map(|series| series.series_instance_uid.as_str()).collect();
    assert_eq!(uids, ["1.3", "1.1", "1.2"]);
}

#[test]
fn formats_and_displays_are_kept_once() {
    let windowed = |number: i32, center: &str| {
        axial(number, number.into()).text(0x0028_1050, "DS", center).text(0x0028_1051, "DS", "400")
    };
    let found = exam(&[windowed(1, "40"), windowed(2, "50"), windowed(3, "40")]);
    let series = &found.series[0];
    assert_eq!((series.formats.len(), series.displays.len()), (1, 2));
    let displays: Vec<_> = series.images.iter().map(|image| image.displays.clone()).collect();
    assert_eq!(displays, [[0], [1], [0]]);
    assert_eq!(series.displays[1].windows[0].center, 50.0);
}

#[test]
fn what_is_not_drawn_is_noted() {
    let report = |uid: &str| {
        let data_set = slice().text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.88.11").text(
            0x0008_0018,
            "UI",
            uid,
        );
        let pixels = [crate::bytes::PIXEL_DATA, 0x0028_0010, 0x0028_0011];
        pixels.iter().fold(data_set, |data_set, &tag| data_set.without(tag))
    };
    let found = exam(&[slice(), report("1.8"), report("1.9")]);
    let noted = &found.series[0].unsupported[0];
    assert_eq!((noted.name.as_str(), noted.count), ("Basic Text SR Storage", 2));
    assert_eq!(found.series[0].images.len(), 1);
    let alone = exam(&[report("1.8")]);
    assert_eq!((alone.series.len(), alone.series[0].images.len()), (1, 0));
    assert_eq!(alone.series[0].modality, "CT");
}

#[test]
fn studies_and_patients_never_mix() {
    let other_study = slice().text(0x0020_000D, "UI", "1.2.9").text(0x0008_0018, "UI", "1.5");
    let both = [&slice(), &other_study].map(instance);
    assert_eq!(assemble(both.to_vec()), Err(AssembleError::MixedStudies));
    let with = |tag, vr, text: &str| {
        let other = slice().text(0x0008_0018, "UI", "1.5").text(tag, vr, text);
        assemble(vec![instance(&slice()), instance(&other)]).map(|exam| exam.patient.birth_name)
    };
    assert_eq!(with(0x0010_0020, "LO", "P2"), Err(AssembleError::MixedPatients));
    assert_eq!(with(0x0010_0030, "DA", "19740313"), Err(AssembleError::MixedPatients));
    assert_eq!(with(0x0010_0020, "LO", ""), Ok("DUPONT".to_owned()));
    assert_eq!(with(0x0010_0010, "PN", "Dupont^J."), Ok("DUPONT".to_owned()));
    assert_eq!(assemble(Vec::new()), Err(AssembleError::Empty));
}

#[test]
fn the_same_object_twice_counts_once() {
    assert_eq!(exam(&[axial(1, 1.0), axial(1, 1.0), axial(2, 2.0)]).series[0].images.len(), 2);
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(order in Just((1..=8).collect::<Vec<i32>>()).prop_shuffle()) {
        let slices: Vec<_> = order.iter().map(|&n| axial(n, f64::from(n * 37 % 11))).collect();
        let mut sorted = slices.clone();
        sorted.sort_by_key(|data_set| data_set.file(EXPLICIT));
        prop_assert_eq!(exam(&slices), exam(&sorted));
    }
}
