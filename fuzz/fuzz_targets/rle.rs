#![no_main]

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::{decode, format_from};

fuzz_target!(|data: &[u8]| {
    let Some((format, encoded)) = format_from(data) else { return };
    decode("1.2.840.10008.1.2.5", encoded, &format);
});
