//! Where frames lie.

use std::io::Cursor;

use viewer_core::dicom::{
    ByteRange, FrameLayout, LayoutError, PixelDataLayout, pixel_data_layout, read_frame,
};

use crate::bytes::{BIG_ENDIAN, DataSet, EXPLICIT, PIXEL_DATA, RLE, slice};

const J2K: &str = "1.2.840.10008.1.2.4.90";
/// Beginnings of codestreams (start of codestream, size), told apart by their last byte.
const A: [u8; 6] = [0xFF, 0x4F, 0xFF, 0x51, 0, 1];
const B: [u8; 8] = [0xFF, 0x4F, 0xFF, 0x51, 0, 2, 0, 0];
const REST: [u8; 4] = [9, 9, 9, 9];

fn layout(bytes: &[u8]) -> Result<PixelDataLayout, LayoutError> {
    pixel_data_layout(Cursor::new(bytes))
}

/// All frames of a file, or why there are none.
fn frames(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let layout = layout(bytes).map_err(|error| error.to_string())?;
    let read = |number| read_frame(Cursor::new(bytes), &layout, number).expect("announced");
    Ok((1..=layout.frame_count()).map(read).collect())
}

fn with_frames(count: u32) -> DataSet {
    slice().text(0x0028_0008, "IS", &count.to_string())
}

/// Frames A+rest and B of two frames whose offset table is given.
fn table(offsets: &[u32]) -> Vec<u8> {
    with_frames(2).fragments(offsets, &[&A, &REST, &B], true).file(J2K)
}

fn expected() -> Vec<Vec<u8>> {
    vec![[&A[..], &REST].concat(), B.to_vec()]
}

#[test]
fn basic_offset_table() {
    // Item headers of 8 bytes: A at 0, rest at 14, B at 26.
    assert_eq!(frames(&table(&[0, 26])), Ok(expected()));
}

#[test]
fn without_a_table_codestreams_tell() {
    assert_eq!(frames(&table(&[])), Ok(expected()));
}

#[test]
fn tables_that_lie_are_not_believed() {
    for offsets in
        [&[0, 13][..], &[0, 9999], &[26, 0], &[0, 0], &[14, 26], &[0], &[0, 14, 26], &[0, 14]]
    {
        assert_eq!(frames(&table(offsets)), Ok(expected()), "{offsets:?}");
    }
}

#[test]
fn extended_offset_table() {
    let words = [0_u16, 0, 0, 0, 26, 0, 0, 0];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let file = with_frames(2)
        .bytes(0x7FE0_0001, "OV", &bytes)
        .fragments(&[], &[&[1; 6], &REST, &[2; 8]], true)
        .file(J2K);
    assert_eq!(frames(&file), Ok(vec![[&[1; 6][..], &REST].concat(), vec![2; 8]]));
}

#[test]
fn an_extended_table_that_lies_yields_to_the_basic_one() {
    for second in [13_u16, 14, 9999] {
        let words = [0, 0, 0, 0, second, 0, 0, 0];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let file = with_frames(2)
            .bytes(0x7FE0_0001, "OV", &bytes)
            .fragments(&[0, 26], &[&A, &REST, &B], true)
            .file(J2K);
        assert_eq!(frames(&file), Ok(expected()), "second frame at {second}");
    }
}

/// An odd length, with the byte of padding that the length leaves out, or without one.
#[test]
fn odd_lengths_do_not_lose_the_fragments_behind() {
    let odd = [0xFF, 0x4F, 0xFF, 0x51, 7];
    let packed = with_frames(2).fragments(&[], &[&odd, &B], true).file(J2K);
    assert_eq!(frames(&packed), Ok(vec![odd.to_vec(), B.to_vec()]));
    let end = packed.windows(5).position(|window| window == odd).expect("the fragment") + 5;
    let padded = [&packed[..end], &[0], &packed[end..]].concat();
    assert_eq!(frames(&padded), Ok(vec![odd.to_vec(), B.to_vec()]));
}

#[test]
fn empty_fragments_add_nothing_to_codestreams() {
    let only_first = with_frames(2).fragments(&[], &[&A, &[]], true).file(J2K);
    assert_eq!(frames(&only_first), Ok(vec![A.to_vec()]));
    let trailing = with_frames(2).fragments(&[], &[&A, &REST, &B, &[]], true).file(J2K);
    assert_eq!(frames(&trailing), Ok(expected()));
    let all_empty = with_frames(2).fragments(&[], &[&[], &[]], true).file(J2K);
    assert_eq!(frames(&all_empty), Ok(vec![vec![], vec![]]));
}

#[test]
fn one_fragment_a_frame_needs_no_table() {
    let file = with_frames(3).fragments(&[], &[&[1; 4], &[2; 6], &[3; 2]], true).file(J2K);
    assert_eq!(frames(&file), Ok(vec![vec![1; 4], vec![2; 6], vec![3; 2]]));
}

#[test]
fn all_fragments_of_a_single_frame_belong_to_it() {
    let file = slice().fragments(&[0], &[&A, &REST, &[7; 2]], true).file(J2K);
    assert_eq!(frames(&file), Ok(vec![[&A[..], &REST, &[7; 2]].concat()]));
}

#[test]
fn fragments_that_nothing_assigns_are_refused() {
    let file = with_frames(2).fragments(&[], &[&[1; 4], &[2; 6], &[3; 2]], true).file(J2K);
    assert_eq!(frames(&file), Err("3 fragments cannot be assigned to 2 frames".to_owned()));
}

#[test]
fn a_missing_delimiter_is_tolerated() {
    let file = with_frames(2).fragments(&[0, 26], &[&A, &REST, &B], false).file(J2K);
    assert_eq!(frames(&file), Ok(expected()));
}

#[test]
fn what_a_cut_off_file_still_has() {
    let whole = with_frames(2).fragments(&[0, 26], &[&A, &REST, &B], false).file(J2K);
    let cut = &whole[..whole.len() - 3];
    assert_eq!(frames(cut), Ok(vec![expected()[0].clone(), B[..5].to_vec()]));
    let without_second = &whole[..whole.len() - 16];
    let layout = layout(without_second).expect("a layout");
    assert_eq!(layout.frame_count(), 1);
    let missing = read_frame(Cursor::new(without_second), &layout, 2);
    assert!(matches!(missing, Err(LayoutError::NoFrame { number: 2 })));
}

#[test]
fn more_or_fewer_frames_than_announced() {
    let codestreams: [&[u8]; 3] = [&A, &B, &A];
    let fewer = with_frames(9).fragments(&[], &codestreams, true).file(J2K);
    assert_eq!(frames(&fewer).map(|found| found.len()), Ok(3));
    let more = with_frames(2).fragments(&[], &codestreams, true).file(J2K);
    assert_eq!(frames(&more), Ok(vec![A.to_vec(), B.to_vec()]));
}

#[test]
fn a_delimiter_inside_a_codestream_is_data() {
    let tricky = [0xFF, 0x4F, 0xFF, 0x51, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
    let file = slice().fragments(&[], &[&tricky], true).file(J2K);
    assert_eq!(frames(&file), Ok(vec![tricky.to_vec()]));
}

#[test]
fn empty_pixel_data_has_no_frames() {
    assert_eq!(frames(&slice().fragments(&[], &[], true).file(RLE)), Ok(vec![]));
}

#[test]
fn offsets_count_from_the_start_of_the_file() {
    let file = table(&[0, 26]);
    let start = file.windows(6).position(|window| window == A).expect("the first fragment") as u64;
    let FrameLayout::Encapsulated { frames } = layout(&file).expect("a layout").frames else {
        panic!("not encapsulated")
    };
    let range = |offset, length| ByteRange { offset, length };
    let expected = [vec![range(start, 6), range(start + 14, 4)], vec![range(start + 26, 8)]];
    assert_eq!(frames, expected);
}

/// 5 × 3 pixels of one bit, three frames of 15 bits: ones in the first frame, zeros, ones.
#[test]
fn frames_of_single_bits_begin_inside_a_byte() {
    let data_set = |vr| {
        with_frames(3)
            .us(0x0028_0010, 3)
            .us(0x0028_0011, 5)
            .us(0x0028_0100, 1)
            .us(0x0028_0101, 1)
            .us(0x0028_0102, 0)
            .words(PIXEL_DATA, vr, &[0x7FFF, 0xC000, 0x1FFF])
    };
    let expected = vec![vec![0xFF, 0x7F], vec![0, 0], vec![0xFF, 0x7F]];
    assert_eq!(frames(&data_set("OW").file(EXPLICIT)), Ok(expected.clone()));
    assert_eq!(frames(&data_set("OW").file(BIG_ENDIAN)), Ok(expected));
}

/// Frames of three bytes in words: big endian files store them swapped across the frames' ends.
#[test]
fn odd_frames_of_bytes_in_big_endian_words() {
    let data_set = with_frames(3)
        .us(0x0028_0010, 1)
        .us(0x0028_0011, 3)
        .us(0x0028_0100, 8)
        .us(0x0028_0101, 8)
        .us(0x0028_0102, 7);
    let words = data_set.clone().words(PIXEL_DATA, "OW", &[0x0201, 0x0403, 0x0605, 0x0807, 0x0009]);
    let expected = vec![vec![1, 2, 3], vec![4, 5, 6], vec![7, 8, 9]];
    assert_eq!(frames(&words.file(BIG_ENDIAN)), Ok(expected.clone()));
    assert_eq!(frames(&words.file(EXPLICIT)), Ok(expected.clone()));
    let bytes = data_set.bytes(PIXEL_DATA, "OB", &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(frames(&bytes.file(BIG_ENDIAN)), Ok(expected));
}

#[test]
fn samples_of_32_bits_are_swapped_whole() {
    let data_set = slice()
        .us(0x0028_0010, 1)
        .us(0x0028_0011, 1)
        .us(0x0028_0100, 32)
        .us(0x0028_0101, 32)
        .us(0x0028_0102, 31)
        .bytes(PIXEL_DATA, "OW", &[0x01, 0x02, 0x03, 0x04]);
    assert_eq!(frames(&data_set.file(BIG_ENDIAN)), Ok(vec![vec![4, 3, 2, 1]]));
}

#[test]
fn chroma_shared_by_two_pixels_makes_frames_of_two_samples_a_pixel() {
    let data_set = with_frames(2)
        .us(0x0028_0002, 3)
        .text(0x0028_0004, "CS", "YBR_FULL_422")
        .us(0x0028_0100, 8)
        .us(0x0028_0101, 8)
        .us(0x0028_0102, 7)
        .bytes(PIXEL_DATA, "OB", &(0..32).collect::<Vec<u8>>());
    let found = frames(&data_set.file(EXPLICIT));
    assert_eq!(found, Ok(vec![(0..16).collect(), (16..32).collect()]));
}

#[test]
fn a_layout_survives_storage() {
    for file in [table(&[0, 26]), slice().file(EXPLICIT)] {
        let layout = layout(&file).expect("a layout");
        let stored = serde_json::to_string(&layout).expect("serialisable");
        assert_eq!(serde_json::from_str::<PixelDataLayout>(&stored).expect("readable"), layout);
    }
}
