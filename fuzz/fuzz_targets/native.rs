#![no_main]

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::{decode, format_from};
use viewer_core::codec::{PACKED_UID, decode_stored, encode_packed};

fuzz_target!(|data: &[u8]| {
    let Some((format, encoded)) = format_from(data) else { return };
    for uid in ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.8.1"] {
        decode(uid, encoded, &format);
    }
    decode(PACKED_UID, &[b"NGP1", encoded].concat(), &format);
    // What is packed comes back.
    let little = "1.2.840.10008.1.2.1";
    if let Some(packed) = encode_packed(little, encoded, &format) {
        let native = decode_stored(little, encoded, &format);
        assert_eq!(decode_stored(PACKED_UID, &packed, &format), native);
    }
});
