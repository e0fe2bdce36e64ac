#![no_main]

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::{decode_own_size, jpeg_size};
use viewer_core::codec::COMPACT_UID;

fuzz_target!(|data: &[u8]| {
    decode_own_size("1.2.840.10008.1.2.4.80", data, jpeg_size(data));
    decode_own_size(COMPACT_UID, data, jpeg_size(data));
});
