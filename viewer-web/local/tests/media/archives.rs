use std::fs;
use std::rc::Rc;

use negatoscope_local::bytes::Bytes;
use negatoscope_local::frames::{Content, FrameError};
use negatoscope_local::medium::Medium;
use negatoscope_local::reason::Reason;
use negatoscope_phantom::SeriesKind;
use viewer_core::exam::Patient;

use crate::setup::{Packing, archive, contents, files_of, phantoms, read, read_files, taken};

fn all_packings() -> [Packing; 3] {
    [Packing::Stored, Packing::Deflated, Packing::Zip64]
}

#[test]
fn an_archive_is_read_like_a_folder() {
    let files = files_of(&phantoms().exam);
    let plain = contents(&files);
    let study = &phantoms().exam.study_instance_uid;
    let mut folder = read_files(&files);
    let plain_bytes: Vec<&dyn Bytes> = plain.iter().map(|one| one as &dyn Bytes).collect();
    for packing in all_packings() {
        let names: Vec<String> = (0..plain.len()).map(|at| format!("DICOM/IM{at:05}")).collect();
        let mut entries: Vec<(&str, &[u8])> =
            names.iter().zip(&plain).map(|(name, content)| (name.as_str(), &content[..])).collect();
        entries.push(("README.TXT", b"text"));
        let zip = archive(packing, &entries);
        let mut medium = read([("exam.zip".to_owned(), zip.clone())]);
        assert_eq!(medium.summary(study).unwrap(), folder.summary(study).unwrap(), "{packing:?}");
        assert_eq!(medium.progress().others, 1);
        assert_eq!(medium.progress().damaged, 0, "{:?}", medium.progress().named);
        for series in &phantoms().exam.series {
            for uid in &series.sop_instance_uids {
                for number in 1..=u32::try_from(series.frames).unwrap() {
                    let (found, expected) =
                        (medium.frame(uid, number).unwrap(), folder.frame(uid, number).unwrap());
                    assert_eq!(found.syntax, expected.syntax);
                    let is_here = matches!(found.content, Content::Here(_));
                    assert_eq!(is_here, matches!(packing, Packing::Deflated), "{packing:?}");
                    assert_eq!(taken(&found, &[&zip]), taken(&expected, &plain_bytes));
                }
            }
        }
    }
}

#[test]
fn overlays_are_found_in_deflated_entries() {
    let series = phantoms().exam.series(SeriesKind::MultiFrame).unwrap();
    let content = fs::read(&series.files[0]).unwrap();
    let mut folder = read_files(&series.files);
    let mut medium = read([("a.zip".to_owned(), archive(Packing::Deflated, &[("one", &content)]))]);
    let uid = &series.sop_instance_uids[0];
    assert_eq!(medium.overlay(uid, 0x6000).unwrap(), folder.overlay(uid, 0x6000).unwrap());
}

#[test]
fn a_deflated_entry_with_another_check_sum_is_not_drawn() {
    let ct = phantoms().exam.series(SeriesKind::Ct).unwrap();
    let content = fs::read(&ct.files[0]).unwrap();
    let mut zip = archive(Packing::Deflated, &[("one", &content)]);
    let at = (0..zip.len()).rev().find(|at| zip[*at..].starts_with(b"PK\x01\x02")).unwrap();
    zip[at + 16] ^= 0xFF;
    let mut medium = read([("a.zip".to_owned(), zip)]);
    assert_eq!(medium.offers(&Patient::default()).len(), 1, "its header is whole");
    assert!(matches!(medium.frame(&ct.sop_instance_uids[0], 1), Err(FrameError::Io(_))));
}

/// One that says it unfolds to less, or shares its bytes with many, unfolds to no more than the limits.
#[test]
fn a_bomb_is_refused() {
    // A header, then 16 MiB of zeros in undefined-length pixel data: all of it would be gone through.
    let mut content = vec![0; 128];
    content.extend(b"DICM\x02\x00\x10\x00UI\x16\x001.2.840.10008.1.2.4.50");
    content.resize(16 << 20, 0);
    let zip = archive(Packing::Deflated, &[("bomb", &content)]);
    assert!(zip.len() < 40_000);
    let mut medium = Medium::default();
    medium.add("bomb.zip", Rc::new(zip));
    while medium.step() {}
    let progress = medium.progress();
    assert_eq!((progress.damaged, progress.exams), (1, 0));
    assert_eq!(progress.named[0].1, Reason::TooLarge);
}

#[test]
fn encrypted_entries_and_foreign_methods_are_named() {
    let ct = phantoms().exam.series(SeriesKind::Ct).unwrap();
    let content = fs::read(&ct.files[0]).unwrap();
    let zip = archive(Packing::Stored, &[("secret", &content), ("open", &content)]);
    let first = (0..zip.len()).find(|at| zip[*at..].starts_with(b"PK\x01\x02")).unwrap();
    for (field, value, reason) in [(8, 1, Reason::Encrypted), (10, 99, Reason::Method)] {
        let mut changed = zip.clone();
        changed[first + field] |= value;
        let medium = read([("a.zip".to_owned(), changed)]);
        let progress = medium.progress();
        assert_eq!(progress.named, [("secret".to_owned(), reason)]);
        assert_eq!((progress.objects, progress.read), (1, 3));
    }
}
