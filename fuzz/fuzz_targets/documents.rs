#![no_main]

//! Objects without pictures: what is read of them keeps its limits and can be written as JSON.

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use viewer_core::dicom::{key_images, presentation_state, read_part10, structured_report};

fuzz_target!(|data: &[u8]| {
    let Ok(file) = read_part10(Cursor::new(data)) else { return };
    if let Some(found) = key_images(&file.object) {
        assert!(found.images.len() <= 10_000);
        serde_json::to_string(&found).expect("key images can be written");
    }
    if let Some(found) = structured_report(&file.object) {
        assert!(found.items.len() <= 20_000 && found.items.iter().all(|item| item.depth < 32));
        serde_json::to_string(&found).expect("a report can be written");
    }
    if let Some(found) = presentation_state(&file.object) {
        let shapes = found.drawings.iter().flat_map(|drawing| &drawing.what.shapes);
        assert!(shapes.map(|shape| shape.points.len()).sum::<usize>() <= 200_000);
        assert!(found.shutter_runs.len() <= 50_000);
        serde_json::to_string(&found).expect("a presentation can be written");
    }
});
