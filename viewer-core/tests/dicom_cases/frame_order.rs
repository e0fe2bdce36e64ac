//! The order in which frames of multi-frame images are scrolled, from the file to the stack.

use std::io::Cursor;

use viewer_core::dicom::index;
use viewer_core::exam::Series;
use viewer_core::series::assemble;
use viewer_core::viewport::Stack;

use crate::attributes::content;
use crate::bytes::{DataSet, EXPLICIT, PIXEL_DATA, slice};

const PER_FRAME: u32 = 0x5200_9230;
const DIMENSIONS: u32 = 0x0020_9222;

/// Frame Content with these attributes.
fn frame(content: DataSet) -> DataSet {
    DataSet::new().items(0x0020_9111, vec![content])
}

fn indices(values: &[u32]) -> DataSet {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    frame(DataSet::new().bytes(0x0020_9157, "UL", &bytes))
}

fn multi_frame(frames: Vec<DataSet>) -> DataSet {
    let count = u16::try_from(frames.len()).expect("few");
    slice()
        .text(0x0028_0008, "IS", &count.to_string())
        .words(PIXEL_DATA, "OW", &(0..8 * count).collect::<Vec<_>>())
        .items(PER_FRAME, frames)
}

fn with_dimensions(data_set: DataSet, count: usize) -> DataSet {
    data_set.items(DIMENSIONS, vec![DataSet::new().us(0x0020_9165, 1); count])
}

/// The one series of these files.
fn series(data_sets: &[DataSet]) -> Series {
    let instances = data_sets
        .iter()
        .map(|data_set| index(Cursor::new(data_set.file(EXPLICIT))).expect("readable").instance)
        .collect();
    let mut exam = assemble(instances).expect("one exam");
    assert_eq!(exam.series.len(), 1);
    exam.series.remove(0)
}

/// Image and frame at each position.
fn scrolled(data_sets: &[DataSet]) -> Vec<(u32, u32)> {
    let stack = Stack::of(&series(data_sets));
    (0..stack.len()).filter_map(|position| stack.at(position)).collect()
}

fn frames_of(data_set: DataSet) -> Vec<u32> {
    scrolled(&[data_set]).into_iter().map(|(_, frame)| frame).collect()
}

#[test]
fn dimension_indices_decide_the_first_one_slowest() {
    let frames = [[2, 1], [1, 10], [1, 9], [2, 0]].map(|values| indices(&values)).to_vec();
    assert_eq!(frames_of(with_dimensions(multi_frame(frames), 2)), [2, 1, 3, 0]);
}

#[test]
fn indices_that_do_not_fit_the_dimensions_do_not_count() {
    let frames = vec![indices(&[3]), indices(&[2]), indices(&[1])];
    assert_eq!(frames_of(with_dimensions(multi_frame(frames.clone()), 2)), [0, 1, 2]);
    assert_eq!(frames_of(multi_frame(frames)), [2, 1, 0]);
    let missing = vec![indices(&[3]), frame(DataSet::new()), indices(&[1])];
    assert_eq!(frames_of(multi_frame(missing)), [0, 1, 2]);
}

#[test]
fn else_stacks_time_and_position_in_the_stack() {
    let content = |stack: &str, time: u32, position: u32| {
        let number = |value: u32| value.to_le_bytes();
        frame(
            DataSet::new()
                .text(0x0020_9056, "SH", stack)
                .bytes(0x0020_9057, "UL", &number(position))
                .bytes(0x0020_9128, "UL", &number(time)),
        )
    };
    let frames = vec![
        content("10", 1, 1),
        content("9", 2, 1),
        content("9", 1, 2),
        content("9", 1, 1),
        content("9", 2, 2),
    ];
    assert_eq!(frames_of(multi_frame(frames)), [3, 2, 1, 4, 0]);
}

#[test]
fn else_the_position_along_the_normal() {
    let at = |z: &str| {
        let position = DataSet::new().text(0x0020_0032, "DS", &format!("0\\0\\{z}"));
        let orientation = DataSet::new().text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0");
        DataSet::new().items(0x0020_9113, vec![position]).items(0x0020_9116, vec![orientation])
    };
    let frames = ["7", "-1", "4"].map(at).to_vec();
    assert_eq!(frames_of(multi_frame(frames)), [0, 2, 1]);
}

#[test]
fn parts_of_a_concatenation_are_scrolled_as_one() {
    let part = |uid: &str, number: &str, offset: u32, values: [u32; 2]| {
        multi_frame(values.map(|value| indices(&[value])).to_vec())
            .text(0x0008_0018, "UI", uid)
            .text(0x0020_0013, "IS", number)
            .text(0x0020_9161, "UI", "1.2.9")
            .bytes(0x0020_9228, "UL", &offset.to_le_bytes())
    };
    let parts = [part("1.2.3.1", "1", 2, [4, 2]), part("1.2.3.2", "2", 0, [1, 3])];
    assert_eq!(scrolled(&parts), [(1, 0), (0, 1), (1, 1), (0, 0)]);
}

#[test]
fn each_frame_tells_when_it_was_acquired() {
    let at = |moment: &str| frame(DataSet::new().text(0x0018_9074, "DT", moment));
    let frames = vec![at("20261104093012.25+0100"), at("2026110409")];
    let image = content(&multi_frame(frames)).image;
    assert_eq!(image.frames_acquired, ["20261104093012.25", "20261104090000"]);
    assert_eq!(image.acquired_of(1), Some("20261104090000"));
    let unsure = content(&multi_frame(vec![at("20261104"), at("20269904")])).image;
    assert!(unsure.frames_acquired.is_empty());
}
