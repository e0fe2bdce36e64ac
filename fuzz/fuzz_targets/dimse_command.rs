#![no_main]

use libfuzzer_sys::fuzz_target;

// Reading a command set is bytes in, values out: the server around it need not be compiled.
#[expect(dead_code, reason = "the server writes command sets, too")]
#[path = "../../server/src/source/dimse/elements.rs"]
mod elements;

/// What the server asks commands for: Command Field, Affected SOP Instance UID, Status.
const ASKED: [u16; 3] = [0x0100, 0x1000, 0x0900];

fuzz_target!(|data: &[u8]| {
    let Some(command) = elements::CommandSet::parse(data) else { return };
    for element in ASKED {
        if let Some(text) = command.text(element) {
            assert!(text.len() <= data.len());
        }
        let is_there = command.u16(element).is_some();
        assert!(!is_there || data.len() >= 10);
    }
});
