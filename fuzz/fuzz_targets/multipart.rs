#![no_main]

use libfuzzer_sys::fuzz_target;
use viewer_core::base::multipart::{MediaType, parse_multipart};

// The first line is the content type.
fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (content_type, body) = data.split_at(end);
    let content_type = String::from_utf8_lossy(content_type);
    let body = body.get(1..).unwrap_or_default();
    for media_type in [&content_type, "multipart/related; boundary=b"].map(MediaType::parse) {
        if let Ok(parts) = parse_multipart(&media_type, body, 8) {
            let total: usize = parts.iter().map(|part| part.body.len()).sum();
            assert!(total <= body.len());
        }
    }
});
