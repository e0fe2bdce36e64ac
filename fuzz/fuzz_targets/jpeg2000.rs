#![no_main]

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::{codestream_size, decode_own_size};

fuzz_target!(|data: &[u8]| {
    decode_own_size("1.2.840.10008.1.2.4.90", data, codestream_size(data));
});
