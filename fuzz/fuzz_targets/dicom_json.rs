#![no_main]

use libfuzzer_sys::fuzz_target;
use viewer_core::dicom::from_json;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice(data) else { return };
    for syntax in [None, Some("1.2.840.10008.1.2.4.90")] {
        let Ok(found) = from_json(&value, syntax) else { continue };
        let instance = &found.instance;
        // What goes into addresses holds nothing but what a UID may.
        let uids = [&instance.sop_instance_uid, &instance.study.study_instance_uid];
        for uid in uids {
            assert!(uid.len() <= 64 && uid.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        }
        serde_json::to_string(instance).expect("an instance can be written");
    }
});
