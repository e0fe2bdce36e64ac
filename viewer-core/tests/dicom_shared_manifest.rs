//! Every file of the shared test data against what is known of it.
#![cfg(feature = "dicom")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs::File;
use std::path::Path;

use support::shared::rows;
use viewer_core::dicom::{LayoutError, image_of, layout_of, read_frame, read_part10};
use viewer_core::exam::ImageFormat;

/// Files whose Number of Frames is impossible, which is their defect.
const LYING: [&str; 3] = [
    "malformed/derived/frames-huge.dcm",
    "malformed/derived/frames-negative.dcm",
    "malformed/real/badVR.dcm",
];

/// Nothing panics or hangs, whatever the file: reading, layout, every frame.
#[test]
fn every_file_is_read_or_refused() {
    let Some((folder, rows)) = rows() else { return };
    assert!(rows.len() >= 1000, "the manifest lists {} files", rows.len());
    for row in &rows {
        let path = folder.join(&row.path);
        let Ok(file) = read_part10(open(&path)) else {
            assert!(row.path.starts_with("malformed/"), "{} was refused", row.path);
            continue;
        };
        let _content = image_of(&file);
        let Ok(layout) = layout_of(&file, open(&path)) else { continue };
        for number in 0..=layout.frame_count().min(20) + 1 {
            let outcome = read_frame(open(&path), &layout, number);
            let is_there = (1..=layout.frame_count()).contains(&number);
            match outcome {
                Ok(_) => assert!(is_there, "{} has no frame {number}", row.path),
                Err(LayoutError::NoFrame { .. }) => {
                    assert!(!is_there, "{} frame {number}", row.path);
                }
                Err(error) => assert!(is_there, "{} frame {number}: {error}", row.path),
            }
        }
    }
}

#[test]
fn attributes_are_those_of_the_manifest() {
    let Some((folder, rows)) = rows() else { return };
    let mut compared = 0;
    let mut wrong = Vec::new();
    for row in rows.iter().filter(|row| row.has("rows") && !LYING.contains(&row.path.as_str())) {
        let Ok(file) = read_part10(open(&folder.join(&row.path))) else {
            wrong.push(format!("{}: unreadable", row.path));
            continue;
        };
        let found = image_of(&file);
        compared += 1;
        for (name, found) in columns(&found.format, found.image.frames) {
            let expected = row.get(name);
            if !expected.is_empty() && expected != found {
                wrong.push(format!("{}: {name} is {found}, not {expected}", row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 880, "{compared} compared");
}

fn columns(format: &ImageFormat, frames: u32) -> [(&'static str, String); 9] {
    [
        ("sop_class", format.sop_class_uid.clone()),
        ("photometric", format.photometric_interpretation.clone()),
        ("samples_per_pixel", format.samples_per_pixel.to_string()),
        ("bits_allocated", format.bits_allocated.to_string()),
        ("bits_stored", format.bits_stored.to_string()),
        ("signed", u8::from(format.signed).to_string()),
        ("rows", format.rows.to_string()),
        ("columns", format.columns.to_string()),
        ("frames", frames.to_string()),
    ]
}

/// A file with reference pixels has a layout with all its frames.
#[test]
fn every_frame_with_known_pixels_has_a_place() {
    let Some((folder, rows)) = rows() else { return };
    let mut wrong = Vec::new();
    let with_pixels = rows.iter().filter(|row| row.has("expected_pixels_sha256"));
    for row in with_pixels.filter(|row| !row.path.starts_with("malformed/")) {
        let path = folder.join(&row.path);
        let file = read_part10(open(&path)).expect("readable");
        let frames = image_of(&file).image.frames;
        match layout_of(&file, open(&path)) {
            Ok(layout) if layout.frame_count() == frames => {}
            Ok(layout) => wrong.push(format!("{}: {} of {frames}", row.path, layout.frame_count())),
            Err(error) => wrong.push(format!("{}: {error}", row.path)),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn open(path: &Path) -> File {
    File::open(path).expect("listed in the manifest")
}
