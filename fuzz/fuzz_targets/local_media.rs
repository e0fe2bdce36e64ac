#![no_main]

use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use negatoscope_local::medium::Medium;
use viewer_core::exam::Patient;

// A file as a reader opens it: an archive, a DICOMDIR, an object, or anything.
fuzz_target!(|data: &[u8]| {
    let mut medium = Medium::default();
    medium.add("file", Rc::new(data.to_vec()));
    while medium.step() {}
    for offer in medium.offers(&Patient::default()) {
        for document in medium.documents(&offer.study).documents {
            _ = medium.report(&document.instance);
            _ = medium.presentation(&offer.study, &document.instance);
            _ = medium.pdf(&document.instance);
            _ = medium.attributes(&document.instance);
        }
        let Ok(summary) = medium.summary(&offer.study) else { continue };
        for image in summary.series.iter().flat_map(|series| &series.images) {
            for number in 1..=image.frames.min(3) {
                _ = medium.frame(&image.sop_instance_uid, number);
            }
            _ = medium.overlay(&image.sop_instance_uid, 0x6000);
            _ = medium.attributes(&image.sop_instance_uid);
        }
    }
});
