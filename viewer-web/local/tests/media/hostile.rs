use std::fs;

use negatoscope_phantom::SeriesKind;
use proptest::prelude::*;
use viewer_core::exam::Patient;

use crate::setup::{Packing, archive, phantoms, read};

/// An archive of three small objects.
fn whole() -> Vec<u8> {
    let files = &phantoms().exam.series(SeriesKind::Mr).unwrap().files;
    let contents: Vec<Vec<u8>> = files.iter().take(3).map(|file| fs::read(file).unwrap()).collect();
    let entries: Vec<(&str, &[u8])> =
        ["a", "b", "c"].into_iter().zip(contents.iter().map(Vec::as_slice)).collect();
    archive(Packing::Deflated, &entries)
}

/// Reads it as far as it goes; every frame is bytes or an error.
fn read_all(content: Vec<u8>) {
    let mut medium = read([("x".to_owned(), content)]);
    for offer in medium.offers(&Patient::default()) {
        medium.documents(&offer.study);
        let Ok(summary) = medium.summary(&offer.study) else { continue };
        for image in summary.series.iter().flat_map(|series| &series.images) {
            for number in 1..=image.frames.min(3) {
                medium.frame(&image.sop_instance_uid, number).ok();
            }
            medium.attributes(&image.sop_instance_uid).ok();
        }
    }
    assert_eq!(medium.progress().waiting, 0);
}

#[test]
fn an_archive_that_is_cut_off_anywhere_is_an_error() {
    let whole = whole();
    let step = whole.len() / 97;
    for length in (0..whole.len()).step_by(step).chain(whole.len() - 100..whole.len()) {
        read_all(whole[..length].to_vec());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_do_no_harm(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), from_end in any::<bool>()) {
        let mut content = whole();
        // The directory is at the end, and where most that is believed stands.
        let start = if from_end { content.len() - 200 } else { 0 };
        for (index, value) in changes {
            let at = start + index.index(content.len() - start);
            content[at] = value;
        }
        read_all(content);
    }

    #[test]
    fn anything_may_stand_in_a_directory(records in prop::collection::vec(any::<u8>(), 0..400), entries in any::<u16>(), size in any::<u32>(), at in 0_u32..500) {
        let mut content = b"PK\x03\x04".to_vec();
        content.extend(&records);
        content.extend(b"PK\x05\x06\0\0\0\0");
        content.extend(entries.to_le_bytes());
        content.extend(entries.to_le_bytes());
        content.extend((size % 600).to_le_bytes());
        content.extend(at.to_le_bytes());
        content.extend([0, 0]);
        read_all(content);
    }
}
