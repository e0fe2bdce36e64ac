#![no_main]

use libfuzzer_sys::fuzz_target;
use viewer_core::base::multipart::{MediaType, parse_multipart};

fuzz_target!(|data: (String, Vec<u8>)| {
    let (content_type, body) = data;
    for media_type in [&content_type, "multipart/related; boundary=b"].map(MediaType::parse) {
        if let Ok(parts) = parse_multipart(&media_type, &body, 8) {
            let total: usize = parts.iter().map(|part| part.body.len()).sum();
            assert!(total <= body.len());
        }
    }
});
