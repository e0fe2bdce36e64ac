#![no_main]

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::{decode, format_from};

fuzz_target!(|data: &[u8]| {
    let Some((format, encoded)) = format_from(data) else { return };
    for uid in ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.8.1"] {
        decode(uid, encoded, &format);
    }
});
