#![no_main]

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::{decode, format_from};
use viewer_core::codec::TRANSFER_SYNTAXES;

fuzz_target!(|data: &[u8]| {
    let Some((&row, data)) = data.split_first() else { return };
    let Some((format, encoded)) = format_from(data) else { return };
    let row = TRANSFER_SYNTAXES[usize::from(row) % TRANSFER_SYNTAXES.len()];
    decode(row.uid, encoded, &format);
});
