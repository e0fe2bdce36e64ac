//! One DICOM series split into stacks, and what is said of each.

use std::io::Cursor;

use proptest::prelude::*;
use viewer_core::dicom::index;
use viewer_core::exam::{ExamSummary, Series, SplitBy};
use viewer_core::series::assemble;

use crate::bytes::{DataSet, EXPLICIT, slice};

const AXIAL: &str = "1\\0\\0\\0\\1\\0";
const CORONAL: &str = "1\\0\\0\\0\\0\\-1";

/// An MR slice of 2 mm numbered `number` at `position` (x\y\z).
fn at(number: i32, orientation: &str, position: &str) -> DataSet {
    slice()
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4")
        .text(0x0008_0018, "UI", &format!("1.2.3.4.{number}"))
        .text(0x0018_0050, "DS", "2")
        .text(0x0020_0013, "IS", &number.to_string())
        .text(0x0020_0032, "DS", position)
        .text(0x0020_0037, "DS", orientation)
}

fn axial(number: i32, z: i32) -> DataSet {
    at(number, AXIAL, &format!("0\\0\\{}", z * 2))
}

/// `count` slices for each of the values, numbered through.
fn each(values: &[&str], count: i32, put: impl Fn(DataSet, &str) -> DataSet) -> Vec<DataSet> {
    let numbered = (1..).zip(values.iter().flat_map(|value| (0..count).map(move |z| (value, z))));
    numbered.map(|(number, (value, z))| put(axial(number, z), value)).collect()
}

fn exam(data_sets: &[DataSet]) -> ExamSummary {
    let instance = |data_set: &DataSet| {
        index(Cursor::new(data_set.file(EXPLICIT))).expect("an instance").instance
    };
    assemble(data_sets.iter().map(instance).collect()).expect("one exam")
}

fn numbers(series: &Series) -> Vec<i32> {
    series.images.iter().filter_map(|image| image.instance_number).collect()
}

/// What each stack is told apart by, e.g. `b_value 800`.
fn labels(found: &ExamSummary) -> Vec<String> {
    let label = |series: &Series| {
        let words = series.split.iter().map(|one| {
            let by = serde_json::to_value(one.by).expect("JSON");
            format!("{} {}", by.as_str().unwrap_or_default(), one.value).trim().to_owned()
        });
        words.collect::<Vec<_>>().join(", ")
    };
    found.series.iter().map(label).collect()
}

#[test]
fn images_in_the_same_places_are_told_apart() {
    type Put = fn(DataSet, &str) -> DataSet;
    let cases: [(&[&str], Put, [&str; 2]); 9] = [
        (&["1", "2"], |d, v| d.text(0x0018_0086, "IS", v), ["echo 1", "echo 2"]),
        (&["9.2", "4.6"], |d, v| d.text(0x0018_0081, "DS", v), ["echo_time 4.6", "echo_time 9.2"]),
        (
            &["2500", "100"],
            |d, v| d.text(0x0018_0082, "DS", v),
            ["inversion_time 100", "inversion_time 2500"],
        ),
        (
            &["800", "0"],
            |d, v| d.doubles(0x0018_9087, &[v.parse().expect("a number")]),
            ["b_value 0", "b_value 800"],
        ),
        (
            &["50", "1000"],
            |d, v| d.text(0x0019_0010, "LO", "SIEMENS MR HEADER").text(0x0019_100C, "IS", v),
            ["b_value 50", "b_value 1000"],
        ),
        (&["2", "1"], |d, v| d.text(0x0020_0100, "IS", v), ["phase 1", "phase 2"]),
        (&["3", "4"], |d, v| d.text(0x0020_0012, "IS", v), ["acquisition 3", "acquisition 4"]),
        (&["B80f", "B20f"], |d, v| d.text(0x0018_1210, "SH", v), ["kernel B80f", "kernel B20f"]),
        (
            &["WATER", "FAT"],
            |d, v| d.text(0x0008_0008, "CS", &format!("DERIVED\\PRIMARY\\DIXON\\{v}")),
            ["image_type WATER", "image_type FAT"],
        ),
    ];
    for (values, put, expected) in cases {
        let found = exam(&each(values, 4, put));
        assert_eq!(labels(&found), expected);
        assert!(found.series.iter().all(|series| series.images.len() == 4), "{expected:?}");
        assert!(found.series.iter().all(|series| series.slices.as_ref().is_some_and(|slices| {
            slices.duplicates == 0 && slices.volumes == 1 && slices.spacing_mm == Some(2.0)
        })));
    }
}

#[test]
fn what_varies_from_place_to_place_is_no_reason_to_split() {
    // Beds of a PET: an acquisition number for every four slices.
    let beds: Vec<_> =
        (0..12).map(|z| axial(z + 1, z).text(0x0020_0012, "IS", &(z / 4).to_string())).collect();
    assert_eq!(labels(&exam(&beds)), [""]);
    // One slice sent twice under another number does not tear them apart either.
    let mut with_duplicate = beds;
    with_duplicate.push(axial(13, 3).text(0x0020_0012, "IS", "9"));
    let found = exam(&with_duplicate);
    assert_eq!(labels(&found), [""]);
    let slices = found.series[0].slices.as_ref().expect("slices");
    assert_eq!((slices.duplicates, slices.slices, slices.missing), (1, 12, 0));
    assert_eq!(numbers(&found.series[0]), [1, 2, 3, 4, 13, 5, 6, 7, 8, 9, 10, 11, 12]);
}

#[test]
fn two_attributes_at_once() {
    let all = each(&["1\\0", "1\\800", "2\\0", "2\\800"], 3, |data_set, value| {
        let (echo, b) = value.split_once('\\').expect("two values");
        data_set.text(0x0018_0086, "IS", echo).doubles(0x0018_9087, &[b.parse().expect("b")])
    });
    assert_eq!(
        labels(&exam(&all)),
        ["echo 1, b_value 0", "echo 1, b_value 800", "echo 2, b_value 0", "echo 2, b_value 800"]
    );
}

#[test]
fn volumes_that_nothing_tells_apart_follow_each_other() {
    // Numbered place by place, as some scanners do: time runs fastest.
    let all: Vec<_> = (0..20).map(|n| axial(n + 1, n / 5)).collect();
    let found = exam(&all);
    let slices = found.series[0].slices.as_ref().expect("slices");
    assert_eq!((slices.slices, slices.volumes, slices.duplicates), (4, 5, 0));
    assert_eq!(numbers(&found.series[0])[..8], [1, 6, 11, 16, 2, 7, 12, 17]);
}

#[test]
fn many_time_points_stay_together_in_order_of_time() {
    let all: Vec<_> = (0..40)
        .map(|n| axial(n + 1, n % 2).text(0x0020_0100, "IS", &(20 - n / 2).to_string()))
        .collect();
    let found = exam(&all);
    assert_eq!(labels(&found), [""]);
    assert_eq!(numbers(&found.series[0])[..4], [39, 40, 37, 38]);
    assert_eq!(found.series[0].slices.as_ref().map(|slices| slices.volumes), Some(20));
}

#[test]
fn a_heart_beats_in_its_place() {
    let all: Vec<_> = (0..12)
        .map(|n| axial(n + 1, n % 3).text(0x0018_1060, "DS", &(40 * (n / 3)).to_string()))
        .collect();
    assert_eq!(numbers(&exam(&all).series[0])[..8], [1, 4, 7, 10, 2, 5, 8, 11]);
}

#[test]
fn an_image_lacking_in_one_volume_is_missing() {
    let mut all: Vec<_> = (0..20).map(|n| axial(n + 1, n % 4)).collect();
    all.remove(9);
    let found = exam(&all);
    let slices = found.series[0].slices.as_ref().expect("slices");
    assert_eq!((slices.volumes, slices.missing, slices.duplicates), (5, 1, 0));
}

#[test]
fn stacks_are_named_by_what_sets_them_apart() {
    let localizer = |n| {
        at(n, AXIAL, &format!("0\\0\\{n}")).text(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\LOCALIZER")
    };
    let mut all: Vec<_> = (1..=3).map(localizer).collect();
    all.extend((4..8).map(|n| axial(n, n)));
    all.extend((8..12).map(|n| at(n, CORONAL, &format!("0\\{n}\\0"))));
    all.push(at(12, "0\\1\\0\\0\\0\\-1", "0\\0\\0"));
    let found = exam(&all);
    assert_eq!(labels(&found), ["localizer", "axial", "coronal", "mixed"]);
    let stacks = |n: i32| axial(n, n).text(0x0020_9056, "SH", if n < 4 { "1" } else { "2" });
    assert_eq!(labels(&exam(&(1..=8).map(stacks).collect::<Vec<_>>())), ["stack 1", "stack 2"]);
    // Alone they need no name.
    assert_eq!(labels(&exam(&[axial(1, 1), axial(2, 2), axial(3, 3)])), [""]);
}

#[test]
fn a_tilted_gantry_is_stated_and_positions_stay_along_the_normal() {
    let tan = 15_f64.to_radians().tan();
    let slices: Vec<_> = (0..10)
        .map(|n| at(n + 1, AXIAL, &format!("0\\{:.4}\\{}", f64::from(n) * 5.0 * tan, n * 5)))
        .collect();
    let found = exam(&slices);
    let geometry = found.series[0].slices.as_ref().expect("slices");
    assert!((geometry.tilt_degrees.expect("a tilt") - 15.0).abs() < 0.01);
    assert_eq!(geometry.spacing_mm, Some(5.0));
    assert_eq!(numbers(&found.series[0]), (1..=10).collect::<Vec<_>>());
}

#[test]
fn neighbouring_parts_of_one_plane_are_neither_volumes_nor_duplicates() {
    // Two stations of a spine: the same coronal planes, 200 mm apart.
    let parts: Vec<_> = (0..8)
        .map(|n| at(n + 1, CORONAL, &format!("0\\{}\\{}", n % 4, if n < 4 { 0 } else { -200 })))
        .collect();
    let found = exam(&parts);
    assert_eq!(found.series[0].slices, None);
    assert_eq!(numbers(&found.series[0]), (1..=8).collect::<Vec<_>>());
}

#[test]
fn spacing_between_slices_is_not_believed() {
    let slices: Vec<_> = (1..5).map(|n| axial(n, n).text(0x0018_0088, "DS", "7")).collect();
    let found = exam(&slices);
    assert_eq!(found.series[0].slices.as_ref().and_then(|s| s.spacing_mm), Some(2.0));
    assert_eq!(SplitBy::BValue, serde_json::from_str("\"b_value\"").expect("JSON"));
}

proptest! {
    #[test]
    fn no_order_of_arrival_changes_an_exam(order in Just((0..26).collect::<Vec<usize>>()).prop_shuffle()) {
        let mut all = each(&["1", "2"], 5, |d, v| d.text(0x0018_0086, "IS", v));
        all.extend((0..10).map(|n| at(20 + n, CORONAL, &format!("0\\{}\\0", (n * 7) % 10))));
        // Ties: no number, one number twice.
        all.extend((40..45).map(|n| axial(n, n).without(0x0020_0013)));
        all.push(axial(46, 3).text(0x0020_0013, "IS", "1"));
        let shuffled: Vec<_> = order.iter().map(|&index| all[index].clone()).collect();
        prop_assert_eq!(exam(&shuffled), exam(&all));
    }
}
