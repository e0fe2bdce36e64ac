//! Multi-frame images: functional groups, planes, timing.

use viewer_core::exam::{ImagePlane, ModalityTransform};

use crate::attributes::content;
use crate::bytes::{DataSet, PIXEL_DATA, slice};

const SHARED: u32 = 0x5200_9229;
const PER_FRAME: u32 = 0x5200_9230;

fn one(tag: u32, item: DataSet) -> DataSet {
    DataSet::new().items(tag, vec![item])
}

fn with_frames(count: u16) -> DataSet {
    slice().text(0x0028_0008, "IS", &count.to_string()).words(
        PIXEL_DATA,
        "OW",
        &(0..8 * count).collect::<Vec<_>>(),
    )
}

fn position(z: &str) -> DataSet {
    one(0x0020_9113, DataSet::new().text(0x0020_0032, "DS", &format!("-10\\20\\{z}")))
}

fn orientation() -> DataSet {
    DataSet::new().text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
}

fn measures(spacing: &str) -> DataSet {
    DataSet::new().text(0x0028_0030, "DS", spacing).text(0x0018_0050, "DS", "2.5")
}

fn shared(spacing: &str) -> DataSet {
    DataSet::new()
        .items(0x0020_9116, vec![orientation()])
        .items(0x0028_9110, vec![measures(spacing)])
}

fn window(center: &str) -> DataSet {
    DataSet::new().text(0x0028_1050, "DS", center).text(0x0028_1051, "DS", "100")
}

#[test]
fn planes_and_spacing_of_each_frame() {
    let data_set = with_frames(2)
        .items(SHARED, vec![shared("0.5\\0.5")])
        .items(PER_FRAME, vec![position("5"), position("-7.5")]);
    let found = content(&data_set);
    let plane = |z| ImagePlane {
        position_mm: [-10.0, 20.0, z],
        row_direction: [1.0, 0.0, 0.0],
        column_direction: [0.0, 1.0, 0.0],
        thickness_mm: Some(2.5),
    };
    assert_eq!(found.image.planes, [plane(5.0), plane(-7.5)]);
    assert_eq!(found.format.spacing.map(|s| s.between_rows_mm), Some(0.5));
}

#[test]
fn a_frame_without_position_leaves_no_plane_to_be_wrong() {
    let data_set = with_frames(2)
        .items(SHARED, vec![shared("0.5\\0.5")])
        .items(PER_FRAME, vec![position("5"), DataSet::new()]);
    assert!(content(&data_set).image.planes.is_empty());
}

#[test]
fn frames_of_different_spacing_have_none() {
    let frame = |spacing| one(0x0028_9110, measures(spacing));
    let data_set = with_frames(2).items(PER_FRAME, vec![frame("1\\1"), frame("2\\2")]);
    assert_eq!(content(&data_set).format.spacing, None);
}

#[test]
fn windows_and_rescale_of_each_frame() {
    let frame = |slope: &str, center: &str| {
        let rescale = DataSet::new().text(0x0028_1052, "DS", "0").text(0x0028_1053, "DS", slope);
        DataSet::new().items(0x0028_9145, vec![rescale]).items(0x0028_9132, vec![window(center)])
    };
    let data_set = with_frames(3)
        .items(SHARED, vec![shared("1\\1")])
        .items(PER_FRAME, vec![frame("1", "10"), frame("2", "20"), frame("1", "10")]);
    let found = content(&data_set);
    assert_eq!(found.image.displays, [0, 1, 0]);
    let shown: Vec<_> =
        found.displays.iter().map(|d| (d.modality.clone(), d.windows[0].center)).collect();
    let rescale = |slope| ModalityTransform::Rescale { slope, intercept: 0.0 };
    assert_eq!(shown, [(rescale(1.0), 10.0), (rescale(2.0), 20.0)]);
}

#[test]
fn groups_of_another_number_of_frames_are_a_defect() {
    let data_set = with_frames(3).items(PER_FRAME, vec![position("1"), position("2")]);
    let expected = "functional groups contradict the number of frames";
    assert_eq!(content(&data_set).image.defect.as_deref(), Some(expected));
}

#[test]
fn shared_windows_hold_for_all_frames() {
    let data_set = with_frames(2)
        .items(SHARED, vec![one(0x0028_9132, window("30"))])
        .items(PER_FRAME, vec![position("1"), position("2")]);
    let found = content(&data_set);
    assert_eq!((found.image.displays.as_slice(), found.displays.len()), (&[0][..], 1));
    assert_eq!(found.displays[0].windows[0].center, 30.0);
}

#[test]
fn degenerate_orientations_are_no_planes() {
    let planes = |orientation: &str, position: &str| {
        let data_set =
            slice().text(0x0020_0037, "DS", orientation).text(0x0020_0032, "DS", position);
        content(&data_set).image.planes.len()
    };
    assert_eq!(planes("1\\0\\0\\0\\1\\0", "0\\0\\0"), 1);
    assert_eq!(planes("0.999999\\0.0001\\0\\0\\1\\0", "0\\0\\0"), 1);
    for wrong in [
        "0\\0\\0\\0\\0\\0",
        "1\\0\\0\\1\\0\\0",
        "2\\0\\0\\0\\1\\0",
        "1\\0\\0",
        "1\\0\\0\\0\\nan\\0",
    ] {
        assert_eq!(planes(wrong, "0\\0\\0"), 0, "{wrong}");
    }
    assert_eq!(planes("1\\0\\0\\0\\1\\0", "0\\0"), 0);
}

#[test]
fn dose_frames_lie_along_the_normal() {
    let dose = with_frames(3).text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0").text(
        0x0020_0032,
        "DS",
        "1\\2\\3",
    );
    assert!(content(&dose).image.planes.is_empty());
    let found = content(&dose.text(0x3004_000C, "DS", "0\\2.5\\-4")).image.planes;
    let z: Vec<f64> = found.iter().map(|plane| plane.position_mm[2]).collect();
    assert_eq!(z, [3.0, 5.5, -1.0]);
}

#[test]
fn frame_times() {
    let time = |data_set: DataSet| content(&data_set).image.cine.map(|cine| cine.frame_time_ms);
    assert_eq!(time(with_frames(2).text(0x0018_1063, "DS", "33.3")), Some(33.3));
    assert_eq!(time(with_frames(2).text(0x0018_1065, "DS", "0\\40\\60")), Some(50.0));
    assert_eq!(time(with_frames(2).text(0x0018_0040, "IS", "20")), Some(50.0));
    let recommended = with_frames(2).text(0x0008_2144, "IS", "10").text(0x0018_1063, "DS", "33.3");
    assert_eq!(time(recommended), Some(100.0));
    let impossible = with_frames(2).text(0x0018_1063, "DS", "0").text(0x0018_0040, "IS", "25");
    assert_eq!(time(impossible), Some(40.0));
    assert_eq!(time(with_frames(2)), None);
    assert_eq!(time(slice().text(0x0018_1063, "DS", "33.3")), None);
}
