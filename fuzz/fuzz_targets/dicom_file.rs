#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use viewer_core::codec::decode_frame;
use viewer_core::dicom::{image_of, layout_of, read_frame, read_part10};

fuzz_target!(|data: &[u8]| {
    let Ok(file) = read_part10(Cursor::new(data)) else { return };
    let content = image_of(&file);
    let Ok(layout) = layout_of(&file, Cursor::new(data)) else { return };
    for number in 1..=layout.frame_count().min(3) {
        let Ok(frame) = read_frame(Cursor::new(data), &layout, number) else { continue };
        let palette = content.displays.first().and_then(|display| display.palette.as_ref());
        _ = decode_frame(&content.format.transfer_syntax_uid, &frame, &content.format, palette);
    }
});
