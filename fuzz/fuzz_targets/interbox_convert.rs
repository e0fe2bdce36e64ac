#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use viewer_core::{dicom::read_part10, inspect::DicomImage};

// Converting is a file in, a file out: the server around it need not be compiled.
#[path = "../../server/src/interbox/convert/mod.rs"]
mod convert;
#[expect(dead_code, reason = "the server writes headers anew, too")]
#[path = "../../server/src/data_set/mod.rs"]
mod data_set;

/// Files stay small, so that the time goes into parsing.
const MOST: usize = 64 * 1024;

// A file of an archive, which may say anything of itself.
fuzz_target!(|file: &[u8]| {
    let Ok(read) = read_part10(Cursor::new(file)) else { return };
    let stored = read.transfer_syntax_uid;
    let Some(target) = convert::target(&stored, |_syntax| true) else { return };
    if file.len() > MOST || pixels(file) > MOST as u64 {
        return;
    }
    let Ok(converted) = convert::convert(file, &stored, target) else { return };
    let again = read_part10(Cursor::new(&converted[..])).expect("what was written can be read");
    assert_eq!(again.transfer_syntax_uid, target);
    // Where the first image could be decoded, it is the same.
    let first = |file: &[u8]| DicomImage::open(Cursor::new(file.to_vec())).and_then(|mut it| it.stored(1));
    if let Ok(before) = first(file) {
        let after = first(&converted).expect("an image stays one");
        assert_eq!(after.samples, before.samples);
    }
});

/// Samples of all frames, as far as the file says.
fn pixels(file: &[u8]) -> u64 {
    let Ok(image) = DicomImage::open(Cursor::new(file.to_vec())) else { return 0 };
    let format = image.series().formats.first();
    let frame = format.map_or(0, |format| u64::from(format.rows) * u64::from(format.columns) * 3);
    frame.saturating_mul(image.frame_count().into())
}
