#![no_main]

use libfuzzer_sys::fuzz_target;
use viewer_core::codec::video::{Coding, VideoStream};

// The first byte says which coding, the others are the stream.
fuzz_target!(|data: &[u8]| {
    let Some((&first, bytes)) = data.split_first() else { return };
    let coding = if first & 1 == 1 { Coding::Avc } else { Coding::Hevc };
    let mut stream = VideoStream::new(bytes.len() as u64, coding);
    let mut reads = 0;
    while let Some(range) = stream.wanted(u32::MAX) {
        reads += 1;
        assert!(reads <= bytes.len() + 3, "every read gets on");
        if stream.read(&bytes[range.start as usize..range.end as usize]).is_err() {
            return;
        }
    }
    for index in 0..stream.unit_count() {
        if let Some(unit) = stream.unit(index).cloned() {
            let range = unit.bytes.start as usize..unit.bytes.end as usize;
            let _unit = stream.access_unit(&unit, &bytes[range]);
        }
    }
    for frame in 0..stream.frames().unwrap_or(0) {
        if let Ok(start) = stream.start_of(frame) {
            assert!(start.first <= start.own);
        }
    }
});
