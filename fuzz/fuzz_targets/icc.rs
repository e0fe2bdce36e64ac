#![no_main]

use libfuzzer_sys::fuzz_target;
use viewer_core::pixel::icc::ToSrgb;

fuzz_target!(|data: &[u8]| {
    if let Ok(conversion) = ToSrgb::from_profile(data) {
        _ = conversion.is_identity();
    }
});
