#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::encapsulated_file;
use viewer_core::dicom::{FrameLayout, encapsulation, layout_of, read_frame, read_part10};

// The first byte is the number of frames, the second the entries of an extended offset table (of 64 bits,
// following), the rest the items of the pixel data element.
fuzz_target!(|data: &[u8]| {
    let Some((&[frames, entries], rest)) = data.split_first_chunk::<2>() else { return };
    let Some((offsets, items)) = rest.split_at_checked(usize::from(entries) * 8) else { return };
    let bytes = encapsulated_file(frames.max(1), offsets, items);
    let file = read_part10(Cursor::new(&bytes)).expect("the header is in order");
    _ = encapsulation(&file, Cursor::new(&bytes));
    let Ok(layout) = layout_of(&file, Cursor::new(&bytes)) else { return };
    let FrameLayout::Encapsulated { frames: found } = &layout.frames else { return };
    assert!(found.len() <= usize::from(frames.max(1)));
    let mut end = 0;
    for range in found.iter().flatten() {
        assert!(range.offset >= end, "fragments overlap or go back");
        end = range.offset + range.length;
        assert!(end <= bytes.len() as u64);
    }
    for number in 1..=layout.frame_count() {
        read_frame(Cursor::new(&bytes), &layout, number).expect("a frame that has a place");
    }
});
