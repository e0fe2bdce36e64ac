//! How images were made: golden values for each place where files have them.

use std::io::Cursor;

use viewer_core::dicom::index;
use viewer_core::series::assemble;

use crate::attributes::content;
use crate::bytes::{DataSet, EXPLICIT, PIXEL_DATA, slice};

fn line(data_set: &DataSet) -> String {
    content(data_set).technique.line()
}

fn item(tag: u32, item: DataSet) -> DataSet {
    DataSet::new().items(tag, vec![item])
}

#[test]
fn voltage_and_exposure_of_x_rays() {
    let at_120_kv = || slice().text(0x0018_0060, "DS", "120");
    assert_eq!(line(&at_120_kv()), "120 kV");
    assert_eq!(line(&at_120_kv().text(0x0018_1152, "IS", "85")), "120 kV · 85 mAs");
    // µA·s has the digits that whole mA·s lack.
    let in_both = at_120_kv().text(0x0018_1152, "IS", "4").text(0x0018_1153, "IS", "3600");
    assert_eq!(line(&in_both), "120 kV · 3.6 mAs");
    assert_eq!(line(&slice().text(0x0018_0060, "DS", "0")), "", "0 kV makes no image");
    assert_eq!(line(&slice()), "");
}

#[test]
fn times_of_a_sequence() {
    let mr = slice().text(0x0018_0080, "DS", "2400").text(0x0018_0081, "DS", "12.5").text(
        0x0018_0082,
        "DS",
        "900",
    );
    assert_eq!(line(&mr), "TR 2400 ms · TE 12.5 ms · TI 900 ms");
}

#[test]
fn of_a_multi_frame_image_what_its_frames_have_in_common() {
    let echo = |ms: f64| item(0x0018_9114, DataSet::new().doubles(0x0018_9082, &[ms]));
    let timing = item(0x0018_9112, DataSet::new().text(0x0018_0080, "DS", "500"));
    let frames = |echoes: [f64; 2]| {
        slice()
            .text(0x0028_0008, "IS", "2")
            .words(PIXEL_DATA, "OW", &[0; 16])
            .items(0x5200_9229, vec![timing.clone()])
            .items(0x5200_9230, echoes.map(echo).to_vec())
    };
    assert_eq!(line(&frames([30.0, 30.0])), "TR 500 ms · TE 30 ms");
    assert_eq!(line(&frames([30.0, 80.0])), "TR 500 ms");
    let ct = slice().items(
        0x5200_9229,
        vec![
            DataSet::new()
                .items(0x0018_9325, vec![DataSet::new().text(0x0018_0060, "DS", "80")])
                .items(0x0018_9321, vec![DataSet::new().doubles(0x0018_9332, &[12.25])]),
        ],
    );
    assert_eq!(line(&ct), "80 kV · 12.25 mAs");
}

#[test]
fn of_a_series_what_its_images_have_in_common() {
    let image = |number: u8, mas: &str| {
        let data_set = slice()
            .text(0x0008_0018, "UI", &format!("1.2.3.4.{number}"))
            .text(0x0018_0060, "DS", "120")
            .text(0x0018_1152, "IS", mas);
        index(Cursor::new(data_set.file(EXPLICIT))).expect("an instance").instance
    };
    let of_two = |mas: [&str; 2]| {
        let exam = assemble(vec![image(1, mas[0]), image(2, mas[1])]).expect("one exam");
        exam.series.iter().map(|series| series.technique.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of_two(["85", "85"]), ["120 kV · 85 mAs"]);
    assert_eq!(of_two(["85", "90"]), ["120 kV"]);
}
