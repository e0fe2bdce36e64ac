#![no_main]

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::decode_own_size;

fuzz_target!(|data: &[u8]| {
    let word = |at: usize| {
        let bytes = data.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    // SIZ follows SOC: Xsiz, Ysiz less XOsiz, YOsiz.
    let size = || Some([word(8)?.checked_sub(word(16)?)?, word(12)?.checked_sub(word(20)?)?]);
    decode_own_size("1.2.840.10008.1.2.4.90", data, size());
});
